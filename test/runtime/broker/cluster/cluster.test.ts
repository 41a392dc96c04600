import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { NatsConnection } from 'nats';
import { connect, NatsError } from 'nats';

import { resolveConnection } from '../../../../src/model/connection';
import { EnvironmentError } from '../../../../src/model/errors';
import { canonicalStation } from '../../../../src/model/station';
import { connectAdmin } from '../../../../src/runtime/admin';
import { LocalBroker } from '../../../../src/runtime/broker';
import { Run, observeStation } from '../../../../src/runtime/reconcile';
import { createStation } from '../../../../src/runtime/reconcile/station/create';
import { updateStation } from '../../../../src/runtime/reconcile/station/update';
import { planStation } from '../../../../src/runtime/reconcile/station/plan';
import { eventually } from '../../../support/broker';
import { BrokerClient } from '../broker-client';

const told: string[] = [];
let store: string;
let broker: LocalBroker;
let client: BrokerClient;
beforeAll(async () => {
  store = await mkdtemp(path.join(tmpdir(), 'broker-cluster-test-'));
  broker = await LocalBroker.start({ nodes: 3, store, log: (line) => void told.push(line) });
  client = await BrokerClient.connect(broker);
});
afterAll(async () => {
  await client.close();
  await broker.stop();
  await rm(store, { recursive: true });
});

interface StreamInfo {
  readonly config: { readonly num_replicas: number };
  readonly state: { readonly messages: number };
  readonly cluster?: {
    readonly leader?: string;
    readonly replicas?: readonly { readonly current: boolean }[];
  };
}

const info = (station: string): Promise<StreamInfo> => client.jetstream(`STREAM.INFO.${station}$1`);

test('INFO tells of a cluster, and each node of the proxies', async () => {
  const { info: told } = client.nats;
  expect(told).toMatchObject({ cluster: 'memphis', port: broker.port });
  expect(told?.connect_urls).toHaveLength(3);
  for (const address of told?.connect_urls ?? []) {
    const other = await connect({ servers: address, user: 'root', pass: 'memphis', reconnect: false });
    expect(`127.0.0.1:${other.info?.port}`).toBe(address);
    expect(other.info).toHaveProperty('memphis_direct_port');
    await other.close();
  }
});

test.each<[asked: number, made: number | undefined, answer: string]>([
  [1, 1, ''],
  [2, 3, ''],
  [3, 3, ''],
  [5, undefined, 'station can not be created, probably since replicas count is larger than the cluster size'],
])('a station that asks for %s replicas has %s (%j)', async (replicas, made, answer) => {
  const name = `replicas-${replicas}`;
  expect(await client.manage('station_creations', { name, replicas, partitions_number: 1 })).toBe(answer);
  if (made !== undefined) expect((await info(name)).config.num_replicas).toBe(made);
});

test('REST tells how many replicas there may be', async () => {
  expect(await client.rest('GET', '/monitoring/getAvailableReplicas')).toEqual({ available_replicas: 3 });
});

test('the engine: three replicas from the start, and one becomes three in place with its messages', async () => {
  const admin = await connectAdmin(resolveConnection({}, broker.environment()));
  const run = new Run(admin);
  const permission = { allowMessageLoss: false };
  const nobody = { owner: '', adoptExisting: false };
  await createStation(run, canonicalStation({ name: 'three', replicas: 3 }), nobody, permission);
  expect((await info('three')).config.num_replicas).toBe(3);

  await createStation(run, canonicalStation({ name: 'grows', replicas: 1 }), nobody, permission);
  const js = client.nats.jetstream();
  for (let index = 0; index < 50; index++) await js.publish('grows$1.final', `${index}`);
  const grown = canonicalStation({ name: 'grows', replicas: 3 });
  const planned = await planStation(admin, await observeStation(admin, 'grows'), grown, permission);
  expect(planned.refusals).toEqual([]);
  await updateStation(run, grown, permission);
  expect(await info('grows')).toMatchObject({ config: { num_replicas: 3 }, state: { messages: 50 } });
  await admin.close();
});

/** Waits for what needs the servers to agree first, and perhaps to choose a leader: up to 20 s. */
async function inTheEnd(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await pause(50);
  }
}

/** Publishes until `state.isOver`; every message again until it is acknowledged, which `state` counts. */
async function publishing(
  nats: NatsConnection,
  subject: string,
  state: { count: number; isOver: boolean },
): Promise<void> {
  const js = nats.jetstream({ timeout: 1_000 });
  while (!state.isOver) {
    try {
      await js.publish(subject, `${state.count}`, { msgID: `${state.count}` });
      state.count += 1;
    } catch {
      await pause(50);
    }
  }
}

