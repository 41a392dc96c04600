/** What waits for an acknowledgement; it is given its number here. */
export interface Awaiting {
  id: number;
}

/** So many of the last messages are found without a map. A power of two. */
const SLOTS = 8_192;

/**
 * Numbers messages and finds them again by their number. Acknowledgements come nearly in the order of the messages, so the
 * last few thousand stand in a ring, which costs no memory per message; a map takes those that the ring has come round to.
 */
export class AwaitedAcks<T extends Awaiting> {
  readonly #ring = new Array<T | undefined>(SLOTS).fill(undefined);
  readonly #overtaken = new Map<number, T>();
  #count = 0;

  /** Takes one in. @returns its number. */
  add(awaiting: T): number {
    const id = (this.#count += 1);
    const slot = id % SLOTS;
    const before = this.#ring[slot];
    if (before !== undefined) this.#overtaken.set(before.id, before);
    awaiting.id = id;
    this.#ring[slot] = awaiting;
    return id;
  }

  /** Takes out the one of that number; undefined if it is not, or not any more, there. */
  take(id: number): T | undefined {
    const slot = id % SLOTS;
    const found = this.#ring[slot];
    if (found?.id === id) {
      this.#ring[slot] = undefined;
      return found;
    }
    const overtaken = this.#overtaken.get(id);
    if (overtaken !== undefined) this.#overtaken.delete(id);
    return overtaken;
  }

  /** All that are there, the oldest first. */
  all(): T[] {
    const inRing = this.#ring.filter((awaiting) => awaiting !== undefined);
    return [...this.#overtaken.values(), ...inRing].sort((a, b) => a.id - b.id);
  }
}
