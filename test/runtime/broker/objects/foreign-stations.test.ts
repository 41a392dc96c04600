import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { NatsConnection } from 'nats';
import { connect } from 'nats';

import { LocalBroker } from '../../../../src/runtime/broker';
import { BrokerClient } from '../broker-client';

/** A row of getAllStations, as far as these tests look at it. */
interface Row {
  readonly name: string;
  readonly is_native: boolean;
  readonly retention_type: string;
  readonly retention_value: number;
  readonly idempotency_window_in_ms: number;
  readonly storage_type: string;
  readonly total_messages: number;
}
interface Reply {
  readonly error?: { readonly description: string };
}

const log: string[] = [];
let store: string;
let broker: LocalBroker;
let native: BrokerClient;
let plain: NatsConnection;

beforeAll(async () => {
  store = await mkdtemp(path.join(tmpdir(), 'foreign-stations-test-'));
  await start();
});

afterAll(async () => {
  await end();
  await rm(store, { recursive: true, force: true });
});

async function start(): Promise<void> {
  log.length = 0;
  broker = await LocalBroker.start({ store, log: (line) => log.push(line) });
  native = await BrokerClient.connect(broker);
  plain = await plainAs('root', 'memphis');
}

async function end(): Promise<void> {
  await plain.close();
  await native.close();
  await broker.stop();
}

function plainAs(user: string, pass: string, name?: string): Promise<NatsConnection> {
  const servers = `127.0.0.1:${broker.port}`;
  return connect({ servers, user, pass, reconnect: false, ...(name === undefined ? {} : { name }) });
}

async function ask(operation: string, request: object | string = '', connection = plain): Promise<Reply> {
  const payload = typeof request === 'string' ? request : JSON.stringify(request);
  return (await connection.request(`$JS.API.STREAM.${operation}`, payload, { timeout: 5_000 })).json();
}

/** Makes a stream as a plain NATS client. */
function create(name: string, config: object = {}): Promise<Reply> {
  return ask(`CREATE.${name}`, { name, subjects: [`${name}.*`], ...config });
}

async function row(name: string): Promise<Row | undefined> {
  return (await native.rest<Row[]>('GET', '/stations/getAllStations')).find(
    (station) => station.name === name,
  );
}

const SECOND = 1_000_000_000;

describe('what becomes of the settings of a stream', () => {
  test.each([
    [
      'age',
      { max_age: 600 * SECOND, max_bytes: 9, max_msgs: 9 },
      ['message_age_sec', 600],
      'age comes first',
    ],
    ['bytes', { max_bytes: 900, max_msgs: 9 }, ['bytes', 900], 'then bytes'],
    ['both', { max_msgs: 7, retention: 'interest' }, ['messages', 7], 'then messages, also with interest'],
    [
      'none',
      { max_age: 0, max_bytes: -1, max_msgs: -1 },
      ['message_age_sec', 3600],
      'no limit is the default',
    ],
  ])('%s', async (name, config, [type, value], _why) => {
    await create(name, config);
    expect(await row(name)).toMatchObject({ is_native: false, retention_type: type, retention_value: value });
    expect(await ask(`DELETE.${name}`)).toMatchObject({ success: true });
    expect(await row(name)).toBeUndefined();
  });

  test('the window for duplicates counts as it was asked for', async () => {
    await create('w', { duplicate_window: 5 * SECOND, max_age: 60 * SECOND });
    expect(await row('w')).toMatchObject({ idempotency_window_in_ms: 5_000 });
    await ask('DELETE.w');
  });

  test('a stream whose limits no station can have is made without a station, and the log says so', async () => {
    for (const [name, config] of [
      ['short', { max_age: 119 * SECOND }],
      ['large', { max_bytes: 2 ** 31 }],
    ] as const) {
      expect((await create(name, config)).error).toBeUndefined();
      expect(await row(name)).toBeUndefined();
      expect(log).toContainEqual(expect.stringMatching(`^the stream ${name} does not become a station: `));
      await ask(`DELETE.${name}`);
    }
  });
});

