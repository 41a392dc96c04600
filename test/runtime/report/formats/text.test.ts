import fc from 'fast-check';
import { formatNamed } from '../../../../src/runtime/report/formats';
import { anyReport, driftReport, largeReport } from '../../../support/reports';
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
