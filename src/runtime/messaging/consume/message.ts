import { isUtf8 } from 'node:buffer';
import type { Msg, MsgHdrs } from 'nats';
import {
  errorText,
  ProtocolError,
  SchemaValidationError,
  UnsafeRequestError,
  ValidationError,
} from '../../../model/errors';
import type { WaitOptions } from '../../connection/waiting';
import { untilAborted } from '../../connection/waiting';
import type { ClientConnection } from '../connection/client-connection';
import { shownOption } from '../connection/option-checks';
import { assertKnownOptions, optionNames, unknownOptionsError } from '../connection/option-names';
import type { Delivery } from './delivery';
import { readDelivery } from './delivery';
import { endLater } from './delayed-end';
import { MESSAGE_ID_HEADER, senderHeaders } from '../connection/headers';
import { NANOSECONDS_PER_MILLISECOND } from '../connection/jetstream-api';
import type { LiveSchema } from '../station/live-schema';

/** How long an acknowledgement waits for a lost connection to come back. */
const ACK_TIMEOUT_MS = 5_000;

const ACK = '+ACK';
const NAK = '-NAK';
const TERM = '+TERM';

const done: Promise<void> = Promise.resolve();

/** What a message needs to know of the consumer that received it. @internal */
export interface MessageContext {
  readonly connection: ClientConnection;
  readonly stationInternal: string;
  /** External name of the consumer group. */
  readonly consumerGroup: string;
  readonly schema: LiveSchema;
  readonly maxAckTimeMs: number;
  /** Whether messages of this stream go when all groups are done with them. */
  readonly endsWithLastAck: (stream: string) => Promise<boolean>;
}

/** The server counts nanoseconds in 63 bits. */
const MOST_DELAY_S = 9_000_000_000;

/** How to read a message by its schema. */
export interface DeserializeOptions {
  /** True: throw when there is no schema or it does not fit, instead of giving the bytes. Default false. */
  readonly strict?: boolean;
}

/**
 * A message as a consumer group received it. Exactly one of `ack`, `nack`, `delay` and `deadLetter` counts per
 * delivery; later calls do nothing. A message that is none of them for `maxAckTimeMs` is delivered again.
 * They wait up to 5 s for a lost connection. A `signal` ends that; nothing is sent then, and another call may follow.
 * @typeParam T what `getDataDeserialized` gives, where the program knows it.
 */
export class Message<T = unknown> {
  readonly #message: Msg;
  readonly #context: MessageContext;
  /** Where to acknowledge to; undefined for dead letters that are sent again, which are no JetStream messages. */
  readonly #reply: string | undefined;
  #read: Delivery | undefined;
  #answered = false;
  #isBecomingDeadLetter = false;
  #mismatch: string | undefined;

  private constructor(message: Msg, context: MessageContext) {
    this.#message = message;
    this.#context = context;
    this.#reply = message.reply === undefined || message.reply === '' ? undefined : message.reply;
  }

  /** @internal */
  static of<T>(message: Msg, context: MessageContext): Message<T> {
    return new Message<T>(message, context);
  }

  /** The payload, in a copy of its own. */
  getData(): Uint8Array {
    return Uint8Array.from(this.#message.data);
  }

  /**
   * The payload as a value, by the schema that the station enforces now: protobuf an object, json and avro the JSON
   * value, graphql the text; without a schema the bytes. A message that the schema does not fit, such as one that is
   * older than the schema, gives its bytes; `getSchemaMismatch` tells why.
   * @throws SchemaValidationError only with `strict`.
   */
  getDataDeserialized(options: DeserializeOptions & { readonly strict: true }): Promise<T>;
  /** The same; without `strict` a payload that the schema does not fit comes as its bytes. */
  getDataDeserialized(options?: DeserializeOptions): Promise<T | Uint8Array>;
  // eslint-disable-next-line @typescript-eslint/require-await -- a promise, so that a codec may be loaded some day
  async getDataDeserialized(options: DeserializeOptions = {}): Promise<T | Uint8Array> {
    assertKnownOptions('deserialize a message', options, optionNames.deserialize);
    const { strict = false } = options;
    if (strict && this.#context.schema.name === undefined) {
      throw new SchemaValidationError({
        attempted: 'deserialize a message',
        found: 'the station enforces no schema',
        next: 'Use getData for the bytes as they are',
      });
    }
    const decoded = this.#context.schema.decode(this.getData());
    if (decoded.matched) {
      this.#mismatch = undefined;
      return decoded.value as T;
    }
    this.#mismatch = decoded.reason;
    if (!strict) return decoded.bytes;
    throw new SchemaValidationError({
      attempted: 'deserialize a message',
      found: `Deserialization has been failed since the message format does not align with the currently attached schema: ${decoded.reason}`,
      next: 'Use getData for the bytes as they are',
    });
  }

  /**
   * The payload as the JSON value that its text is, whatever the station enforces.
   * @throws ValidationError if it is not JSON in UTF-8; nothing of the payload is in the error.
   */
  json(): unknown {
    const data = this.#message.data;
    const attempted = 'read a message as JSON';
    if (!isUtf8(data)) throw new ValidationError(attempted, ['the payload is not UTF-8; use getData']);
    try {
      return JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString()) as unknown;
    } catch {
      throw new ValidationError(attempted, [
        `the payload of ${data.byteLength} bytes is not JSON; use getData, or getDataDeserialized for a schema of another type`,
      ]);
    }
  }

