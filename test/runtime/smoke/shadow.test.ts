import { setTimeout as pause } from 'node:timers/promises';
import { Retention } from '../../../src/model/retention';
import type { SmokeTestSpec } from '../../../src/model/smoke-test';
import type { Memphis } from '../../../src/runtime/messaging';
import type { SmokeResult } from '../../../src/runtime/smoke';
import { runSmokeTest } from '../../../src/runtime/smoke';
import { SmokeRecords } from '../../../src/runtime/admin';
import { TestBroker } from '../../support/broker';
import { brokerObjects } from '../../support/broker-objects';

const broker = TestBroker.forThisFile();
let memphis: Memphis;
beforeAll(async () => {
  memphis = await broker.client();
});

const run = (spec: Omit<SmokeTestSpec, 'name'>): Promise<SmokeResult> =>
  runSmokeTest({ name: 'check', timeoutMs: 15_000, ...spec }, broker.environment);

const everything = (): Promise<unknown> => brokerObjects(broker);

const steps = (result: SmokeResult): string[] =>
  result.steps.map(({ name, passed, detail }) => (passed ? name : `FAILED ${name}: ${detail}`));

const unmet = (result: SmokeResult): unknown[] => result.expectations.filter(({ isMet }) => !isMet);

test('every expectation holds on a copy of the station, and nothing is left behind', async () => {
  const [station, schema] = [broker.stationName(), broker.stationName('schema')];
  const schemaContent = JSON.stringify({
    type: 'object',
    properties: {
      id: { type: 'integer', minimum: 1 },
      note: { type: 'string', pattern: '^[A-Z]{3}-\\d{2}$' },
    },
    required: ['id'],
    additionalProperties: false,
  });
  await memphis.createSchema({ schemaName: schema, schemaType: 'json', schemaContent });
  await memphis.station({ name: station, schemaName: schema, partitionsNumber: 3 });
  const before = await everything();
  const result = await run({
    station,
    schema,
    messages: 60,
    generate: { seed: 7 },
    keys: Array.from({ length: 20 }, (_, index) => `key-${index}`),
    headers: { source: 'smoke' },
    messageIds: true,
    consumerGroups: 2,
    invalidMessages: [{ message: { id: 0 }, reason: '>= 1' }, { message: { id: 'x' } }],
    expect: {
      p50Ms: 10_000,
      maxMs: 10_000,
      inOrder: true,
      duplicatesDropped: true,
      deadLettered: true,
      everyPartition: true,
      retention: true,
    },
  });
  expect({ steps: steps(result), unmet: unmet(result) }).toEqual({
    steps: [
      ...['connect', 'station', 'shadow', 'join', 'schema', 'produce', 'consume', 'invalid sample'],
      ...['duplicates', 'dead letters', 'retention', 'clean up'],
    ],
    unmet: [],
  });
  expect(result).toMatchObject({ outcome: 'passed', target: 'shadow', produced: 60, consumed: 60 });
  expect(result.expectations).toHaveLength(12);
  expect(result.latency?.max).toBeGreaterThan(0);
  expect(await everything()).toEqual(before);
}, 30_000);

test.each([
  ['keeps what nobody acknowledged only', { retentionType: Retention.ACK_BASED }, '0 of 20 kept'],
  [
    'drops what is more than its number',
    { retentionType: Retention.MESSAGES, retentionValue: 7 },
    '7 of 20 kept',
  ],
  [
    'drops what is too old',
    { retentionType: Retention.MAX_MESSAGE_AGE_SECONDS, retentionValue: 1 },
    '0 of 20 kept',
  ],
  [
    'drops what is more than its size',
    { retentionType: Retention.BYTES, retentionValue: 2_000 },
    ' of 20 kept',
  ],
])('retention: a station that %s', async (_why, settings, seen) => {
  const station = broker.stationName();
  await memphis.station({ name: station, idempotencyWindowMs: 500, ...settings });
  const result = await run({ station, messages: 20, expect: { retention: true } });
  expect({ steps: steps(result).filter((step) => step.startsWith('FAILED')), unmet: unmet(result) }).toEqual({
    steps: [],
    unmet: [],
  });
  expect(result.expectations.at(-1)?.seen).toContain(seen);
});

test('an expectation that is not met fails the test, says what was seen, and everything is removed', async () => {
  const station = broker.stationName();
  await memphis.station({ name: station, partitionsNumber: 4 });
  const before = await everything();
  const result = await run({ station, messages: 2, expect: { everyPartition: true } });
  expect(result.outcome).toBe('failed');
  expect(unmet(result)).toEqual([
    {
      what: 'every partition receives messages',
      expected: '4 partitions',
      seen: 'none in partition 3, 4',
      isMet: false,
    },
  ]);
  expect(await everything()).toEqual(before);
});

test('two runs of one test at the same time do not remove what belongs to the other', async () => {
  const station = broker.stationName();
  await memphis.station({ name: station });
  const before = await everything();
  const results = await Promise.all([
    run({ station, messages: 50, rate: 50 }),
    run({ station, messages: 50, rate: 50 }),
    run({ station, messages: 5 }),
  ]);
  expect(results.map(({ outcome }) => outcome)).toEqual(['passed', 'passed', 'passed']);
  expect(await everything()).toEqual(before);
});

