import { setTimeout as delay } from 'node:timers/promises';
import {
  ClosedError,
  ConnectionError,
  errorText,
  NotFoundError,
  TimeoutError,
  ValidationError,
} from '../../../model/errors';
import { externalName, internalName } from '../../../model/names';
import type { ConsumeContext, MessageHandler } from './consume-loop';
import { ConsumeLoop } from './consume-loop';
import { ConsumerPing } from './consumer-ping';
import { untilAborted, withTimeout } from '../../connection/waiting';
import type { StopOptions } from './consumer-options';
import { completeStopOptions } from './consumer-options';
import { Destruction } from '../connection/destruction';
import type { FetchOptions, PartitionOptions } from './fetch-options';
import { assertRequestOptions } from '../connection/request-options';
import { assertReadingOptions } from './fetch-options';
import { durableExists } from '../connection/jetstream-api';
import type { Message } from './message';
import type { Batch, MessageSourceParts } from './message-source';
import { MessageSource } from './message-source';
import type { Registration } from '../connection/registration';
import { unregisterConsumer } from '../connection/registration';
import type { RequestOptions } from '../connection/request-options';

/** How long an iteration waits before it fetches again when the connection is lost, or the broker not ready. */
const PAUSE_AFTER_LOSS_MS = 250;

/** What a consumer is made of. @internal */
export interface ConsumerParts extends MessageSourceParts {
  /** How many registrations of it the broker may hold. */
  readonly registrations: number;
  /** Registers once more; the broker keeps both. */
  readonly registerAgain: (signal: AbortSignal) => Promise<Registration>;
  readonly forget: (consumer: Pick<Consumer, 'end'>) => void;
}

/**
 * Reads messages of one station, as a member of a consumer group. Made by `Memphis.consumer`.
 * @typeParam T the type of the messages, where the program has one.
 */
export class Consumer<T = unknown> implements AsyncIterable<Message<T>> {
  /** External name of the station. */
  readonly stationName: string;
  /** Name as the broker knows it, in lower case. */
  readonly consumerName: string;
  /** External name of the group. */
  readonly consumerGroup: string;
  /** @internal */
  readonly kind = 'consumer';
  readonly #parts: ConsumerParts;
  readonly #source: MessageSource<T>;
  readonly #ping: ConsumerPing;
  readonly #loops = new Set<ConsumeLoop<T>>();
  #context: ConsumeContext = {};
  #stopped = false;
  #isStoppedForGood = false;
  #registrations: number;
  /** Set when others removed the station. */
  #removal: Error | undefined;
  readonly #destruction = new Destruction();

  private constructor(parts: ConsumerParts) {
    const { connection, session, options, partitions } = parts;
    this.#parts = parts;
    this.#registrations = parts.registrations;
    this.stationName = session.name;
    this.consumerName = options.consumerName.toLowerCase();
    this.consumerGroup = externalName(options.consumerGroup);
    this.#source = new MessageSource<T>(parts);
    this.#ping = new ConsumerPing(connection, partitions, internalName(options.consumerGroup));
    session.join(this);
  }

  /** @internal */
  static of(parts: ConsumerParts): Consumer {
    return new Consumer(parts);
  }

