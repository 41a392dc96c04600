import { ValidationError } from '../model/errors';
import { quotedNames } from '../model/error-text';
import { nearestNames } from '../model/unknown-names';
import type { FinishedTest } from '../runtime/report/sources/smoke';
import { smokeReport } from '../runtime/report/sources/smoke';
import { runSuite } from '../runtime/smoke';
import type { DeclaredSmokeTest } from '../runtime/synthesised/smoke-tests';
import { readSmokeTests } from '../runtime/synthesised/smoke-tests';
import { ExitCode } from './exit-code';
import type { OutputOptions } from './output';
import { checkOutputs, writeReport } from './output';
import { SmokeProgress } from './smoke-progress';

/** The options of `smoke`. */
export interface SmokeOptions extends OutputOptions {
  readonly stack?: readonly string[];
  readonly test?: readonly string[];
  readonly parallel: number;
  readonly repeat?: number;
  /** Milliseconds. */
  readonly for?: number;
}

/** Runs the smoke tests of synthesised stacks, and writes the report. */
export async function runSmokeTests(folder: string | undefined, options: SmokeOptions): Promise<void> {
  const { stack: stacks, test: names, parallel, repeat, for: forMs } = options;
  if (repeat !== undefined && forMs !== undefined) {
    throw new ValidationError('run the smoke tests', ['--repeat and --for are both given; give one of them']);
  }
  await checkOutputs(options);
  const { env: environment } = process;
  const all = await readSmokeTests({
    environment,
    ...(folder === undefined ? {} : { folder }),
    ...(stacks === undefined ? {} : { stacks }),
  });
  const tests = selected(all, names);
  const ending = new AbortController();
  const end = (): void => ending.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  const progress = new SmokeProgress(
    forMs === undefined ? { runs: tests.length * (repeat ?? 1) } : { forMs },
  );
  try {
    const suite = tests.map(({ spec, variables }) => ({
      spec,
      environment: { ...environment, ...variables },
    }));
    const results = await runSuite(suite, {
      parallel,
      signal: ending.signal,
      onResult: progress.add,
      ...(repeat === undefined ? {} : { repeat }),
      ...(forMs === undefined ? {} : { untilMs: performance.now() + forMs }),
    });
    progress.end();
    const finished = results.flatMap((result): FinishedTest[] => {
      const site = tests[result.index]?.site;
      return site === undefined ? [] : [{ ...result, site }];
    });
    await writeReport(smokeReport(finished, new Date()), options);
    if (ending.signal.aborted) process.exitCode = ExitCode.ERROR;
    else if (results.some(({ result }) => result.outcome === 'unreachable'))
      process.exitCode = ExitCode.UNREACHABLE;
  } finally {
    progress.end();
    process.off('SIGINT', end).off('SIGTERM', end);
  }
}

/** The tests of these names; all when none is given. @throws ValidationError for a name that no test has. */
function selected(
  all: readonly DeclaredSmokeTest[],
  names: readonly string[] | undefined,
): readonly DeclaredSmokeTest[] {
  if (all.length === 0) {
    throw new ValidationError('run the smoke tests', [
      'the stacks declare no smoke test; add a SmokeTest or a SmokeSuite to a stack, and run cdktf synth',
    ]);
  }
  if (names === undefined) return all;
  const known = all.flatMap(({ spec, site }) => [spec.name, site.constructPath]);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new ValidationError(
      'run the smoke tests',
      unknown.map((name) => {
        const nearest = nearestNames(name, known);
        const others = all.map(({ spec }) => spec.name).filter((each) => !nearest.includes(each));
        const advice =
          nearest.length === 0
            ? `the tests are ${quotedNames([...new Set(others)])}`
            : [
                `use ${quotedNames(nearest)}`,
                ...(others.length === 0 ? [] : [`the others are ${quotedNames([...new Set(others)])}`]),
              ].join('; ');
        return `no smoke test is called "${name}"; ${advice}`;
      }),
    );
  }
  return all.filter(({ spec, site }) => names.includes(spec.name) || names.includes(site.constructPath));
}
