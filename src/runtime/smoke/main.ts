/** `node smoke.cjs <spec.json>`: runs one smoke test. It needs Node.js and nothing else. */
import { readFile } from 'node:fs/promises';
import { textForPeople } from '../../model/errors';
import { readSmokeTestSpec } from '../../model/smoke-test';
import type { SmokeOutcome } from './result';
import { runSmokeTest } from './run';
import { headLine, stepLine, summaryLines } from './text';

const exitCodes: Readonly<Record<SmokeOutcome, number>> = {
  passed: 0,
  failed: 2,
  unreachable: 3,
  interrupted: 1,
};
const OTHER_ERROR = 1;

async function main(args: readonly string[]): Promise<number> {
  const [path] = args;
  if (path === undefined || args.length > 1) {
    console.error(
      'usage: node smoke.cjs <spec.json>\nCredentials come from MEMPHIS_* environment variables.',
    );
    return OTHER_ERROR;
  }
  const spec = readSmokeTestSpec(JSON.parse(await readFile(path, 'utf8')) as unknown);
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
  const result = await runSmokeTest(spec, process.env, {
    signal: ending.signal,
    onStart: (runId) => console.log(headLine(spec, runId)),
    onStep: (step) => console.log(stepLine(step)),
  });
  for (const line of summaryLines(result)) console.log(line);
  const code = exitCodes[result.outcome];
  if (code === 0 || spec.reportOnly !== true) return code;
  console.log('the test only reports: the deploy goes on');
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(textForPeople(error, 'run the smoke test'));
    process.exitCode = OTHER_ERROR;
  },
);
