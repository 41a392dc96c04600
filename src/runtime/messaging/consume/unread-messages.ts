interface Unread<M> {
  readonly message: M;
  readonly expires: number;
}

/**
 * Messages of one partition that have come and that nobody has seen. One whose time to acknowledge is over is dropped: the
 * broker delivers it again.
 */
export class UnreadMessages<M> {
  #unread: Unread<M>[] = [];

  /** @param expires when their time to acknowledge is over, as `Date.now` counts. */
  add(messages: readonly M[], expires: number): void {
    for (const message of messages) this.#unread.push({ message, expires });
  }

  /** How many there are. */
  get count(): number {
    const now = Date.now();
    this.#unread = this.#unread.filter(({ expires }) => expires > now);
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
