import { Retention } from '../../../src/model/retention';
import type { Memphis } from '../../../src/runtime/messaging';
import type { SmokeTestSpec } from '../../../src/model/smoke-test';
import type { SmokeResult } from '../../../src/runtime/smoke';
import { runSmokeTest } from '../../../src/runtime/smoke';
import { eventually, TestBroker } from '../../support/broker';

const broker = TestBroker.forThisFile();
let memphis: Memphis;
beforeAll(async () => {
  memphis = await broker.client();
});

const integerA = JSON.stringify({ type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] });

/** A station with a schema whose only legal messages have an integer `a`. */
async function stationWithSchema(partitionsNumber = 1): Promise<{ station: string; schema: string }> {
  const [station, schema] = [broker.stationName(), broker.stationName('schema')];
  await memphis.createSchema({ schemaName: schema, schemaType: 'json', schemaContent: integerA });
  await memphis.station({ name: station, schemaName: schema, partitionsNumber });
  return { station, schema };
}

const run = (spec: Omit<SmokeTestSpec, 'name'>): Promise<SmokeResult> =>
  runSmokeTest({ name: 'check', target: 'live', timeoutMs: 10_000, ...spec }, broker.environment);

const stepsOf = (result: SmokeResult): string[] =>
  result.steps.map(({ name, passed }) => `${passed ? 'ok' : 'FAILED'} ${name}`);

const detailOf = (result: SmokeResult, step: string): string =>
  result.steps.find(({ name }) => name === step)?.detail ?? 'no such step';

async function messagesIn(station: string, partitions = 1): Promise<number> {
  let sum = 0;
  for (let partition = 1; partition <= partitions; partition += 1) {
    sum += (await broker.stream(station, partition))?.state.messages ?? 0;
  }
  return sum;
}

test('all steps pass, and the station is left as it was found', async () => {
  const { station, schema } = await stationWithSchema(3);
  const records = await broker.tap('$memphis_schemaverse_dls');
  const result = await run({ station, schema, messages: 7, sample: { a: 1 }, invalidSample: { a: 'x' } });
  expect(stepsOf(result)).toEqual([
    'ok connect',
    'ok station',
    'ok join',
    'ok schema',
    'ok produce',
    'ok consume',
    'ok invalid sample',
    'ok clean up',
  ]);
  expect(result).toMatchObject({ passed: true, outcome: 'passed', produced: 7, consumed: 7, station });
  expect(detailOf(result, 'invalid sample')).toContain('#/properties/a/type must be integer');
  expect(await messagesIn(station, 3)).toBe(0);
  expect(await broker.groupsOf(station)).toEqual([]);
  // The invalid sample was checked, not produced: no dead letter is left behind.
  await broker.observer.flush();
  expect(records.texts).toEqual([]);
  records.end();
});

test('without a schema a small message is made up; a sample may be a text or any JSON value', async () => {
  const station = broker.stationName();
  await memphis.station({ name: station });
  expect((await run({ station })).passed).toBe(true);
  expect((await run({ station, sample: 'héllo' })).passed).toBe(true);
  expect((await run({ station, sample: [1, null] })).passed).toBe(true);
  expect((await run({ station, sample: null })).passed).toBe(true);
});

test("other people's messages are left alone, also those that come while the test runs", async () => {
  const station = broker.stationName();
  await memphis.station({ name: station, partitionsNumber: 2 });
  const producer = await memphis.producer({ stationName: station, producerName: 'other' });
  for (let count = 0; count < 5; count += 1) await producer.produce({ message: `before ${count}` });
  const ended = new AbortController();
  let produced = 5;
  const traffic = (async () => {
    while (!ended.signal.aborted) {
      await producer.produce({ message: 'meanwhile' });
      produced += 1;
    }
  })();
  const result = await run({ station, messages: 200 });
  ended.abort();
  await traffic;
  expect(result).toMatchObject({ passed: true, produced: 200, consumed: 200 });
  expect(await messagesIn(station, 2)).toBe(produced);
});

