import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { connect } from 'nats';

import { EnvironmentError, ValidationError } from '../../../src/model/errors';
import type { LocalBrokerOptions } from '../../../src/runtime/broker';
import { LocalBroker } from '../../../src/runtime/broker';
import { BrokerClient } from './broker-client';

const password = 'a "strange" pass$word \\ with ünicode { } and # too';
let broker: LocalBroker;
let client: BrokerClient;
beforeAll(async () => {
  broker = await LocalBroker.start({ password, store: 'memory', log: () => undefined });
  client = await BrokerClient.connect(broker, password);
});
afterAll(async () => {
  await client.close();
  await broker.stop();
});

function attempt(user: string | undefined, pass: string | undefined) {
  return connect({
    servers: `${broker.host}:${broker.port}`,
    ...(user === undefined ? {} : { user }),
    ...(pass === undefined ? {} : { pass }),
    reconnect: false,
  });
}

test.each([
  ['root', 'the bare name, as a real broker takes it'],
  ['root$1', 'with the account id, as clients send it'],
])('%s logs in: %s', async (user) => {
  const connection = await attempt(user, password);
  await connection.close();
});

test.each<[user: string | undefined, pass: string | undefined, why: string]>([
  ['root', 'memphis', 'the default password counts only when no other was set'],
  ['ROOT', password, 'names are exact'],
  ['root$2', password, 'another account'],
  ['$memphis_control_plane', password, 'the password of the control plane is random'],
  [undefined, undefined, 'nobody is let in without a name'],
])('user %s with password %s is refused: %s', async (user, pass, _why) => {
  await expect(attempt(user, pass)).rejects.toMatchObject({ code: 'AUTHORIZATION_VIOLATION' });
});

