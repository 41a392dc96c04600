import { readFileSync } from 'node:fs';
import Ajv from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import type { Log, Result } from 'sarif';
import { formatNamed } from '../../../../src/runtime/report/formats';
import type { Report } from '../../../../src/runtime/report/report';
import { anyReport, driftReport, planReport, smokeReport } from '../../../support/reports';
import { many } from '../../../support/random';

// The schema of OASIS, as Microsoft's matcher for SARIF ships it.
const schema = JSON.parse(
  readFileSync(require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'), 'utf8'),
) as Record<string, unknown>;
// One of its patterns is none with the flag u.
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
addFormats(ajv);
const validate = ajv.compile(schema);

function logOf(report: Report): Log {
  return JSON.parse(formatNamed('sarif').render(report)) as Log;
}

function resultsOf(report: Report): Result[] {
  return logOf(report).runs[0]?.results ?? [];
}

test.each([driftReport(), planReport(), smokeReport()])('the official schema accepts a report', (report) => {
  validate(logOf(report));
  expect(validate.errors).toBeNull();
});

test('the official schema accepts random reports, every result has a rule and a place, no text is a link', () => {
  fc.assert(
    fc.property(anyReport, (report) => {
      const log = logOf(report);
      validate(log);
      expect(validate.errors).toBeNull();
      const { results = [], tool } = log.runs[0] ?? { tool: { driver: { name: '' } } };
      for (const { ruleId, ruleIndex, locations, message } of results) {
        expect(tool.driver.rules?.[ruleIndex ?? -1]?.id).toBe(ruleId);
        const { artifactLocation, region } = locations?.[0]?.physicalLocation ?? {};
        expect(artifactLocation?.uri).toMatch(/^(?![a-z]+:|\/)./i);
        expect(region?.startLine).toBeGreaterThanOrEqual(1);
        expect(message.text).not.toContain('](');
      }
      const prints = results.map(({ partialFingerprints }) => partialFingerprints?.primaryLocationLineHash);
      expect(new Set(prints).size).toBe(results.length);
    }),
    { numRuns: many(100) },
  );
});

/** The drift report with each declaration moved and each live value changed. */
function moved(report: Report): Report {
  return {
    ...report,
    objects: report.objects.map((object) => ({
      ...object,
      ...(object.declaration === undefined
        ? {}
        : { declaration: { ...object.declaration, file: 'lib/moved.ts', line: 999 } }),
      differences: object.differences.map((difference) => ({ ...difference, live: 'something else' })),
    })),
  };
}

test('fingerprints stay when a line moves and when a live value changes, and tell fields apart', () => {
  const before = resultsOf(driftReport());
  const after = resultsOf(moved(driftReport()));
  const prints = (results: readonly Result[]): unknown[] =>
    results.map(({ partialFingerprints }) => partialFingerprints);
  expect(prints(after)).toEqual(prints(before));
  expect(after[1]?.locations?.[0]?.physicalLocation?.region?.startLine).toBe(999);
  expect(new Set(prints(before).map((each) => JSON.stringify(each))).size).toBe(before.length);
});

test('an object that no stack declares is placed at the file of the project, which code scanning requires', () => {
  const result = resultsOf(driftReport()).find(({ ruleId }) => ruleId === 'drift/unmanaged');
  expect(result?.locations?.[0]?.physicalLocation?.artifactLocation?.uri).toBe('cdktf.json');
  expect(result?.locations?.[0]?.logicalLocations).toBeUndefined();
});

test('the rules and their ids persist', () => {
  expect(logOf(smokeReport()).runs[0]?.tool.driver.rules?.map(({ id }) => id)).toEqual([
    'drift/changed',
    'drift/missing',
    'drift/unmanaged',
    'drift/unknown',
    'plan/destroy',
    'plan/replace',
    'MEMPHIS_MESSAGE_LOSS',
    'smoke/failed',
    'smoke/error',
  ]);
});
