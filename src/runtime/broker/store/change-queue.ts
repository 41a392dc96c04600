/** Runs changes one after the other, so that each sees all that was done before it. */
export class ChangeQueue {
  private last: Promise<unknown> = Promise.resolve();

  run<Result>(change: () => Promise<Result>): Promise<Result> {
    const result = this.last.then(change);
    this.last = result.catch(() => undefined);
    return result;
  }

  /** Settles when everything that was given so far is done. */
  async idle(): Promise<void> {
    await this.last;
  }
}
