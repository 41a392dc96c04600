import { refusalAdvice } from '../connection/refusal-advice';
import type { Msg, Subscription } from 'nats';
import { BrokerRefusedError, ClosedError, ConnectionError, NotFoundError } from '../../../model/errors';
import { onAbort, untilAborted } from '../../connection/waiting';
import { newInbox } from '../../connection/subject';
import type { ClientConnection } from '../connection/client-connection';
import { NANOSECONDS_PER_MILLISECOND } from '../connection/jetstream-api';
import { isLastWaiting } from './delivery';
import { GRACE_MS, PullRequests } from './pull-requests';
import { UnreadMessages } from './unread-messages';

/** What the server says of a request, where no message is meant. */
const STILL_WAITING = 100;
const NO_MESSAGES = 404;
const TIME_IS_OVER = 408;

/** When to ask again a server that has too many requests of the group. */
const FULL_PAUSE_MS = 250;

/** Whose messages are pulled. */
export interface PullSource {
  readonly stream: string;
  readonly durable: string;
  /** The time in which a message that has come is to be acknowledged. */
  readonly maxAckTimeMs: number;
}

interface Pull {
  readonly wanted: number;
  readonly messages: Msg[];
  /** When it ends without a full batch, as `performance.now` counts. */
  readonly deadline: number;
  /** Whether it ends as soon as the server has no more messages. */
  readonly isForNow: boolean;
  /** The first message has come: it must be handed over while there is time to acknowledge it. */
  readonly firstArrived: () => void;
  /** Where the messages of its own request go to; empty as long as earlier ones promise enough. */
  request: string;
  readonly end: (error?: Error) => void;
}

/**
 * Pulls messages of one durable consumer, one pull at a time. Messages that come after their pull has ended are kept
 * for the next one, which counts on what is still to come.
 */
export class PullSubscription {
  readonly #connection: ClientConnection;
  readonly #stream: string;
  readonly #durable: string;
  readonly #maxAckTimeMs: number;
  readonly #inbox = newInbox();
  readonly #subscription: Subscription;
  readonly #requests = new PullRequests();
  readonly #stopWatching: () => void;
  readonly #late = new UnreadMessages<Msg>();
  #pull: Pull | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #count = 0;
  #closed = false;

