import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { annotationsOf, appendStepSummary, withoutCommands } from '../../src/cli/github';
import type { Report } from '../../src/runtime/report/report';
import { anyReport, driftReport, largeReport } from '../support/reports';
import { many } from '../support/random';

const inActions = { GITHUB_ACTIONS: 'true' };
const linesOf = (report: Report): string[] => annotationsOf(report, inActions).trimEnd().split('\n');

describe('annotations', () => {
  test('name file and line, and join what concerns one object', () => {
    const [first] = linesOf(driftReport());
    expect(first).toMatch(
      /^::error file=stacks\/orders\.ts,line=12,title=station orders::retentionValue is 60 \(1 min\), .*%0AstorageType is "memory"/,
    );
    expect(linesOf(driftReport())).toContain('::warning title=stream leftover$1::No stack declares it.');
  });

  test('escape what would end a property or a command', () => {
    const [orders] = driftReport().objects;
    if (orders === undefined) throw new Error('no object');
    const report = {
      ...driftReport(),
      findings: [],
      objects: [{ ...orders, name: 'a:b,c\n::stop-commands::x%0A' }],
    };
    expect(linesOf(report)).toHaveLength(1);
    expect(linesOf(report)[0]).toContain('title=station a%3Ab%2Cc %3A%3Astop-commands%3A%3Ax%250A::');
  });

  test('are ten of each severity, the last of which counts the rest', () => {
    const lines = linesOf(largeReport(300, 100));
    expect(lines).toHaveLength(10);
    expect(lines.at(-1)).toBe('::error::91 more of this severity are in the report.');
  });

  test('are none outside GitHub Actions', () => {
    expect(annotationsOf(driftReport(), {})).toBe('');
    expect(annotationsOf(driftReport(), { GITHUB_ACTIONS: 'false' })).toBe('');
  });

  test('of random reports are one command a line', () => {
    const property = String.raw`[a-z]+=[^,:\n]*`;
    const command = new RegExp(
      String.raw`^::(error|warning|notice)( ${property}(,${property})*)?::[^\n\r]*$`,
      'u',
    );
    fc.assert(
      fc.property(anyReport, (report) => {
        const printed = annotationsOf(report, inActions);
        if (printed === '') return;
        for (const line of printed.trimEnd().split('\n')) expect(line).toMatch(command);
      }),
      { numRuns: many(100) },
    );
  });
});

describe('the log of a step', () => {
  test('has no command that a broker’s names hold', () => {
    expect(withoutCommands('a\n    ::add-mask::b\n x ##[error]', inActions)).toBe(
      'a\n    : :add-mask::b\n x # #[error]',
    );
    expect(withoutCommands('::a', {})).toBe('::a');
  });
});

describe('the summary of a step', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'summary-'));
    file = path.join(folder, 'summary.md');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('is appended to what is there', async () => {
    writeFileSync(file, 'before\n');
    await appendStepSummary(driftReport(), { GITHUB_STEP_SUMMARY: file });
    expect(readFileSync(file, 'utf8')).toMatch(/^before\n## Memphis drift\n/);
  });

  test.each([0, 100_000, 1_048_500])('never grows beyond 1 MiB, with %i bytes in it', async (used) => {
    writeFileSync(file, 'x'.repeat(used));
    for (let step = 0; step < 2; step += 1) {
      await appendStepSummary(largeReport(10_000, 10_000), { GITHUB_STEP_SUMMARY: file });
    }
    const { length } = readFileSync(file);
    expect(length).toBeLessThanOrEqual(1_048_576);
    expect(length).toBeGreaterThan(1_000_000);
  });
});
