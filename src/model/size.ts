import { plural } from './error-text';

const MARK = Symbol.for('cdktf-memphis/Size');

/** A number of bytes, so that no prop needs its unit from memory: `Size.mebibytes(10)`. */
export class Size {
  /** A size in bytes, 0 or more. */
  static bytes(amount: number): Size {
    return new Size(amount, plural(amount, 'byte'));
  }

  /** A size in kibibytes of 1,024 bytes, 0 or more; may be a fraction. */
  static kibibytes(amount: number): Size {
    return new Size(amount * 1_024, plural(amount, 'kibibyte'));
  }

  /** A size in mebibytes of 1,048,576 bytes, 0 or more; may be a fraction. */
  static mebibytes(amount: number): Size {
    return new Size(amount * 1_048_576, plural(amount, 'mebibyte'));
  }

  /** A size in gibibytes of 1,073,741,824 bytes, 0 or more; may be a fraction. */
  static gibibytes(amount: number): Size {
    return new Size(amount * 1_073_741_824, plural(amount, 'gibibyte'));
  }

  /** Whether a value is a size, also one of another copy of this package. */
  static isSize(value: unknown): value is Size {
    return typeof value === 'object' && value !== null && MARK in value;
  }

  readonly #bytes: number;
  readonly #text: string;

  private constructor(bytes: number, text: string) {
    this.#bytes = bytes;
    this.#text = text;
    Object.defineProperty(this, MARK, { value: true });
  }

  /** The size in bytes; a prop in whole bytes reports a fraction at synth. */
  toBytes(): number {
    return this.#bytes;
  }

  /** For messages, in the unit that was given: `1 kibibyte`. */
  toString(): string {
    return this.#text;
  }

  /** @internal A value in the wrong place shows what it is. */
  toJSON(): string {
    return this.toString();
  }
}
