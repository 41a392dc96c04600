import { performance } from 'node:perf_hooks';
import { errorText, TimeoutError } from '../../model/errors';
import { withTimeout } from '../connection/waiting';
import type { SmokeStep } from './result';

/** Ends a step as failed; its message is the detail. */
export class ExpectationFailed extends Error {}

/** Runs the steps of a test, measures them, and holds all of them to one deadline. */
export class Steps {
  readonly done: SmokeStep[] = [];
  readonly #started = performance.now();
  readonly #timeoutMs: number;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  get milliseconds(): number {
    return Math.round(performance.now() - this.#started);
  }

  /** The time that is left for all further steps. */
  get remainingMs(): number {
    return Math.max(0, this.#timeoutMs - (performance.now() - this.#started));
  }

  /**
   * Runs one step.
   * @param work gives what the following steps need, and the sentence for people.
   * @throws what the step threw, after it was noted.
   */
  async run<T>(
    name: string,
    work: () => Promise<readonly [value: T, detail: string]>,
    timeoutMs = this.remainingMs,
  ): Promise<T> {
    const begin = performance.now();
    const note = (passed: boolean, detail: string): void => {
      this.done.push({ name, passed, detail, milliseconds: Math.round(performance.now() - begin) });
    };
    try {
      const [value, detail] = await withTimeout(work(), timeoutMs, name).catch((error: unknown) => {
        throw error instanceof TimeoutError && error.attempted === name ? this.#late() : error;
      });
      note(true, detail);
      return value;
    } catch (error) {
      note(false, errorText(error));
      throw error;
    }
  }

  #late(): ExpectationFailed {
    return new ExpectationFailed(
      `the time of the test (${this.#timeoutMs} ms) is over; check the broker, or give more with timeoutMs`,
    );
  }
}
