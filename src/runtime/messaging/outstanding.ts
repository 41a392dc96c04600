import { TimeoutError } from '../../model/errors';

/**
 * Counts work that was started and not awaited, and holds back who starts too much of it: at the limit a caller waits
 * until half of it is done, so that it does not stop and go with every single ack.
 */
export class Outstanding {
  #count = 0;
  readonly #waiters = new Set<{ readonly atMost: number; readonly go: () => void }>();

  get count(): number {
    return this.#count;
  }

  track(work: Promise<unknown>): void {
    this.#count += 1;
    const done = (): void => {
      this.#count -= 1;
      for (const waiter of this.#waiters) {
        if (this.#count <= waiter.atMost) {
          this.#waiters.delete(waiter);
          waiter.go();
        }
      }
    };
    work.then(done, done);
  }

  /** Resolves at once below the limit, otherwise when no more than half of it is outstanding. */
  async room(limit: number): Promise<void> {
    if (this.#count >= limit) await this.#atMost(Math.floor(limit / 2));
  }

  /**
   * Resolves when nothing is outstanding.
   * @throws TimeoutError when the time is over before.
   */
  async drained(timeoutMs: number, attempted: string): Promise<void> {
    if (this.#count === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), timeoutMs);
    });
    const outcome = await Promise.race([this.#atMost(0), late]);
    clearTimeout(timer);
    if (outcome === 'late') {
      throw new TimeoutError({
        attempted,
        found: `${this.#count} messages are not acknowledged after ${timeoutMs} ms`,
        next: 'Check the connection to the broker',
      });
    }
  }

  async #atMost(atMost: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiters.add({ atMost, go: resolve });
    });
  }
}
