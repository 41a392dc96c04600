import { inOneLine } from '../../../model/error-text';
import type { SmokeResult, SuiteResult } from '../../smoke';
import type { DeclarationSite } from '../../synthesised/declared-stack';
import type { Report, ReportedExpectation, ReportedTest } from '../report';

/** All runs of one declared test. */
export interface FinishedTest extends SuiteResult {
  readonly site: DeclarationSite;
}

/** The report of smoke tests that have run. */
export function smokeReport(tests: readonly FinishedTest[], madeAt: Date): Report {
  return {
    source: 'smoke',
    madeAt: madeAt.toISOString(),
    brokers: [],
    stacks: [...new Set(tests.map(({ site }) => site.stack))].sort(),
    objects: [],
    tests: tests.map(reportedTest),
    findings: [],
  };
}

function reportedTest({ result, runs, passed, site }: FinishedTest): ReportedTest {
  const { name, station, target, outcome, milliseconds, latency, throughput, differences } = result;
  const reason = reasonOf(result, runs, passed);
  return {
    name,
    station,
    target,
    declaration: site,
    verdict: outcome === 'passed' || outcome === 'failed' ? outcome : 'error',
    ...(reason === undefined ? {} : { reason }),
    expectations: expectationsOf(result),
    durationMs: milliseconds,
    ...(latency === undefined ? {} : { latency }),
    ...(throughput === undefined ? {} : { throughput }),
    ...(differences.length === 0 ? {} : { messages: differences }),
  };
}

/** A step that failed without an expectation of its own, such as the station, is one that was not met. */
function expectationsOf({ outcome, expectations, steps }: SmokeResult): readonly ReportedExpectation[] {
  if (outcome !== 'failed' || expectations.some(({ isMet }) => !isMet)) return expectations;
  const failed = steps.filter(({ passed }) => !passed);
  return [
    ...expectations,
    ...failed.map(({ name, detail }) => ({
      what: `the step "${name}" succeeds`,
      expected: 'success',
      seen: inOneLine(detail),
      isMet: false,
    })),
  ];
}

function reasonOf({ steps, limitedBy }: SmokeResult, runs: number, passed: number): string | undefined {
  const failed = steps.find((step) => !step.passed);
  const parts = [
    ...(failed === undefined ? [] : [`${failed.name}: ${inOneLine(failed.detail)}`]),
    ...(limitedBy === undefined ? [] : [`limited by ${limitedBy}`]),
    ...(runs > 1 ? [`${passed} of ${runs} runs passed`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join('; ');
}
