import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { NatsConnection, ServerInfo } from 'nats';
import { connect, createInbox } from 'nats';

import { LocalBroker } from '../../../src/runtime/broker';
import { BrokerClient } from './broker-client';

const password = 'Abc123!@#x';
const BUCKET = 'KV_MEMPHIS_METADATA';

async function addUser(client: BrokerClient, username: string, more: object = {}): Promise<void> {
  await client.rest('POST', '/usermgmt/addUser', {
    username,
    user_type: 'application',
    password,
    ...more,
  });
}

function directPort({ nats }: BrokerClient): number {
  return (nats.info as ServerInfo & { memphis_direct_port: number }).memphis_direct_port;
}

function connectAs(
  port: number,
  user: string,
  name = `x::${user}`,
  pass = password,
): Promise<NatsConnection> {
  return connect({ servers: `127.0.0.1:${port}`, user, pass, name, reconnect: false, timeout: 2_000 });
}

async function errorCode(connection: NatsConnection, subject: string, request: object = {}): Promise<number> {
  const reply = await connection.request(subject, JSON.stringify(request), { timeout: 2_000 });
  return reply.json<{ error?: { err_code: number } }>().error?.err_code ?? 0;
}

describe('a broker with users', () => {
  const STREAM_NOT_FOUND = 10059;
  let broker: LocalBroker;
  let root: BrokerClient;

  beforeAll(async () => {
    broker = await LocalBroker.start({ store: 'memory', log: () => undefined });
    root = await BrokerClient.connect(broker);
    await addUser(root, 'app');
    for (const name of ['mine', 'other'])
      await root.manage('station_creations', { name, partitions_number: 1 });
    await addUser(root, 'limited', { allow_read_permissions: ['mine'], allow_write_permissions: ['mine'] });
  });

  afterAll(async () => {
    await root.close();
    await broker.stop();
  });

  const ports = (): readonly number[] => [broker.port, directPort(root)];

  test.each([
    ['proxy', 'app', password],
    ['proxy', 'root', 'memphis'],
    ['direct', 'app', password],
    ['direct', 'root', 'memphis'],
  ])('at the %s port %s neither sees nor deletes the metadata', async (which, user, pass) => {
    const connection = await connectAs(ports()[which === 'proxy' ? 0 : 1] ?? 0, user, `x::${user}`, pass);
    const heard: string[] = [];
    connection.subscribe('>', { callback: (_error, { subject }) => heard.push(subject) });
    await connection.flush();
    await root.rest('POST', '/tags/createNewTag', { name: `${which}-${user}`, color: '1, 2, 3' });
    const names = await connection.request('$JS.API.STREAM.NAMES', '', { timeout: 2_000 });
    expect(names.json<{ streams: string[] }>().streams).not.toContain(BUCKET);
    expect(await errorCode(connection, `$JS.API.STREAM.DELETE.${BUCKET}`)).toBe(STREAM_NOT_FOUND);
    expect(await errorCode(connection, `$JS.API.STREAM.MSG.GET.${BUCKET}`, { seq: 1 })).toBe(
      STREAM_NOT_FOUND,
    );
    expect(heard.filter((subject) => subject.startsWith('$KV.'))).toEqual([]);
    await connection.close();
  });

  test('nobody connects as the user of the metadata', async () => {
    for (const port of ports()) {
      await expect(connectAs(port, '$memphis_metadata', 'NATS CLI')).rejects.toThrow(/authorization/i);
    }
  });

  test.each([
    ['proxy', 'app::root'],
    ['direct', 'app::root'],
    ['direct', 'a plain client'],
  ])('at the %s port the user that logged in counts, not the name "%s"', async (which, name) => {
    const connection = await connectAs(ports()[which === 'proxy' ? 0 : 1] ?? 0, 'app', name);
    const station = `of-${which}-${name.length}`;
    const request = { name: station, partitions_number: 1, username: 'root' };
    await connection.request('$memphis_station_creations', JSON.stringify(request), { timeout: 2_000 });
    const schema = { name: station, type: 'json', schema_content: '{}', created_by_username: 'root' };
    await connection.request('$memphis_schema_creations', JSON.stringify(schema), { timeout: 2_000 });
    await connection.close();
    const stations = await root.rest<object[]>('GET', '/stations/getAllStations');
    expect(stations).toContainEqual(expect.objectContaining({ name: station, created_by_username: 'app' }));
    const schemas = await root.rest<object[]>('GET', '/schemas/getAllSchemas');
    expect(schemas).toContainEqual(expect.objectContaining({ name: station, created_by_username: 'app' }));
  });

  test('root may act for another user, as on a real broker', async () => {
    await root.manage('station_creations', { name: 'for-app', partitions_number: 1, username: 'app' });
    const stations = await root.rest<object[]>('GET', '/stations/getAllStations');
    expect(stations).toContainEqual(expect.objectContaining({ name: 'for-app', created_by_username: 'app' }));
  });

  test('a sender that a client writes in front of its request does not count', async () => {
    const connection = await connectAs(directPort(root), 'app');
    const token = (text: string): string => `b${Buffer.from(text).toString('base64url')}`;
    const subject = `$memphis_foreign.${token('x')}.${token('root')}.$JS.API.STREAM.CREATE.forged`;
    await errorCode(connection, subject, { name: 'forged', subjects: ['forged'] });
    await connection.close();
    const stations = await root.rest<object[]>('GET', '/stations/getAllStations');
    expect(stations).toContainEqual(expect.objectContaining({ name: 'forged', created_by_username: 'app' }));
  });

  test('a user with lists logs in through the proxy alone', async () => {
    await (await connectAs(broker.port, 'limited')).close();
    await (await connectAs(broker.port, 'limited$1', 'x::limited')).close();
    for (const user of ['limited', 'limited$1'])
      await expect(connectAs(directPort(root), user, 'x::limited')).rejects.toThrow(/authorization/i);
  });

  test('a user with lists does not hear what others are sent', async () => {
    const connection = await connectAs(broker.port, 'limited');
    const heard: string[] = [];
    const refused: string[] = [];
    void (async () => {
      for await (const { data } of connection.status()) refused.push(data as string);
    })();
    const wild = ['_INBOX.>', '_INBOX.*', '_INBOX.*.*', '_INBOX.*.>', 'other$1.>', '>', '$JS.>'];
    for (const subject of wild) {
      connection.subscribe(subject, {
        callback: (error, message) => error === null && heard.push(message.string()),
      });
    }
    await connection.flush();
    await root.nats.jetstream().publish('other$1.final', 'secret');
    await root.jetstream('CONSUMER.DURABLE.CREATE.other$1.g', {
      stream_name: 'other$1',
      config: { durable_name: 'g', ack_policy: 'explicit' },
    });
    const reply = createInbox();
    const pulled = root.nats.subscribe(reply, { max: 1 });
    root.nats.publish('$JS.API.CONSUMER.MSG.NEXT.other$1.g', '', { reply });
    for await (const message of pulled) expect(message.string()).toBe('secret');
    await connection.flush();
    expect(heard).toEqual([]);
    // Its own replies come as ever.
    expect(await errorCode(connection, '$JS.API.STREAM.INFO.mine$1')).toBe(0);
    await connection.close();
    expect(refused).toHaveLength(wild.length);
  });
});

