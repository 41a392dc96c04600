import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { LocalBroker } from '../../src/runtime/broker';
import { BrokerClient } from '../runtime/broker/broker-client';
import { eventually } from '../support/broker';
import { hasPython, pythonWithOfficialSdk } from './sdk/python';
import type { SdkMessage } from './tour/sdk-driver';
import { SdkDriver } from './tour/sdk-driver';

/** The official Python client, version 1.3.1, unmodified, through the proxy. Each step is a row of the features list. */

// Where nothing may be skipped (CI), scripts/test.mjs makes a failure of it.
const step = hasPython ? test : test.skip;
const title = hasPython ? 'the Python client' : 'left out: there is no Python with venv on this machine';

let broker: LocalBroker;
let client: BrokerClient;
let sdk: SdkDriver;
let folder: string;

function driver(): SdkDriver {
  return SdkDriver.start(pythonWithOfficialSdk(), [path.join(__dirname, 'tour/driver.py')]);
}
const credentials = () => ({ host: '127.0.0.1', port: broker.port, username: 'root', password: 'memphis' });
const unique = (prefix: string): string => `${prefix}-${randomUUID().slice(0, 8)}`;

interface Stream {
  readonly config: Readonly<Record<string, unknown>>;
  readonly state: { readonly messages: number };
}
const stream = (station: string, partition = 1): Promise<Stream> =>
  client.jetstream(`STREAM.INFO.${station}$${partition}`);

async function station(options: object = {}): Promise<string> {
  const name = unique('st');
  await sdk.call('memphis', 'station', [{ name, ...options }], `s:${name}`);
  return name;
}
async function producer(name: string): Promise<string> {
  await sdk.call('memphis', 'producer', [{ station_name: name, producer_name: 'p' }], `p:${name}`);
  return `p:${name}`;
}
const produce = (on: string, message: unknown, more: object = {}) =>
  sdk.call(on, 'produce', [{ message, ...more }]);
async function consumer(name: string, more: object = {}): Promise<string> {
  const options = {
    station_name: name,
    consumer_name: 'c',
    batch_max_time_to_wait_ms: 1_000,
    pull_interval_ms: 50,
  };
  await sdk.call('memphis', 'consumer', [{ ...options, ...more }], `c:${name}`);
  return `c:${name}`;
}
const fetchAll = (on: string, size = 10) => sdk.call<SdkMessage[]>(on, 'fetch', [{ batch_size: size }]);
const bytes = (text: string) => ({ text });

