import type { Msg, Subscription } from 'nats';
import { NotFoundError } from '../../model/errors';
import { newInbox } from '../connection/subject';
import type { ClientConnection } from '../messaging/connection/client-connection';
import { NANOSECONDS_PER_MILLISECOND } from '../messaging/connection/jetstream-api';

/** How many messages one request asks for; the next one follows when half of them have come. */
const BATCH = 1_000;

const REQUEST_LIFE_MS = 5_000;

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
  #wanted = 0;
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
    connection.onReturn(() => this.#request());
    this.#request();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#renewal);
    if (!this.#connection.isClosed) this.#subscription.unsubscribe();
  }

  #request(): void {
    if (this.#isStopped || this.#connection.isClosed) return;
    clearTimeout(this.#renewal);
    this.#renewal = setTimeout(() => this.#request(), REQUEST_LIFE_MS);
    this.#wanted = BATCH;
    this.#requests += 1;
    if (!this.#connection.isConnected) return;
    this.#connection.nats.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${this.#stream}.${this.#durable}`,
      JSON.stringify({ batch: BATCH, expires: REQUEST_LIFE_MS * NANOSECONDS_PER_MILLISECOND }),
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
    this.#wanted -= 1;
    if (this.#wanted === BATCH / 2) this.#request();
    if (this.#receive(message, placeIn(reply)) === 'ack') this.#connection.outbox.answer(reply, '+ACK');
  }

  #status(message: Msg): void {
    const { code, description } = message.headers ?? { code: 0, description: '' };
    if (code === STILL_WAITING) return;
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

/**
 * Reads an ack subject, `$JS.ACK.<stream>.<durable>.<deliveries>.<sequence>.<three more>`, from its end: nothing but the two
 * numbers is needed, and a load reads tens of thousands of them a second.
 */
function placeIn(ackSubject: string): Place {
  const parts = ackSubject.split('.');
  // Servers with domains put one more part behind.
  const at = parts.length >= 11 ? 6 : parts.length - 5;
  return { deliveries: Number(parts[at]), sequence: Number(parts[at + 1]) };
}
