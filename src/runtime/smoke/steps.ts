import { performance } from 'node:perf_hooks';
import { AuthenticationError, ConnectionError, errorText, TimeoutError } from '../../model/errors';
import { untilAborted, withTimeout } from '../connection/waiting';
import type { SmokeStep } from './result';

/** Ends a step as failed; its message is the detail. */
export class ExpectationFailed extends Error {}

/** Somebody ended the test. */
export class Interrupted extends Error {
  constructor() {
    super('the test was interrupted');
  }
}

/** How steps are run. */
export interface StepsOptions {
  readonly timeoutMs: number;
  /** Ends the step that is under way. */
  readonly signal: AbortSignal | undefined;
  /** Called at the end of each step. */
  readonly onStep: ((step: SmokeStep) => void) | undefined;
}

/** Runs the steps of a test, measures them, and holds all of them to one deadline. */
export class Steps {
  readonly done: SmokeStep[] = [];
  readonly #started = performance.now();
  readonly #options: StepsOptions;

  constructor(options: StepsOptions) {
    this.#options = options;
  }

  get milliseconds(): number {
    return Math.round(performance.now() - this.#started);
  }

  /** The time that is left for all further steps. */
  get remainingMs(): number {
    return Math.max(0, this.#options.timeoutMs - (performance.now() - this.#started));
  }

  /**
   * Runs one step.
   * @param work gives what the following steps need, and the sentence for people.
   * @throws what the step threw, after it was noted.
   */
  async run<T>(name: string, work: () => Promise<readonly [value: T, detail: string]>): Promise<T> {
    const { timeoutMs, signal } = this.#options;
    const late = `the time of the test (${timeoutMs} ms) is over; check the broker, or give more with timeoutMs`;
    return this.#run(name, work, this.remainingMs, signal, late);
  }

  /** The same for the clean-up, which has a time of its own and is not interrupted. */
  async runLast(
    name: string,
    work: () => Promise<readonly [value: undefined, detail: string]>,
    timeoutMs: number,
  ) {
    const late = `it took longer than ${Math.round(timeoutMs)} ms; the next run removes what is left`;
    await this.#run(name, work, timeoutMs, undefined, late);
  }

  async #run<T>(
    name: string,
    work: () => Promise<readonly [value: T, detail: string]>,
    timeoutMs: number,
    signal: AbortSignal | undefined,
    late: string,
  ): Promise<T> {
    const begin = performance.now();
    const note = (passed: boolean, detail: string): void => {
      const step = { name, passed, detail, milliseconds: Math.round(performance.now() - begin) };
      this.done.push(step);
      this.#options.onStep?.(step);
    };
    try {
      const limited = async () => withTimeout(work(), timeoutMs, name);
      const [value, detail] = await untilAborted(signal, limited).catch((error: unknown) => {
        if (signal?.aborted === true) throw new Interrupted();
        throw error instanceof TimeoutError && error.attempted === name ? new ExpectationFailed(late) : error;
      });
      note(true, detail);
      return value;
    } catch (error) {
      note(false, errorText(error));
      throw error;
    }
  }
}

/** Whether an error says that the broker cannot be reached, or refuses the login. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof ConnectionError || error instanceof AuthenticationError;
}
