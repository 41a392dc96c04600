import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { NatsConnection } from 'nats';
import { connect } from 'nats';

import { LocalBroker } from '../../../src/runtime/broker';
import { BrokerClient } from './broker-client';

const password = 'Abc123!@#x';
const log: string[] = [];
let broker: LocalBroker;
let root: BrokerClient;

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory', log: (line) => log.push(line) });
  root = await BrokerClient.connect(broker);
});

afterAll(async () => {
  await root.close();
  await broker.stop();
});

function add(username: string, more: object = {}): Promise<unknown> {
  return root.rest('POST', '/usermgmt/addUser', { username, user_type: 'application', password, ...more });
}

function connectAs(
  user: string,
  pass = password,
  name = `x::${user.replace('$1', '')}`,
): Promise<NatsConnection> {
  return connect({ servers: `127.0.0.1:${broker.port}`, user, pass, name, reconnect: false, timeout: 2_000 });
}

async function isRefused(user: string, pass = password, name?: string): Promise<boolean> {
  try {
    await (await connectAs(user, pass, name)).close();
    return false;
  } catch (error) {
    expect(String(error)).toMatch(/Authorization Violation/i);
    return true;
  }
}

test('an application user can connect the moment it was added, with and without the id of the account', async () => {
  await add('app');
  expect([await isRefused('app'), await isRefused('app$1')]).toEqual([false, false]);
  expect(await isRefused('app', 'wrong')).toBe(true);
  expect(await isRefused('app', password, 'x::ghost')).toBe(true);
});

test('a management user logs in to REST and is refused as a client', async () => {
  await add('boss', { user_type: 'management' });
  const login = await root.rest<{ user_type?: string }>('POST', '/usermgmt/login', {
    username: 'boss',
    password,
  });
  expect(login.user_type).toBe('management');
  expect(await isRefused('boss')).toBe(true);
  // A name decides, too: the password of another user does not help.
  expect(await isRefused('app', password, 'x::boss')).toBe(true);
});

test('removing a user closes its connections, and only those', async () => {
  await add('short');
  await add('stays');
  const [gone, stays] = await Promise.all([connectAs('short'), connectAs('stays')]);
  const closed = gone.closed();
  await root.rest('DELETE', '/usermgmt/removeUser', { username: 'short' });
  await closed;
  await stays.flush();
  await stays.close();
  expect(await isRefused('short')).toBe(true);
});

test('a changed password counts at once; the log says what it would do to a real broker', async () => {
  await add('changer');
  log.length = 0;
  await root.rest('PUT', '/usermgmt/changePassword', { username: 'changer', password: 'weak' });
  expect([await isRefused('changer'), await isRefused('changer', 'weak')]).toEqual([true, false]);
  expect(log).toEqual([expect.stringContaining('could not connect after its next start')]);
  expect(await root.rest('PUT', '/usermgmt/changePassword', { username: 'nobody', password: 'x' })).toEqual(
    {},
  );
});

describe('a user with lists', () => {
  let limited: NatsConnection;
  const manage = async (subject: string, request: object): Promise<string> =>
    (
      await limited.request(`$memphis_${subject}`, JSON.stringify({ username: 'limited', ...request }), {
        timeout: 2_000,
      })
    ).string();
  const client = {
    connection_id: 'x',
    req_version: 4,
    name: 'c',
    start_consume_from_sequence: 1,
    last_messages: -1,
  };

  beforeAll(async () => {
    for (const name of ['allowed.sub', 'readonly', 'other', 'pfx-1', 'doomed'])
      await root.manage('station_creations', { name, partitions_number: 1 });
    await add('limited', {
      allow_read_permissions: ['allowed.sub', 'readonly'],
      allow_write_permissions: ['allowed.sub', 'pfx-.*', 'later'],
    });
    limited = await connectAs('limited');
  });

  afterAll(() => limited.close());

  test.each([
    [
      'station_creations',
      { name: 'fresh', partitions_number: 1 },
      'user limited is not allowed to create station fresh',
    ],
    ['station_creations', { name: 'later', partitions_number: 1 }, ''],
    ['station_creations', { name: 'pfx-2', partitions_number: 1 }, ''],
    [
      'consumer_creations',
      { ...client, station_name: 'Other', consumer_type: 'application' },
      'user limited is not allowed to access station Other',
    ],
    // What a real broker forgot to restrict.
    ['schema_detachments', { station_name: 'other' }, ''],
    ['station_destructions', { station_name: 'doomed' }, ''],
    // A real broker believes the request; here the user that logged in counts.
    [
      'station_creations',
      { name: 'as-root', partitions_number: 1, username: 'root' },
      'user limited is not allowed to create station as-root',
    ],
  ])('%s %j answers %s', async (subject, request, reply) => {
    expect(await manage(subject, request)).toBe(reply);
  });

  test.each([
    ['allowed.sub', 'producer', ''],
    ['readonly', 'producer', 'user limited is not allowed to access station readonly'],
    ['readonly', 'consumer', ''],
    // A pattern counts in the management protocol.
    ['pfx-1', 'producer', ''],
  ])('%s: a %s is told %s', async (station, kind, error) => {
    const request = { ...client, station_name: station, [`${kind}_type`]: 'application' };
    expect(JSON.parse(await manage(`${kind}_creations`, request))).toMatchObject({ error });
  });

  test.each([
    ['$JS.API.INFO', true],
    ['$JS.API.STREAM.NAMES', true],
    ['$JS.API.STREAM.INFO.allowed#sub$1', true],
    ['$JS.API.CONSUMER.INFO.readonly$1.c', true],
    ['allowed#sub$1.final', true],
    // Made after the user: its rights were there before the reply was.
    ['later$1.final', true],
    ['readonly$1.final', false],
    ['other$1.final', false],
    ['pfx-1$1.final', false],
    ['$JS.API.STREAM.INFO.pfx-1$1', false],
    ['$JS.API.STREAM.LIST', false],
    ['$JS.API.STREAM.PURGE.allowed#sub$1', false],
    ['$JS.API.CONSUMER.LIST.allowed#sub$1', false],
    ['$memphis_schema_attachments', false],
  ])('%s is permitted: %s', async (subject, isPermitted) => {
    const outcome = await limited.request(subject, '', { timeout: 300 }).then(
      () => true,
      () => false,
    );
    expect(outcome).toBe(isPermitted);
  });
});

