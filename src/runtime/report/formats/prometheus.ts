import type { Report, ReportedTest } from '../report';
import { countsOf } from '../report';
import type { Format } from './format';
import { printable } from './printable';

type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly labels?: Labels;
  readonly value: number;
  /** Added to the name of the metric: `_sum`. */
  readonly suffix?: string;
}

/** Prometheus' text format, for the textfile collector, a push gateway, or `drift --serve`. */
export const prometheus: Format = {
  name: 'prometheus',
  render(report) {
    const { messagesAtStake, tests } = countsOf(report);
    const metrics = [
      gauge('memphis_report_timestamp_seconds', 'When the report was made.', [
        { labels: { source: report.source }, value: Date.parse(report.madeAt) / 1000 },
      ]),
      gauge('memphis_objects', 'Objects that were checked, by kind and status.', objectSamples(report)),
      gauge(
        'memphis_drifted_fields',
        'Fields that differ between declaration and broker, by kind of the object.',
        fieldSamples(report),
      ),
      gauge(
        'memphis_deploy_actions',
        'What the next deploy does, by kind and action.',
        actionSamples(report),
      ),
      gauge('memphis_messages_at_stake', 'Stored messages that the next deploy would lose.', [
        { value: messagesAtStake },
      ]),
      gauge(
        'memphis_findings',
        'Findings of the report and of its objects, by severity.',
        findingSamples(report),
      ),
      gauge(
        'memphis_smoke_tests',
        'Smoke tests by verdict.',
        Object.entries(tests).map(([verdict, value]) => ({ labels: { verdict }, value })),
      ),
      ...testMetrics(report.tests),
    ];
    return metrics.join('');
  },
};

const statuses = ['same', 'changed', 'missing', 'unmanaged', 'unknown'] as const;
const actions = ['create', 'update', 'replace', 'delete'] as const;

/** Every status of each kind, also without objects: an alert ends only when its series falls to 0. */
function objectSamples({ objects }: Report): Sample[] {
  return countedBy(objects, statuses, ({ status }) => status).map(({ kind, key, value }) => ({
    labels: { kind, status: key },
    value,
  }));
}

function actionSamples({ objects }: Report): Sample[] {
  return countedBy(objects, actions, ({ action }) => action).map(({ kind, key, value }) => ({
    labels: { kind, action: key },
    value,
  }));
}

function countedBy<Each extends { readonly kind: string }>(
  objects: readonly Each[],
  keys: readonly string[],
  keyOf: (object: Each) => string,
): { readonly kind: string; readonly key: string; readonly value: number }[] {
  const counts = new Map<string, Map<string, number>>();
  for (const object of objects) {
    const kind = printable(object.kind);
    const ofKind = counts.get(kind) ?? new Map(keys.map((key) => [key, 0]));
    counts.set(kind, ofKind);
    const key = keyOf(object);
    if (ofKind.has(key)) ofKind.set(key, (ofKind.get(key) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([kind, ofKind]) => [...ofKind].map(([key, value]) => ({ kind, key, value })));
}

function fieldSamples({ source, objects }: Report): Sample[] {
  // A plan's differences are changes of the declaration.
  if (source === 'plan') return [];
  const samples = new Map<string, { readonly labels: Labels; value: number }>();
  for (const { kind, differences } of objects) {
    for (const { field } of differences) {
      const labels = { kind: printable(kind), field: printable(field) };
      const sample = samples.get(labelText(labels)) ?? { labels, value: 0 };
      sample.value += 1;
      samples.set(labelText(labels), sample);
    }
  }
  return [...samples.values()];
}

function findingSamples({ objects, findings }: Report): Sample[] {
  const counts = { error: 0, warning: 0, note: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  for (const object of objects) for (const { severity } of object.findings) counts[severity] += 1;
  return Object.entries(counts).map(([severity, value]) => ({ labels: { severity }, value }));
}

/** One series a test that ran. */
function testMetrics(tests: readonly ReportedTest[]): string[] {
  const series = new Map<string, { readonly test: ReportedTest; readonly labels: Labels }>();
  for (const test of tests.filter(({ verdict }) => verdict !== 'planned')) {
    const labels = {
      stack: printable(test.declaration?.stack ?? ''),
      test: printable(test.name),
      station: printable(test.station),
      target: test.target,
    };
    // Two tests of one name would be one series twice, which Prometheus refuses: the last one counts.
    series.set(labelText(labels), { test, labels });
  }
  const ran = [...series.values()];
  const samples = (value: (test: ReportedTest) => number | undefined): Sample[] =>
    ran.flatMap(({ test, labels }) => {
      const seen = value(test);
      return seen === undefined ? [] : [{ labels, value: seen }];
    });
  return [
    gauge(
      'memphis_smoke_test_passed',
      '1 when the smoke test passed, else 0.',
      samples(({ verdict }) => (verdict === 'passed' ? 1 : 0)),
    ),
    gauge(
      'memphis_smoke_test_duration_seconds',
      'How long the smoke test took.',
      samples(({ durationMs }) => (durationMs === undefined ? undefined : durationMs / 1000)),
    ),
    gauge(
      'memphis_smoke_test_messages_per_second',
      'Throughput of the smoke test.',
      samples(({ throughput }) => throughput),
    ),
    metric(
      'memphis_smoke_test_latency_seconds',
      'summary',
      'Latency of the messages of the smoke test.',
      ran.flatMap(({ test, labels }) => latencySamples(test, labels)),
    ),
  ];
}

function latencySamples({ latency }: ReportedTest, labels: Labels): Sample[] {
  if (latency === undefined) return [];
  const { p50, p95, p99, max, histogram } = latency;
  const quantiles: readonly (readonly [string, number])[] = [
    ['0.5', p50],
    ['0.95', p95],
    ['0.99', p99],
    ['1', max],
  ];
  const count = histogram.reduce((sum, bucket) => sum + bucket.count, 0);
  return [
    ...quantiles.map(([quantile, ms]) => ({ labels: { ...labels, quantile }, value: ms / 1000 })),
    { labels, value: count, suffix: '_count' },
  ];
}

function gauge(name: string, help: string, samples: readonly Sample[]): string {
  return metric(name, 'gauge', help, samples);
}

function metric(name: string, type: 'gauge' | 'summary', help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return '';
  const lines = samples.map(
    ({ labels = {}, value, suffix = '' }) => `${name}${suffix}${labelText(labels)} ${value}\n`,
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

/** `{kind="station"}`; empty without labels. */
function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/[\\"]/g, '\\$&')}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
