import {
  ClosedError,
  errorText,
  NotFoundError,
  SchemaValidationError,
  ValidationError,
} from '../../../model/errors';
import { untilAborted } from '../../connection/waiting';
import { Destruction } from '../connection/destruction';
import type { HeadersInput } from '../connection/headers';
import { HeaderEncoder, headersOfLines } from '../connection/headers';
import type { ClientConnection } from '../connection/client-connection';
import type { EncodedHeaders } from '../connection/outbox';
import type { Publisher } from './publisher';
import type { StationSessions } from '../station/station-sessions';
import { Outstanding } from './outstanding';
import type { Partition, PartitionChoice } from '../station/partition';
import { PartitionSelector, stationPartitions } from '../station/partition';
import type { FlushOptions, ProduceOptions, ProduceReceipt } from './produce-options';
import {
  ackWaitMs,
  assertProduceOptions,
  completeFlush,
  DRAIN_TIMEOUT_MS,
  isNonblocking,
  partitionChoice,
  taskLimit,
} from './produce-options';
import type { MessageSender } from './outgoing-message';
import { OutgoingMessage } from './outgoing-message';
import type { PublishAck } from './publish-ack';
import type { Registration } from '../connection/registration';
import { unregisterProducer } from '../connection/registration';
import type { RequestOptions } from '../connection/request-options';
import { assertRequestOptions } from '../connection/request-options';
import { optionNames, unknownOptionsError, withOtherProblems } from '../connection/option-names';
import type { SchemaFailure } from './schema-failure';
import { notifySchemaFailure, recordSchemaFailure } from './schema-failure';
import type { Payload } from '../station/payload';
import { payloadBytes } from '../station/payload';
import type { StationSession } from '../station/station-session';
import { readFunctions } from '../station/station-session';

/** A message for `dispatch`. @internal */
export interface Dispatch {
  readonly message: unknown;
  /** Checked headers as lines of the wire form, each with its end. */
  readonly headerLines: string;
  readonly msgId?: string | undefined;
  readonly producerPartitionKey?: string | undefined;
}

/** Hears what became of a message. @internal */
export type Settle = (receipt: ProduceReceipt | Promise<ProduceReceipt>) => void;

/** What a producer is made of; all of it is shared or the connection's. @internal */
export interface ProducerParts {
  readonly connection: ClientConnection;
  readonly publisher: Publisher;
  readonly sessions: StationSessions;
  readonly session: StationSession;
  readonly name: string;
  readonly registration: Registration;
  /** Registers once more, in place of what is registered. */
  readonly registerAgain: (signal: AbortSignal) => Promise<Registration>;
  /** Whether the name is that of another producer by now. */
  readonly isReplaced: () => boolean;
  /** Called when the producer must not be found again by its name. */
  readonly forget: () => void;
}

/**
 * Sends messages to one station. Made by `Memphis.producer`.
 * @typeParam T the type of the messages, where the program has one; bytes are taken in any case.
 */
