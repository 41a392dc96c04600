import { SharedWork } from '../../connection/shared-work';

/** The end of a producer or consumer: it comes once, for all who ask for it, and again when it failed or was given up. */
export class Destruction {
  #work: SharedWork<void> | undefined;

  /** Whether somebody has asked for it; what failed does not count. */
  get hasBegun(): boolean {
    return this.#work !== undefined;
  }

  /**
   * @param work gets a signal that is aborted when the last caller has given up.
   * @throws what the work throws; the reason of the caller's signal.
   */
  run(signal: AbortSignal | undefined, work: (givenUp: AbortSignal) => Promise<void>): Promise<void> {
    if (this.#work?.isGivenUp !== false) {
      const begun = new SharedWork(work);
      this.#work = begun;
      begun.result.catch(() => {
        if (this.#work === begun) this.#work = undefined;
      });
    }
    return this.#work.wait(signal);
  }

  /** The broker has nothing of it any more: there is nothing left to be done. */
  skip(): void {
    this.#work ??= new SharedWork(async () => Promise.resolve());
  }
}