test("a group of another team's keeps its name and its position, on the copy and on the live station", async () => {
  const station = broker.stationName();
  await memphis.station({ name: station });
  const theirs = await memphis.consumer({
    stationName: station,
    consumerName: 'billing',
    consumerGroup: 'billing',
  });
  const producer = await memphis.producer({ stationName: station, producerName: 'other' });
  await producer.produce({ message: 'theirs' });
  const before = await broker.durable(station, 1, 'billing');
  for (const target of ['shadow', 'live'] as const) {
    const result = await run({ station, target, consumerGroup: 'billing' });
    expect({ target, outcome: result.outcome }).toEqual({ target, outcome: 'passed' });
  }
  const { config } = (await broker.durable(station, 1, 'billing')) ?? {};
  expect(config).toEqual(before?.config);
  const [message] = await theirs.fetch({ batchSize: 1 });
  expect(Buffer.from(message?.getData() ?? []).toString()).toBe('theirs');
  await theirs.destroy();
});

test('a live run marks every message with its header, and deletes the messages again', async () => {
  const station = broker.stationName();
  await memphis.station({ name: station });
  const headers: string[] = [];
  const tap = broker.observer.subscribe(`${station}$1.final`, {
    callback: (_error, message) => headers.push(message.headers?.get('smoke-test') ?? ''),
  });
  await broker.observer.flush();
  const result = await run({ station, target: 'live', messages: 3 });
  await broker.observer.flush();
  tap.unsubscribe();
  expect(headers).toEqual([result.runId, result.runId, result.runId]);
  expect((await broker.stream(station))?.state.messages).toBe(0);
});

test('a schema that changes while the test runs is named as the reason', async () => {
  const [station, schema] = [broker.stationName(), broker.stationName('schema')];
  const content = (type: string) => JSON.stringify({ type: 'object', properties: { a: { type } } });
  const other = broker.stationName('schema');
  await memphis.createSchema({ schemaName: schema, schemaType: 'json', schemaContent: content('integer') });
  await memphis.createSchema({ schemaName: other, schemaType: 'json', schemaContent: content('string') });
  await memphis.station({ name: station, schemaName: schema });
  const result = await runSmokeTest(
    {
      name: 'check',
      station,
      target: 'live',
      sample: { a: 1 },
      messages: 1_000,
      rate: 200,
      timeoutMs: 15_000,
    },
    broker.environment,
    {
      onStep: ({ name }) => {
        if (name !== 'schema') return;
        void (async () => {
          await pause(200);
          await memphis.enforceSchema({ stationName: station, name: other });
        })();
      },
    },
  );
  expect(steps(result).find((step) => step.startsWith('FAILED'))).toMatch(
    /^FAILED produce: the schema changed while the test ran/,
  );
  expect(steps(result).at(-1)).toBe('clean up');
});

test('a deadline is kept when an expectation cannot be met in time', async () => {
  const station = broker.stationName();
  await memphis.station({ name: station });
  const before = await everything();
  const begin = performance.now();
  const result = await run({ station, messages: 1_000, rate: 100, timeoutMs: 1_500 });
  expect(performance.now() - begin).toBeLessThan(6_000);
  expect(steps(result).find((step) => step.startsWith('FAILED'))).toContain(
    'the time of the test (1500 ms) is over',
  );
  expect(await everything()).toEqual(before);
});

test('an interruption ends the test at once, and everything is removed', async () => {
  const station = broker.stationName();
  await memphis.station({ name: station });
  const before = await everything();
  const ending = new AbortController();
  const result = await runSmokeTest(
    { name: 'check', station, messages: 1_000, rate: 100 },
    broker.environment,
    {
      signal: ending.signal,
      onStep: ({ name }) => {
        if (name === 'schema') setTimeout(() => ending.abort(), 200);
      },
    },
  );
  expect(result.outcome).toBe('interrupted');
  expect(await everything()).toEqual(before);
});

test('an interruption while things are being made leaves nothing behind', async () => {
  const station = broker.stationName();
  await memphis.station({ name: station });
  const before = await everything();
  const interruptedAt = async (afterMs: number): Promise<unknown> => {
    const ending = new AbortController();
    const result = await runSmokeTest(
      { name: 'check', station, load: { rate: 100, durationMs: 5_000, producers: 8 } },
      broker.environment,
      {
        signal: ending.signal,
        onStep: ({ name }) => {
          if (name === 'station') setTimeout(() => ending.abort(), afterMs);
        },
      },
    );
    return result.outcome;
  };
  const outcomes = await Promise.all(
    Array.from({ length: 30 }, async (_, index) => interruptedAt(index * 10)),
  );
  expect(new Set(outcomes)).toEqual(new Set(['interrupted']));
  // What a step goes on to make in the background would come within this time.
  await pause(1_000);
  expect(await everything()).toEqual(before);
}, 30_000);

test('a record of a dead run costs nobody a station or a group that the run did not make', async () => {
  const [station, other] = [broker.stationName(), `smoke-11111111-${broker.stationName()}`];
  await memphis.station({ name: station });
  await memphis.station({ name: other });
  const consumer = await memphis.consumer({ stationName: station, consumerName: 'billing' });
  const before = await everything();
  await new SmokeRecords(broker.observer).write('00000000', {
    test: 'changed by somebody',
    stations: [station, other],
    groups: [{ stream: `${station}$1`, durable: 'billing' }],
  });
  expect(steps(await run({ station }))).toContain('clean up');
  expect(await everything()).toEqual(before);
  await consumer.destroy();
  await memphis.station({ name: other }).then(async (made) => made.destroy());
}, 15_000);
