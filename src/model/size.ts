const MARK = Symbol.for('cdktf-memphis/Size');

/** A number of bytes, so that no prop needs its unit from memory: `Size.mebibytes(10)`. */
export class Size {
  /** @param amount any number of 0 or more */
  static bytes(amount: number): Size {
    return new Size(amount);
  }

  static kibibytes(amount: number): Size {
    return Size.bytes(amount * 1024);
  }

  static mebibytes(amount: number): Size {
    return Size.kibibytes(amount * 1024);
  }

  static gibibytes(amount: number): Size {
    return Size.mebibytes(amount * 1024);
  }

  /** Tells whether a value is a size, also one of another copy of this package. */
  static isSize(value: unknown): value is Size {
    return typeof value === 'object' && value !== null && MARK in value;
  }

  readonly #bytes: number;

  private constructor(bytes: number) {
    this.#bytes = bytes;
    Object.defineProperty(this, MARK, { value: true });
  }

  /** May be a fraction, which a prop in whole bytes reports at synth. */
  toBytes(): number {
    return this.#bytes;
  }

  /** For messages: `1024 bytes`. */
  toString(): string {
    return `${this.#bytes} bytes`;
  }

  /** @internal A value in the wrong place shows what it is. */
  toJSON(): string {
    return this.toString();
  }
}