test('a node that is killed: publishing goes on, management too, nothing acknowledged is lost, and it comes back', async () => {
  await client.manage('station_creations', { name: 'safe', replicas: 3, partitions_number: 1 });
  const other = await addressOf('memphis-2');
  // Node 0 has the public port and the connection of the control plane: the worst to lose.
  const producer = await connect({
    servers: `127.0.0.1:${broker.port}`,
    user: 'root$1',
    pass: 'memphis',
    name: '2::root',
    reconnectTimeWait: 50,
    maxReconnectAttempts: -1,
  });
  const state = { count: 0, isOver: false };
  const published = publishing(producer, 'safe$1.final', state);
  await inTheEnd(() => state.count > 10, 'the first messages');
  await broker.killNode(0);
  const atTheKill = state.count;

  await client.close();
  client = await BrokerClient.connect(broker, 'memphis', '3::root', other);
  expect(
    await client.manage(
      'station_creations',
      { name: 'meanwhile', replicas: 3, partitions_number: 1 },
      20_000,
    ),
  ).toBe('');
  await inTheEnd(() => state.count > atTheKill + 10, 'publishing to go on');
  state.isOver = true;
  await published;
  const acknowledged = state.count;
  await producer.close();

  await broker.restartNode(0);
  const caughtUp = async (): Promise<boolean> => {
    // While a leader is being looked for, nobody answers.
    const stream = await info('safe').catch(() => undefined);
    const current = stream?.cluster?.replicas?.map((replica) => replica.current);
    return current?.join() === 'true,true' && stream?.state.messages === acknowledged;
  };
  await inTheEnd(caughtUp, 'the node to catch up');
  expect(await client.stationNames()).toEqual(expect.arrayContaining(['safe', 'meanwhile']));
});

describe('who was connected to a node that is killed', () => {
  /** Producers of a station that are connected now. */
  const producers = async (): Promise<string> => {
    const { connected_producers: found } = await client.rest<{ connected_producers: { name: string }[] }>(
      'GET',
      '/monitoring/getStationOverviewData?station_name=safe&partition_number=-1',
    );
    return found
      .map(({ name }) => name)
      .sort()
      .join();
  };

  /** A connection to one node with a producer of the same name. */
  const producerAt = async (address: string, id: string): Promise<NatsConnection> => {
    const nats = await connect({
      servers: address,
      user: 'root$1',
      pass: 'memphis',
      name: `${id}::root`,
      reconnect: false,
    });
    const request = { name: id, station_name: 'safe', connection_id: id, producer_type: 'application' };
    const payload = JSON.stringify({ ...request, username: 'root', req_version: 4 });
    const reply = await nats.request('$memphis_producer_creations', payload, { timeout: 5_000 });
    expect(reply.json()).toMatchObject({ error: '' });
    return nats;
  };

  test.each([
    [1, 'the control plane hears nothing from it'],
    [0, 'the control plane was connected to it, too, and misses what happens meanwhile'],
  ])('node %i: they are inactive, others stay (%s)', async (killed) => {
    const stays = client.nats.getServer();
    const place = await addressOf(`memphis-${killed}`);
    expect(place).not.toBe(stays);
    const lost = await producerAt(place, `lost-${killed}`);
    const there = await producerAt(stays, `there-${killed}`);
    const leaves = await producerAt(stays, `leaves-${killed}`);
    expect(await producers()).toContain(`leaves-${killed},lost-${killed},there-${killed}`);
    const killing = broker.killNode(killed);
    await leaves.close();
    await killing;
    await inTheEnd(async () => (await producers()) === `there-${killed}`, 'one producer to be left');
    await Promise.all([lost.close(), there.close()]);
    await inTheEnd(async () => (await producers()) === '', 'the last to be gone, too');
    await broker.restartNode(killed);
  });
});

