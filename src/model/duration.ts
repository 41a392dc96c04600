const MARK = Symbol.for('cdktf-memphis/Duration');

/** A length of time, so that no prop needs its unit from memory: `Duration.days(7)`. */
export class Duration {
  /** @param amount any number of 0 or more */
  static milliseconds(amount: number): Duration {
    return new Duration(amount);
  }

  static seconds(amount: number): Duration {
    return new Duration(amount * 1000);
  }

  static minutes(amount: number): Duration {
    return Duration.seconds(amount * 60);
  }

  static hours(amount: number): Duration {
    return Duration.minutes(amount * 60);
  }

  static days(amount: number): Duration {
    return Duration.hours(amount * 24);
  }

  /** Tells whether a value is a duration, also one of another copy of this package. */
  static isDuration(value: unknown): value is Duration {
    return typeof value === 'object' && value !== null && MARK in value;
  }

  readonly #milliseconds: number;

  private constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
    Object.defineProperty(this, MARK, { value: true });
  }

  /** May be a fraction. */
  toMilliseconds(): number {
    return this.#milliseconds;
  }

  /** May be a fraction, which a prop in whole seconds reports at synth. */
  toSeconds(): number {
    return this.#milliseconds / 1000;
  }

  /** For messages: `120000 ms`. */
  toString(): string {
    return `${this.#milliseconds} ms`;
  }

  /** @internal A value in the wrong place shows what it is. */
  toJSON(): string {
    return this.toString();
  }
}
