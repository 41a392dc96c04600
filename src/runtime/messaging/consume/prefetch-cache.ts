import { untilAborted } from '../../connection/waiting';
import { expiryAfterPull, UnreadMessages } from './unread-messages';

/** The most messages that one partition's cache is filled with. */
const MAX_LOAD = 5_000;

/** Messages that were loaded ahead, by partition. */
export class PrefetchCache<M> {
  readonly #loaded = new Map<number, UnreadMessages<M>>();
  readonly #loading = new Map<number, Promise<void>>();
  readonly #maxAckTimeMs: number;
  readonly #load: (partition: number, count: number, waitMs: number) => Promise<readonly M[]>;
  readonly #errors = new Map<number, Error>();
  #generation = 0;

  constructor(
    maxAckTimeMs: number,
    load: (partition: number, count: number, waitMs: number) => Promise<readonly M[]>,
  ) {
    this.#maxAckTimeMs = maxAckTimeMs;
    this.#load = load;
  }

  /** Whether messages of the partition are being loaded: they are earlier than any that are pulled from now on. */
  isLoading(partition: number): boolean {
    return this.#loading.has(partition);
  }

  /**
   * Waits for the load of a partition that is under way, if there is one.
   * @throws the reason of the signal.
   */
  async loaded(partition: number, signal?: AbortSignal): Promise<void> {
    await untilAborted(signal, async () => this.#loading.get(partition));
  }

  /**
   * Takes up to `most` messages of a partition; waits for a load that is under way when there are none yet.
   * @throws the error of a load in the background, once, if nothing is there; the reason of the signal.
   */
  async take(partition: number, most: number, signal?: AbortSignal): Promise<M[]> {
    const loaded = this.#loadedOf(partition);
    // Another caller may have taken what was loaded, and begun the next load.
    while (loaded.count === 0 && this.isLoading(partition)) await this.loaded(partition, signal);
    const error = this.#errors.get(partition);
    this.#errors.delete(partition);
    if (error !== undefined && loaded.count === 0) throw error;
    return loaded.take(most);
  }

  /** Takes what is there at this moment. */
  takeLoaded(partition: number, most: number): M[] {
    return this.#loadedOf(partition).take(most);
  }

  /** Loads messages of a partition in the background, unless that is being done already. */
  fill(partition: number, count: number, waitMs: number): void {
    if (this.#loading.has(partition)) return;
    const generation = this.#generation;
    const loading = this.#load(partition, Math.min(count, MAX_LOAD), waitMs)
      .then((messages) => {
        if (generation !== this.#generation) return;
        this.#loadedOf(partition).add(messages, expiryAfterPull(waitMs, this.#maxAckTimeMs));
      })
      .catch((error: unknown) => {
        if (generation === this.#generation) this.#errors.set(partition, error as Error);
      })
      .finally(() => this.#loading.delete(partition));
    this.#loading.set(partition, loading);
  }

  clear(): void {
    this.#generation += 1;
    for (const loaded of this.#loaded.values()) loaded.clear();
    this.#errors.clear();
  }

  #loadedOf(partition: number): UnreadMessages<M> {
    const loaded = this.#loaded.get(partition) ?? new UnreadMessages<M>();
    this.#loaded.set(partition, loaded);
    return loaded;
  }
}
