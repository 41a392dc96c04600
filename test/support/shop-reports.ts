/** Reports of a shop's broker as a pipeline of a customer makes them: what the page of HTML reports is looked at with. */
import type { LiveFacts, Report, ReportedObject, ReportedTest } from '../../src/runtime/report/report';
import { sorted } from '../../src/runtime/report/report';

const brokers = [
  {
    address: 'broker.shop.example:6666',
    restAddress: 'http://broker.shop.example:9000',
    serverVersion: '1.4.4',
  },
];
const madeAt = '2026-11-30T12:13:41.000Z';

interface Station {
  readonly partitions?: readonly number[];
  readonly groups?: readonly (readonly [string, number])[];
  readonly schema?: string;
  readonly dls?: string;
}

function live(name: string, { partitions = [0], groups = [], schema = '', dls = '' }: Station): LiveFacts {
  const messages = partitions.reduce((sum, each) => sum + each, 0);
  return {
    messages,
    bytes: messages * 412,
    partitions: partitions.map((each, index) => ({ number: index + 1, messages: each, bytes: each * 412 })),
    groups: groups.map(([group, backlog]) => ({ name: group, backlog })),
    consumerGroups: groups.length,
    schemaName: schema,
    dlsStation: dls,
    owner: `shop ${stackOf(name)}/${name}`,
  };
}

function stackOf(name: string): string {
  return name.split('-')[0] ?? '';
}

function object(kind: string, name: string, more: Partial<ReportedObject> = {}): ReportedObject {
  const stack = stackOf(name);
  return {
    kind,
    name,
    status: 'same',
    action: 'none',
    declaration: {
      stack,
      constructPath: `${stack}/${name}`,
      address: `memphis_${kind === 'enforcement' ? 'schema_enforcement' : kind}.${name}`,
      file: `stacks/${stack}/${stack}-stack.ts`,
      line: 20 + ((name.length * 7) % 90),
    },
    differences: [],
    unresolved: [],
    findings: [],
    history: [],
    ...more,
  };
}

const station = (name: string, facts: Station, more: Partial<ReportedObject> = {}): ReportedObject =>
  object('station', name, { live: live(name, facts), ...more });

const orderDeclared = `{
  "type": "object",
  "required": ["orderId", "customerId", "items"],
  "properties": {
    "orderId": { "type": "string" },
    "customerId": { "type": "string" },
    "items": { "type": "array", "minItems": 1 }
  }
}`;

