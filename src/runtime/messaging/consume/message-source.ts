import { setTimeout as delay } from 'node:timers/promises';
import type { Msg, Subscription } from 'nats';
import { plural } from '../../../model/error-text';
import { UnreadDeadLettersError } from '../../../model/errors';
import { externalName, internalName } from '../../../model/names';
import type { ClientConnection } from '../connection/client-connection';
import type { CompleteConsumerOptions } from './consumer-options';
import { DeadLetterQueue } from './dead-letter-queue';
import type { FetchOptions, PartitionOptions } from './fetch-options';
import { completeBatch } from './fetch-options';
import { readStream } from '../connection/jetstream-api';
import type { MessageContext } from './message';
import { Message } from './message';
import type { Partition, PartitionChoice } from '../station/partition';
import { PartitionSelector } from '../station/partition';
import { PrefetchCache } from './prefetch-cache';
import { PullSubscription } from './pull-subscription';
import type { StationSession } from '../station/station-session';
import { expiryAfterPull, UnreadMessages } from './unread-messages';

/** How long an empty partition is waited at, at the least, before all are asked again. */
const LEAST_PART_MS = 250;
/** The same for each partition that there is, so that many of them do not cost the broker many requests. */
const REQUEST_PART_MS = 20;

/** What a consumer reads, and as whom. */
export interface MessageSourceParts {
  readonly connection: ClientConnection;
  readonly session: StationSession;
  readonly options: CompleteConsumerOptions;
  readonly partitions: readonly Partition[];
}

/** One batch, and what is needed to give some of it back. */
export interface Batch<T> {
  readonly messages: Message<T>[];
  /** Takes messages of it back that nobody has seen: they come first in the next batch of their partition. */
  readonly giveBack: (unseen: Message<T>[]) => void;
}

/**
 * Where the messages of a consumer come from: its partitions on the broker, what was loaded ahead or left over, and dead
 * letters that were sent again.
 */
export class MessageSource<T> {
  readonly #connection: ClientConnection;
  readonly #options: CompleteConsumerOptions;
  readonly #attempted: string;
  readonly #context: MessageContext;
  readonly #selector: PartitionSelector;
  readonly #pulls: ReadonlyMap<number, PullSubscription>;
  readonly #deadLetters: DeadLetterQueue<T>;
  readonly #deadLetterSubscription: Subscription;
  readonly #prefetched: PrefetchCache<Message<T>>;
  readonly #unread: ReadonlyMap<number, UnreadMessages<Message<T>>>;
  #closed = false;

