const MARK = Symbol.for('cdktf-memphis/Duration');

/** A length of time, so that no prop needs its unit from memory: `Duration.days(7)`. */
export class Duration {
  /** A time in milliseconds, 0 or more; may be a fraction. */
  static milliseconds(amount: number): Duration {
    return new Duration(amount);
  }

  /** A time in seconds, 0 or more; may be a fraction. */
  static seconds(amount: number): Duration {
    return new Duration(amount * 1000);
  }

  /** A time in minutes, 0 or more; may be a fraction. */
  static minutes(amount: number): Duration {
    return Duration.seconds(amount * 60);
  }

  /** A time in hours, 0 or more; may be a fraction. */
  static hours(amount: number): Duration {
    return Duration.minutes(amount * 60);
  }

  /** A time in days of 24 hours, 0 or more; may be a fraction. */
  static days(amount: number): Duration {
    return Duration.hours(amount * 24);
  }

  /** Whether a value is a duration, also one of another copy of this package. */
  static isDuration(value: unknown): value is Duration {
    return typeof value === 'object' && value !== null && MARK in value;
  }

  readonly #milliseconds: number;

  private constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
    Object.defineProperty(this, MARK, { value: true });
  }

  /** The time in milliseconds; may be a fraction. */
  toMilliseconds(): number {
    return this.#milliseconds;
  }

  /** The time in seconds; a prop in whole seconds reports a fraction at synth. */
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