  constructor(connection: ClientConnection, { stream, durable, maxAckTimeMs }: PullSource) {
    this.#connection = connection;
    this.#stream = stream;
    this.#durable = durable;
    this.#maxAckTimeMs = maxAckTimeMs;
    this.#subscription = connection.subscribe(`${this.#inbox}*`, (message) => this.#receive(message), {
      refused: (error) => this.#pull?.end(error),
    });
    this.#stopWatching = connection.onLoss((error) => {
      this.#requests.clear();
      this.#pull?.end(error);
    });
  }

  /**
   * What there is at this moment, up to `batch` messages; none while another pull is under way.
   * @throws as `pull`.
   */
  async pullNow(batch: number, maxWaitMs: number, signal?: AbortSignal): Promise<Msg[]> {
    if (this.#pull !== undefined) return this.#late.take(batch);
    return this.#inTurn(async () => this.#pullInTurn(batch, maxWaitMs, signal, true), signal);
  }

  /**
   * Waits for up to `batch` messages.
   * @returns fewer, or none, when the time is over first.
   * @throws NotFoundError if stream or consumer are gone; ConnectionError or ClosedError if the connection is lost
   *   before any message came; the reason of the signal, and then what has come is for the next pull.
   */
  async pull(batch: number, maxWaitMs: number, signal?: AbortSignal): Promise<Msg[]> {
    return this.#inTurn(async () => this.#pullInTurn(batch, maxWaitMs, signal, false), signal);
  }

  async #inTurn(work: () => Promise<Msg[]>, signal: AbortSignal | undefined): Promise<Msg[]> {
    const before = this.#last;
    const turn = untilAborted(signal, async () => before).then(work);
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
    this.#late.clear();
    this.#pull?.end();
  }

  async #pullInTurn(
    batch: number,
    maxWaitMs: number,
    signal: AbortSignal | undefined,
    isForNow: boolean,
  ): Promise<Msg[]> {
    signal?.throwIfAborted();
    const attempted = `fetch messages of "${this.#stream}"`;
    this.#assertOpen(attempted);
    if (this.#late.count >= batch) return this.#late.take(batch);
    await this.#connection.ready(attempted, maxWaitMs, signal);
    signal?.throwIfAborted();
    this.#assertOpen(attempted);
    const messages = this.#late.take(batch);
    if (messages.length === batch || (isForNow && messages.length > 0)) return messages;
    return new Promise<Msg[]>((resolve, reject) => {
      const began = Date.now();
      const stopListening =
        signal === undefined
          ? undefined
          : onAbort(signal, () => {
              this.#late.add(messages.splice(0), began + this.#maxAckTimeMs);
              this.#pull?.end(signal.reason as Error);
            });
      const deadline = performance.now() + maxWaitMs;
      let timer = setTimeout(() => {
        // The server says when its own request is over; what it sent before is to be received before.
        if (!this.#requests.isOpen(this.#pull?.request ?? '')) this.#pull?.end();
        else timer = setTimeout(() => this.#pull?.end(), GRACE_MS);
      }, maxWaitMs);
      this.#pull = {
        wanted: batch,
        messages,
        deadline,
        isForNow,
        firstArrived: () => {
          const most = this.#maxAckTimeMs / 2;
          if (deadline - performance.now() <= most) return;
          clearTimeout(timer);
          timer = setTimeout(() => this.#pull?.end(), most);
        },
        request: '',
        end: (error) => {
          clearTimeout(timer);
          // The server has made such a request as small as what there was, and says nothing at its end.
          if (isForNow && this.#pull !== undefined) this.#requests.end(this.#pull.request);
          stopListening?.();
          this.#pull = undefined;
          // Messages that did come are worth more than the error, which the next pull meets again.
          if (error === undefined || messages.length > 0) resolve(messages);
          else reject(error);
        },
      };
      if (messages.length > 0) this.#pull.firstArrived();
      this.#sendRequest(this.#pull);
      // What earlier requests promise is not there yet.
      if (isForNow && this.#pull.request === '') this.#pull.end();
    });
  }

  /** Asks for what earlier requests do not promise. */
  #sendRequest(pull: Pull): void {
    const missing = pull.wanted - pull.messages.length - this.#requests.promised;
    const leftMs = Math.round(pull.deadline - performance.now());
    if (missing <= 0 || leftMs <= 0) return;
    const reply = this.#inbox + (this.#count += 1).toString(36);
    pull.request = reply;
    this.#requests.add(reply, missing, pull.deadline);
    // Before the acks of the last batch, so that the server looks for messages while it reads them.
    this.#connection.nats.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${this.#stream}.${this.#durable}`,
      JSON.stringify(
        pull.isForNow
          ? { batch: missing, no_wait: true }
          : { batch: missing, expires: leftMs * NANOSECONDS_PER_MILLISECOND },
      ),
      { reply },
    );
  }

  #receive(message: Msg): void {
    // A delivery is to be acknowledged; what asks for no reply is about a pull.
    if (message.reply === undefined || message.reply === '') {
      this.#status(message);
      return;
    }
    this.#requests.received(message);
    const pull = this.#pull;
    if (pull === undefined) {
      if (!this.#closed) this.#late.add([message], Date.now() + this.#maxAckTimeMs);
      return;
    }
    pull.messages.push(message);
    if (pull.messages.length === 1) pull.firstArrived();
    if (pull.messages.length >= pull.wanted || (pull.isForNow && isLastWaiting(message.reply))) pull.end();
  }

  #status(message: Msg): void {
    const { code, description } = message.headers ?? { code: 0, description: '' };
    if (code === STILL_WAITING) return;
    const { subject } = message;
    const wasPromised = this.#requests.end(subject);
    const pull = this.#pull;
    if (pull === undefined || (subject !== pull.request && !wasPromised)) return;
    switch (code) {
      case NO_MESSAGES:
      case TIME_IS_OVER:
        if (subject === pull.request) pull.end();
        else this.#sendRequest(pull);
        return;
      case 503:
        pull.end(this.#notFound('the station or the consumer group does not exist (any more)'));
        return;
      case 409:
        if (/exceeded maxwaiting/i.test(description) && !pull.isForNow) this.#sendRequestLater(pull);
        else pull.end(this.#conflict(description));
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
    if (/consumer deleted/i.test(description)) return this.#notFound(description.toLowerCase());
    if (/leadership change|server shutdown/i.test(description)) {
      return new ConnectionError({
        attempted: `fetch messages of "${this.#stream}"`,
        found: description,
        next: 'Fetch again',
      });
    }
    if (/exceeded maxwaiting|batch completed/i.test(description)) return undefined;
    return new BrokerRefusedError({
      attempted: `fetch messages of "${this.#stream}"`,
      found: description,
      ...refusalAdvice(description),
    });
  }

  /** So many members of the group wait that the server takes no further request; the time of the pull goes on. */
  #sendRequestLater(pull: Pull): void {
    setTimeout(() => {
      if (this.#pull === pull) this.#sendRequest(pull);
    }, FULL_PAUSE_MS);
  }

  #notFound(found: string): NotFoundError {
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