  /**
   * Fetches one batch: up to `batchSize` messages, or what there is when the waiting time is over.
   * Dead letters that were sent again, and messages that an iteration has left, come first, in a batch of their own.
   * @returns an empty list when there is nothing.
   * @throws ValidationError for wrong options; NotFoundError if station or group are gone; ConnectionError when the
   *   connection is lost; ClosedError after `destroy`; the reason of the signal, and then no message is lost: what has come
   *   is for the next fetch.
   */
  async fetch(options: FetchOptions = {}): Promise<Message<T>[]> {
    return (await this.#fetch(options)).messages;
  }

  /**
   * Starts to poll, and returns at once: every poll's messages go to `handler`; the next poll follows `pullIntervalMs` after
   * they came, or at once when the handler takes longer. After a poll without messages the handler gets an empty list and a
   * `TimeoutError`; when the connection fails, an empty list and that error. It goes on until `destroy`, or until station or
   * group are gone, or the connection is closed for good, of which the handler hears once, with a `NotFoundError` or a
   * `ClosedError`.
   * @throws ValidationError if key and number of a partition are both given, or there is no such partition.
   */
  consume(handler: MessageHandler<T>, options: PartitionOptions = {}): void {
    this.#assertUsable();
    if (typeof handler !== 'function') {
      throw new ValidationError(this.#attempted(), ['the handler is not a function']);
    }
    assertReadingOptions(options, this.#attempted(), this.#parts.partitions);
    const fixed = this.#source.fixed(options);
    this.#loops.add(
      new ConsumeLoop<T>({
        source: `station "${this.stationName}"`,
        poll: async () => this.fetch(fixed === undefined ? {} : { consumerPartitionNumber: fixed.number }),
        emptyRound: () =>
          new TimeoutError({
            attempted: this.#attempted(),
            found: `Memphis: TimeoutError: no message came within ${this.#parts.options.batchMaxTimeToWaitMs} ms`,
            next: 'The next poll follows',
          }),
        isFinal: async (error) => this.#parts.connection.isClosed || (await this.#isGone(error)),
        handler,
        context: () => this.#context,
        pullIntervalMs: this.#parts.options.pullIntervalMs,
        reportError: (error) => this.#parts.connection.errors.report(error),
      }),
    );
  }

  /** Sets what handlers get as their third argument, from their next call on. */
  setContext(context: ConsumeContext): void {
    this.#context = context;
  }

  /**
   * `for await (const message of consumer)`: fetches batch after batch until the consumer is destroyed. It goes on when a
   * lost connection is back; listeners of `onError` hear of the loss.
   */
  [Symbol.asyncIterator](): AsyncGenerator<Message<T>, void, undefined> {
    return this.messages();
  }

  /**
   * The same with options: `for await (const message of consumer.messages({ signal }))`. What is left of a batch when the
   * loop ends is for the next fetch.
   * @throws as `fetch`, also when the station is removed, but not for a lost connection; the reason of the signal, before
   *   the next message.
   */
  async *messages(options: FetchOptions = {}): AsyncGenerator<Message<T>, void, undefined> {
    yield* this.#messagesUntilStopped(options);
    // An end that the program did not ask for must not look like one that it did.
    if (this.#removal !== undefined) throw this.#removal;
  }

  async *#messagesUntilStopped(options: FetchOptions): AsyncGenerator<Message<T>, void, undefined> {
    let isLost = false;
    while (!this.#isStopped()) {
      const batch = await this.#batchUnlessStopped(options);
      if (batch === undefined) return;
      if (batch instanceof ConnectionError) {
        if (!isLost) this.#parts.connection.errors.report(batch);
        isLost = true;
        await untilAborted(options.signal, async () => delay(PAUSE_AFTER_LOSS_MS));
        continue;
      }
      isLost = false;
      let seen = 0;
      try {
        for (const message of batch.messages) {
          if (this.#isStopped()) return;
          seen += 1;
          yield message;
          options.signal?.throwIfAborted();
        }
      } finally {
        batch.giveBack(batch.messages.slice(seen));
      }
    }
  }

  /**
   * Stops consuming, as a service does that ends: no poll and no call of a handler begins from now on, and iterations end
   * before their next message. Resolves when handlers that are at work have returned and the broker has their
   * acknowledgements. The group keeps its position, and the consumer its registration, until `destroy`, which may follow.
   * May be repeated. Not to be awaited in a handler, which it would wait for. Messages that were loaded and not handed out are
   * delivered again after `maxAckTimeMs`.
   * @throws ValidationError for wrong options; TimeoutError when a handler still works after the time; ConnectionError when
   *   the connection is lost before the broker has the acknowledgements; the reason of the signal. Unless that is aborted
   *   before the call, the polling has ended in any case.
   */
  async stop(options: StopOptions = {}): Promise<void> {
    const attempted = `stop the consumer "${this.consumerName}"`;
    const { timeoutMs, signal } = completeStopOptions(options, attempted);
    signal?.throwIfAborted();
    if (!this.#stopped) this.#isStoppedForGood = true;
    this.end();
    const deadline = performance.now() + timeoutMs;
    const handlersDone = Promise.all([...this.#loops].map(async (loop) => loop.handlerDone()));
    await withTimeout(handlersDone, timeoutMs, attempted, signal, () => ({
      found: `a handler still works after ${timeoutMs} ms`,
      next: 'Stop it again to wait longer, or give more time with timeoutMs',
    }));
    const { connection } = this.#parts;
    if (connection.isConnected) await connection.flush(Math.max(1, deadline - performance.now()), signal);
  }

  /**
   * Ends all polling and removes the consumer from the broker; the group's position goes with its last active member.
   * No handler is called after this resolves; it does not wait for one that is at work, as `stop` does. May be repeated; a consumer that the broker does not know is fine. After an
   * abort the polling has ended, and the consumer may be removed from the broker or not; destroy it again to be sure.
   */
  destroy(options: RequestOptions = {}): Promise<void> {
    try {
      assertRequestOptions(`destroy the consumer "${this.consumerName}"`, options);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(errorText(error)));
    }
    const { signal, timeoutRetries } = options;
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    this.end();
    return this.#destruction.run(signal, async (givenUp) =>
      this.#unregister(this.#registrations, { timeoutRetries, signal: givenUp }),
    );
  }

  /**
   * `await using consumer = await memphis.consumer(...)`: stops the consumer at the end of the block, as `stop` does. The group
   * keeps its position, and the next run goes on from it.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Ends everything on this side and leaves the broker's side as it is. @internal */
  end(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#parts.forget(this);
    for (const loop of this.#loops) loop.stop();
    this.#parts.session.leave(this);
    this.#ping.stop();
    this.#source.close();
  }

  /** @internal */
  detach(error: Error | undefined): void {
    this.#removal = error;
    if (error !== undefined) for (const loop of this.#loops) loop.endWith(error);
    this.end();
    this.#destruction.skip();
  }

  /** The one before stays: taking it away could take the group's position. @internal */
  async registerAgain(signal: AbortSignal): Promise<Registration> {
    const registration = await this.#parts.registerAgain(signal);
    if (this.#destruction.hasBegun) await this.#unregister(registration.tries, {});
    else this.#registrations += registration.tries;
    return registration;
  }

  async #fetch(options: FetchOptions): Promise<Batch<T>> {
    this.#assertUsable();
    try {
      return await this.#source.fetch(options);
    } catch (error) {
      if (!(error instanceof NotFoundError) || this.#isStopped()) throw error;
      if (await untilAborted(options.signal, async () => this.#isGone(error))) throw error;
      // A server that shuts down, or has just started, answers like one that never knew the group.
      throw new ConnectionError({
        attempted: this.#attempted(),
        found: `the broker is not ready: ${error.found}`,
        next: 'Fetch again',
        cause: error,
      });
    }
  }

  async #batchUnlessStopped(options: FetchOptions): Promise<Batch<T> | ConnectionError | undefined> {
    try {
      return await this.#fetch(options);
    } catch (error) {
      if (this.#isStopped()) return undefined;
      if (error instanceof ConnectionError) return error;
      throw error;
    }
  }

  async #unregister(registrations: number, options: RequestOptions): Promise<void> {
    const { consumerName, stationName } = this;
    await unregisterConsumer(this.#parts.connection, { consumerName, stationName, registrations }, options);
  }

  /** Whether station or group are gone for good; a broker that is starting up may seem to have none. */
  async #isGone(error: Error): Promise<boolean> {
    if (!(error instanceof NotFoundError)) return false;
    const { connection, partitions, options } = this.#parts;
    const durable = internalName(options.consumerGroup);
    const attempted = this.#attempted();
    try {
      for (const { stream } of partitions) {
        if (!(await durableExists(connection, stream, durable, attempted))) return true;
      }
      return false;
    } catch (reason) {
      return reason instanceof NotFoundError;
    }
  }

  /** A method, because the flag changes while callers await. */
  #isStopped(): boolean {
    return this.#stopped;
  }

  #assertUsable(): void {
    this.#parts.session.assertPresent(this.#attempted());
    if (!this.#stopped) return;
    throw new ClosedError({
      attempted: this.#attempted(),
      found: this.#isStoppedForGood ? 'the consumer is stopped' : 'the consumer is destroyed',
      next: 'Make a new one',
    });
  }

  #attempted(): string {
    return `fetch messages of station "${this.stationName}"`;
  }
}
