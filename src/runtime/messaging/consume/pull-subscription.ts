import { randomBytes } from 'node:crypto';
import type { Msg, Subscription } from 'nats';
import { ClosedError, ConnectionError, NotFoundError } from '../../../model/errors';
import { onAbort, untilAborted } from '../../connection/abort';
import type { ClientConnection } from '../connection/client-connection';
import { NANOSECONDS_PER_MILLISECOND } from '../connection/jetstream-api';

/** The server ends a pull by itself; this much later it is ended here, should its word have been lost. */
const GRACE_MS = 500;

interface Pull {
  readonly id: string;
  readonly wanted: number;
  readonly messages: Msg[];
  readonly end: (error?: Error) => void;
}

/**
 * Pulls messages of one durable consumer, one pull at a time. Messages that come after their pull has ended are kept
 * for the next one.
 */
export class PullSubscription {
  readonly #connection: ClientConnection;
  readonly #stream: string;
  readonly #durable: string;
  #inbox = '';
  #subscription: Subscription;
  readonly #stopWatching: () => void;
  #late: Msg[] = [];
  #pull: Pull | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #count = 0;
  #closed = false;

  constructor(connection: ClientConnection, stream: string, durable: string) {
    this.#connection = connection;
    this.#stream = stream;
    this.#durable = durable;
    this.#subscription = this.#subscribe();
    this.#stopWatching = connection.onLoss((error) => this.#pull?.end(error));
  }

  /**
   * Waits for up to `batch` messages.
   * @returns fewer, or none, when the time is over first.
   * @throws NotFoundError if stream or consumer are gone; ConnectionError or ClosedError if the connection is lost
   *   before any message came; the reason of the signal, and then what has come is for the next pull.
   */
  async pull(batch: number, maxWaitMs: number, signal?: AbortSignal): Promise<Msg[]> {
    const before = this.#last;
    const turn = untilAborted(signal, async () => before).then(async () =>
      this.#pullInTurn(batch, maxWaitMs, signal),
    );
    // One that is given up before its turn does not let the next one in.
    this.#last = turn.then(
      () => before,
      () => before,
    );
    return turn;
  }

  /** Ends a pull that is under way, with what it has, and drops what comes later. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopWatching();
    if (!this.#connection.isClosed) this.#subscription.unsubscribe();
    this.#late = [];
    this.#pull?.end();
  }

  async #pullInTurn(batch: number, maxWaitMs: number, signal?: AbortSignal): Promise<Msg[]> {
    signal?.throwIfAborted();
    const attempted = `fetch messages of "${this.#stream}"`;
    this.#assertOpen(attempted);
    if (this.#late.length >= batch) return this.#late.splice(0, batch);
    await this.#connection.ready(attempted, maxWaitMs, signal);
    signal?.throwIfAborted();
    this.#assertOpen(attempted);
    const messages = this.#late.splice(0, batch);
    if (messages.length === batch) return messages;
    return new Promise<Msg[]>((resolve, reject) => {
      const id = (this.#count += 1).toString(36);
      const timer = setTimeout(() => this.#pull?.end(), maxWaitMs + GRACE_MS);
      const stopListening =
        signal === undefined
          ? undefined
          : onAbort(signal, () => {
              this.#late.unshift(...messages.splice(0));
              this.#pull?.end(signal.reason as Error);
              this.#moveOn();
            });
      this.#pull = {
        id,
        wanted: batch,
        messages,
        end: (error) => {
          clearTimeout(timer);
          stopListening?.();
          this.#pull = undefined;
          // Messages that did come are worth more than the error, which the next pull meets again.
          if (error === undefined || messages.length > 0) resolve(messages);
          else reject(error);
        },
      };
      // Before the acks of the last batch, so that the server looks for messages while it reads them.
      this.#connection.nats.publish(
        `$JS.API.CONSUMER.MSG.NEXT.${this.#stream}.${this.#durable}`,
        JSON.stringify({
          batch: batch - messages.length,
          expires: maxWaitMs * NANOSECONDS_PER_MILLISECOND,
        }),
        { reply: this.#inbox + id },
      );
    });
  }

  #subscribe(): Subscription {
    this.#inbox = `_INBOX.${randomBytes(9).toString('base64url')}.`;
    return this.#connection.subscribe(`${this.#inbox}*`, (message) => this.#receive(message), {
      refused: (error) => this.#pull?.end(error),
    });
  }

  /**
   * The server forgets a pull whose inbox nobody listens to; otherwise it would send what nobody waits for, as often as
   * somebody gives up. What is on its way is still received.
   */
  #moveOn(): void {
    if (this.#closed || !this.#connection.isConnected) return;
    const before = this.#subscription;
    this.#subscription = this.#subscribe();
    // A connection that closes meanwhile ends it as well.
    before.drain().catch(() => undefined);
  }

  #receive(message: Msg): void {
    // A delivery is to be acknowledged; what asks for no reply is about a pull.
    if (message.reply === undefined || message.reply === '') {
      this.#status(message);
      return;
    }
    const pull = this.#pull;
    if (pull === undefined) {
      if (!this.#closed) this.#late.push(message);
      return;
    }
    pull.messages.push(message);
    if (pull.messages.length >= pull.wanted) pull.end();
  }

  #status(message: Msg): void {
    const pull = this.#pull;
    if (pull === undefined || message.subject !== this.#inbox + pull.id) return;
    const { code, description } = message.headers ?? { code: 0, description: '' };
    switch (code) {
      case 100: // still waiting
        return;
      case 404: // nothing there
      case 408: // the time is over
        pull.end();
        return;
      case 503:
        pull.end(this.#gone('the station or the consumer group does not exist (any more)'));
        return;
      case 409:
        pull.end(this.#conflict(description));
        return;
      default:
        pull.end(
          new ConnectionError({
            attempted: `fetch messages of "${this.#stream}"`,
            found: `${code} ${description}`,
            next: 'Fetch again',
          }),
        );
    }
  }

  #conflict(description: string): Error | undefined {
    if (/consumer deleted/i.test(description)) return this.#gone(description.toLowerCase());
    if (/leadership change|server shutdown/i.test(description)) {
      return new ConnectionError({
        attempted: `fetch messages of "${this.#stream}"`,
        found: description,
        next: 'Fetch again',
      });
    }
    return undefined;
  }

  #gone(found: string): NotFoundError {
    return new NotFoundError({
      attempted: `fetch messages of "${this.#stream}"`,
      found,
      next: 'Create the station and the consumer again',
    });
  }

  #assertOpen(attempted: string): void {
    if (!this.#closed) return;
    throw new ClosedError({ attempted, found: 'the consumer is destroyed', next: 'Make a new one' });
  }
}
