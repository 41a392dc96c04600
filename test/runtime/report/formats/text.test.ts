import fc from 'fast-check';
import { formatNamed } from '../../../../src/runtime/report/formats';
import { anyReport, driftReport, largeReport, planReport, smokeReport } from '../../../support/reports';
import { many } from '../../../support/random';

const text = formatNamed('text');

test('hides what is as declared, and shows it in a complete report', () => {
  expect(text.render(driftReport())).not.toContain('station audit');
  expect(text.render(driftReport(), { isComplete: true })).toContain('=   station audit  as declared');
});

test('colours only when asked to', () => {
  expect(text.render(driftReport())).not.toContain('\u001b');
  expect(text.render(driftReport(), { isColoured: true })).toContain('\u001b[31m');
});

test('says that nothing drifts', () => {
  expect(text.render(largeReport(300, 0))).toMatch(/\nNo drift\. 300 objects: 300 as declared\.\n$/);
});

test('says that a plan has no changes', () => {
  expect(text.render({ ...planReport(), objects: [], tests: [] })).toMatch(/\nNo changes\.\n$/);
});

test('prints a line for each of many tests that passed, and failures in full after them', () => {
  const [passed, failed] = smokeReport().tests;
  if (passed === undefined || failed === undefined) throw new Error('no test');
  const tests = [
    failed,
    ...Array.from({ length: 1000 }, (_, index) => ({ ...passed, name: `test-${index}` })),
  ];
  const printed = text.render({ ...smokeReport(), tests });
  expect(printed.match(/^passed {2}test-\d+ {2}station orders, shadow {2}840 ms$/gm)).toHaveLength(1000);
  expect(printed).toMatch(
    /\n\nfailed {2}refunds-smoke.*(\n {4}.*)+not ok .*(\n {4}.*)+\n\nSmoke tests: 1 failed, 1,000 passed\.\n$/,
  );
});

test('shows long values where they differ', () => {
  const content = (type: string): string =>
    `{"properties":{${'"a":{},'.repeat(40)}"total":{"type":"${type}"}}}`;
  const [orders] = driftReport().objects;
  if (orders === undefined) throw new Error('no object');
  const report = {
    ...driftReport(),
    objects: [
      {
        ...orders,
        differences: [
          {
            field: 'content',
            declared: content('number'),
            live: content('string'),
            effect: 'inPlace' as const,
          },
        ],
      },
    ],
  };
  const line =
    text
      .render(report)
      .split('\n')
      .find((each) => each.includes('content:')) ?? '';
  expect(line).toMatch(/…\S*number\S* -> …\S*string/);
  expect(line.length).toBeLessThan(100);
});

test('prints no control character of any report, and one line for each thing', () => {
  fc.assert(
    fc.property(anyReport, fc.boolean(), (report, isComplete) => {
      const printed = text.render(report, { isComplete });
      expect(printed).not.toMatch(/[^\P{Cc}\n]|[\u2028-\u202e]|\p{Surrogate}/u);
      expect(printed.endsWith('\n')).toBe(true);
    }),
    { numRuns: many(200) },
  );
});
