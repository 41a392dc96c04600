/**
 * The choices that a generator makes for one message. All of them follow from a seed, so that the same seed gives the same
 * message on every machine. `smallest` and `largest` take the edge of every range; `random` takes an edge now and then.
 */
export class Choices {
  readonly edge: Edge;
  readonly #next: () => number;

  constructor(seed: number, edge: Edge) {
    this.edge = edge;
    this.#next = mulberry32(seed);
  }

  /** A whole number of a range, its ends included. */
  integer(least: number, most: number): number {
    if (most <= least) return least;
    if (this.edge === 'smallest') return least;
    if (this.edge === 'largest') return most;
    const kind = this.#next();
    if (kind < 0.1) return least;
    if (kind < 0.2) return most;
    // Small numbers are more like those of real messages.
    if (kind < 0.6 && least <= 0 && most >= 100) return this.#whole(0, 100);
    return this.#whole(least, most);
  }

  /** One of some values; edges are the first and the last. */
  oneOf<T>(values: readonly T[]): T {
    const index =
      this.edge === 'smallest'
        ? 0
        : this.edge === 'largest'
          ? values.length - 1
          : this.#whole(0, values.length - 1);
    const value = values[index];
    if (value === undefined && index >= values.length)
      throw new RangeError('there is nothing to choose from');
    return value as T;
  }

  /** Whether something optional is there: never at the small edge, always at the large one. */
  isPresent(): boolean {
    return this.edge === 'random' ? this.#next() < 0.7 : this.edge === 'largest';
  }

  /** How many items or characters: a few more than the least where nothing says how many at most. */
  length(least: number, most: number | undefined, usual: number): number {
    return this.integer(least, Math.max(least, Math.min(most ?? least + usual, least + usual * 4)));
  }

  /** A string of letters, digits and, now and then, characters that take several bytes. */
  text(length: number): string {
    const alphabet =
      this.edge === 'largest' ? WIDE : this.edge === 'smallest' ? PLAIN : this.#next() < 0.1 ? WIDE : PLAIN;
    return Array.from({ length }, () => alphabet[this.#whole(0, alphabet.length - 1)] ?? 'a').join('');
  }

  /** A number from 0 up to 1, without it. */
  fraction(): number {
    return this.#next();
  }

  #whole(least: number, most: number): number {
    return Math.min(most, least + Math.floor(this.#next() * (most - least + 1)));
  }
}

/** Which part of every range a message takes. */
export type Edge = 'smallest' | 'largest' | 'random';

const PLAIN = Array.from('abcdefghijklmnopqrstuvwxyz0123456789');
// One code point each, of two, three and four bytes in UTF-8.
const WIDE = Array.from('aé€漢😀"\\/');

/** A small generator of good quality; each seed gives a sequence of its own. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