describe('requests that make no station', () => {
  test.each([
    ['CREATE.x', 'no json', 'what is no request is for the server to refuse'],
    ['CREATE.x', '[]', 'a list is none'],
    ['CREATE.x', '{"name":"y"}', 'the name in the subject is another one'],
    ['CREATE.x', '{"name":"x","retention":"forever"}', 'no such retention'],
    ['CREATE.x', '{"name":""}', 'no name'],
    ['DELETE.x', '', 'there is no such stream'],
  ])('%s %j: %s', async (operation, payload, _why) => {
    const before = await native.stationNames();
    expect((await ask(operation, payload)).error).toBeDefined();
    expect(await native.stationNames()).toEqual(before);
  });

  test('a stream, a bucket and their end on a connection of Memphis are nobody else’s business', async () => {
    const kv = await native.nats.jetstream().views.kv('ledger');
    await ask('CREATE.n$9', { name: 'n$9', subjects: ['n9'] }, native.nats);
    await create('kept');
    await ask('DELETE.kept', '', native.nats);
    expect(await native.stationNames()).toEqual(['default', 'kept']);
    await native.manage('station_destructions', { station_name: 'kept' });
    await ask('DELETE.n$9', '', native.nats);
    await kv.destroy();
  });

  test('a request whose headers come along is answered the same', async () => {
    const { headers } = await import('nats');
    const block = headers();
    block.set('msg-id', '1');
    const payload = JSON.stringify({ name: 'h', subjects: ['h'] });
    const reply = await plain.request('$JS.API.STREAM.CREATE.h', payload, { headers: block, timeout: 5_000 });
    expect(reply.json()).toMatchObject({ config: { name: 'h' } });
    expect(await row('h')).toBeDefined();
    await ask('DELETE.h');
  });
});

test('a bucket of a plain client is a station in lower case while it lasts', async () => {
  const kv = await plain.jetstream().views.kv('B');
  await kv.put('key', 'value');
  expect(await row('kv_b')).toMatchObject({ is_native: false });
  expect(await kv.destroy()).toBe(true);
  expect(await row('kv_b')).toBeUndefined();
});

test('reads, messages, groups, purge and removal of such a station work on its stream', async () => {
  await create('orders');
  for (let count = 0; count < 3; count++) await plain.jetstream().publish('orders.final', `message ${count}`);
  expect(await row('orders')).toMatchObject({ total_messages: 3 });
  const member = { name: 'g', station_name: 'orders', consumer_type: 'application', connection_id: 'test' };
  await native.manage('consumer_creations', {
    ...member,
    req_version: 4,
    start_consume_from_sequence: 1,
    last_messages: -1,
  });
  const overview = await native.rest<{ messages: object[]; total_messages: number; connected_cgs: object[] }>(
    'GET',
    '/monitoring/getStationOverviewData?station_name=orders&partition_number=-1',
  );
  expect(overview).toMatchObject({
    total_messages: 3,
    connected_cgs: [{ name: 'g', unprocessed_messages: 3 }],
  });
  expect(overview.messages).toHaveLength(3);
  const station = await native.rest('GET', '/stations/getStation?station_name=orders');
  expect(station).toMatchObject({ is_native: false, partitions_list: [], partitions_number: 0 });
  const sent = { station_name: 'orders', message_payload: 'by hand', amount: 1 };
  expect(await native.rest('POST', '/stations/produce', sent)).toEqual({});
  await native.rest('DELETE', '/stations/purgeStation', {
    station_name: 'orders',
    purge_station: true,
    partitions_list: [-1],
  });
  expect(await row('orders')).toMatchObject({ total_messages: 0 });
  expect(await native.manage('consumer_destructions', { ...member, req_version: 1 })).toBe('');
  expect((await native.jetstream<Reply>('CONSUMER.INFO.orders.g')).error?.description).toBe(
    'consumer not found',
  );
  await native.manage('station_destructions', { station_name: 'orders' });
  expect((await native.jetstream<Reply>('STREAM.INFO.orders')).error?.description).toBe('stream not found');
});

