import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { LocalBroker } from '../../src/runtime/broker';
import { BrokerClient } from '../runtime/broker/broker-client';
import { eventually } from '../support/broker';
import type { SdkMessage } from './tour/sdk-driver';
import { SdkDriver } from './tour/sdk-driver';

/** The official JavaScript client, version 1.3.2, unmodified, through the proxy. Each step is a row of the features list. */

let broker: LocalBroker;
let client: BrokerClient;
let sdk: SdkDriver;
beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory', log: () => undefined });
  client = await BrokerClient.connect(broker);
  sdk = SdkDriver.start(process.execPath, [path.join(__dirname, 'tour/driver.mjs')]);
  // The first call on a machine installs the client.
  await sdk.call('memphis', 'connect', [credentials()], undefined, 240_000);
}, 250_000);
afterAll(async () => {
  await sdk.stop();
  await client.close();
  await broker.stop();
});

const credentials = () => ({ host: '127.0.0.1', port: broker.port, username: 'root', password: 'memphis' });
const unique = (prefix: string): string => `${prefix}-${randomUUID().slice(0, 8)}`;

interface Stream {
  readonly config: Readonly<Record<string, unknown>>;
  readonly state: { readonly messages: number };
}
const stream = (station: string, partition = 1): Promise<Stream> =>
  client.jetstream(`STREAM.INFO.${station}$${partition}`);

/** A station of the client, with a producer `p:<name>` if asked for. */
async function station(options: object = {}): Promise<string> {
  const name = unique('st');
  await sdk.call('memphis', 'station', [{ name, ...options }], `s:${name}`);
  return name;
}
async function producer(stationName: string): Promise<string> {
  await sdk.call('memphis', 'producer', [{ stationName, producerName: 'p' }], `p:${stationName}`);
  return `p:${stationName}`;
}
const produce = (on: string, text: string, more: object = {}) =>
  sdk.call(on, 'produce', [{ message: { text }, asyncProduce: false, ...more }]);
async function consumer(stationName: string, more: object = {}): Promise<string> {
  const options = {
    stationName,
    consumerName: 'c',
    batchMaxTimeToWaitMs: 1_000,
    pullIntervalMs: 50,
    ...more,
  };
  await sdk.call('memphis', 'consumer', [options], `c:${stationName}`);
  return `c:${stationName}`;
}
const fetchAll = (on: string, batchSize = 10) => sdk.call<SdkMessage[]>(on, 'fetch', [{ batchSize }]);

async function schemaFile(content: object): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'js-sdk-test-'));
  folders.push(folder);
  const file = path.join(folder, 'schema.json');
  await writeFile(file, JSON.stringify(content));
  return file;
}
const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

test('CON-1, CON-8, CON-12, DIS-2: it is connected with a password at the port', async () => {
  expect(await sdk.call('memphis', 'isConnected')).toBe(true);
});

test('CON-8: a wrong password is refused', async () => {
  const other = SdkDriver.start(process.execPath, [path.join(__dirname, 'tour/driver.mjs')]);
  const wrong = other.call('memphis', 'connect', [{ ...credentials(), password: 'wrong' }]);
  await expect(wrong).rejects.toThrow(/Authorization Violation/i);
  await other.stop();
});

test('STA-3: a station with defaults only', async () => {
  const { config } = await stream(await station());
  expect(config).toMatchObject({
    storage: 'file',
    num_replicas: 1,
    max_age: 3600e9,
    duplicate_window: 120e9,
  });
});

test('STA-2: the name of a station may hold dots and capitals', async () => {
  const name = unique('My.Station');
  await sdk.call('memphis', 'station', [{ name }]);
  expect((await stream(name.toLowerCase().replace('.', '#'))).config.storage).toBe('file');
});

test('STA-4: an existing station stays as it is', async () => {
  const name = await station();
  await sdk.call('memphis', 'station', [{ name, retentionType: 'messages', retentionValue: 5 }]);
  expect((await stream(name)).config).toMatchObject({ max_msgs: -1, max_age: 3600e9 });
});

test.each([
  ['RET-3', { retentionType: 'message_age_sec', retentionValue: 600 }, { max_age: 600e9 }],
  ['RET-4', { retentionType: 'messages', retentionValue: 10 }, { max_msgs: 10 }],
  ['RET-5', { retentionType: 'bytes', retentionValue: 5000 }, { max_bytes: 5000 }],
  ['RET-6', { retentionType: 'ack_based' }, { retention: 'interest' }],
  ['STO-3', { storageType: 'memory' }, { storage: 'memory' }],
  ['IDW-1', { idempotencyWindowMs: 180_000 }, { duplicate_window: 180e9 }],
])('%s: %j', async (_row, options, expected) => {
  expect((await stream(await station(options))).config).toMatchObject(expected);
});

test('REP-2: more replicas than there are servers are refused', async () => {
  await expect(station({ replicas: 3 })).rejects.toThrow('replicas count is larger than the cluster size');
});

test('PAR-2, PAR-3: partitions take turns', async () => {
  const name = await station({ partitionsNumber: 3 });
  const on = await producer(name);
  for (let index = 0; index < 9; index++) await produce(on, `${index}`);
  const counts = await Promise.all([1, 2, 3].map(async (each) => (await stream(name, each)).state.messages));
  expect(counts).toEqual([3, 3, 3]);
});

test('STA-5, STA-6: producers and consumers make the station they name', async () => {
  const [one, two] = [unique('auto'), unique('auto')];
  await producer(one);
  await consumer(two);
  expect(await client.stationNames()).toEqual(expect.arrayContaining([one, two]));
});

