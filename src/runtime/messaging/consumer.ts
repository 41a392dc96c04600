import type { Subscription } from 'nats';
import { ClosedError, NotFoundError, TimeoutError, ValidationError } from '../../model/errors';
import { externalName, internalName } from '../../model/names';
import type { ClientConnection } from './client-connection';
import type { ConsumeContext, MessageHandler } from './consume-loop';
import { ConsumeLoop } from './consume-loop';
import type { CompleteConsumerOptions } from './consumer-options';
import { batchSizeProblem, batchWaitProblem } from './consumer-options';
import { ConsumerPing } from './consumer-ping';
import { DeadLetterQueue } from './dead-letter-queue';
import { durableExists, readStream } from './jetstream-api';
import type { MessageContext } from './message';
import { Message } from './message';
import type { Partition, PartitionChoice } from './partition';
import { PartitionSelector } from './partition';
import { PrefetchCache } from './prefetch-cache';
import { PullSubscription } from './pull-subscription';
import { unregisterConsumer } from './registration';
import type { RequestOptions } from './request';
import type { StationMember, StationSession } from './station-session';

/** Which partition to read. */
export interface PartitionOptions {
  /** Read the partition that this key leads to. */
  readonly consumerPartitionKey?: string;
  /** Read this partition, counted from 1. 0 and less, like leaving it out, mean: take turns. */
  readonly consumerPartitionNumber?: number;
}

/** One batch. */
export interface FetchOptions extends PartitionOptions {
  /** The most messages, 1 to 5000. Default: the consumer's. */
  readonly batchSize?: number;
  /** How long to wait for a full batch, in milliseconds, 100 or more. Default: the consumer's. */
  readonly batchMaxTimeToWaitMs?: number;
  /** Ends the waiting; what comes after that is kept for the next fetch. */
  readonly signal?: AbortSignal;
  /** True: load the next batch in the background; a later fetch with this option gets it from memory. Default false. */
  readonly prefetch?: boolean;
}

/** What a consumer is made of. */
export interface ConsumerParts {
  readonly connection: ClientConnection;
  readonly session: StationSession;
  readonly options: CompleteConsumerOptions;
  readonly partitions: readonly Partition[];
  /** How many registrations of it the broker may hold. */
  readonly registrations: number;
  readonly forget: (consumer: Pick<Consumer, 'stop'>) => void;
}

/**
 * Reads messages of one station, as a member of a consumer group. Made by `Memphis.consumer`.
 * @typeParam T the type of the messages, where the program has one.
 */
export class Consumer<T = unknown> implements StationMember, AsyncIterable<Message<T>> {
  /** External name of the station. */
  readonly stationName: string;
  /** Name as the broker knows it, in lower case. */
  readonly consumerName: string;
  /** External name of the group. */
  readonly consumerGroup: string;
  readonly #parts: ConsumerParts;
  readonly #messageContext: MessageContext;
  readonly #selector: PartitionSelector;
  readonly #pulls: ReadonlyMap<number, PullSubscription>;
  readonly #deadLetters: DeadLetterQueue<T>;
  readonly #deadLetterSubscription: Subscription;
  readonly #prefetched: PrefetchCache<Message<T>>;
  readonly #ping: ConsumerPing;
  readonly #loops = new Set<ConsumeLoop<T>>();
  #context: ConsumeContext = {};
  #stopped = false;
  #destroyed: Promise<void> | undefined;