describe('a store of an earlier version', () => {
  let store: string;
  let first: BrokerClient;
  const start = async (): Promise<[LocalBroker, BrokerClient]> => {
    const broker = await LocalBroker.start({ store, log: () => undefined });
    return [broker, await BrokerClient.connect(broker)];
  };

  beforeEach(async () => {
    store = await mkdtemp(path.join(tmpdir(), 'broker-isolation-test-'));
  });
  afterEach(() => rm(store, { recursive: true }));

  test('is moved where clients cannot read it, and its sessions end', async () => {
    let broker: LocalBroker;
    [broker, first] = await start();
    await first.manage('station_creations', { name: 'kept', partitions_number: 1 });
    await first.manage('station_creations', { name: 'removed', partitions_number: 1 });
    await addUser(first, 'app');
    const [last] = await first.rest<{ id: number }[]>('GET', '/stations/getAllStations');
    await first.close();
    await broker.stop();
    const streams = (account: string): string => path.join(store, 'jetstream', account, 'streams');
    await mkdir(streams('$memphis'), { recursive: true });
    await rename(path.join(streams('$memphis_metadata'), BUCKET), path.join(streams('$memphis'), BUCKET));

    let client: BrokerClient;
    [broker, client] = await start();
    expect(await client.stationNames()).toEqual(['default', 'kept', 'removed']);
    const names = await client.jetstream<{ streams: string[] }>('STREAM.NAMES');
    expect(names.streams).not.toContain(BUCKET);
    await (await connectAs(broker.port, 'app')).close();
    const expired = await client.rest<object>('GET', '/stations/getAllStations', undefined, first.jwt);
    expect(expired).not.toBeInstanceOf(Array);
    // No number is given out twice.
    await client.manage('station_creations', { name: 'later', partitions_number: 1 });
    const stations = await client.rest<{ id: number; name: string }[]>('GET', '/stations/getAllStations');
    const later = stations.find(({ name }) => name === 'later');
    expect(later?.id).toBeGreaterThan(
      Math.max(last?.id ?? 0, ...stations.filter((row) => row !== later).map(({ id }) => id)),
    );
    await client.close();
    await broker.stop();

    [broker, client] = await start();
    expect(await client.stationNames()).toEqual(['default', 'kept', 'later', 'removed']);
    await client.close();
    await broker.stop();
  }, 30_000);

  test('is moved once: a bucket that a client makes later is not read', async () => {
    const [broker, attacker] = await start();
    const kv = await attacker.nats.jetstream().views.kv('MEMPHIS_METADATA');
    const planted = { id: 999_999, name: 'planted', color: '1, 2, 3' };
    await kv.put('tag.999999', JSON.stringify(planted));
    await attacker.close();
    await broker.stop();
    const [again, client] = await start();
    const tags = await client.rest<{ name: string }[]>('GET', '/tags/getTags');
    expect(tags.map(({ name }) => name)).not.toContain('planted');
    await client.close();
    await again.stop();
  }, 30_000);
});
