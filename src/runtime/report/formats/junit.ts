import XMLBuilder from 'fast-xml-builder';

import type { Finding, Report, ReportedObject, ReportedTest } from '../report';
import { reportProblems } from '../problems';
import type { Format } from './format';
import { printable, printableSentence } from './printable';
import {
  latencyText,
  objectTitle,
  sourcePlace,
  stakeSentence,
  stakeText,
  standing,
  throughputText,
  titleOf,
} from './words';

/** Members with `@_` are attributes. */
interface TestCase {
  readonly '@_name': string;
  readonly '@_classname': string;
  readonly '@_time'?: string;
  readonly '@_file'?: string;
  readonly '@_line'?: string;
  readonly failure?: Outcome;
  readonly error?: Outcome;
  readonly skipped?: { readonly '@_message': string };
  readonly 'system-out'?: string;
}

interface Outcome {
  readonly '@_message': string;
  readonly '@_type': string;
  readonly '#text': string;
}

/** JUnit XML: one suite a stack and kind, one test case an object or smoke test; drift is a failure. */
export const junit: Format = {
  name: 'junit',
  render(report) {
    const suites = [...suitesOf(report)].map(([name, cases]) => ({
      '@_name': name,
      ...counted(cases),
      '@_timestamp': report.madeAt.replace(/(\.\d+)?Z$/, ''),
      testcase: cases,
    }));
    const all = suites.flatMap(({ testcase }) => testcase);
    const document = {
      '?xml': { '@_version': '1.0', '@_encoding': 'UTF-8' },
      testsuites: { '@_name': titleOf(report), ...counted(all), testsuite: suites },
    };
    return builder.build(document);
  },
};

const builder = new XMLBuilder({
  ignoreAttributes: false,
  format: true,
  suppressEmptyNode: true,
  // A name may be the word "true".
  suppressBooleanAttributes: false,
});

function counted(cases: readonly TestCase[]): Readonly<Record<`@_${string}`, string>> {
  const having = (key: 'failure' | 'error' | 'skipped'): string =>
    String(cases.filter((each) => each[key] !== undefined).length);
  const seconds = cases.reduce((sum, each) => sum + Number(each['@_time'] ?? 0), 0);
  return {
    '@_tests': String(cases.length),
    '@_failures': having('failure'),
    '@_errors': having('error'),
    '@_skipped': having('skipped'),
    '@_time': seconds.toFixed(3),
  };
}

function suitesOf(report: Report): Map<string, TestCase[]> {
  const suites = new Map<string, TestCase[]>();
  const add = (name: string, testCase: TestCase): void => {
    const cases = suites.get(name);
    if (cases === undefined) suites.set(name, [testCase]);
    else cases.push(testCase);
  };
  const details = detailsOf(report);
  report.findings.forEach((finding, index) => {
    add('report', findingCase(finding, index));
  });
  for (const object of report.objects) {
    add(suiteName(object.declaration?.stack, object.kind), objectCase(object, report, details));
  }
  for (const test of report.tests)
    add(suiteName(test.declaration?.stack, 'smoke test'), smokeCase(test, details));
  return suites;
}

function suiteName(stack: string | undefined, kind: string): string {
  return printable(`${stack ?? 'no stack'}: ${kind}`);
}

/** The messages of the problems of each subject. */
function detailsOf(report: Report): (subject: string, stack: string | undefined) => string {
  const lines = new Map<string, string[]>();
  const keyOf = (subject: string, stack = ''): string => JSON.stringify([subject, stack]);
  for (const { subject, message, severity, declaration } of reportProblems(report)) {
    if (subject === '') continue;
    const key = keyOf(subject, declaration?.stack);
    const line = `${severity}: ${printableSentence(message)}`;
    const before = lines.get(key);
    if (before === undefined) lines.set(key, [line]);
    else before.push(line);
  }
  return (subject, stack) => (lines.get(keyOf(subject, stack)) ?? []).join('\n');
}

function objectCase(object: ReportedObject, report: Report, details: ReturnType<typeof detailsOf>): TestCase {
  const { kind, name, status, stake, declaration, findings } = object;
  const words = standing(object, report);
  const isRefused = stake?.isPermitted === false || findings.some(({ severity }) => severity === 'error');
  const isDrift =
    report.source !== 'plan' && (status === 'changed' || status === 'missing' || status === 'unmanaged');
  const lines = [
    details(`${kind} ${name}`, declaration?.stack),
    stake === undefined ? '' : `at stake: ${stakeText(stake)}. ${stakeSentence(stake)}`,
  ];
  const body = lines.filter((line) => line !== '').join('\n');
  const common = { '@_name': objectTitle(object), ...placed(declaration) };
  if (isDrift || isRefused) {
    const type = isDrift ? `drift/${status}` : 'refused';
    return { ...common, failure: { '@_message': words, '@_type': type, '#text': body } };
  }
  if (status === 'unknown') return { ...common, skipped: { '@_message': words } };
  const output = [report.source === 'plan' ? words : '', body].filter((line) => line !== '').join('\n');
  return output === '' ? common : { ...common, 'system-out': output };
}

function smokeCase(test: ReportedTest, details: ReturnType<typeof detailsOf>): TestCase {
  const { name, station, target, verdict, reason = '', durationMs, latency, throughput, declaration } = test;
  const measured = [
    latency === undefined ? '' : `latency ${latencyText(latency)}`,
    throughput === undefined ? '' : throughputText(throughput),
  ].filter((part) => part !== '');
  const differing = (test.messages ?? []).map(
    ({ id, what }) => `message ${printable(id)}: ${printableSentence(what)}`,
  );
  const common = {
    '@_name': printable(`${name} (station ${station}, ${target})`),
    ...placed(declaration),
    ...(durationMs === undefined ? {} : { '@_time': (durationMs / 1000).toFixed(3) }),
  };
  const output = measured.length === 0 ? {} : { 'system-out': measured.join('\n') };
  switch (verdict) {
    case 'passed':
      return { ...common, ...output };
    case 'planned':
      return { ...common, skipped: { '@_message': 'the deploy will run it' } };
    case 'failed':
    case 'error': {
      const unmet = test.expectations
        .filter(({ isMet }) => !isMet)
        .map(({ what }) => printableSentence(what));
      const outcome = {
        '@_message': printableSentence(reason) || `not met: ${unmet.join('; ')}`,
        '@_type': `smoke/${verdict}`,
        '#text': [details(`smoke test ${name}`, declaration?.stack), ...differing].filter(Boolean).join('\n'),
      };
      return { ...common, ...(verdict === 'failed' ? { failure: outcome } : { error: outcome }), ...output };
    }
  }
}

function findingCase({ severity, code, message }: Finding, index: number): TestCase {
  const words = printableSentence(message);
  const common = { '@_name': `${printable(code)} ${index + 1}`, '@_classname': 'report' };
  return severity === 'error'
    ? { ...common, error: { '@_message': words, '@_type': printable(code), '#text': words } }
    : { ...common, 'system-out': `${severity}: ${words}` };
}

function placed(declaration: ReportedObject['declaration']): Omit<TestCase, '@_name'> {
  if (declaration === undefined) return { '@_classname': 'no stack' };
  const { constructPath, file, line } = declaration;
  return {
    '@_classname': printable(constructPath),
    ...(file === undefined || sourcePlace(declaration) === '' ? {} : { '@_file': printable(file) }),
    ...(file === undefined || line === undefined ? {} : { '@_line': String(line) }),
  };
}
