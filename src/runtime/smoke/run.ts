import type { SmokeTestSpec } from '../../model/smoke-test';
import type { SmokeResult, SmokeStep } from './result';
import { SmokeBroker } from './smoke-broker';
import { SmokeRun } from './smoke-run';
import { Interrupted } from './steps';

/** How a smoke test is run. */
export interface SmokeRunOptions {
  /** Ends the test; everything it made is removed all the same. */
  readonly signal?: AbortSignal;
  /** Called before the first step. */
  readonly onStart?: (runId: string) => void;
  /** Called at the end of each step. */
  readonly onStep?: (step: SmokeStep) => void;
  /** Connections to share with other tests; the caller closes them. Default: connections of its own. */
  readonly broker?: SmokeBroker;
}

/**
 * Runs a smoke test: messages go through a station and come back, a message that breaks the schema is rejected, what is
 * expected of them is checked, and the broker is left as it was found. It never rejects: a test that does not pass, or
 * cannot be run, is a result.
 * @param environment gives the credentials, and what the spec leaves out of the connection.
 */
export async function runSmokeTest(
  spec: SmokeTestSpec,
  environment: Readonly<Record<string, string | undefined>> = process.env,
  options: SmokeRunOptions = {},
): Promise<SmokeResult> {
  const run = new SmokeRun(spec, options);
  options.onStart?.(run.runId);
  let { broker } = options;
  try {
    const session = await run.steps.run('connect', async () => {
      broker ??= SmokeBroker.of(spec, environment);
      const opened = await broker.session();
      return [opened, `${broker.address} as "${broker.connection.username}"`];
    });
    return run.result(await run.through(broker as unknown as SmokeBroker, session));
  } catch (error) {
    return run.result(error instanceof Interrupted ? 'interrupted' : 'unreachable');
  } finally {
    // A connection that comes about after all is not to stay open.
    if (options.broker === undefined) {
      const closed = broker?.close();
      if (run.steps.done[0]?.passed === true) await closed;
    }
  }
}
