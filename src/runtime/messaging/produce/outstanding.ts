import { withTimeout } from '../../connection/waiting';

/** So much may be started before acks get their turn. */
const STARTED_IN_ONE_TURN = 1_000;

const resolved: Promise<undefined> = Promise.resolve(undefined);

/**
 * Counts work that was started and not awaited, and holds back who starts too much of it: at the limit a caller waits
 * until half of it is done, so that it does not stop and go with every single ack.
 */
export class Outstanding {
  #count = 0;
  #sinceTurn = 0;
  readonly #waiters = new Set<{ readonly atMost: number; readonly go: () => void }>();

  get count(): number {
    return this.#count;
  }

  /** One more is under way. */
  begin(): void {
    this.#count += 1;
  }

  /** One of them is done, well or not. */
  end(): void {
    this.#count -= 1;
    for (const waiter of this.#waiters) {
      if (this.#count > waiter.atMost) continue;
      this.#waiters.delete(waiter);
      waiter.go();
    }
  }

  /**
   * Resolves at once below the limit, otherwise when no more than half of it is outstanding. Now and then it lets other
   * work run first, so that acks are heard of by a program that does nothing but start more.
   */
  room(limit: number | undefined): Promise<undefined> {
    if (limit !== undefined && this.#count >= limit) return this.#atMost(Math.floor(limit / 2));
    this.#sinceTurn += 1;
    if (this.#sinceTurn < STARTED_IN_ONE_TURN) return resolved;
    this.#sinceTurn = 0;
    return nextTurn();
  }

  /**
   * Resolves when nothing is outstanding.
   * @throws TimeoutError when the time is over before; the reason of the signal when that is aborted.
   */
  async drained(timeoutMs: number, attempted: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#count === 0) return;
    let drained = (): void => undefined;
    const isDrained = new Promise<void>((resolve) => {
      drained = resolve;
    });
    const waiter = { atMost: 0, go: drained };
    this.#waiters.add(waiter);
    await withTimeout(isDrained, timeoutMs, attempted, signal, () => ({
      found: `${this.#count} messages are not acknowledged after ${timeoutMs} ms`,
      next: 'Check the connection to the broker',
    })).finally(() => this.#waiters.delete(waiter));
  }

  #atMost(atMost: number): Promise<undefined> {
    return new Promise((resolve) => {
      this.#waiters.add({ atMost, go: () => resolve(undefined) });
    });
  }
}

async function nextTurn(): Promise<undefined> {
  await new Promise((resolve) => setImmediate(resolve));
  return undefined;
}