  constructor({ connection, session, options, partitions }: MessageSourceParts) {
    const durable = internalName(options.consumerGroup);
    this.#connection = connection;
    this.#options = options;
    this.#attempted = `fetch messages of station "${session.name}"`;
    this.#context = {
      connection,
      stationInternal: session.internal,
      consumerGroup: externalName(options.consumerGroup),
      schema: session.schema,
      maxAckTimeMs: options.maxAckTimeMs,
      endsWithLastAck: async (stream) => endsWithLastAck(connection, stream),
    };
    this.#selector = new PartitionSelector(options.stationName, partitions);
    const { maxAckTimeMs } = options;
    this.#pulls = new Map(
      partitions.map(({ number, stream }) => [
        number,
        new PullSubscription(connection, { stream, durable, maxAckTimeMs }),
      ]),
    );
    this.#unread = new Map(partitions.map(({ number }) => [number, new UnreadMessages()]));
    this.#prefetched = new PrefetchCache<Message<T>>(options.maxAckTimeMs, async (partition, count, waitMs) =>
      this.#pull(partition, count, waitMs),
    );
    this.#deadLetters = new DeadLetterQueue<T>((count) =>
      connection.errors.report(
        new UnreadDeadLettersError({
          attempted: `keep all resent dead letters for consumer "${options.consumerName}"`,
          found: `${plural(count, 'unread dead letter')} ${count === 1 ? 'was' : 'were'} dropped`,
          next: 'Fetch more often, then resend the dead letters',
        }),
      ),
    );
    const subject = `$memphis_dls_${session.internal}.${durable}`;
    // The queue group is the one of clients in other languages, so that members of a group share the load.
    this.#deadLetterSubscription = connection.subscribe(
      subject,
      (message) => this.#deadLetters.add(Message.of<T>(message, this.#context)),
      { queue: subject },
    );
  }

  /** The partition that is asked for; undefined when they take turns. */
  fixed(options: PartitionOptions): Partition | undefined {
    return this.#selector.fixed(choiceOf(options));
  }

  /** One batch, as `Consumer.fetch` describes it. */
  async fetch(options: FetchOptions): Promise<Batch<T>> {
    const { size, waitMs } = completeBatch(
      options,
      this.#options,
      this.#attempted,
      this.#selector.partitions,
    );
    const fixed = this.fixed(options);
    options.signal?.throwIfAborted();
    if (this.#deadLetters.size > 0) {
      return {
        messages: this.#deadLetters.take(size),
        giveBack: (unseen) => {
          if (!this.#isClosed()) this.#deadLetters.giveBack(unseen);
        },
      };
    }
    const { number, messages } = await this.#nextBatch(fixed, size, waitMs, options);
    const expires = expiryAfterPull(waitMs, this.#options.maxAckTimeMs);
    return {
      messages,
      giveBack: (unseen) => {
        if (!this.#isClosed()) this.#unread.get(number)?.add(unseen, expires);
      },
    };
  }

  /** Ends everything on this side. */
  close(): void {
    this.#closed = true;
    for (const pull of this.#pulls.values()) pull.close();
    if (!this.#connection.isClosed) this.#deadLetterSubscription.unsubscribe();
    this.#deadLetters.clear();
    this.#prefetched.clear();
    for (const unread of this.#unread.values()) unread.clear();
  }

  /**
   * Loading ahead has partitions take strict turns, because a load waits as long as a fetch. Otherwise one that is empty is
   * not waited for while another has messages.
   */
  async #nextBatch(fixed: Partition | undefined, size: number, waitMs: number, options: FetchOptions) {
    if (fixed === undefined && this.#pulls.size > 1 && options.prefetch !== true) {
      return this.#batchOfAny(size, waitMs, options.signal);
    }
    const { number } = fixed ?? this.#selector.select(noChoice);
    return { number, messages: await this.#batchOf(number, size, waitMs, options) };
  }

  /** From the first partition that has messages, beginning with the one whose turn it is; waits at each for a part of the time. */
  async #batchOfAny(size: number, waitMs: number, signal: AbortSignal | undefined) {
    const deadline = performance.now() + waitMs;
    const left = (): number => Math.max(1, Math.round(deadline - performance.now()));
    const partitions = this.#pulls.size;
    const partMs = Math.max(waitMs / partitions, LEAST_PART_MS, partitions * REQUEST_PART_MS);
    for (const number of this.#pulls.keys()) {
      const messages = this.#takeKept(number, size);
      if (messages.length > 0) return { number, messages };
    }
    for (;;) {
      for (let turns = 0; turns < partitions && !this.#isClosed(); turns += 1) {
        const { number } = this.#selector.select(noChoice);
        // A load may have ended meanwhile. What is pulled now is later than what is loaded, or being loaded.
        const kept = this.#takeKept(number, size);
        if (kept.length > 0) return { number, messages: kept };
        if (this.#prefetched.isLoading(number)) continue;
        const messages = this.#read(await this.#pulls.get(number)?.pullNow(size, left(), signal));
        if (messages.length > 0) return this.#waitForRest(number, messages, size, left(), signal);
      }
      const { number } = this.#selector.select(noChoice);
      const waitForPartMs = Math.min(partMs, left());
      if (this.#prefetched.isLoading(number)) await this.#loadedOrTimedOut(number, waitForPartMs, signal);
      const kept = this.#takeKept(number, size);
      if (kept.length > 0) return { number, messages: kept };
      if (!this.#prefetched.isLoading(number)) {
        const messages = await this.#pull(number, size, Math.min(waitForPartMs, left()), signal);
        if (messages.length > 0) return this.#waitForRest(number, messages, size, left(), signal);
      }
      if (this.#isClosed() || performance.now() >= deadline) return { number, messages: [] };
    }
  }

  /** Messages of a partition that are in memory: those that were given back are earlier than those that were loaded ahead. */
  #takeKept(number: number, size: number): Message<T>[] {
    const unread = this.#unread.get(number)?.take(size) ?? [];
    return unread.length > 0 ? unread : this.#prefetched.takeLoaded(number, size);
  }

  async #loadedOrTimedOut(partition: number, waitMs: number, signal: AbortSignal | undefined): Promise<void> {
    const timeIsOver = new AbortController();
    const timeout = delay(waitMs, undefined, { signal: timeIsOver.signal }).catch(() => undefined);
    try {
      await Promise.race([this.#prefetched.loaded(partition, signal), timeout]);
    } finally {
      timeIsOver.abort();
    }
  }

  /** Waits for the rest of a batch. */
  async #waitForRest(
    number: number,
    messages: Message<T>[],
    size: number,
    waitMs: number,
    signal: AbortSignal | undefined,
  ) {
    const missing = size - messages.length;
    // The rest would come after what another caller has begun to load.
    if (missing === 0 || waitMs <= 1 || this.#prefetched.isLoading(number)) return { number, messages };
    // There must be time left to acknowledge them.
    const restMs = Math.min(waitMs, this.#options.maxAckTimeMs / 2);
    const expires = Date.now() + this.#options.maxAckTimeMs;
    try {
      return { number, messages: [...messages, ...(await this.#pull(number, missing, restMs, signal))] };
    } catch (error) {
      // Messages that did come are worth more than the error, which the next fetch meets again.
      if (signal?.aborted !== true) return { number, messages };
      this.#unread.get(number)?.add(messages, expires);
      throw error;
    }
  }

  async #batchOf(
    partition: number,
    size: number,
    waitMs: number,
    options: FetchOptions,
  ): Promise<Message<T>[]> {
    const unread = this.#unread.get(partition)?.take(size) ?? [];
    if (unread.length > 0) return unread;
    // Also without the option: what was loaded ahead comes before what is loaded now.
    let cached: Message<T>[];
    do cached = await this.#prefetched.take(partition, size, options.signal);
    while (cached.length === 0 && this.#prefetched.isLoading(partition));
    const messages = cached.length > 0 ? cached : await this.#pull(partition, size, waitMs, options.signal);
    if (options.prefetch === true)
      this.#prefetched.fill(partition, cached.length > 0 ? size : size * 2, waitMs);
    return messages;
  }

  async #pull(partition: number, size: number, waitMs: number, signal?: AbortSignal): Promise<Message<T>[]> {
    return this.#read(await this.#pulls.get(partition)?.pull(size, waitMs, signal));
  }

  #read(pulled: readonly Msg[] = []): Message<T>[] {
    // A pull that ends because of destroy gives what it has; nobody is to see it.
    if (this.#isClosed()) return [];
    return pulled.map((message) => Message.of<T>(message, this.#context));
  }

  /** A method, because the flag changes while callers await. */
  #isClosed(): boolean {
    return this.#closed;
  }
}

/** Asked each time: an administrator may change it, and dead letters are rare. */
async function endsWithLastAck(connection: ClientConnection, stream: string): Promise<boolean> {
  const information = await readStream(connection, stream, 'make a message a dead letter');
  return information?.config.retention === 'interest';
}

const noChoice: PartitionChoice = { key: undefined, number: undefined };

function choiceOf(options: PartitionOptions): PartitionChoice {
  return { key: options.consumerPartitionKey, number: options.consumerPartitionNumber };
}