test('a test is repeatable: its group starts at the end and leaves nothing for the next run', async () => {
  const station = broker.stationName();
  await memphis.station({ name: station });
  const first = await run({ station });
  const second = await run({ station });
  expect([first.passed, second.passed]).toEqual([true, true]);
  expect(second.runId).not.toBe(first.runId);
});

test('an ACK_BASED station, whose messages go with their acknowledgement, passes too', async () => {
  const station = broker.stationName();
  await memphis.station({ name: station, retentionType: Retention.ACK_BASED });
  expect(await run({ station })).toMatchObject({ passed: true, produced: 5, consumed: 5 });
});

test('an absent station is a clear failure, and is not created', async () => {
  const station = broker.stationName();
  const result = await run({ station });
  expect(result).toMatchObject({ passed: false, outcome: 'failed', produced: 0 });
  expect(stepsOf(result)).toEqual(['ok connect', 'FAILED station', 'ok clean up']);
  expect(detailOf(result, 'station')).toBe(`station "${station}" does not exist; deploy it first`);
  expect(await memphis.stationExists(station)).toBe(false);
});

test('an invalid sample that is accepted, because the schema was detached, is a failure', async () => {
  const { station } = await stationWithSchema();
  await memphis.detachSchema({ stationName: station });
  const result = await run({ station, sample: { a: 1 }, invalidSample: { a: 'x' } });
  expect(result.outcome).toBe('failed');
  expect(detailOf(result, 'invalid sample')).toBe(
    `station "${station}" accepts the invalid sample: no schema is enforced`,
  );
  expect(await messagesIn(station)).toBe(0);
});

test.each<
  [
    why: string,
    spec: (names: { station: string; schema: string }) => Omit<SmokeTestSpec, 'name'>,
    step: string,
    detail: RegExp,
  ]
>([
  [
    'the station must enforce the schema that is named',
    ({ station }) => ({ station, schema: 'other', sample: { a: 1 } }),
    'schema',
    /enforces schema "schema-[0-9a-f]{8}", not schema "other"/,
  ],
  [
    'with a schema a message cannot be made up',
    ({ station }) => ({ station }),
    'schema',
    /give a sample that fits it/,
  ],
  [
    'a sample that does not fit',
    ({ station }) => ({ station, sample: { a: 'x' } }),
    'produce',
    /must be integer/,
  ],
  [
    'an invalid sample that fits',
    ({ station }) => ({ station, sample: { a: 1 }, invalidSample: { a: 2 } }),
    'invalid sample',
    /the schema allows it/,
  ],
])('failure: %s', async (_why, spec, step, detail) => {
  const names = await stationWithSchema();
  const result = await run(spec(names));
  expect(result.outcome).toBe('failed');
  expect(detailOf(result, step)).toMatch(detail);
  expect(stepsOf(result).at(-1)).toBe('ok clean up');
  expect(await messagesIn(names.station)).toBe(0);
  expect(await broker.groupsOf(names.station)).toEqual([]);
});

test('a station that goes away while the test runs is a failure inside the time, not a hang', async () => {
  const station = broker.stationName();
  await memphis.station({ name: station });
  const begin = performance.now();
  const running = runSmokeTest(
    { name: 'check', target: 'live', station, timeoutMs: 1_500, messages: 10_000 },
    broker.environment,
  );
  await eventually(async () => (await broker.groupsOf(station)).length > 0, 'the run has begun');
  await broker.jetStream(`STREAM.DELETE.${station}$1`);
  const result = await running;
  expect(result.outcome).toBe('failed');
  expect(performance.now() - begin).toBeLessThan(7_000);
});

test('a dead address is "unreachable"', async () => {
  const result = await runSmokeTest(
    { name: 'check', station: 's', connection: { host: '127.0.0.1', port: 1 } },
    broker.environment,
  );
  expect(result).toMatchObject({ outcome: 'unreachable', passed: false });
  expect(stepsOf(result)).toEqual(['FAILED connect']);
});
