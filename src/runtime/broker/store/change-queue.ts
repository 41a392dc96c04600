import { setTimeout as delay } from 'node:timers/promises';

/** Runs changes one after the other, so that each sees all that was done before it. */
export class ChangeQueue {
  private last: Promise<unknown> = Promise.resolve();

  run<Result>(change: () => Promise<Result>): Promise<Result> {
    const result = this.last.then(change);
    this.last = result.catch(() => undefined);
    return result;
  }

  /** Settles when everything that was given so far is done, or after that many milliseconds. */
  async idle(timeoutMs: number): Promise<void> {
    const patience = new AbortController();
    const tooLong = delay(timeoutMs, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([this.last, tooLong]);
    patience.abort();
  }
}
