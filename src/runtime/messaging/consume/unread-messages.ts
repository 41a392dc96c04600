interface Unread<M> {
  readonly message: M;
  readonly expires: number;
}

/**
 * Messages that were fetched and that nobody has seen, by partition. One whose time to acknowledge is over is dropped: the
 * broker delivers it again.
 */
export class UnreadMessages<M> {
  readonly #byPartition = new Map<number, Unread<M>[]>();

  /** @param expires when their time to acknowledge is over, as `Date.now` counts. */
  add(partition: number, messages: readonly M[], expires: number): void {
    if (messages.length === 0) return;
    const others = this.#byPartition.get(partition) ?? [];
    this.#byPartition.set(partition, [...others, ...messages.map((message) => ({ message, expires }))]);
  }

  /** Takes out the oldest. */
  take(partition: number, most: number): M[] {
    const unread = this.#byPartition.get(partition);
    if (unread === undefined) return [];
    const now = Date.now();
    const fresh = unread.filter(({ expires }) => expires > now);
    const taken = fresh.splice(0, most);
    if (fresh.length === 0) this.#byPartition.delete(partition);
    else this.#byPartition.set(partition, fresh);
    return taken.map(({ message }) => message);
  }

  clear(): void {
    this.#byPartition.clear();
  }
}
