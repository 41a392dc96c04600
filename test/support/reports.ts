import fc from 'fast-check';
import type {
  Action,
  DeclarationSite,
  Difference,
  Finding,
  HistoryEntry,
  LiveFacts,
  ObjectStatus,
  Report,
  ReportedObject,
  ReportedTest,
  Stake,
} from '../../src/runtime/report/report';
import { sorted } from '../../src/runtime/report/report';
import { anyCharacter } from './random';

const brokers = [{ address: '127.0.0.1:6666', restAddress: 'http://127.0.0.1:9000', serverVersion: '1.4.4' }];

function site(name: string, line: number): DeclarationSite {
  return {
    stack: 'orders',
    constructPath: `orders/${name}`,
    address: `memphis_station.${name}`,
    file: 'stacks/orders.ts',
    line,
  };
}

function live(name: string, messages: number, more: Partial<LiveFacts> = {}): LiveFacts {
  return {
    messages,
    bytes: messages * 120,
    partitions: [
      { number: 1, messages: Math.ceil(messages / 2), bytes: Math.ceil(messages / 2) * 120 },
      { number: 2, messages: Math.floor(messages / 2), bytes: Math.floor(messages / 2) * 120 },
    ],
    consumerGroups: 0,
    schemaName: '',
    dlsStation: '',
    owner: `shop orders/${name}`,
    ...more,
  };
}

/** A drift report with an object of every status, markup in a tag, messages at stake and a history. */
export function driftReport(): Report {
  const same = { differences: [], unresolved: [], findings: [], history: [] } as const;
  return {
    source: 'drift',
    madeAt: '2026-11-30T12:00:00.000Z',
    brokers,
    stacks: ['billing', 'orders'],
    objects: sorted([
      {
        kind: 'station',
        name: 'orders',
        status: 'changed',
        action: 'replace',
        declaration: site('orders', 12),
        differences: [
          {
            field: 'retentionValue',
            declared: 3600,
            live: 60,
            declaredUnit: 'seconds',
            liveUnit: 'seconds',
            effect: 'inPlace',
          },
          {
            field: 'storageType',
            declared: 'file',
            live: 'memory',
            effect: 'replace',
            why: 'The broker cannot move a station to another storage.',
          },
          {
            field: 'tags',
            declared: ['team:shop'],
            live: ['<b>a|b</b>', '`@octocat` #1'],
            effect: 'inPlace',
          },
        ],
        unresolved: ['idempotencyWindowMs'],
        stake: {
          messages: 1234,
          bytes: 148_080,
          consumerGroups: 2,
          isPermitted: false,
          consequence: 'delete 1234 messages',
        },
        findings: [
          {
            severity: 'error',
            code: 'MEMPHIS_MESSAGE_LOSS',
            message: 'The station holds 1234 messages. Set allowMessageLoss to permit their loss.',
          },
        ],
        history: [
          { at: '2026-11-30T10:15:00Z', by: 'ada', what: 'Station orders has been updated.' },
          { what: 'A stream was changed behind Memphis’ back.' },
        ],
        live: live('orders', 1234, {
          consumerGroups: 2,
          groups: [
            { name: 'billing', backlog: 20 },
            { name: 'shipping', backlog: 0 },
          ],
          schemaName: 'order',
          dlsStation: 'orders-dls',
        }),
      },
      {
        kind: 'enforcement',
        name: 'orders',
        status: 'changed',
        action: 'update',
        declaration: { ...site('orders-schema', 30), address: 'memphis_schema_enforcement.orders' },
        differences: [{ field: 'schemaName', declared: 'order', live: undefined, effect: 'inPlace' }],
        unresolved: [],
        findings: [],
        history: [],
      },
      {
        ...same,
        kind: 'station',
        name: 'orders-dls',
        status: 'missing',
        action: 'create',
        declaration: site('orders-dls', 8),
      },
      {
        ...same,
        kind: 'station',
        name: 'audit',
        status: 'same',
        action: 'none',
        declaration: site('audit', 4),
        live: live('audit', 10),
      },
      {
        ...same,
        kind: 'schema',
        name: 'order',
        status: 'same',
        action: 'none',
        declaration: { ...site('order', 20), address: 'memphis_schema.order' },
      },
      {
        ...same,
        kind: 'station',
        name: 'payments-${token}',
        status: 'unknown',
        action: 'none',
        declaration: { ...site('payments', 44), stack: 'billing', constructPath: 'billing/payments' },
      },
      {
        ...same,
        kind: 'stream',
        name: 'leftover$1',
        status: 'unmanaged',
        action: 'none',
        findings: [{ severity: 'note', code: 'ORPHAN_STREAM', message: 'No station has this stream.' }],
        live: live('leftover', 7),
      },
    ]),
    tests: [],
    findings: [
      {
        severity: 'warning',
        code: 'UNRESOLVED',
        message: 'for_each of memphis_station.regions depends on a data source.',
      },
    ],
  };
}