export class Producer<T = unknown> {
  /** External name of the station. */
  readonly stationName: string;
  /** Name as the broker knows it: in lower case, with the random suffix if there is one. */
  readonly producerName: string;
  /** @internal */
  readonly kind = 'producer';
  readonly #attempted: string;
  readonly #parts: ProducerParts;
  readonly #selector: PartitionSelector;
  readonly #headers: HeaderEncoder;
  readonly #outstanding = new Outstanding();
  readonly #sender: MessageSender = {
    messageStored: (message, ack) => this.#messageStored(message, ack),
    messageFailed: (message, error) => this.#messageFailed(message, error),
  };
  #failures: Error[] = [];
  #isGone = false;
  #foundNoStation = false;
  readonly #destruction = new Destruction();

  private constructor(parts: ProducerParts) {
    const { connection, session, name, registration } = parts;
    this.#parts = parts;
    this.stationName = session.name;
    this.#attempted = `produce to station "${session.name}"`;
    this.producerName = name.toLowerCase();
    this.#selector = new PartitionSelector(
      session.name,
      stationPartitions(session.name, registration.partitions),
    );
    this.#headers = new HeaderEncoder(this.producerName, connection.connectionId, connection.isStockServer);
    this.#applyRegistration(registration);
    session.join(this);
  }

  /** @internal */
  static of(parts: ProducerParts): Producer {
    return new Producer(parts);
  }

  /** Name of the schema that the station enforces at this moment; undefined if there is none. */
  get schemaName(): string | undefined {
    return this.#parts.session.schema.name;
  }

  /** Numbers of the station's partitions; the only one is 0 for a station without partitions. */
  get partitionNumbers(): readonly number[] {
    return this.#selector.partitions.map((partition) => partition.number);
  }

  /**
   * Produces one message and resolves when the broker has stored it, or, with `nonblocking`, at once.
   * @throws SchemaValidationError if it does not fit the enforced schema (it then becomes a dead letter if the station
   *   wants that); ValidationError for wrong options; NotFoundError if the station is gone; TimeoutError and
   *   ConnectionError if no acknowledgement came; ClosedError after `destroy`; the reason of the signal, and then the
   *   message may still be stored. With `nonblocking` the message is handed over before anything waits, so that a signal
   *   ends the waiting for room only.
   */
  produce(options: ProduceOptions<T> & { readonly nonblocking: true }): Promise<undefined>;
  /** The same, with the receipt of the stored message. */
  produce(
    options: ProduceOptions<T> & {
      readonly nonblocking?: false | undefined;
      readonly asyncProduce?: false | undefined;
    },
  ): Promise<ProduceReceipt>;
  /** The same, where `nonblocking` is known only at run time. */
  produce(options: ProduceOptions<T>): Promise<ProduceReceipt | undefined>;
  // Not async, because each promise counts where a hundred thousand messages a second are wanted.
  produce(options: ProduceOptions<T>): Promise<ProduceReceipt | undefined> {
    const refusal = unknownOptionsError(this.#attempted, options, optionNames.produce);
    if (refusal === undefined) return this.produceChecked(options);
    return Promise.reject(withOtherProblems(refusal, () => assertProduceOptions(options, this.#attempted)));
  }

  /** The same for options whose names the caller has checked. @internal */
  produceChecked(options: ProduceOptions<T>): Promise<ProduceReceipt | undefined> {
    try {
      assertProduceOptions(options, this.#attempted);
      const { signal } = options;
      if (signal !== undefined) return untilAborted(signal, async () => this.#begin(options));
      return this.#begin(options);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(errorText(error)));
    }
  }

  /**
   * Produces a message whose options are right, for a sender of a hundred thousand messages a second: headers are in their wire form, and
   * nothing but `settle` is made for the message. With a lost connection it waits for the next one.
   * @param settle is called once, with a promise that rejects when the message failed.
   * @throws SchemaValidationError, NotFoundError and ClosedError as `produce` rejects with them.
   * @internal
   */
  dispatch({ message, headerLines, msgId, producerPartitionKey }: Dispatch, settle: Settle): void {
    const attempted = this.#attempted;
    this.#assertUsable(attempted);
    const payload = this.#encode(message, headerLines, attempted);
    const headers = this.#headers.encodeLines(headerLines, msgId);
    const outgoing = this.#outgoing(payload, headers, ackWaitMs({ message }), {
      key: producerPartitionKey,
      number: undefined,
    });
    outgoing.resolve = settle;
    this.#parts.publisher.publish(outgoing);
  }

  /**
   * Waits until every message that was handed over is acknowledged.
   * @param options a number is its `timeoutMs`.
   * @throws ValidationError for wrong options; TimeoutError when the time is over; the first error of a non-blocking
   *   produce since the last flush; the reason of the signal, and then that error is left for the next flush.
   */
  async flush(options: FlushOptions | number = {}): Promise<void> {
    const attempted = `flush the producer "${this.producerName}"`;
    const { timeoutMs, signal } = completeFlush(options, attempted);
    await this.#outstanding.drained(timeoutMs, attempted, signal);
    const [first] = this.#failures;
    this.#failures = [];
    if (first !== undefined) throw first;
  }

  /**
   * Checks a message as `produce` would, and sends nothing: no message, no dead letter, no notification.
   * @returns the bytes that would be sent.
   * @throws SchemaValidationError and ValidationError as `produce` does.
   * @internal
   */
  validate(message: unknown): Uint8Array {
    this.#assertUsable('check a message');
    return payloadBytes(this.#parts.session.schema.encode(message));
  }

  /**
   * Waits for outstanding acknowledgements (15 s at most), then removes the producer from the broker. May be repeated;
   * a producer that the broker does not know any more is fine. After an abort the producer may be removed or not; destroy
   * it again to be sure.
   */
  destroy(options: RequestOptions = {}): Promise<void> {
    try {
      assertRequestOptions(`destroy the producer "${this.producerName}"`, options);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(errorText(error)));
    }
    const { signal, timeoutRetries } = options;
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    return this.#destruction.run(signal, async (givenUp) =>
      this.#destroy({ timeoutRetries, signal: givenUp }),
    );
  }

  /** `await using producer = await memphis.producer(...)`: destroys the producer at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.destroy();
  }

  /** @internal */
  detach(): void {
    this.#parts.forget();
    this.#destruction.skip();
  }

  /** @internal */
  async registerAgain(signal: AbortSignal): Promise<Registration> {
    const registration = await this.#parts.registerAgain(signal);
    this.#applyRegistration(registration);
    if (this.#destruction.hasBegun) await this.#unregister({});
    return registration;
  }

  /** How many messages are not acknowledged yet. @internal */
  get outstanding(): number {
    return this.#outstanding.count;
  }

  /** Whether nobody took its last message: the station may be another by now. @internal */
  get foundNoStation(): boolean {
    return this.#foundNoStation;
  }

  /** Whether the next flush will throw. @internal */
  get hasFailed(): boolean {
    return this.#failures.length > 0;
  }

  /** Resolves when nothing is outstanding, or after the time. @internal */
  async drained(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    await this.#outstanding.drained(timeoutMs, `wait for the producer "${this.producerName}"`, signal);
  }

  async #destroy(options: RequestOptions): Promise<void> {
    const { connection, session, forget } = this.#parts;
    forget();
    await this.drained(DRAIN_TIMEOUT_MS, options.signal).catch((error: unknown) => {
      options.signal?.throwIfAborted();
      connection.errors.report(error as Error);
    });
    await this.#unregister(options);
    session.leave(this);
  }

  async #unregister(options: RequestOptions): Promise<void> {
    // The broker takes all registrations of a name; those of a new producer of the name go with that one.
    if (this.#parts.isReplaced()) return;
    const { producerName, stationName } = this;
    await unregisterProducer(this.#parts.connection, { producerName, stationName }, options);
  }

  #begin(options: ProduceOptions): Promise<ProduceReceipt | undefined> {
    const limit = taskLimit(options);
    return isNonblocking(options) ? this.#handOver(options, limit) : this.#produce(options);
  }

  #produce(options: ProduceOptions): Promise<ProduceReceipt> {
    const message = this.#prepare(options);
    const receipt = new Promise<ProduceReceipt>((resolve) => {
      message.resolve = resolve;
    });
    this.#parts.publisher.publish(message, options.signal);
    return receipt;
  }

  #handOver(options: ProduceOptions, limit: number | undefined): Promise<undefined> {
    this.#parts.publisher.publish(this.#prepare(options));
    return this.#outstanding.room(limit);
  }

  #prepare(options: ProduceOptions): OutgoingMessage {
    const attempted = this.#attempted;
    this.#assertUsable(attempted);
    const payload = this.#encode(options.message, options.headers, attempted);
    const headers = this.#headers.encode(options.headers, options.msgId);
    return this.#outgoing(payload, headers, ackWaitMs(options), partitionChoice(options));
  }

  #outgoing(
    payload: Payload,
    headers: EncodedHeaders,
    waitMs: number,
    choice: PartitionChoice,
  ): OutgoingMessage {
    const partition = this.#selector.select(choice);
    const subject = this.#subjectOf(partition, this.#parts.session);
    this.#outstanding.begin();
    const { number } = partition;
    return new OutgoingMessage(subject, payload, headers, waitMs, this.#attempted, number, this.#sender);
  }

  #messageStored(message: OutgoingMessage, { sequence, duplicate }: PublishAck): void {
    this.#foundNoStation = false;
    if (message.resolve === undefined) this.#isGone = false;
    else message.resolve({ station: this.stationName, partition: message.partition, sequence, duplicate });
    this.#outstanding.end();
  }

  #messageFailed(message: OutgoingMessage, error: Error): void {
    if (error instanceof NotFoundError) {
      // Perhaps the station only lets nobody in for a moment; the next call looks.
      this.#parts.sessions.gone.add(this.stationName);
      this.#foundNoStation = true;
    }
    this.#outstanding.end();
    if (message.resolve === undefined) this.#reportFailure(error);
    // Not kept with the message, because hardly any needs it.
    else message.resolve(Promise.reject(error));
  }

  #assertUsable(attempted: string): void {
    this.#parts.session.assertPresent(attempted);
    if (!this.#destruction.hasBegun) return;
    throw new ClosedError({ attempted, found: 'the producer is destroyed', next: 'Make a new one' });
  }

  /**
   * The payload to send; a message that breaks the schema is recorded as the station wants it.
   * @param headers a string is their lines.
   */
  #encode(message: unknown, headers: HeadersInput | string | undefined, attempted: string): Payload {
    const { connection, session, sessions } = this.#parts;
    try {
      return session.schema.encode(message);
    } catch (cause) {
      if (cause instanceof ValidationError) throw new ValidationError(attempted, cause.problems);
      if (!(cause instanceof SchemaValidationError)) throw cause;
      const failure: SchemaFailure = {
        stationInternal: session.internal,
        stationName: session.name,
        producerName: this.producerName,
        bytes: session.schema.failedMessageBytes(message),
        headers: typeof headers === 'string' ? headersOfLines(headers) : headers,
        partition: this.#onlyPartition(),
        reason: cause.found,
      };
      if (session.sendSchemaFailedMsgToDls) recordSchemaFailure(connection, failure);
      if (sessions.sendNotification) notifySchemaFailure(connection, failure);
      throw new SchemaValidationError({ attempted, found: cause.found, next: cause.next, cause });
    }
  }

  #onlyPartition(): number | undefined {
    const [first, second] = this.#selector.partitions;
    return second === undefined && first !== undefined && first.number > 0 ? first.number : undefined;
  }

  #subjectOf(partition: Partition, session: StationSession): string {
    const functionId = session.functions.get(partition.number);
    return functionId === undefined ? partition.subject : `${partition.stream}.functions.${functionId}`;
  }

  #applyRegistration({ reply }: Registration): void {
    const { session, sessions } = this.#parts;
    session.sendSchemaFailedMsgToDls = reply.schemaverse_to_dls === true;
    sessions.sendNotification = reply.send_notification === true;
    session.functions = readFunctions(reply.station_partitions_first_functions);
    session.followFunctions(typeof reply.station_version === 'number' ? reply.station_version : 0);
  }

  #reportFailure(error: Error): void {
    // One is enough for flush; the listeners get them all, but hear only once that the station is gone.
    if (this.#failures.length === 0) this.#failures.push(error);
    const isKnown = error instanceof NotFoundError && this.#isGone;
    this.#isGone = error instanceof NotFoundError;
    if (!isKnown) this.#parts.connection.errors.report(error);
  }
}
