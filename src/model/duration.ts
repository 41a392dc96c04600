import { plural } from './error-text';

const MARK = Symbol.for('cdktf-memphis/Duration');

/** A length of time, so that no prop needs its unit from memory: `Duration.days(7)`. */
export class Duration {
  /** A time in milliseconds, 0 or more; may be a fraction. */
  static milliseconds(amount: number): Duration {
    return new Duration(amount, plural(amount, 'millisecond'));
  }

  /** A time in seconds, 0 or more; may be a fraction. */
  static seconds(amount: number): Duration {
    return new Duration(amount * 1_000, plural(amount, 'second'));
  }

  /** A time in minutes, 0 or more; may be a fraction. */
  static minutes(amount: number): Duration {
    return new Duration(amount * 60_000, plural(amount, 'minute'));
  }

  /** A time in hours, 0 or more; may be a fraction. */
  static hours(amount: number): Duration {
    return new Duration(amount * 3_600_000, plural(amount, 'hour'));
  }

  /** A time in days of 24 hours, 0 or more; may be a fraction. */
  static days(amount: number): Duration {
    return new Duration(amount * 86_400_000, plural(amount, 'day'));
  }

  /** Whether a value is a duration, also one of another copy of this package. */
  static isDuration(value: unknown): value is Duration {
    return typeof value === 'object' && value !== null && MARK in value;
  }

  readonly #milliseconds: number;
  readonly #text: string;

  private constructor(milliseconds: number, text: string) {
    this.#milliseconds = milliseconds;
    this.#text = text;
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

  /** For messages, in the unit that was given: `2 minutes`. */
  toString(): string {
    return this.#text;
  }

  /** @internal A value in the wrong place shows what it is. */
  toJSON(): string {
    return this.toString();
  }
}