test('stations with one replica, made right after a node was killed, go to those that live, and look like all others', async () => {
  const place = client.nats.getServer();
  const places: string[] = [];
  for (const node of ['memphis-0', 'memphis-1', 'memphis-2']) places.push(await addressOf(node));
  const infos = await infosOf(place);
  const killing = broker.killNode(1);
  const names = Array.from({ length: 12 }, (_, index) => `single-${index}`);
  // A request that the dead node had taken is lost, and clients repeat it; a station that is there is no error.
  const make = async (name: string, tries = 3): Promise<string> => {
    try {
      return await client.manage('station_creations', { name, partitions_number: 2 }, 9_000);
    } catch (error) {
      if (tries === 1 || !(error instanceof NatsError)) throw error;
      return make(name, tries - 1);
    }
  };
  // Some before and some after it is known that the node is dead.
  const replies = [...(await Promise.all(names.slice(0, 6).map((name) => make(name))))];
  await killing;
  replies.push(...(await Promise.all(names.slice(6).map((name) => make(name)))));
  expect(client.nats.getServer()).toBe(place);
  expect(replies).toEqual(names.map(() => ''));
  for (const name of names) {
    const { config, cluster } = await info(name);
    expect([cluster?.leader === 'memphis-1', config]).toEqual([
      false,
      expect.not.objectContaining({ placement: expect.anything() as unknown }),
    ]);
  }
  await broker.restartNode(1);
  // The node told its clients that another went and came. It stays the one of its own proxy, and so are all others.
  await inTheEnd(() => Promise.resolve(infos.told().length >= 3), 'INFO to come again');
  const [first, ...later] = infos.told();
  for (const { connect_urls: urls, ...own } of later) {
    expect(own).toMatchObject({ port: first?.port, memphis_direct_port: first?.memphis_direct_port });
    expect(places).toEqual(expect.arrayContaining([...(urls ?? [])]));
  }
  infos.end();
});

interface ToldInfo {
  readonly port: number;
  readonly memphis_direct_port: number;
  readonly connect_urls?: readonly string[];
}

/** Every INFO that a client of a node hears. */
async function infosOf(address: string): Promise<{ told: () => ToldInfo[]; end: () => void }> {
  const socket = connectTcp(Number(address.split(':').at(-1)), '127.0.0.1');
  let heard = '';
  socket.setEncoding('utf8').on('data', (text: string) => (heard += text));
  await once(socket, 'data');
  socket.write('CONNECT {"user":"root","pass":"memphis","protocol":1,"verbose":false}\r\nPING\r\n');
  const told = (): ToldInfo[] =>
    [...heard.matchAll(/^INFO (.*)\r\n/gm)].map(([, json = '']) => JSON.parse(json) as ToldInfo);
  return { told, end: () => socket.destroy() };
}

/** Where the proxy of a node listens. */
async function addressOf(node: string): Promise<string> {
  let found: string | undefined;
  // A node that was away is told of as soon as the others know it again.
  await inTheEnd(async () => {
    for (const address of [`127.0.0.1:${broker.port}`, ...(client.nats.info?.connect_urls ?? [])]) {
      const login = { servers: address, user: 'root', pass: 'memphis', reconnect: false };
      const nats = await connect(login).catch(() => undefined);
      if (nats?.info?.server_name === node) found = address;
      await nats?.close();
    }
    return found !== undefined;
  }, `an address that leads to ${node}`);
  return found ?? '';
}

/** The server that works on the store of a node; undefined while there is none. */
async function serverOf(node: string): Promise<number | undefined> {
  const text = await readFile(path.join(store, node, 'broker.lock'), 'utf8').catch(() => '{}');
  return (JSON.parse(text) as { readonly server?: { readonly pid: number } }).server?.pid;
}

test('a node that ends by itself is started again', async () => {
  const before = await serverOf('memphis-1');
  if (before === undefined) throw new Error('the node has no server');
  process.kill(before, 'SIGKILL');
  await eventually(() => told.some((line) => line.includes('memphis-1 ended by itself')), 'it is noticed');
  await eventually(async () => ![before, undefined].includes(await serverOf('memphis-1')), 'it is back');
});

test('a store of three nodes is not opened with one', async () => {
  const error: unknown = await LocalBroker.start({ store }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EnvironmentError);
  expect((error as Error).message).toContain('it was made with 3');
});

// The last one, because nobody waits until such a broker is well again.
test('with most nodes down, a change is refused with a reason instead of an endless wait', async () => {
  const { nats } = client;
  await Promise.all([broker.killNode(0), broker.killNode(1)]);
  const creation = JSON.stringify({ name: 'late', username: 'root', partitions_number: 1 });
  const reply = await nats.request('$memphis_station_creations', creation, { timeout: 15_000 });
  expect(reply.string()).toContain('more than half of the servers of this broker are down');
});

test('brokers of three nodes that start at the same time all start', async () => {
  const started = await Promise.allSettled(
    Array.from({ length: 3 }, () => LocalBroker.start({ nodes: 3, port: 0, restPort: 0 })),
  );
  for (const start of started) if (start.status === 'fulfilled') await start.value.stop();
  expect(started.map((start) => (start.status === 'rejected' ? String(start.reason) : 'started'))).toEqual([
    'started',
    'started',
    'started',
  ]);
});