test.each([
  [{ username: 'root', password: 'memphis' }, 401],
  [{ username: 'nobody', password }, 401],
  [{ username: 'root', password }, 200],
])('REST login %j answers %d', async (body, status) => {
  const reply = await fetch(`${broker.restUrl}/api/usermgmt/login`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  expect(reply.status).toBe(status);
});

test('environment() points another program at it', () => {
  expect(broker.environment()).toEqual({
    MEMPHIS_HOST: '127.0.0.1',
    MEMPHIS_PORT: String(broker.port),
    MEMPHIS_REST_URL: broker.restUrl,
    MEMPHIS_ACCOUNT_ID: '1',
    MEMPHIS_USERNAME: 'root',
    MEMPHIS_PASSWORD: password,
  });
  expect([broker.store, broker.version]).toEqual(['memory', expect.stringMatching(/^2\./)]);
});

test('many creations at once give every station once', async () => {
  const names = Array.from({ length: 60 }, (_, index) => `many-${index % 20}`);
  const replies = await Promise.all(
    names.map((name) => client.manage('station_creations', { name, partitions_number: 2 })),
  );
  expect(new Set(replies)).toEqual(new Set(['']));
  const made = (await client.stationNames()).filter((name) => name.startsWith('many-'));
  expect(made).toHaveLength(20);
});

test('creations over REST run side by side, also with those over NATS: each name once, whole, and told once', async () => {
  const names = Array.from({ length: 60 }, (_, index) => `Both-${index % 15}`);
  const replies = await Promise.all(
    names.map(async (name, index) => {
      const request = { name, partitions_number: 3 };
      if (index % 4 === 3) return (await client.manage('station_creations', request)) || 'over NATS';
      const made = await client.rest<{ id?: number; message?: string }>(
        'POST',
        '/stations/createStation',
        index % 4 === 2 ? { ...request, tags: [{ name: 'shared', color: 'red' }] } : request,
      );
      return made.message ?? 'made over REST';
    }),
  );
  const counted = (text: string): number => replies.filter((reply) => reply.startsWith(text)).length;
  const stations = await client.rest<{ name: string; partitions_list: number[] }[]>(
    'GET',
    '/stations/getAllStations',
  );
  const made = stations.filter(({ name }) => name.startsWith('both-'));
  expect(made.map(({ name }) => name).sort()).toEqual(
    [...new Set(names.map((name) => name.toLowerCase()))].sort(),
  );
  expect(made.every((station) => station.partitions_list.length === 3)).toBe(true);
  expect((await client.streams()).filter((name) => name.startsWith('both-'))).toHaveLength(45);
  // Over NATS a station that is there looks like success, over REST it does not.
  expect(counted('over NATS')).toBe(15);
  expect(counted('made over REST') + counted('Station both-')).toBe(45);
  const madeOverRest = names.filter((_, index) => replies[index] === 'made over REST');
  expect(madeOverRest).toHaveLength(new Set(madeOverRest).size);
  expect(madeOverRest.length).toBeGreaterThan(0);
  const tags = await client.rest<{ name: string }[]>('GET', '/tags/getTags');
  expect(tags.filter(({ name }) => name === 'shared').length).toBeLessThanOrEqual(1);
});

test('a creation that fails at a later partition leaves nothing of itself, and the broker lives', async () => {
  // A real broker ends here (golden Q10).
  await client.jetstream('STREAM.CREATE.late$2', {
    name: 'late$2',
    subjects: ['late$2.>'],
    storage: 'memory',
  });
  const reply = await client.manage('station_creations', { name: 'late', partitions_number: 3 });
  expect(reply).toBe('stream name already in use with a different configuration (10058)');
  expect((await client.streams()).filter((name) => name.startsWith('late'))).toEqual(['late$2']);
});

test('a creation that fails never removes adopted messages', async () => {
  const adopted = {
    name: 'kept$1',
    subjects: ['kept$1.>'],
    retention: 'limits',
    max_age: 3600e9,
    duplicate_window: 120e9,
    storage: 'file',
    max_consumers: -1,
    max_msgs: -1,
    max_bytes: -1,
  };
  await client.jetstream('STREAM.CREATE.kept$1', adopted);
  await client.nats.jetstream().publish('kept$1.final', 'precious');
  await client.jetstream('STREAM.CREATE.kept$2', {
    name: 'kept$2',
    subjects: ['kept$2.>'],
    storage: 'memory',
  });
  await client.manage('station_creations', { name: 'kept', partitions_number: 2 });
  expect((await client.streams()).filter((name) => name.startsWith('kept'))).toEqual(['kept$1', 'kept$2']);
});

test('a protobuf schema without a message is refused over NATS, where it ends a real broker', async () => {
  const request = { name: 'empty', type: 'protobuf', schema_content: 'syntax = "proto3";' };
  expect(await client.manage('schema_creations', request)).toBe(
    '{"error":"your Proto file is invalid: it has no message"}',
  );
});

describe('what cannot be started', () => {
  test.each<[LocalBrokerOptions, RegExp, string]>([
    [{ host: '0.0.0.0' }, /set a password/, 'the default password is known to everybody'],
    [{ port: 65_536 }, /port is 65536/, 'no such port'],
    [{ restPort: 1.5 }, /restPort is 1\.5/, 'no such port'],
    [{ username: 'Root' }, /username is "Root"/, 'REST lower-cases names, so nobody could log in'],
    [{ password: '' }, /password is empty/, 'that would let everybody in'],
    [{ store: '' }, /store is empty/, 'would be the current folder'],
  ])('%j', async (options, message, _why) => {
    const error: unknown = await LocalBroker.start(options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ValidationError);
    expect((error as Error).message).toMatch(message);
  });

  test.each(['port', 'restPort'] as const)(
    '%s in use: a clear error, and nothing is left behind',
    async (which) => {
      const other = createServer();
      const port = await new Promise<number>((resolve) => {
        other.listen(0, '127.0.0.1', () => resolve((other.address() as AddressInfo).port));
      });
      const store = await mkdtemp(path.join(tmpdir(), 'broker-port-test-'));
      const error: unknown = await LocalBroker.start({ [which]: port, store }).catch(
        (reason: unknown) => reason,
      );
      await new Promise((resolve) => other.close(resolve));
      expect(error).toBeInstanceOf(EnvironmentError);
      expect((error as Error).message).toContain(`127.0.0.1:${port}: the port is in use`);
      // Other tests have run folders of their own; one of ours would name the store.
      const left = ourFolders().filter((name) => configurationIn(name).includes(store));
      expect([left, existsSync(path.join(store, 'broker.lock'))]).toEqual([[], false]);
      await rm(store, { recursive: true });
    },
  );
});

/** Run folders of brokers of any process; other tests may be running. */
function ourFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('cdktf-memphis-broker-'));
}

function configurationIn(folder: string): string {
  try {
    return readFileSync(path.join(tmpdir(), folder, 'nats-server.conf'), 'utf8');
  } catch {
    return '';
  }
}

test('stop ends everything, may be repeated, and ended() tells', async () => {
  const second = await LocalBroker.start();
  const folder = second.store.replace(/\/store$/, '').replace(/^.*\//, '');
  expect(ourFolders()).toContain(folder);
  const ended = second.ended();
  await Promise.all([second.stop(), second.stop()]);
  await ended;
  expect(ourFolders()).not.toContain(folder);
  await expect(fetch(`${second.restUrl}/api/status`)).rejects.toThrow();
  await expect(
    connect({ servers: `127.0.0.1:${second.port}`, reconnect: false, timeout: 500 }),
  ).rejects.toThrow();
});

test('when its nats-server dies, the broker ends', async () => {
  const second = await LocalBroker.start();
  const ended = second.ended();
  await second.kill();
  await ended;
  await expect(fetch(`${second.restUrl}/api/status`)).rejects.toThrow();
});
