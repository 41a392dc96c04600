/** `node smoke.cjs <spec.json>`: runs one smoke test. It needs Node.js and nothing else. */
import { readFile } from 'node:fs/promises';
import { inOneLine } from '../../model/error-text';
import { textForPeople } from '../../model/errors';
import { readSmokeTestSpec } from '../../model/smoke-test';
import type { SmokeOutcome, SmokeResult, SmokeStep } from './result';
import { runSmokeTest } from './run';

const exitCodes: Readonly<Record<SmokeOutcome, number>> = { passed: 0, failed: 2, unreachable: 3 };
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
  const result = await runSmokeTest(spec);
  for (const line of lines(result)) console.log(line);
  return exitCodes[result.outcome];
}

function lines(result: SmokeResult): string[] {
  const { name, station, runId, steps, passed, produced, consumed, milliseconds } = result;
  return [
    `smoke test "${name}" on station "${station}", run ${runId}`,
    ...steps.map(stepLine),
    `${passed ? 'passed' : 'FAILED'}: ${produced} produced, ${consumed} consumed, ${milliseconds} ms`,
  ];
}

function stepLine({ name, passed, detail, milliseconds }: SmokeStep): string {
  const mark = passed ? '✓ ok    ' : '✗ FAILED';
  return `  ${mark} ${name}: ${inOneLine(detail)} (${milliseconds} ms)`;
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