describe(title, () => {
  if (hasPython) {
    beforeAll(async () => {
      broker = await LocalBroker.start({ store: 'memory', log: () => undefined });
      client = await BrokerClient.connect(broker);
      folder = await mkdtemp(path.join(tmpdir(), 'python-sdk-test-'));
      sdk = driver();
      await sdk.call('memphis', 'connect', [credentials()]);
      // The first time on a machine the client is installed.
    }, 250_000);
    afterAll(async () => {
      await sdk.stop();
      await client.close();
      await broker.stop();
      await rm(folder, { recursive: true });
    });
  }

  step('CON-1, CON-8, CON-12, DIS-2: it is connected with a password at the port', async () => {
    expect(await sdk.call('memphis', 'is_connected')).toBe(true);
  });

  step('CON-8: a wrong password is refused', async () => {
    const other = driver();
    const wrong = other.call('memphis', 'connect', [{ ...credentials(), password: 'wrong' }]);
    await expect(wrong).rejects.toThrow(/Authorization Violation/i);
    await other.stop();
  });

  step('STA-3: a station with defaults only', async () => {
    const { config } = await stream(await station());
    expect(config).toMatchObject({
      storage: 'file',
      num_replicas: 1,
      max_age: 3600e9,
      duplicate_window: 120e9,
    });
  });

  step('STA-4: an existing station stays as it is', async () => {
    const name = await station();
    await sdk.call('memphis', 'station', [{ name, retention_type: 'MESSAGES', retention_value: 5 }]);
    expect((await stream(name)).config).toMatchObject({ max_msgs: -1, max_age: 3600e9 });
  });

  const settings: readonly (readonly [string, object, object])[] = [
    ['RET-3', { retention_type: 'MAX_MESSAGE_AGE_SECONDS', retention_value: 600 }, { max_age: 600e9 }],
    ['RET-4', { retention_type: 'MESSAGES', retention_value: 10 }, { max_msgs: 10 }],
    ['RET-5', { retention_type: 'BYTES', retention_value: 5000 }, { max_bytes: 5000 }],
    ['RET-6', { retention_type: 'ACK_BASED' }, { retention: 'interest' }],
    ['STO-3', { storage_type: 'MEMORY' }, { storage: 'memory' }],
    ['IDW-1', { idempotency_window_ms: 180_000 }, { duplicate_window: 180e9 }],
  ];
  for (const [row, options, expected] of settings) {
    step(`${row}: ${JSON.stringify(options)}`, async () => {
      expect((await stream(await station(options))).config).toMatchObject(expected);
    });
  }

  step('PAR-2, PAR-3: partitions take turns', async () => {
    const name = await station({ partitions_number: 3 });
    const on = await producer(name);
    for (let index = 0; index < 9; index++) await produce(on, bytes(`${index}`));
    const counts = await Promise.all(
      [1, 2, 3].map(async (each) => (await stream(name, each)).state.messages),
    );
    expect(counts).toEqual([3, 3, 3]);
  });

  step('STA-5, STA-6: producers and consumers make the station they name', async () => {
    const [one, two] = [unique('auto'), unique('auto')];
    await producer(one);
    await consumer(two);
    expect(await client.stationNames()).toEqual(expect.arrayContaining([one, two]));
  });

  step('PRD-1, FET-13, MSG-1, MSG-4, MSG-9, MSG-10, HDR-3: produce, fetch, read, acknowledge', async () => {
    const name = await station();
    await produce(await producer(name), bytes('hello'), { headers: { trace: '1' } });
    const [message] = await fetchAll(await consumer(name));
    expect(message).toMatchObject({ data: 'hello', sequence: 1, headers: { trace: '1' } });
    await sdk.call(message?.ref ?? '', 'ack');
    await eventually(async () => {
      const info = await client.jetstream<{ ack_floor: { stream_seq: number } }>(`CONSUMER.INFO.${name}$1.c`);
      return info.ack_floor.stream_seq === 1;
    }, 'the acknowledgement');
  });

  step('PRD-2, FET-1: on the connection', async () => {
    const name = await station();
    await produce('memphis', bytes('short'), { station_name: name, producer_name: 'p' });
    const options = {
      station_name: name,
      consumer_name: 'c',
      batch_size: 1,
      batch_max_time_to_wait_ms: 1_000,
    };
    const fetched = await sdk.call<SdkMessage[]>('memphis', 'fetch_messages', [options]);
    expect(fetched.map(({ data }) => data)).toEqual(['short']);
  });

  step('IDW-4, IDP-1: the second message with an id is not stored', async () => {
    const name = await station();
    const on = await producer(name);
    await produce(on, bytes('a'), { msg_id: '1' });
    await produce(on, bytes('b'), { msg_id: '1' });
    await produce(on, bytes('c'), { msg_id: '2' });
    const fetched = await fetchAll(await consumer(name));
    expect(fetched.map(({ data }) => data)).toEqual(['a', 'c']);
  });

  step('PPK-2: a partition by its number', async () => {
    const name = await station({ partitions_number: 3 });
    const on = await producer(name);
    for (let index = 0; index < 4; index++) await produce(on, bytes('x'), { producer_partition_number: 2 });
    expect((await stream(name, 2)).state.messages).toBe(4);
  });

  step('CSM-1, CSM-9: a consumer loop gets everything', async () => {
    const name = await station();
    const producing = await producer(name);
    const on = await consumer(name);
    await sdk.call(on, 'listen');
    for (let index = 0; index < 20; index++) await produce(producing, bytes(`${index}`));
    const seen = (): string[] =>
      sdk.events.flatMap((each) =>
        each.event === 'message' && each.on === on ? [(each.value as SdkMessage).data] : [],
      );
    await eventually(() => seen().length === 20, 'twenty messages');
    expect(seen()).toEqual(Array.from({ length: 20 }, (_, index) => `${index}`));
  });

  step('SCH-1, SCH-4, SCH-8, PRD-10, PRD-19: a JSON schema is made and enforced', async () => {
    const file = path.join(folder, 'schema.json');
    await writeFile(file, '{"type":"object","required":["id"],"properties":{"id":{"type":"number"}}}');
    const schema = unique('schema');
    await sdk.call('memphis', 'create_schema', [
      { schema_name: schema, schema_type: 'json', schema_path: file },
    ]);
    const name = await station();
    await sdk.call('memphis', 'enforce_schema', [{ name: schema, station_name: name }]);
    const on = await producer(name);
    await produce(on, { id: 1 });
    await expect(produce(on, { id: 'x' })).rejects.toThrow(/[Ss]chema/);
    expect((await stream(name)).state.messages).toBe(1);
  });

  step('PRO-5, DCO-1, DST-1, DST-2: destroy producer, consumer and station', async () => {
    const name = await station();
    const producing = await producer(name);
    const consuming = await consumer(name);
    await sdk.call(producing, 'destroy');
    await sdk.call(consuming, 'destroy');
    await sdk.call(`s:${name}`, 'destroy');
    expect(await client.stationNames()).not.toContain(name);
  });

  step('DIS-1: close', async () => {
    await sdk.call('memphis', 'close');
  });
});