test('PRD-1, FET-13, MSG-1, MSG-4, MSG-9, MSG-10: produce, fetch, read, acknowledge', async () => {
  const name = await station();
  await produce(await producer(name), 'hello', { headers: { trace: '1' } });
  const [message] = await fetchAll(await consumer(name));
  expect(message).toMatchObject({ data: 'hello', sequence: 1 });
  expect(message?.headers).toMatchObject({ trace: '1' });
  await sdk.call(message?.ref ?? '', 'ack');
  await eventually(async () => {
    const info = await client.jetstream<{ ack_floor: { stream_seq: number } }>(`CONSUMER.INFO.${name}$1.c`);
    return info.ack_floor.stream_seq === 1;
  }, 'the acknowledgement');
});

test('PRD-2, FET-1: on the connection', async () => {
  const name = await station();
  await produce('memphis', 'short', { stationName: name, producerName: 'p' });
  const options = { stationName: name, consumerName: 'c', batchSize: 1, batchMaxTimeToWaitMs: 1_000 };
  const fetched = await sdk.call<SdkMessage[]>('memphis', 'fetchMessages', [options]);
  expect(fetched.map(({ data }) => data)).toEqual(['short']);
});

test('IDW-4, IDP-1: the second message with an id is not stored', async () => {
  const name = await station();
  const on = await producer(name);
  for (const [text, msgId] of [
    ['a', '1'],
    ['b', '1'],
    ['c', '2'],
  ] as const)
    await produce(on, text, { msgId });
  const fetched = await fetchAll(await consumer(name));
  expect(fetched.map(({ data }) => data)).toEqual(['a', 'c']);
});

test('PPK-1: one key, one partition', async () => {
  const name = await station({ partitionsNumber: 3 });
  const on = await producer(name);
  // This key does not hash to 0, for which this client names a partition that is not there.
  for (let index = 0; index < 4; index++)
    await produce(on, 'x', { producerPartitionKey: 'key1' }).catch(() => undefined);
  const counts = await Promise.all([1, 2, 3].map(async (each) => (await stream(name, each)).state.messages));
  expect(counts.filter((count) => count > 0)).toEqual([4]);
});

test('CSM-1, CSM-9, BAS-6: a consumer loop gets everything, and stops', async () => {
  const name = await station();
  const producing = await producer(name);
  const on = await consumer(name);
  await sdk.call(on, 'listen');
  for (let index = 0; index < 20; index++) await produce(producing, `${index}`);
  const seen = (): string[] =>
    sdk.events.flatMap((each) =>
      each.event === 'message' && each.on === on ? [(each.value as SdkMessage).data] : [],
    );
  await eventually(() => seen().length === 20, 'twenty messages');
  expect(seen()).toEqual(Array.from({ length: 20 }, (_, index) => `${index}`));
  await sdk.call(on, 'stop');
});

test('CNS-4, BAS-4: each group gets every message', async () => {
  const name = await station();
  await produce(await producer(name), 'x');
  for (const consumerGroup of ['one', 'two']) {
    await sdk.call(
      'memphis',
      'consumer',
      [{ stationName: name, consumerName: consumerGroup, consumerGroup, batchMaxTimeToWaitMs: 1_000 }],
      consumerGroup,
    );
    expect((await fetchAll(consumerGroup)).map(({ data }) => data)).toEqual(['x']);
  }
});

test('CNS-12, DLS-1: a message that is never acknowledged becomes a dead letter', async () => {
  const name = await station();
  const producing = await producer(name);
  await produce(producing, 'poison');
  const on = await consumer(name, { maxAckTimeMs: 500, maxMsgDeliveries: 1 });
  await fetchAll(on, 1);
  interface Overview {
    readonly poison_messages: readonly object[] | null;
  }
  await eventually(async () => {
    await fetchAll(on, 1);
    const overview = await client.rest<Overview>(
      'GET',
      `/monitoring/getStationOverviewData?station_name=${name}&partition_number=-1`,
    );
    return overview.poison_messages?.length === 1;
  }, 'the dead letter');
});

test('SCH-1, SCH-4, SCH-8, PRD-10, PRD-19, SCH-11: a JSON schema is made, enforced and taken away', async () => {
  const schemaName = unique('schema');
  const content = { type: 'object', required: ['id'], properties: { id: { type: 'number' } } };
  await sdk.call('memphis', 'createSchema', [
    { schemaName, schemaType: 'json', schemaFilePath: await schemaFile(content) },
  ]);
  const name = await station();
  await sdk.call('memphis', 'enforceSchema', [{ name: schemaName, stationName: name }]);
  const on = await producer(name);
  await sdk.call(on, 'produce', [{ message: { id: 1 }, asyncProduce: false }]);
  await expect(sdk.call(on, 'produce', [{ message: { id: 'x' }, asyncProduce: false }])).rejects.toThrow(
    /[Ss]chema/,
  );
  expect((await stream(name)).state.messages).toBe(1);
  await sdk.call('memphis', 'detachSchema', [{ stationName: name }]);
  await eventually(async () => {
    await sdk
      .call(on, 'produce', [{ message: { text: 'anything' }, asyncProduce: false }])
      .catch(() => undefined);
    return (await stream(name)).state.messages > 1;
  }, 'the producer hears of it');
});

test('PRO-5, DCO-1, DST-1, DST-2: destroy producer, consumer and station', async () => {
  const name = await station();
  const producing = await producer(name);
  const consuming = await consumer(name);
  await sdk.call(producing, 'destroy');
  await sdk.call(consuming, 'destroy');
  await sdk.call(`s:${name}`, 'destroy');
  expect(await client.stationNames()).not.toContain(name);
});

test('DIS-1: close', async () => {
  await sdk.call('memphis', 'close');
  expect(sdk.events.filter(({ event }) => event === 'unhandled')).toEqual([]);
});