/** A plan report: a destroy, a replacement, an update, a creation, and a smoke test that will run. */
export function planReport(): Report {
  const [orders] = driftReport().objects;
  if (orders === undefined) throw new Error('the drift report has no object');
  const none = { differences: [], unresolved: [], findings: [], history: [] } as const;
  return {
    source: 'plan',
    madeAt: '2026-11-30T12:00:00.000Z',
    brokers: [],
    stacks: ['orders'],
    objects: sorted([
      orders,
      {
        ...none,
        kind: 'station',
        name: 'legacy',
        status: 'unmanaged',
        action: 'delete',
        declaration: {
          stack: 'orders',
          constructPath: 'memphis_station.legacy',
          address: 'memphis_station.legacy',
        },
        stake: {
          messages: 12,
          bytes: 1440,
          consumerGroups: 1,
          isPermitted: true,
          consequence: 'delete 12 messages',
        },
      },
      {
        ...none,
        kind: 'schema',
        name: 'order',
        status: 'changed',
        action: 'update',
        declaration: { ...site('order', 20), address: 'memphis_schema.order' },
        differences: [
          {
            field: 'content',
            declared: `{"type":"object","required":["id"],"properties":{"id":{"type":"string"},"total":{"type":"number"}}}`,
            live: `{"type":"object","required":["id"],"properties":{"id":{"type":"string"},"total":{"type":"string"}}}`,
            effect: 'inPlace',
          },
        ],
      },
      {
        ...none,
        kind: 'station',
        name: 'refunds',
        status: 'missing',
        action: 'create',
        declaration: site('refunds', 51),
        differences: [
          { field: 'retentionType', declared: 'message_age_sec', live: undefined, effect: 'inPlace' },
          {
            field: 'retentionValue',
            declared: 604_800,
            live: undefined,
            declaredUnit: 'seconds',
            liveUnit: 'seconds',
            effect: 'inPlace',
          },
        ],
      },
    ]),
    tests: [
      {
        name: 'orders-smoke',
        station: 'orders',
        target: 'shadow',
        verdict: 'planned',
        reason: 'The station changes.',
        declaration: { ...site('orders-smoke', 60), address: 'null_resource.orders-smoke' },
        expectations: [],
      },
    ],
    findings: [],
  };
}

/** A smoke report: a test that passed, one that failed and one that could not run. */
export function smokeReport(): Report {
  return {
    source: 'smoke',
    madeAt: '2026-11-30T12:00:00.000Z',
    brokers,
    stacks: ['orders'],
    objects: [],
    tests: [
      {
        name: 'orders-smoke',
        station: 'orders',
        target: 'shadow',
        declaration: site('orders-smoke', 60),
        verdict: 'passed',
        expectations: [
          { what: 'all messages are delivered', expected: '1000', seen: '1000', isMet: true },
          {
            what: 'the 99th percentile of the latency',
            expected: 'at most 50 ms',
            seen: '7.2 ms',
            isMet: true,
          },
        ],
        durationMs: 840,
        latency: {
          p50: 1.25,
          p95: 4.5,
          p99: 7.2,
          max: 11.9,
          histogram: [
            { upToMs: 1, count: 400 },
            { upToMs: 2, count: 420 },
            { upToMs: 5, count: 150 },
            { upToMs: 10, count: 28 },
            { upToMs: 20, count: 2 },
          ],
        },
        throughput: 1190.5,
      },
      {
        name: 'refunds-smoke',
        station: 'refunds',
        target: 'live',
        declaration: site('refunds-smoke', 71),
        verdict: 'failed',
        expectations: [
          { what: 'all messages are delivered', expected: '100', seen: '98', isMet: false },
          { what: 'messages of a key arrive in order', expected: 'in order', seen: 'in order', isMet: true },
        ],
        durationMs: 5012,
        messages: [
          { id: 'refunds-smoke-17', what: 'It was not delivered.' },
          { id: 'refunds-smoke-18', what: 'It was not delivered.', payload: '{"id":"<18>"}' },
        ],
      },
      {
        name: 'audit-smoke',
        station: 'audit',
        target: 'shadow',
        verdict: 'error',
        reason: 'Station "audit" does not exist.',
        expectations: [],
      },
    ],
    findings: [],
  };
}

