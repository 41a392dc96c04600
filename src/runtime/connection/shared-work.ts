import { onAbort, untilAborted } from './waiting';

/**
 * Work that is done once for all who ask for it. Each caller's signal ends the waiting of that caller alone; when the last
 * one has gone, the work is given up.
 */
export class SharedWork<T> {
  /** Settles with the work, also when nobody waits for it any more. Never an unhandled rejection. */
  readonly result: Promise<T>;
  readonly #givenUp = new AbortController();
  #waiting = 0;
  #isOver = false;

  /** @param work begins at once; its signal is aborted when it is given up. */
  constructor(work: (givenUp: AbortSignal) => Promise<T>) {
    this.result = work(this.#givenUp.signal);
    const over = (): void => {
      this.#isOver = true;
    };
    this.result.then(over, over);
  }

  /** Work that was given up is of no use to a new caller, also while it still comes to its end. */
  get isGivenUp(): boolean {
    return this.#givenUp.signal.aborted;
  }

  /**
   * Waits for the result, or until the signal is aborted, which it must not be yet. A caller without a signal waits to the
   * end.
   */
  wait(signal: AbortSignal | undefined): Promise<T> {
    this.#waiting += 1;
    return signal === undefined ? this.result : this.#waitUntilAborted(signal);
  }

  /** Ends the waiting of the work itself. */
  giveUp(reason: unknown): void {
    if (!this.#isOver) this.#givenUp.abort(reason);
  }

  async #waitUntilAborted(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    // In the moment of the abort, so that who comes right after it does not get what was given up.
    const stopListening = onAbort(signal, () => {
      this.#waiting -= 1;
      if (this.#waiting === 0) this.giveUp(signal.reason);
    });
    try {
      return await untilAborted(signal, () => this.result);
    } finally {
      stopListening();
    }
  }
}