  /** Why the last `getDataDeserialized` gave the bytes; undefined if the schema fits. */
  getSchemaMismatch(): string | undefined {
    return this.#mismatch;
  }

  /**
   * The headers that the sender gave, without those of broker and client.
   * @throws ProtocolError if they cannot be read.
   */
  getHeaders(): Record<string, string> {
    return senderHeaders(this.#headers ?? []);
  }

  /** The id that the sender gave for de-duplication, if any. */
  getMsgId(): string | undefined {
    return this.#header(MESSAGE_ID_HEADER);
  }

  /** Name of the producer that sent it, in lower case; undefined for messages of other clients. */
  getProducerName(): string | undefined {
    return this.#header('$memphis_producedBy');
  }

  /** Sequence in its partition, from 1; undefined for a dead letter that was sent again. */
  getSequenceNumber(): number | undefined {
    return this.#delivery?.sequence;
  }

  /** Partition that it was stored in, from 1; undefined for a dead letter or a station without partitions. */
  getPartitionNumber(): number | undefined {
    const partition = this.#delivery?.partition;
    return partition === 0 ? undefined : partition;
  }

  /**
   * How often the group was given it, this time included: 1 the first time, and at `maxMsgDeliveries` there is no other.
   * Undefined for a dead letter that was sent again.
   */
  getDeliveryCount(): number | undefined {
    return this.#delivery?.deliveries;
  }

  /** When the broker stored it; undefined for a dead letter that was sent again. */
  getTimeSent(): Date | undefined {
    return this.#delivery?.timeSent;
  }

  /** True for a dead letter that was sent again. */
  isDeadLetter(): boolean {
    return this.#reply === undefined;
  }

  /** Tells the broker that the group is done with it. For a dead letter this takes the group from its record. */
  ack(options?: WaitOptions): Promise<void> {
    const refusal = unknownOptionsError('acknowledge a message', options, optionNames.wait);
    if (refusal !== undefined) return Promise.reject(refusal);
    if (this.#answered) return done;
    return this.#reply === undefined
      ? this.#ackDeadLetter(options)
      : this.#answer(ACK, 'acknowledge a message', options);
  }

  /** Asks for the message again at once, if it has deliveries left. Does nothing for a dead letter. */
  nack(options?: WaitOptions): Promise<void> {
    const refusal = unknownOptionsError('reject a message', options, optionNames.wait);
    if (refusal !== undefined) return Promise.reject(refusal);
    return this.#reply === undefined ? done : this.#answer(NAK, 'reject a message', options);
  }

  /**
   * Asks for the message again after a time, if it has deliveries left.
   * @param time `{ seconds }`, 0 to 9000000000 (the server counts nanoseconds in 63 bits); parts of a second count. A bare
   *   number is refused: `memphis-dev` counts milliseconds, so that its 5000 would be 83 minutes.
   * @throws ValidationError for a dead letter or an illegal time.
   */
  async delay(time: { readonly seconds: number }, options?: WaitOptions): Promise<void> {
    const attempted = 'delay a message';
    if (typeof time !== 'object' || (time as unknown) === null) {
      const seconds = typeof time === 'number' ? String(time) : '5';
      throw new ValidationError(attempted, [
        `the delay is ${shownOption(time)}, without its unit; write delay({ seconds: ${seconds} })`,
      ]);
    }
    assertKnownOptions(attempted, time, optionNames.delay);
    if (options !== undefined) assertKnownOptions(attempted, options, optionNames.wait);
    const { seconds } = time;
    if (this.#reply === undefined) throw new ValidationError(attempted, ['cannot delay DLS message']);
    if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= MOST_DELAY_S)) {
      throw new ValidationError(attempted, [
        `seconds is ${shownOption(seconds)}; it must be 0 seconds or more, and at most ${MOST_DELAY_S}`,
      ]);
    }
    const nanoseconds = Math.round(seconds * 1000) * NANOSECONDS_PER_MILLISECOND;
    await this.#answer(`${NAK} {"delay":${nanoseconds}}`, attempted, options);
  }

  /**
   * Makes the message a dead letter of the group: it is recorded with the reason, if the station keeps such records,
   * and not delivered again. Does nothing for a message that is a dead letter already. On an ACK_BASED station the message
   * is ended six seconds later, when the broker has made its copy; a connection that is closed before leaves it to be
   * delivered again.
   * @throws UnsafeRequestError for messages whose record would end the process of a Memphis broker; the message then
   *   stays as it is. The reason of the signal; once the record is sent, the message still becomes a dead letter.
   */
  async deadLetter(reason: string, options: WaitOptions = {}): Promise<void> {
    assertKnownOptions('make a message a dead letter', options, optionNames.wait);
    const { signal } = options;
    const delivery = this.#delivery;
    if (delivery === undefined || this.#answered || this.#isBecomingDeadLetter) return;
    const attempted = 'make a message a dead letter';
    const { connection, stationInternal, consumerGroup } = this.#context;
    if (delivery.partition < 1) throw unsafe(attempted, 'its station has no partitions');
    if (this.#headers === undefined) throw unsafe(attempted, 'it has no headers');
    const record = {
      station_name: stationInternal,
      error: reason,
      partition: delivery.partition,
      cg_name: consumerGroup,
      seq: delivery.sequence,
    };
    this.#isBecomingDeadLetter = true;
    const work = async (): Promise<void> => {
      try {
        await connection.ready(attempted, ACK_TIMEOUT_MS, signal);
        // The record first, and seen by the broker: a message that is ended without it would be lost.
        connection.publish('$memphis_nacked_dls', JSON.stringify(record));
        await this.#endAfterRecord(delivery.stream, attempted);
      } catch (error) {
        // Another call may try again.
        this.#isBecomingDeadLetter = false;
        throw error;
      }
    };
    await untilAborted(signal, work);
  }

  async #endAfterRecord(stream: string, attempted: string): Promise<void> {
    const { connection } = this.#context;
    await connection.flush(ACK_TIMEOUT_MS);
    if (!(await this.#context.endsWithLastAck(stream))) {
      await this.#answer(TERM, attempted);
      return;
    }
    const reply = this.#reply;
    this.#answered = true;
    if (reply !== undefined) endLater(connection, reply, this.#context.maxAckTimeMs);
  }

  async #ackDeadLetter(options?: WaitOptions): Promise<void> {
    const id = Number(this.#header('$memphis_pm_id'));
    const group = this.#header('$memphis_pm_cg_name');
    if (!Number.isInteger(id) || group === undefined) return;
    const { connection } = this.#context;
    await connection.ready('acknowledge a dead letter', ACK_TIMEOUT_MS, options?.signal);
    this.#answered = true;
    connection.publish('$memphis_pm_acks', JSON.stringify({ id, cg_name: group }));
  }

  #answer(text: string, attempted: string, options?: WaitOptions): Promise<void> {
    const { connection } = this.#context;
    if (this.#answered) return done;
    if (options?.signal !== undefined || !connection.isConnected) {
      return connection.ready(attempted, ACK_TIMEOUT_MS, options?.signal).then(() => this.#send(text));
    }
    this.#send(text);
    return done;
  }

  #send(text: string): void {
    if (this.#answered || this.#reply === undefined) return;
    this.#answered = true;
    this.#context.connection.outbox.answer(this.#reply, text);
  }

  /** Read when it is asked for: most programs only want the payload. */
  get #delivery(): Delivery | undefined {
    if (this.#reply !== undefined) this.#read ??= readDelivery(this.#reply);
    return this.#read;
  }

  /** @throws ProtocolError if they break the rules of headers, as other clients may send them. */
  get #headers(): MsgHdrs | undefined {
    try {
      return this.#message.headers;
    } catch (cause) {
      const attempted = 'read the headers of a message';
      throw new ProtocolError({ attempted, found: errorText(cause), next: 'Its payload can be read', cause });
    }
  }

  #header(key: string): string | undefined {
    const value = this.#headers?.get(key);
    return value === undefined || value === '' ? undefined : value;
  }
}

function unsafe(attempted: string, why: string): UnsafeRequestError {
  return new UnsafeRequestError({
    attempted,
    found: `${why}, and a Memphis broker crashes when a client reports such a message`,
    next: 'Acknowledge it, or let its deliveries run out',
  });
}