/** A drift report of many objects, of which every tenth differs; the same at every call. */
export function largeReport(size: number, differing = Math.ceil(size / 10)): Report {
  const objects = Array.from({ length: size }, (_, index): ReportedObject => {
    const name = `team-${String(index % 40).padStart(2, '0')}.station-${String(index).padStart(5, '0')}`;
    const differs = index < differing;
    const messages = (index * 7919) % 100_000;
    return {
      kind: index % 10 === 9 ? 'schema' : 'station',
      name,
      status: differs ? 'changed' : 'same',
      action: !differs ? 'none' : index % 50 === 0 ? 'replace' : 'update',
      declaration: site(name, index + 1),
      differences: differs
        ? [
            {
              field: 'retentionValue',
              declared: 3600,
              live: index,
              declaredUnit: 'seconds',
              liveUnit: 'seconds',
              effect: 'inPlace',
            },
            { field: 'tags', declared: ['a'], live: ['a', 'b'], effect: 'inPlace' },
          ]
        : [],
      unresolved: [],
      findings: [],
      history: [],
      live: live(name, messages, {
        consumerGroups: index % 3,
        schemaName: `schema-${index % 200}`,
        dlsStation: index % 4 === 0 ? 'team-00.station-00000' : '',
      }),
    };
  });
  return {
    source: 'drift',
    madeAt: '2026-11-30T12:00:00.000Z',
    brokers,
    stacks: ['orders'],
    objects: sorted(objects),
    tests: [],
    findings: [],
  };
}

