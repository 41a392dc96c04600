import { setTimeout as delay } from 'node:timers/promises';

// Enough to keep the server busy without flooding it.
const LANES = 32;

/**
 * Runs changes one after the other, so that each sees all that was done before it. Changes that touch one object alone may
 * run beside such changes of other objects.
 */
export class ChangeQueue {
  /** Every change that had to be alone, and what came before it. */
  #last: Promise<unknown> = Promise.resolve();
  /** What came after that, by object. */
  readonly #byObject = new Map<string, Promise<unknown>>();
  readonly #lanes: Promise<unknown>[] = [];
  #nextLane = 0;

  /** Runs a change that nothing else runs beside. */
  run<Result>(change: () => Promise<Result>): Promise<Result> {
    const result = this.#before(this.#byObject.values()).then(change);
    this.#last = result.catch(() => undefined);
    this.#byObject.clear();
    return result;
  }

  /**
   * Runs a change that touches nothing but that object.
   * @param object undefined: it may touch others as well, so that nothing else runs beside it.
   */
  runFor<Result>(object: string | undefined, change: () => Promise<Result>): Promise<Result> {
    if (object === undefined) return this.run(change);
    const lane = this.#nextLane;
    this.#nextLane = (lane + 1) % LANES;
    const result = this.#before([this.#byObject.get(object), this.#lanes[lane]]).then(change);
    const settled = result
      .catch(() => undefined)
      .then(() => {
        if (this.#byObject.get(object) === settled) this.#byObject.delete(object);
      });
    this.#byObject.set(object, settled);
    this.#lanes[lane] = settled;
    return result;
  }

  /** Settles when everything that was given so far is done, or after that many milliseconds. */
  async idle(timeoutMs: number): Promise<void> {
    const patience = new AbortController();
    const tooLong = delay(timeoutMs, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([this.#before(this.#byObject.values()), tooLong]);
    patience.abort();
  }

  #before(more: Iterable<Promise<unknown> | undefined>): Promise<unknown> {
    return Promise.all([this.#last, ...more]);
  }
}
