import { inOneLine } from '../../model/error-text';
import type { SmokeTestSpec } from '../../model/smoke-test';
import { ALL_DELIVERED } from './expectations';
import type { SmokeExpectation, SmokeResult, SmokeStep } from './result';

/** The line before a test runs. */
export function headLine({ name, station, target = 'shadow' }: SmokeTestSpec, runId: string): string {
  const where = target === 'shadow' ? ', on a temporary copy' : '';
  return `smoke test "${name}" on station "${station}", run ${runId}${where}`;
}

/** One step, as it ends. */
export function stepLine({ name, passed, detail, milliseconds }: SmokeStep): string {
  const mark = passed ? '✓ ok    ' : '✗ FAILED';
  return `  ${mark} ${name}: ${inOneLine(detail)} (${milliseconds} ms)`;
}

/** What follows the steps: expectations, numbers, the first messages that differ, and the verdict. */
export function summaryLines(result: SmokeResult): string[] {
  const { expectations, limitedBy, differences } = result;
  const { passed, outcome, produced, consumed, milliseconds } = result;
  const verdict = passed ? 'passed' : outcome === 'interrupted' ? 'INTERRUPTED' : 'FAILED';
  return [
    // The step that consumes says that all came back.
    ...expectations.filter(({ what, isMet }) => !isMet || what !== ALL_DELIVERED).map(expectationLine),
    ...(limitedBy === undefined ? [] : [`  limited by: ${limitedBy}`]),
    ...differences.map(
      ({ id, what, payload }) =>
        `  ✗ ${id}: ${what}${payload === undefined ? '' : `: ${inOneLine(payload)}`}`,
    ),
    `${verdict}: ${produced} produced, ${consumed} consumed, ${milliseconds} ms`,
  ];
}

function expectationLine({ what, expected, seen, isMet }: SmokeExpectation): string {
  return isMet ? `  ✓ ${what}: ${seen}` : `  ✗ ${what}: expected ${expected}, seen ${seen}`;
}
