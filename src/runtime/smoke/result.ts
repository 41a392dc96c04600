/** One step of a smoke test. */
export interface SmokeStep {
  readonly name: string;
  readonly passed: boolean;
  /** What was done or found, in one sentence. Never a secret. */
  readonly detail: string;
  readonly milliseconds: number;
}

/**
 * How a smoke test ended: `failed`, an expectation does not hold; `unreachable`, the broker cannot be reached or
 * refuses the login.
 */
export type SmokeOutcome = 'passed' | 'failed' | 'unreachable';

export interface SmokeResult {
  readonly name: string;
  /** External name of the station. */
  readonly station: string;
  /** Eight hex digits that are part of everything this run made. */
  readonly runId: string;
  readonly passed: boolean;
  readonly outcome: SmokeOutcome;
  /** In the order they were run; a step after a failed one is not run, except the clean-up. */
  readonly steps: readonly SmokeStep[];
  /** Messages that the broker has stored. */
  readonly produced: number;
  /** Messages of this run that came back. */
  readonly consumed: number;
  readonly milliseconds: number;
}
