import type { SmokeDeclaration, SmokeTarget } from '../../model/smoke-test';

/** One step of a smoke test. */
export interface SmokeStep {
  readonly name: string;
  readonly passed: boolean;
  /** What was done or found, in one sentence. Never a secret. */
  readonly detail: string;
  readonly milliseconds: number;
}

/** Something that must hold of the traffic, and what was seen. */
export interface SmokeExpectation {
  /** `all messages are delivered` */
  readonly what: string;
  readonly expected: string;
  readonly seen: string;
  readonly isMet: boolean;
}

/** Milliseconds from the intended time of sending to the arrival at a consumer. */
export interface SmokeLatency {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** Counts of messages by upper bound, ascending. */
  readonly histogram: readonly { readonly upToMs: number; readonly count: number }[];
}

/** A message that is not as expected. */
export interface SmokeDifference {
  /** `partition 2, sequence 17`, or the number of a message that the broker has not acknowledged. */
  readonly id: string;
  readonly what: string;
  /** Only when the test asks for payloads. */
  readonly payload?: string;
}

/**
 * How a smoke test ended: `failed`, an expectation does not hold; `unreachable`, the broker cannot be reached or
 * refuses the login; `interrupted`, somebody ended it.
 */
export type SmokeOutcome = 'passed' | 'failed' | 'unreachable' | 'interrupted';

export interface SmokeResult {
  readonly name: string;
  /** External name of the station. */
  readonly station: string;
  readonly target: SmokeTarget;
  readonly declaration?: SmokeDeclaration;
  /** Eight hex digits that are part of everything this run made. */
  readonly runId: string;
  readonly passed: boolean;
  readonly outcome: SmokeOutcome;
  /** In the order they were run; a step after a failed one is not run, except the clean-up. */
  readonly steps: readonly SmokeStep[];
  readonly expectations: readonly SmokeExpectation[];
  readonly latency?: SmokeLatency;
  /** Messages a second, from the first that was sent to the last that came; left out for less than 100 ms, which tell no rate. */
  readonly throughput?: number;
  /** What kept a load from its rate, or that nothing did. */
  readonly limitedBy?: string;
  /** The first messages that differ. */
  readonly differences: readonly SmokeDifference[];
  /** Messages that the broker has stored. */
  readonly produced: number;
  /** Messages of this run that came back. */
  readonly consumed: number;
  readonly milliseconds: number;
}
