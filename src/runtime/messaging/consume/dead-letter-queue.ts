import type { Message } from './message';

/** How many dead letters wait at most; they come only when somebody asks the broker to send them again. */
const CAPACITY = 10_000;

/** Dead letters that were sent again and wait for the next fetch, the oldest first. */
export class DeadLetterQueue<T = unknown> {
  #waiting: Message<T>[] = [];
  readonly #dropped: (count: number) => void;
  #droppedCount = 0;

  /** @param dropped is told how many have been dropped so far, each time the queue is full. */
  constructor(dropped: (count: number) => void) {
    this.#dropped = dropped;
  }

  get size(): number {
    return this.#waiting.length;
  }

  add(message: Message<T>): void {
    this.#waiting.push(message);
    if (this.#waiting.length <= CAPACITY) return;
    this.#waiting.shift();
    this.#droppedCount += 1;
    this.#dropped(this.#droppedCount);
  }

  /** Takes out the oldest. */
  take(most: number): Message<T>[] {
    return this.#waiting.splice(0, most);
  }

  /** Takes messages back that nobody has seen; they are the oldest. */
  giveBack(messages: readonly Message<T>[]): void {
    this.#waiting.unshift(...messages);
  }

  clear(): void {
    this.#waiting = [];
  }
}