test('a dead letter is not copied to such a station: a real broker ends there', async () => {
  await create('dead');
  await native.manage('station_creations', {
    name: 'source',
    partitions_number: 1,
    dls_station: 'dead',
    dls_configuration: { poison: true, schemaverse: true },
  });
  const letter = {
    station_name: 'source',
    producer: { name: 'p', connection_id: 'test' },
    message: { data: '00', headers: { a: 'b' } },
    validation_error: 'wrong',
  };
  native.nats.publish('$memphis_schemaverse_dls', JSON.stringify(letter));
  const isSaid = (): boolean =>
    log.some((line) => line.includes('is not copied to dead, which has no partitions'));
  for (let tries = 0; tries < 200 && !isSaid(); tries++) await native.manage('schema_creations', {});
  expect(isSaid()).toBe(true);
  await native.manage('station_destructions', { station_name: 'source' });
  await ask('DELETE.dead');
});

test('the settings of a station change in place: its row is dropped through a stream of its name, and made anew', async () => {
  await native.manage('station_creations', {
    name: 'moved',
    partitions_number: 1,
    retention_type: 'messages',
    retention_value: 5,
  });
  await native.nats.jetstream().publish('moved$1.final', 'kept');
  const info = await native.jetstream<{ config: object }>('STREAM.INFO.moved$1');
  await native.jetstream('STREAM.UPDATE.moved$1', { ...info.config, max_msgs: 8 });
  await ask('CREATE.moved', { name: 'moved', subjects: ['moved'] }, native.nats);
  await ask('DELETE.moved');
  expect(await row('moved')).toBeUndefined();
  await native.manage('station_creations', {
    name: 'moved',
    partitions_number: 2,
    retention_type: 'messages',
    retention_value: 8,
  });
  expect(await row('moved')).toMatchObject({ is_native: true, retention_value: 8, total_messages: 1 });
  await native.manage('station_destructions', { station_name: 'moved' });
});

test('a user with lists may destroy its producers from a plain client, but make no streams', async () => {
  const password = 'Abc123!@#x';
  const user = {
    username: 'listed',
    user_type: 'application',
    password,
    allow_write_permissions: ['default'],
  };
  await native.rest('POST', '/usermgmt/addUser', user);
  const listed = await plainAs('listed', password, 'a plain name');
  const gone = JSON.stringify({ name: 'p', station_name: 'default', username: 'listed' });
  const reply = await listed.request('$memphis_producer_destructions', gone, { timeout: 5_000 });
  expect(reply.string()).toBe('');
  const payload = JSON.stringify({ name: 'mine', subjects: ['mine'] });
  await expect(listed.request('$JS.API.STREAM.CREATE.mine', payload, { timeout: 500 })).rejects.toThrow();
  await listed.close();
  expect((await native.jetstream<Reply>('STREAM.INFO.mine')).error?.description).toBe('stream not found');
});

test('a restart keeps such stations as long as their streams are there', async () => {
  await create('Filed', { subjects: ['filed'] });
  await create('fleeting', { storage: 'memory' });
  await create('orphan');
  await ask('DELETE.orphan', '', native.nats);
  expect(await native.stationNames()).toEqual(['default', 'filed', 'fleeting', 'orphan']);
  await end();
  await start();
  expect(await native.stationNames()).toEqual(['default', 'filed']);
  expect(await row('filed')).toMatchObject({ is_native: false, storage_type: 'file' });
  expect(log.filter((line) => line.includes('the stream that it stood for is gone'))).toHaveLength(2);
});
