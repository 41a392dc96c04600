import type { SmokeTestSpec } from '../../model/smoke-test';
import { smokeConnection } from './connect-options';
import type { SmokeResult } from './result';
import { runSmokeTest } from './run';
import { SmokeBroker } from './smoke-broker';

/** A test of a suite, and the environment that it logs in with. */
export interface SuiteTest {
  readonly spec: SmokeTestSpec;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** How a suite is run. */
export interface SuiteOptions {
  /** How many tests run at the same time. */
  readonly parallel: number;
  /** How often each test runs; with `untilMs` as often as there is time. Default 1. */
  readonly repeat?: number;
  /** When the last test begins, as `performance.now` counts; each test runs once in any case. */
  readonly untilMs?: number;
  /** Ends all tests; everything they made is removed. */
  readonly signal?: AbortSignal;
  /** Called at the end of each test. */
  readonly onResult?: (result: SmokeResult) => void;
}

/** All runs of one test. */
export interface SuiteResult {
  /** Which of the tests it is. */
  readonly index: number;
  /** The first run that did not pass, or else the last one. */
  readonly result: SmokeResult;
  readonly runs: number;
  readonly passed: number;
}

/**
 * Runs tests, several at a time. Those of one broker share its connections.
 * @returns one entry for each test, in the order of the tests; a test that was not begun before an interruption has none.
 */
export async function runSuite(tests: readonly SuiteTest[], options: SuiteOptions): Promise<SuiteResult[]> {
  const { parallel, repeat = 1, untilMs, signal, onResult } = options;
  const brokers = new Map<string, SmokeBroker>();
  const found: (SuiteResult | undefined)[] = tests.map(() => undefined);
  let next = 0;
  const isOver = (): boolean => {
    if (signal?.aborted === true) return true;
    if (next < tests.length) return false;
    return untilMs === undefined ? next >= tests.length * repeat : performance.now() >= untilMs;
  };
  const work = async (): Promise<void> => {
    while (!isOver()) {
      const index = next % tests.length;
      const test = tests[index];
      next += 1;
      if (test === undefined) return;
      const broker = brokerOf(test, brokers);
      const result = await runSmokeTest(test.spec, test.environment, {
        ...(signal === undefined ? {} : { signal }),
        ...(broker === undefined ? {} : { broker }),
      });
      found[index] = added(index, found[index], result);
      onResult?.(result);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(parallel, Math.max(1, tests.length)) }, work));
  } finally {
    await Promise.all([...brokers.values()].map(async (broker) => broker.close()));
  }
  return found.filter((result) => result !== undefined);
}

function added(index: number, before: SuiteResult | undefined, result: SmokeResult): SuiteResult {
  const { runs = 0, passed = 0 } = before ?? {};
  return {
    index,
    result: before?.result.passed === false ? before.result : result,
    runs: runs + 1,
    passed: passed + (result.passed ? 1 : 0),
  };
}

/** The connections for a test; undefined where its settings are incomplete, which its first step reports. */
function brokerOf(
  { spec, environment }: SuiteTest,
  brokers: Map<string, SmokeBroker>,
): SmokeBroker | undefined {
  try {
    const connection = smokeConnection(spec, environment);
    const key = JSON.stringify(connection);
    const broker = brokers.get(key) ?? new SmokeBroker(connection);
    brokers.set(key, broker);
    return broker;
  } catch {
    return undefined;
  }
}
