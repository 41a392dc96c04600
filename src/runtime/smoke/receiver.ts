import type { Msg, Subscription } from 'nats';
import { NotFoundError } from '../../model/errors';
import { newInbox } from '../connection/subject';
import type { ClientConnection } from '../messaging/connection/client-connection';
import { NANOSECONDS_PER_MILLISECOND } from '../messaging/connection/jetstream-api';

/** So many messages are asked for ahead; the next request follows when half of them have come. */
const BATCH = 1_000;

const REQUEST_LIFE_MS = 5_000;
const GRACE_MS = 500;

/** How many messages of a request that is over have not been sent. */
const UNSENT_HEADER = 'Nats-Pending-Messages';

/** What the server says where no message is meant: nothing to do with what is waited for. */
const STILL_WAITING = 100;
const NOBODY_THERE = 503;

/** Which message of a stream came, and how often to this group. */
export interface Place {
  readonly sequence: number;
  /** This time included. */
  readonly deliveries: number;
}

/** What is done with a message: acknowledged, or left alone. */
export type Answer = 'ack' | 'none';

/**
 * Receives all messages of one consumer group in one partition, each at the moment it comes: a consumer of the client
 * hands them out in batches, which would count as latency.
 */
export class Receiver {
  readonly #connection: ClientConnection;
  readonly #stream: string;
  readonly #durable: string;
  readonly #receive: (message: Msg, place: Place) => Answer;
  readonly #failed: (error: Error) => void;
  readonly #inbox = newInbox();
  readonly #subscription: Subscription;
  #requests = 0;
  /** How many messages the server is still to send, of all requests together. */
  #promised = 0;
  #renewal: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(
    connection: ClientConnection,
    group: { readonly stream: string; readonly durable: string },
    receive: (message: Msg, place: Place) => Answer,
    failed: (error: Error) => void,
  ) {
    this.#connection = connection;
    this.#stream = group.stream;
    this.#durable = group.durable;
    this.#receive = receive;
    this.#failed = failed;
    this.#subscription = connection.subscribe(`${this.#inbox}*`, (message) => this.#take(message), {
      refused: (error) => this.#failed(error),
    });
    connection.onReturn(() => this.#renew());
    this.#request();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#renewal);
    if (!this.#connection.isClosed) this.#subscription.unsubscribe();
  }

  /** The server has forgotten earlier requests, or they are over. */
  #renew(): void {
    this.#promised = 0;
    this.#request();
  }

  /** Asks for what is missing to a whole batch. */
  #request(): void {
    if (this.#isStopped || this.#connection.isClosed) return;
    clearTimeout(this.#renewal);
    // Should the server's word that a request is over be lost.
    this.#renewal = setTimeout(() => this.#renew(), REQUEST_LIFE_MS + GRACE_MS);
    if (!this.#connection.isConnected) return;
    const batch = BATCH - this.#promised;
    this.#promised = BATCH;
    this.#requests += 1;
    this.#connection.nats.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${this.#stream}.${this.#durable}`,
      JSON.stringify({ batch, expires: REQUEST_LIFE_MS * NANOSECONDS_PER_MILLISECOND }),
      { reply: this.#inbox + String(this.#requests) },
    );
  }

  #take(message: Msg): void {
    if (this.#isStopped) return;
    const { reply } = message;
    if (reply === undefined || reply === '') {
      this.#status(message);
      return;
    }
    this.#promised -= 1;
    if (this.#promised === BATCH / 2) this.#request();
    if (this.#receive(message, placeIn(reply)) === 'ack') this.#connection.outbox.answer(reply, '+ACK');
  }

  #status(message: Msg): void {
    const { code, description } = message.headers ?? { code: 0, description: '' };
    if (code === STILL_WAITING) return;
    const unsent = Number(message.headers?.get(UNSENT_HEADER) ?? 0);
    if (unsent > 0) {
      this.#promised -= unsent;
      this.#request();
    }
    const isGone = code === NOBODY_THERE || /consumer deleted/i.test(description);
    if (!isGone) return;
    this.#failed(
      new NotFoundError({
        attempted: `receive messages of "${this.#stream}"`,
        found: 'the station or its consumer group was removed while the test ran',
        next: 'Run the test again',
      }),
    );
  }
}

const DOT = 46;

/** With so many dots an ack subject has the two parts that servers with domains put before the stream. */
const DOTS_WITH_DOMAIN = 10;

/**
 * Reads an ack subject, `$JS.ACK.<stream>.<durable>.<deliveries>.<sequence>.<three more>`, without making a list of its parts: a load
 * reads tens of thousands of them a second.
 */
function placeIn(ackSubject: string): Place {
  let dots = 0;
  for (let at = 0; at < ackSubject.length; at += 1) if (ackSubject.charCodeAt(at) === DOT) dots += 1;
  let begin = 0;
  const before = dots >= DOTS_WITH_DOMAIN ? 6 : dots - 4;
  for (let part = 0; part < before; part += 1) begin = ackSubject.indexOf('.', begin) + 1;
  const between = ackSubject.indexOf('.', begin);
  const end = ackSubject.indexOf('.', between + 1);
  return {
    deliveries: Number(ackSubject.slice(begin, between)),
    sequence: Number(ackSubject.slice(between + 1, end)),
  };
}