test('users outlive a kill of the server', async () => {
  const store = await mkdtemp(path.join(tmpdir(), 'broker-users-test-'));
  const first = await LocalBroker.start({ store });
  const client = await BrokerClient.connect(first);
  await client.rest('POST', '/usermgmt/addUser', { username: 'app', user_type: 'application', password });
  await client.close();
  await first.kill();
  const second = await LocalBroker.start({ store });
  const servers = `127.0.0.1:${second.port}`;
  const connection = await connect({
    servers,
    user: 'app$1',
    pass: password,
    name: 'x::app',
    reconnect: false,
  });
  await connection.close();
  await second.stop();
  await rm(store, { recursive: true });
});

describe('with a connection token', () => {
  const token = 'sesame-1.2_3';
  let opened: LocalBroker;
  beforeAll(async () => {
    opened = await LocalBroker.start({ store: 'memory', connectionToken: token });
  });
  afterAll(() => opened.stop());

  const come = (name: string | undefined, how: object): Promise<boolean> =>
    connect({
      servers: `127.0.0.1:${opened.port}`,
      reconnect: false,
      timeout: 2_000,
      ...(name === undefined ? {} : { name }),
      ...how,
    }).then(
      async (connection) => {
        const reply = await connection.request(
          '$memphis_station_creations',
          JSON.stringify({ name: 'by-token', partitions_number: 1, username: 'root' }),
          { timeout: 2_000 },
        );
        await connection.close();
        return reply.string() === '';
      },
      () => false,
    );

  test.each<[string | undefined, object, boolean, string]>([
    ['x::root', { token }, true, 'a native client of root'],
    ['x::root', { token: 'wrong' }, false, 'another token'],
    ['x::ghost', { token }, false, 'nobody'],
    ['plain', { token }, false, 'a real broker does not find out who it is'],
    [undefined, { token }, false, 'no name'],
    ['x::root', { user: 'root', pass: 'memphis' }, false, 'users and passwords are for the other mode'],
    ['x::root', {}, false, 'no credential'],
  ])('%s with %j comes in: %s (%s)', async (name, how, isLetIn) => {
    expect(await come(name, how)).toBe(isLetIn);
  });

  test('REST tells the token and the other account; the environment has the token', async () => {
    const login = await fetch(`${opened.restUrl}/api/usermgmt/login`, {
      method: 'POST',
      body: JSON.stringify({ username: 'root', password: 'memphis' }),
    });
    const body = (await login.json()) as { jwt: string };
    expect(body).toMatchObject({ connection_token: token, user_pass_based_auth: false });
    const stations = await fetch(`${opened.restUrl}/api/stations/getAllStations`, {
      headers: { authorization: `Bearer ${body.jwt}` },
    });
    expect(await stations.json()).toMatchObject([{ tenant_name: '$G' }, { tenant_name: '$G' }]);
    const added = await fetch(`${opened.restUrl}/api/usermgmt/addUser`, {
      method: 'POST',
      headers: { authorization: `Bearer ${body.jwt}` },
      body: JSON.stringify({ username: 'app', user_type: 'application', password }),
    });
    expect(await added.json()).toMatchObject({ broker_connection_creds: token });
    expect(await come('x::app', { token })).toBe(true);
    expect(opened.environment()).toMatchObject({ MEMPHIS_CONNECTION_TOKEN: token });
  });

  test('a token that a configuration could not hold is refused', async () => {
    await expect(LocalBroker.start({ connectionToken: 'with "quotes"' })).rejects.toThrow(/connectionToken/);
  });
});
