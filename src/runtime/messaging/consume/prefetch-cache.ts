import { untilAborted } from '../../connection/abort';

/** The most messages that one partition's cache is filled with. */
const MAX_LOAD = 5_000;

interface Entry<M> {
  readonly message: M;
  readonly expires: number;
}

/**
 * Messages that were loaded ahead, by partition. A message whose time to acknowledge is over is dropped: the broker
 * delivers it again.
 */
export class PrefetchCache<M> {
  readonly #entries = new Map<number, Entry<M>[]>();
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
    if ((this.#entries.get(partition) ?? []).length === 0) {
      await untilAborted(signal, async () => this.#loading.get(partition));
    }
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) throw error;
    const entries = this.#entries.get(partition) ?? [];
    const now = Date.now();
    const fresh = entries.filter((entry) => entry.expires > now);
    const taken = fresh.splice(0, most);
    this.#entries.set(partition, fresh);
    return taken.map((entry) => entry.message);
  }

  /** Loads messages of a partition in the background, unless that is being done already. */
  fill(partition: number, count: number): void {
    if (this.#loading.has(partition)) return;
    const generation = this.#generation;
    const loading = this.#load(partition, Math.min(count, MAX_LOAD))
      .then((messages) => {
        if (generation !== this.#generation) return;
        const expires = Date.now() + this.#maxAckTimeMs;
        const entries = this.#entries.get(partition) ?? [];
        this.#entries.set(partition, [...entries, ...messages.map((message) => ({ message, expires }))]);
      })
      .catch((error: unknown) => {
        if (generation === this.#generation) this.#error = error as Error;
      })
      .finally(() => this.#loading.delete(partition));
    this.#loading.set(partition, loading);
  }

  clear(): void {
    this.#generation += 1;
    this.#entries.clear();
    this.#error = undefined;
  }
}
