/**
 * Lets calls that are made at the same time share one request. A caller never gets an answer to a request that had
 * started before it asked, so what it reads is at least as new as its call.
 */
export function shared<T>(request: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  return () => {
    if (next === undefined) {
      const mine = running.then(() => {
        next = undefined;
        const started = request();
        running = started.catch(() => undefined);
        return started;
      });
      next = mine;
    }
    return next;
  };
}

/** Something that is loaded when it is first needed, once for all who ask; a failure is not remembered. */
export class Remembered<T> {
  readonly #load: () => Promise<T>;
  #loading: Promise<T> | undefined;

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  get(): Promise<T> {
    if (this.#loading === undefined) {
      const loading = this.#load();
      this.#loading = loading;
      loading.catch(() => this.forget(loading));
    }
    return this.#loading;
  }

  /** Loads it again when it is needed next; with a loading that `get` returned, only while that is the one remembered. */
  forget(loading?: Promise<T>): void {
    if (loading === undefined || this.#loading === loading) this.#loading = undefined;
  }
}

/**
 * Reads something of each item, with a bounded number of requests under way.
 * @returns the results in the order of the items
 */
export async function inParallel<T, R>(
  items: readonly T[],
  read: (item: T) => Promise<R>,
  atOnce = 16,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const left = items.entries();
  const workers = Array.from({ length: Math.min(atOnce, items.length) }, async () => {
    for (const [index, item] of left) results[index] = await read(item);
  });
  await Promise.all(workers);
  return results;
}

/** Does at most so many things at a time; the rest wait in their order. */
export class AtMost {
  readonly #most: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  async run<T>(action: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#most) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await action();
    } finally {
      // Whoever waits takes the place over.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
