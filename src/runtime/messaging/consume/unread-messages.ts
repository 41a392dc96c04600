interface Unread<M> {
  readonly message: M;
  readonly expires: number;
  /** The same by the clock that nobody sets; it stands still while the machine sleeps. */
  readonly expiresSteadily: number;
}

/**
 * Messages of one partition that have come and that nobody has seen. One whose time to acknowledge is over is dropped: the
 * broker delivers it again.
 */
export class UnreadMessages<M> {
  #unread: Unread<M>[] = [];

  /** @param expires when their time to acknowledge is over, as `Date.now` counts. */
  add(messages: readonly M[], expires: number): void {
    const expiresSteadily = performance.now() + expires - Date.now();
    for (const message of messages) this.#unread.push({ message, expires, expiresSteadily });
  }

  /** How many there are. */
  get count(): number {
    if (this.#unread.length === 0) return 0;
    const [now, steadily] = [Date.now(), performance.now()];
    this.#unread = this.#unread.filter(
      ({ expires, expiresSteadily }) => expires > now && expiresSteadily > steadily,
    );
    return this.#unread.length;
  }

  /** Takes out the oldest. */
  take(most: number): M[] {
    if (this.count === 0) return [];
    return this.#unread.splice(0, most).map(({ message }) => message);
  }

  clear(): void {
    this.#unread = [];
  }
}

/**
 * When the messages of a pull that has just ended are over their time to acknowledge, at the earliest, as `Date.now` counts:
 * the first of them may have come when the pull began, or half of that time ago, which is when a pull ends.
 */
export function expiryAfterPull(waitMs: number, maxAckTimeMs: number): number {
  return Date.now() + maxAckTimeMs - Math.min(waitMs, maxAckTimeMs / 2);
}
