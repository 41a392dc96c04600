import type { Msg, Subscription } from 'nats';
import {
  ClosedError,
  ConnectionError,
  errorText,
  TimeoutError,
  ValidationError,
} from '../../../model/errors';
import { MAX_MESSAGE_BYTES } from '../../../model/message-size';
import { newInbox } from '../../connection/subject';
import type { Awaiting } from './awaited-acks';
import { AwaitedAcks } from './awaited-acks';
import type { ClientConnection } from '../connection/client-connection';
import type { EncodedHeaders } from '../connection/outbox';
import type { Payload } from '../station/payload';
import type { PublishAck } from './publish-ack';
import { stationGone, readPublishAck } from './publish-ack';

/** One message, and who wants to know what became of it. Exactly one of the two functions is called, once. */
export interface Publication extends Awaiting {
  readonly subject: string;
  /** Dropped when it is sent, as the headers are. */
  payload: Payload;
  headers: EncodedHeaders;
  readonly ackWaitMs: number;
  /** What is being done, for errors. */
  readonly attempted: string;
  /** Set by the publisher, as the number is. */
  deadline: number;
  stored(ack: PublishAck): void;
  failed(error: Error): void;
}

/** What stands in place of headers that have been sent: thousands of blocks would wait for their acknowledgements. */
const sent: EncodedHeaders = { bytes: new Uint8Array(0), bytesForStockServer: 0 };

/**
 * Publishes messages and accounts their acknowledgements. All acks of a connection come to one inbox and are matched
 * by a number, and one timer watches all deadlines, so that thousands may be under way at little cost.
 */
export class Publisher {
  readonly #connection: ClientConnection;
  readonly #inbox = newInbox();
  readonly #pending = new AwaitedAcks<Publication>();
  #subscription: Subscription | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerDeadline = Infinity;

  constructor(connection: ClientConnection) {
    this.#connection = connection;
    connection.onLoss(() => this.#failAll());
  }

  /**
   * Publishes one message. It fails with NotFoundError if no stream takes messages of this subject; TimeoutError if no
   * ack came in time; ConnectionError if the connection was lost before the ack; BrokerRefusedError if the broker did
   * not store it; ValidationError if it is too large.
   * @param signal ends the waiting for a lost connection; the message fails with its reason, and is not sent.
   */
  publish(publication: Publication, signal?: AbortSignal): void {
    const { attempted, ackWaitMs } = publication;
    if (this.#connection.isConnected) {
      this.#send(publication);
      return;
    }
    // The caller may go on at once and change what it gave.
    if (typeof publication.payload !== 'string') publication.payload = Uint8Array.from(publication.payload);
    this.#connection.ready(attempted, ackWaitMs, signal).then(
      () => this.#send(publication),
      (error: unknown) => publication.failed(error as Error),
    );
  }

  #send(publication: Publication): void {
    const { subject, payload, headers, ackWaitMs } = publication;
    const bytes = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
    const problem = this.#sizeProblem(bytes, headers);
    if (problem !== undefined) {
      publication.failed(new ValidationError(publication.attempted, [problem]));
      return;
    }
    try {
      this.#subscription ??= this.#connection.subscribe(`${this.#inbox}*`, (message) =>
        this.#settle(message),
      );
    } catch (cause) {
      // The connection is being closed at this moment.
      const { attempted } = publication;
      publication.failed(
        new ClosedError({ attempted, found: errorText(cause), next: 'Connect again', cause }),
      );
      return;
    }
    const id = this.#pending.add(publication);
    const deadline = performance.now() + ackWaitMs;
    publication.deadline = deadline;
    if (deadline < this.#timerDeadline) this.#watch(deadline);
    this.#connection.outbox.message(subject, `${this.#inbox}${id}`, headers, payload, bytes);
    publication.payload = '';
    publication.headers = sent;
  }

  /**
   * A local broker takes more at its direct port than a Memphis broker does. What is too large for Memphis is refused there,
   * too, so that it does not come out only in production; the header that a stock server needs besides does not count.
   */
  #sizeProblem(payloadBytes: number, headers: EncodedHeaders): string | undefined {
    const ofServer = this.#connection.nats.info?.max_payload ?? Infinity;
    const isLocalBroker = this.#connection.isStockServer && ofServer > MAX_MESSAGE_BYTES;
    const most = isLocalBroker ? MAX_MESSAGE_BYTES : ofServer;
    const sent = payloadBytes + headers.bytes.length;
    const size = isLocalBroker ? sent - headers.bytesForStockServer : sent;
    if (size <= most) return undefined;
    return `the message has ${size} bytes with its headers; the broker takes at most ${most}`;
  }

  #settle(message: Msg): void {
    const id = Number(message.subject.slice(this.#inbox.length));
    const publication = this.#pending.take(id);
    // An ack that comes after its deadline has nobody left to tell.
    if (publication === undefined) return;
    const { attempted } = publication;
    const ack = isNoResponder(message) ? stationGone(attempted) : readPublishAck(message.data, attempted);
    if (ack instanceof Error) publication.failed(ack);
    else publication.stored(ack);
  }

  #watch(deadline: number): void {
    clearTimeout(this.#timer);
    this.#timerDeadline = deadline;
    this.#timer = setTimeout(() => this.#expire(), Math.max(1, deadline - performance.now()));
  }

  /** Fails what is over time. Runs rarely: acks in between move the earliest deadline on for all of them. */
  #expire(): void {
    const now = performance.now();
    let earliest = Infinity;
    for (const publication of this.#pending.all()) {
      const { deadline } = publication;
      if (deadline > now) {
        earliest = Math.min(earliest, deadline);
        continue;
      }
      this.#pending.take(publication.id);
      publication.failed(
        new TimeoutError({
          attempted: publication.attempted,
          found: `the broker did not acknowledge the message within ${publication.ackWaitMs} ms; it may be stored or not`,
          next: 'Send it again with the same msgId and partition, or give more time with ackWaitSec',
        }),
      );
    }
    this.#timerDeadline = Infinity;
    if (earliest !== Infinity) this.#watch(earliest);
  }

  /** Acks of messages sent before the connection was lost will never come. */
  #failAll(): void {
    clearTimeout(this.#timer);
    this.#timerDeadline = Infinity;
    for (const publication of this.#pending.all()) {
      this.#pending.take(publication.id);
      publication.failed(
        new ConnectionError({
          attempted: publication.attempted,
          found: 'the connection was lost before the acknowledgement; the message may be stored or not',
          next: 'Send it again, with the same msgId and partition if it must not be stored twice',
        }),
      );
    }
  }
}

function isNoResponder(message: Msg): boolean {
  if (message.data.length > 0) return false;
  try {
    return message.headers?.code === 503;
  } catch {
    // Headers that cannot be read say nothing; the empty payload is a wrong ack.
    return false;
  }
}
