import fc from 'fast-check';
import { formatNamed } from '../../../../src/runtime/report/formats';
import type { Report } from '../../../../src/runtime/report/report';
import { anyReport, driftReport, largeReport, smokeReport } from '../../../support/reports';
import { many } from '../../../support/random';

const label = String.raw`[a-z]+="(?:[^\\"\n]|\\[\\"n])*"`;
const sample = new RegExp(String.raw`^([a-z_]+)(\{${label}(?:,${label})*\})? (-?[0-9.e+-]+)$`, 'u');

/** The samples by name and labels; throws where the text format is broken or has a series twice. */
function samplesOf(report: Report): Map<string, number> {
  const text = formatNamed('prometheus').render(report);
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  for (const line of text.trimEnd().split('\n')) {
    const [, name, type] = /^# TYPE (\S+) (gauge|summary)$/.exec(line) ?? [];
    if (name !== undefined && type !== undefined) {
      expect(types.has(name)).toBe(false);
      types.set(name, type);
    }
    if (line.startsWith('# ')) continue;
    const [, metric = '', labels = '', value = ''] = sample.exec(line) ?? [];
    if (metric === '') throw new Error(`not a sample: ${line}`);
    expect([metric, metric.replace(/_count$/, '')].some((each) => types.has(each))).toBe(true);
    expect(samples.has(metric + labels)).toBe(false);
    samples.set(metric + labels, Number(value));
  }
  return samples;
}

test('counts objects by kind and status, also those that are none, and drifted fields', () => {
  const samples = samplesOf(driftReport());
  expect(samples.get('memphis_objects{kind="station",status="changed"}')).toBe(1);
  expect(samples.get('memphis_objects{kind="station",status="unmanaged"}')).toBe(0);
  expect(samples.get('memphis_drifted_fields{kind="station",field="storageType"}')).toBe(1);
  expect(samples.get('memphis_messages_at_stake')).toBe(1234);
  expect(samples.get('memphis_report_timestamp_seconds{source="drift"}')).toBe(
    Date.UTC(2026, 10, 30, 12) / 1000,
  );
});

test('reports smoke tests by verdict, in seconds', () => {
  const samples = samplesOf(smokeReport());
  const labels = 'stack="orders",test="orders-smoke",station="orders",target="shadow"';
  expect(samples.get('memphis_smoke_tests{verdict="failed"}')).toBe(1);
  expect(samples.get(`memphis_smoke_test_passed{${labels}}`)).toBe(1);
  expect(samples.get(`memphis_smoke_test_latency_seconds{${labels},quantile="0.99"}`)).toBeCloseTo(0.0072);
  expect(samples.get(`memphis_smoke_test_latency_seconds_count{${labels}}`)).toBe(1000);
});

test('has as many series for 10,000 objects as for 10', () => {
  expect(samplesOf(largeReport(10_000, 10_000)).size).toBe(samplesOf(largeReport(10, 10)).size);
});

test('every random report is in the text format, with each series once', () => {
  fc.assert(
    fc.property(anyReport, (report) => {
      samplesOf(report);
    }),
    { numRuns: many(200) },
  );
});
