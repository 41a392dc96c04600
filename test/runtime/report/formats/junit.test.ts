import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { formatNamed } from '../../../../src/runtime/report/formats';
import type { Report } from '../../../../src/runtime/report/report';
import { anyReport, driftReport, largeReport, planReport, smokeReport } from '../../../support/reports';
import { many } from '../../../support/random';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
}

/** The tree of a document; throws where it is not well-formed XML. */
function parsed(xml: string): Element {
  const parser = new SaxesParser();
  const document: Element = { name: '', attributes: {}, children: [] };
  const open = [document];
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes, children: [] };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => open.pop());
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(xml).close();
  const [suites] = document.children;
  if (suites === undefined) throw new Error('the document is empty');
  return suites;
}

const render = (report: Report): Element => parsed(formatNamed('junit').render(report));
const outcomes = ['failure', 'error', 'skipped'] as const;

/** Names of the test cases that have an outcome. */
function casesWith(suites: Element, outcome: (typeof outcomes)[number]): string[] {
  return suites.children
    .flatMap(({ children }) => children)
    .filter(({ children }) => children.some(({ name }) => name === outcome))
    .map(({ attributes }) => attributes.name ?? '');
}

test('drift is a failure, what cannot be compared is skipped, a problem of the report is in a suite of its own', () => {
  const suites = render(driftReport());
  expect(casesWith(suites, 'failure')).toEqual([
    'station orders',
    'station orders-dls',
    'enforcement orders',
    'stream leftover$1',
  ]);
  expect(casesWith(suites, 'skipped')).toEqual(['station payments-${token}']);
  expect(suites.children[0]?.attributes).toMatchObject({ name: 'report', tests: '1' });
});

test('in a plan only a refused change is a failure, and smoke tests that will run are skipped', () => {
  const suites = render(planReport());
  expect(casesWith(suites, 'failure')).toEqual(['station orders']);
  expect(casesWith(suites, 'skipped')).toEqual(['orders-smoke (station orders, shadow)']);
});

test('smoke tests are test cases with their time', () => {
  const suites = render(smokeReport());
  expect(casesWith(suites, 'failure')).toEqual(['refunds-smoke (station refunds, live)']);
  expect(casesWith(suites, 'error')).toEqual(['audit-smoke (station audit, shadow)']);
  expect(suites.attributes).toMatchObject({ tests: '3', failures: '1', errors: '1', time: '5.852' });
});

test('5,000 objects are 5,000 test cases', () => {
  expect(render(largeReport(5000, 10)).attributes).toMatchObject({ tests: '5000', failures: '10' });
});

test('every random report is well-formed XML, and its counts are those of its test cases', () => {
  fc.assert(
    fc.property(anyReport, (report) => {
      const suites = render(report);
      const cases = suites.children.flatMap(({ children }) => children);
      expect(cases.length).toBe(report.objects.length + report.tests.length + report.findings.length);
      expect(Number(suites.attributes.tests)).toBe(cases.length);
      for (const outcome of outcomes) {
        const attribute = { failure: 'failures', error: 'errors', skipped: 'skipped' }[outcome];
        expect(Number(suites.attributes[attribute])).toBe(casesWith(suites, outcome).length);
      }
      expect(
        cases.every(({ name, attributes }) => name === 'testcase' && attributes.name !== undefined),
      ).toBe(true);
    }),
    { numRuns: many(200) },
  );
});