/** Twelve stations with schemas, dead-letter stations and consumer groups; some differ. */
export function shopDrift(): Report {
  return {
    source: 'drift',
    madeAt,
    brokers,
    stacks: ['orders', 'payments', 'shipping'],
    objects: sorted([
      station(
        'orders',
        {
          partitions: [41_830, 40_112, 12_407],
          groups: [
            ['billing', 1_204],
            ['warehouse', 0],
            ['analytics', 48_210],
          ],
          schema: 'orders-order',
          dls: 'orders-dead-letters',
        },
        {
          status: 'changed',
          action: 'update',
          differences: [
            {
              field: 'retentionValue',
              declared: 604_800,
              live: 86_400,
              declaredUnit: 'seconds',
              liveUnit: 'seconds',
              effect: 'inPlace',
            },
            { field: 'tags', declared: ['shop'], live: ['shop', 'hotfix'], effect: 'inPlace' },
          ],
          history: [
            { at: '2026-11-29T22:41:08Z', by: 'anna', what: 'The tag hotfix was added.' },
            { what: 'The streams were changed behind the back of Memphis: the broker has no record of it.' },
            { at: '2026-11-02T08:00:00Z', by: 'deploy', what: 'The station was created.' },
          ],
        },
      ),
      station('orders-dead-letters', { partitions: [318], groups: [['support', 12]] }),
      station(
        'orders-returns',
        {
          partitions: [9_120, 9_044],
          groups: [['warehouse', 40]],
          schema: 'orders-order',
          dls: 'orders-dead-letters',
        },
        {
          status: 'changed',
          action: 'replace',
          differences: [
            {
              field: 'partitionsNumber',
              declared: 4,
              live: 2,
              effect: 'replace',
              why: 'The broker cannot change the number of partitions.',
            },
          ],
          stake: {
            messages: 18_164,
            bytes: 18_164 * 412,
            consumerGroups: 1,
            isPermitted: false,
            consequence: 'delete 18,164 messages and the position of 1 consumer group.',
          },
          findings: [
            {
              severity: 'error',
              code: 'MEMPHIS_MESSAGE_LOSS',
              message: 'The station holds 18,164 messages. Set allowMessageLoss to permit their loss.',
            },
          ],
        },
      ),
      object('station', 'orders-archive', {
        status: 'missing',
        action: 'create',
        differences: [
          { field: 'dlsStation', declared: 'orders-dead-letters', live: undefined, effect: 'inPlace' },
        ],
      }),
      station('payments', {
        partitions: [1_200, 1_180, 1_240, 1_190, 1_210],
        groups: [['ledger', 3]],
        schema: 'payments-payment',
        dls: 'payments-failed',
      }),
      station('payments-refunds', {
        partitions: [640],
        groups: [['ledger', 0]],
        schema: 'payments-payment',
        dls: 'payments-failed',
      }),
      station('payments-failed', { partitions: [77], groups: [['support', 70]] }),
      station('shipping-labels', { partitions: [0], schema: 'shipping-label' }),
      station('shipping-events', {
        partitions: [88_010, 90_122, 87_400, 91_000, 89_133, 87_992],
        groups: [
          ['tracking', 210],
          ['customer-notifications', 1_934],
        ],
        schema: 'shipping-event',
      }),
      station('shipping-carriers', { partitions: [4] }),
      station(
        'tmp-anna-debug',
        { partitions: [52] },
        {
          status: 'unmanaged',
          history: [{ at: '2026-11-28T15:03:44Z', by: 'anna', what: 'The station was created.' }],
        },
      ),
      object('station', 'shipping-${region}', { status: 'unknown', unresolved: ['name'] }),
      object('schema', 'orders-order', {
        status: 'changed',
        action: 'update',
        differences: [
          {
            field: 'content',
            declared: orderDeclared,
            live: orderDeclared.replace(', "minItems": 1', '').replace(', "customerId"', ''),
            effect: 'inPlace',
          },
        ],
        history: [{ at: '2026-11-29T22:44:51Z', by: 'anna', what: 'Version 3 was added and activated.' }],
      }),
      object('schema', 'payments-payment'),
      object('schema', 'shipping-event'),
      object('schema', 'shipping-label'),
      object('enforcement', 'orders'),
      object('enforcement', 'orders-returns'),
      object('enforcement', 'payments'),
      object('enforcement', 'payments-refunds'),
      object('enforcement', 'shipping-carriers', {
        status: 'missing',
        action: 'create',
        differences: [
          { field: 'schemaName', declared: 'shipping-label', live: undefined, effect: 'inPlace' },
        ],
      }),
      object('enforcement', 'shipping-events'),
      object('enforcement', 'shipping-labels'),
    ]).map((each) => (each.status === 'unmanaged' ? withoutDeclaration(each) : each)),
    tests: [],
    findings: [
      {
        severity: 'warning',
        code: 'UNRESOLVED',
        message:
          'for_each of memphis_station.regions depends on a data source, which only Terraform can read.',
      },
    ],
  };
}

function withoutDeclaration({ declaration: _, ...rest }: ReportedObject): ReportedObject {
  return rest;
}

/** What a deploy does to the shop, and the smoke tests that it runs. */
export function shopPlan(): Report {
  const drift = shopDrift();
  const changes = drift.objects.filter(({ action }) => action !== 'none');
  return {
    ...drift,
    source: 'plan',
    brokers: [],
    findings: [],
    objects: sorted([
      ...changes.map(({ live: _, history: __, ...rest }) => ({ ...rest, history: [] })),
      object('station', 'payments-legacy', {
        status: 'unmanaged',
        action: 'delete',
        stake: {
          messages: 9_120,
          bytes: 3_757_440,
          consumerGroups: 2,
          isPermitted: true,
          consequence: 'delete 9,120 messages.',
        },
      }),
    ]),
    tests: ['orders', 'payments'].map((name) => ({
      ...test(name),
      verdict: 'planned' as const,
      reason: `Station ${name} or its schema changes.`,
    })),
  };
}

