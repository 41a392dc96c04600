import { untilAborted } from '../../connection/abort';
import { UnreadMessages } from './unread-messages';

/** The most messages that one partition's cache is filled with. */
const MAX_LOAD = 5_000;

/** Messages that were loaded ahead, by partition. */
export class PrefetchCache<M> {
  readonly #loaded = new Map<number, UnreadMessages<M>>();
  readonly #loading = new Map<number, Promise<void>>();
  readonly #maxAckTimeMs: number;
  readonly #load: (partition: number, count: number) => Promise<readonly M[]>;
  #error: Error | undefined;
  #generation = 0;

  constructor(maxAckTimeMs: number, load: (partition: number, count: number) => Promise<readonly M[]>) {
    this.#maxAckTimeMs = maxAckTimeMs;
    this.#load = load;
  }

  /**
   * Takes up to `most` messages of a partition; waits for a load that is under way when there are none yet.
   * @throws the error of a load in the background, once; the reason of the signal.
   */
  async take(partition: number, most: number, signal?: AbortSignal): Promise<M[]> {
    const loaded = this.#loadedOf(partition);
    if (loaded.count === 0) await untilAborted(signal, async () => this.#loading.get(partition));
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) throw error;
    return loaded.take(most);
  }

  /** Loads messages of a partition in the background, unless that is being done already. */
  fill(partition: number, count: number): void {
    if (this.#loading.has(partition)) return;
    const generation = this.#generation;
    const loading = this.#load(partition, Math.min(count, MAX_LOAD))
      .then((messages) => {
        if (generation !== this.#generation) return;
        this.#loadedOf(partition).add(messages, Date.now() + this.#maxAckTimeMs);
      })
      .catch((error: unknown) => {
        if (generation === this.#generation) this.#error = error as Error;
      })
      .finally(() => this.#loading.delete(partition));
    this.#loading.set(partition, loading);
  }

  clear(): void {
    this.#generation += 1;
    for (const loaded of this.#loaded.values()) loaded.clear();
    this.#error = undefined;
  }

  #loadedOf(partition: number): UnreadMessages<M> {
    const loaded = this.#loaded.get(partition) ?? new UnreadMessages<M>();
    this.#loaded.set(partition, loaded);
    return loaded;
  }
}