  /** @internal */
  constructor(parts: ConsumerParts) {
    const { connection, session, options, partitions } = parts;
    this.#parts = parts;
    this.stationName = session.name;
    this.consumerName = options.consumerName.toLowerCase();
    this.consumerGroup = externalName(options.consumerGroup);
    const durable = internalName(options.consumerGroup);
    this.#messageContext = this.#contextOfMessages();
    this.#selector = new PartitionSelector(partitions);
    this.#pulls = new Map(
      partitions.map(({ number, stream }) => [number, new PullSubscription(connection, stream, durable)]),
    );
    this.#prefetched = new PrefetchCache<Message<T>>(options.maxAckTimeMs, async (partition, count) =>
      this.#pull(partition, count, options.batchMaxTimeToWaitMs),
    );
    this.#deadLetters = new DeadLetterQueue<T>((count) =>
      connection.errors.report(
        new Error(`consumer "${this.consumerName}" dropped ${count} dead letters that nobody fetched`),
      ),
    );
    const subject = `$memphis_dls_${session.internal}.${durable}`;
    // The queue group is the one of clients in other languages, so that members of a group share the load.
    this.#deadLetterSubscription = connection.subscribe(
      subject,
      (message) => this.#deadLetters.add(new Message<T>(message, this.#messageContext)),
      { queue: subject },
    );
    this.#ping = new ConsumerPing(connection, partitions, durable);
    session.join(this);
  }

  /**
   * Fetches one batch: up to `batchSize` messages, or what there is when the waiting time is over.
   * Dead letters that were sent again come first, in a batch of their own.
   * @returns an empty list when there is nothing.
   * @throws ValidationError for wrong options; NotFoundError if station or group are gone; ConnectionError when the
   *   connection is lost; ClosedError after `destroy`; the reason of the signal when that ended it.
   */
  async fetch(options: FetchOptions = {}): Promise<Message<T>[]> {
    this.#assertUsable();
    const { batchSize = this.#parts.options.batchSize, prefetch = false } = options;
    const wait = options.batchMaxTimeToWaitMs ?? this.#parts.options.batchMaxTimeToWaitMs;
    const problems = [batchSizeProblem(batchSize), batchWaitProblem(wait)].filter(
      (found) => found !== undefined,
    );
    if (problems.length > 0) throw new ValidationError(this.#attempted(), problems);
    const fixed = this.#selector.fixed(choiceOf(options));
    if (this.#deadLetters.size > 0) return this.#deadLetters.take(batchSize);
    const { number } = fixed ?? this.#selector.select(noChoice);
    const { signal } = options;
    return prefetch
      ? this.#fetchAhead(number, batchSize, wait, signal)
      : this.#pull(number, batchSize, wait, signal);
  }

  /**
   * Starts to poll, and returns at once: every poll's messages go to `handler`, then there is a pause of
   * `pullIntervalMs`. After a poll without messages the handler gets an empty list and a `TimeoutError`; when the
   * connection fails, an empty list and that error. It goes on until `destroy`, or until station or group are gone, of
   * which the handler hears once, with a `NotFoundError`.
   * @throws ValidationError if key and number of a partition are both given, or there is no such partition.
   */
  consume(handler: MessageHandler<T>, options: PartitionOptions = {}): void {
    this.#assertUsable();
    const fixed = this.#selector.fixed(choiceOf(options));
    this.#loops.add(
      new ConsumeLoop<T>({
        poll: async () => this.fetch(fixed === undefined ? {} : { consumerPartitionNumber: fixed.number }),
        emptyRound: () =>
          new TimeoutError({
            attempted: this.#attempted(),
            found: `Memphis: TimeoutError: no message came within ${this.#parts.options.batchMaxTimeToWaitMs} ms`,
            next: 'The next poll follows',
          }),
        isFinal: async (error) => this.#isGone(error),
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

  /** `for await (const message of consumer)`: fetches batch after batch until the consumer is destroyed. */
  [Symbol.asyncIterator](): AsyncGenerator<Message<T>, void, undefined> {
    return this.messages();
  }

  /** The same with options: `for await (const message of consumer.messages({ signal }))` also ends with the signal. */
  async *messages(options: FetchOptions = {}): AsyncGenerator<Message<T>, void, undefined> {
    const isOver = (): boolean => this.#isStopped() || options.signal?.aborted === true;
    while (!isOver()) {
      let messages: Message<T>[];
      try {
        messages = await this.fetch(options);
      } catch (error) {
        if (isOver()) return;
        throw error;
      }
      for (const message of messages) {
        if (isOver()) return;
        yield message;
      }
    }
  }

  /**
   * Ends all polling and removes the consumer from the broker; the group's position goes with its last active member.
   * No handler is called after this resolves. May be repeated; a consumer that the broker does not know is fine.
   */
  destroy(options: RequestOptions = {}): Promise<void> {
    this.stop();
    this.#destroyed ??= this.#unregister(options).catch((error: unknown) => {
      // It may be tried again.
      this.#destroyed = undefined;
      throw error;
    });
    return this.#destroyed;
  }

  /** Ends everything on this side and leaves the broker's side as it is. @internal */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    const { connection, forget } = this.#parts;
    forget(this);
    for (const loop of this.#loops) loop.stop();
    this.#ping.stop();
    for (const pull of this.#pulls.values()) pull.close();
    if (!connection.isClosed) this.#deadLetterSubscription.unsubscribe();
    this.#deadLetters.clear();
    this.#prefetched.clear();
  }

  /** @internal */
  detach(error: Error | undefined): void {
    if (error !== undefined) for (const loop of this.#loops) loop.endWith(error);
    this.stop();
    this.#destroyed ??= Promise.resolve();
  }

  async #unregister(options: RequestOptions): Promise<void> {
    const { connection, session, registrations } = this.#parts;
    const { consumerName, stationName } = this;
    await unregisterConsumer(connection, { consumerName, stationName, registrations }, options);
    session.leave(this);
  }

  /** From memory first, then from the broker; and in any case load what a next fetch will want. */
  async #fetchAhead(partition: number, batchSize: number, wait: number, signal?: AbortSignal) {
    const cached = await this.#prefetched.take(partition, batchSize);
    if (cached.length > 0) {
      this.#prefetched.fill(partition, batchSize);
      return cached;
    }
    const messages = await this.#pull(partition, batchSize, wait, signal);
    this.#prefetched.fill(partition, batchSize * 2);
    return messages;
  }

  async #pull(partition: number, batch: number, wait: number, signal?: AbortSignal): Promise<Message<T>[]> {
    const pulled = await this.#pulls.get(partition)?.pull(batch, wait, signal);
    // A pull that ends because of destroy gives what it has; nobody is to see it.
    if (this.#isStopped()) return [];
    return (pulled ?? []).map((message) => new Message<T>(message, this.#messageContext));
  }

  #contextOfMessages(): MessageContext {
    const { connection, session, options } = this.#parts;
    return {
      connection,
      stationInternal: session.internal,
      consumerGroup: this.consumerGroup,
      schema: session.schema,
      maxAckTimeMs: options.maxAckTimeMs,
      endsWithLastAck: async (stream: string) => this.#endsWithLastAck(stream),
    };
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

  /** Asked each time: an administrator may change it, and dead letters are rare. */
  async #endsWithLastAck(stream: string): Promise<boolean> {
    const { connection } = this.#parts;
    const information = await readStream(connection, stream, 'make a message a dead letter');
    return information?.config.retention === 'interest';
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
      found: 'the consumer is destroyed',
      next: 'Make a new one',
    });
  }

  #attempted(): string {
    return `fetch messages of station "${this.stationName}"`;
  }
}

const noChoice: PartitionChoice = { key: undefined, number: undefined };

function choiceOf(options: PartitionOptions): PartitionChoice {
  return { key: options.consumerPartitionKey, number: options.consumerPartitionNumber };
}