function test(name: string): ReportedTest {
  return {
    name: `${name}/smoke`,
    station: name,
    target: 'shadow',
    verdict: 'passed',
    declaration: { stack: name, constructPath: `${name}/smoke`, address: `null_resource.${name}_smoke` },
    expectations: [],
  };
}

/** A test that passed, one that failed and one that could not run. */
export function shopSmoke(): Report {
  const histogram = [0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, 16, 20, 25, 32, 40, 50, 64].map(
    (upToMs, index) => ({
      upToMs,
      count: Math.round(240 * Math.exp(-((index - 5) ** 2) / 9)) + (index > 10 ? 2 : 0),
    }),
  );
  return {
    source: 'smoke',
    madeAt,
    brokers,
    stacks: ['orders', 'payments'],
    objects: [],
    findings: [],
    tests: [
      {
        ...test('orders'),
        expectations: [
          { what: 'all messages are delivered', expected: '1,000', seen: '1,000', isMet: true },
          { what: 'delivered within p99', expected: '≤ 50 ms', seen: '25.4 ms', isMet: true },
          { what: 'in order per key', expected: 'no message out of order', seen: 'none', isMet: true },
        ],
        durationMs: 843,
        throughput: 1_431.6,
        latency: { p50: 3.1, p95: 8.2, p99: 25.4, max: 61.2, histogram },
      },
      {
        ...test('payments'),
        target: 'live',
        verdict: 'failed',
        reason: 'Two of five expectations are not met.',
        expectations: [
          { what: 'all messages are delivered', expected: '1,000', seen: '998', isMet: false },
          { what: 'delivered within p99', expected: '≤ 20 ms', seen: '31.9 ms', isMet: false },
          {
            what: 'duplicates are dropped inside the window',
            expected: '10 dropped',
            seen: '10 dropped',
            isMet: true,
          },
        ],
        durationMs: 5_210,
        throughput: 912,
        latency: { p50: 4.6, p95: 18.9, p99: 31.9, max: 63.7, histogram },
        messages: [
          { id: 'smoke-payments-0412', what: 'was not delivered' },
          {
            id: 'smoke-payments-0771',
            what: 'was not delivered',
            payload: '{"paymentId":"smoke-771","amount":12.5}',
          },
        ],
      },
      {
        ...test('shipping-events'),
        verdict: 'error',
        reason: 'could not create the shadow station: the broker refused the login. Check MEMPHIS_PASSWORD.',
      },
    ],
  };
}

/** Many stations in teams and regions, with schemas, dead-letter stations and enforcements; one of a hundred differs. */
export function largeShop(stations: number): Report {
  const objects: ReportedObject[] = [];
  const teams = ['billing', 'catalog', 'fraud', 'identity', 'orders', 'search', 'shipping', 'stock'];
  for (let index = 0; index < 200; index += 1)
    objects.push(object('schema', `${teams[index % 8] ?? ''}-event-${index}`));
  for (let index = 0; index < stations; index += 1) {
    const team = teams[index % teams.length] ?? '';
    const name = `${team}-${index % 3 === 0 ? 'eu' : 'us'}-${index}`;
    const facts = {
      partitions: [index * 3, index * 2, index],
      groups: [['workers', index % 17]] as const,
      schema: `${team}-event-${index % 200}`,
      ...(index < 80 ? {} : { dls: `${team}-${(index % 8) % 3 === 0 ? 'eu' : 'us'}-${index % 8}` }),
    };
    const differs: Partial<ReportedObject> =
      index % 100 === 50
        ? {
            status: 'changed',
            action: 'update',
            differences: [
              {
                field: 'retentionValue',
                declared: 604_800,
                live: 3_600,
                declaredUnit: 'seconds',
                liveUnit: 'seconds',
                effect: 'inPlace',
              },
            ],
          }
        : {};
    objects.push(station(name, facts, differs), object('enforcement', name));
  }
  return {
    source: 'drift',
    madeAt,
    brokers,
    stacks: teams,
    objects: sorted(objects),
    tests: [],
    findings: [],
  };
}