/** Words that end or open something in some format, and characters that no format may pass on as they are. */
const hostile = fc.constantFrom(
  '|',
  '\\|',
  '\\',
  '`',
  '```',
  '<script>alert(1)</script>',
  '</details>',
  '<!--',
  '-->',
  ']]>',
  '<![CDATA[',
  '&amp;',
  '&',
  '"',
  "'",
  '@octocat',
  '#123',
  'GH-1',
  '::error::',
  '::endgroup::',
  '%0A',
  '\n',
  '\r\n',
  '\n\n# heading\n',
  '\t',
  '\u0000',
  '\u0007',
  '\u001b[31m',
  '\u0085',
  '\u009b',
  '\u2028',
  '\u202e',
  '\ufeff',
  '\uffff',
  '\ud800',
  '👩‍👩‍👧‍👦',
  '注文',
  'é',
  '*bold*',
  '_it_',
  '~~s~~',
  '$x$',
  '[a](javascript:alert(1))',
  '![i](http://example.com/i.png)',
  'http://example.com',
  'www.example.com',
  '{{ x }}',
  '${{ secrets.X }}',
  '\u00a0',
  ' ',
  ',',
  ':',
  '{',
  '}',
);
const word = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9_-]{0,12}$/),
  fc
    .array(fc.oneof(hostile, fc.string({ maxLength: 4, unit: anyCharacter })), { maxLength: 6 })
    .map((parts) => parts.join('')),
  fc.constant('x'.repeat(5000)),
);
const count = fc.nat({ max: 1_000_000_000 });
const value = fc.oneof(
  word,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(undefined),
  fc.constant(null),
  fc.array(word, { maxLength: 3 }),
  fc.dictionary(word, fc.oneof(word, fc.integer()), { maxKeys: 3 }),
);
const anySite: fc.Arbitrary<DeclarationSite> = fc.record(
  {
    stack: word,
    constructPath: word,
    address: word,
    file: word,
    line: fc.integer({ min: 1, max: 10_000 }),
  },
  { requiredKeys: ['stack', 'constructPath', 'address'] },
);
const finding: fc.Arbitrary<Finding> = fc.record(
  {
    severity: fc.constantFrom('error', 'warning', 'note'),
    code: fc.stringMatching(/^[A-Z]{3,8}(_[A-Z]{2,8}){0,2}$/),
    message: word,
    field: word,
  },
  { requiredKeys: ['severity', 'code', 'message'] },
);
const unit = fc.constantFrom('seconds', 'milliseconds', 'bytes per partition', 'messages per partition', 'x');
const difference: fc.Arbitrary<Difference> = fc.record(
  {
    field: word,
    declared: value,
    live: value,
    effect: fc.constantFrom('inPlace', 'replace'),
    why: word,
    declaredUnit: unit,
    liveUnit: unit,
  },
  { requiredKeys: ['field', 'declared', 'live', 'effect'] },
);
const stake: fc.Arbitrary<Stake> = fc.record({
  messages: count,
  bytes: count,
  consumerGroups: fc.nat({ max: 1000 }),
  isPermitted: fc.boolean(),
  consequence: word,
});
const historyEntry: fc.Arbitrary<HistoryEntry> = fc.record(
  { at: fc.constant('2026-11-30T12:00:00Z'), by: word, what: word },
  { requiredKeys: ['what'] },
);
const liveFacts: fc.Arbitrary<LiveFacts> = fc.record(
  {
    messages: count,
    bytes: count,
    partitions: fc.array(
      fc.record({ number: fc.integer({ min: 1, max: 64 }), messages: count, bytes: count }),
      { maxLength: 3 },
    ),
    groups: fc.array(fc.record({ name: word, backlog: count }), { maxLength: 3 }),
    consumerGroups: fc.nat({ max: 1000 }),
    schemaName: word,
    dlsStation: word,
    owner: word,
  },
  { requiredKeys: ['messages', 'bytes', 'partitions', 'consumerGroups', 'schemaName', 'dlsStation'] },
);
const reportedObject: fc.Arbitrary<ReportedObject> = fc.record(
  {
    kind: fc.oneof(fc.constantFrom('station', 'schema', 'enforcement', 'stream', 'record'), word),
    name: word,
    broker: word,
    status: fc.constantFrom<ObjectStatus[]>('same', 'changed', 'missing', 'unmanaged', 'unknown'),
    action: fc.constantFrom<Action[]>('none', 'create', 'update', 'replace', 'delete'),
    declaration: anySite,
    differences: fc.array(difference, { maxLength: 4 }),
    unresolved: fc.array(word, { maxLength: 2 }),
    stake,
    findings: fc.array(finding, { maxLength: 2 }),
    history: fc.array(historyEntry, { maxLength: 2 }),
    live: liveFacts,
  },
  { requiredKeys: ['kind', 'name', 'status', 'action', 'differences', 'unresolved', 'findings', 'history'] },
);
const milliseconds = fc.double({ min: 0, max: 1e7, noNaN: true });
const reportedTest: fc.Arbitrary<ReportedTest> = fc.record(
  {
    name: word,
    station: word,
    target: fc.constantFrom('shadow', 'live'),
    declaration: anySite,
    verdict: fc.constantFrom('passed', 'failed', 'error', 'planned'),
    reason: word,
    expectations: fc.array(fc.record({ what: word, expected: word, seen: word, isMet: fc.boolean() }), {
      maxLength: 3,
    }),
    durationMs: milliseconds,
    latency: fc.record({
      p50: milliseconds,
      p95: milliseconds,
      p99: milliseconds,
      max: milliseconds,
      histogram: fc.array(fc.record({ upToMs: milliseconds, count }), { maxLength: 4 }),
    }),
    throughput: fc.double({ min: 0, max: 1e7, noNaN: true }),
    messages: fc.array(fc.record({ id: word, what: word, payload: word }, { requiredKeys: ['id', 'what'] }), {
      maxLength: 2,
    }),
  },
  { requiredKeys: ['name', 'station', 'target', 'verdict', 'expectations'] },
);

/** Any report: names and values with markup of every format, control characters, emoji, and very long ones. */
export const anyReport: fc.Arbitrary<Report> = fc.record({
  source: fc.constantFrom('drift', 'plan', 'smoke'),
  madeAt: fc.constant('2026-11-30T12:00:00.000Z'),
  brokers: fc.array(fc.record({ address: word, restAddress: word, serverVersion: word }), { maxLength: 2 }),
  stacks: fc.array(word, { maxLength: 3 }),
  objects: fc.array(reportedObject, { maxLength: 5 }).map(sorted),
  tests: fc.array(reportedTest, { maxLength: 3 }),
  findings: fc.array(finding, { maxLength: 2 }),
});
