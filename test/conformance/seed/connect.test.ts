import { randomUUID } from 'node:crypto';
import type { Server } from 'node:net';
import { createServer } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  AuthenticationError,
  ClosedError,
  ConnectionError,
  TimeoutError,
  ValidationError,
} from '../../../src/model/errors';
import { resolveConnection } from '../../../src/model/connection';
import { LocalBroker } from '../../../src/runtime/broker';
import type { ConnectOptions } from '../../../src/runtime/messaging';
import { Memphis } from '../../../src/runtime/messaging';
import { completeConnectOptions } from '../../../src/runtime/messaging/connect-options';
import { createIdentity } from '../../../src/runtime/certificate/identity';
import { eventually } from '../../support/broker';
import { BareServer } from '../../runtime/messaging/bare-server';
import { Gate } from '../../runtime/messaging/gate';
import { CapturingServer } from './capturing-server';
import { row } from './row';
import { duration, rejection, textOf, trafficForThisFile } from './station-traffic';

const traffic = trafficForThisFile();
const { broker } = traffic;

/** What a row has started; ended after it, also when it fails. */
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function connect(options: ConnectOptions): Promise<Memphis> {
  const memphis = new Memphis();
  memphis.onError(() => undefined);
  cleanUps.push(() => memphis.close());
  await memphis.connect(options);
  return memphis;
}

async function bareServer(configuration: string, files: Record<string, Buffer> = {}): Promise<BareServer> {
  const server = await BareServer.start(configuration, files);
  cleanUps.push(() => server.kill());
  return server;
}

const local = { host: '127.0.0.1', username: 'root', password: 'memphis' } as const;

/** What a client with these options tells the server when it connects. */
async function connectFrame(options: Partial<ConnectOptions>): Promise<Readonly<Record<string, unknown>>> {
  const server = await CapturingServer.start();
  cleanUps.push(() => server.stop());
  await connect({ host: '127.0.0.1', username: 'root', port: server.port, ...options });
  return server.connects[0] ?? {};
}

row('CON-1', async () => {
  const memphis = new Memphis();
  const error = await rejection(memphis.station({ name: 's' }));
  expect(error).toBeInstanceOf(ClosedError);
  expect(error.message).toContain('Connection is dead');
  const connected = await connect(broker.options);
  const name = broker.stationName();
  expect((await connected.station({ name })).name).toBe(name);
});

row('CON-2', async () => {
  const { host } = broker.options;
  for (const written of [host, `http://${host}`, `https://${host}`]) {
    expect((await connect({ ...broker.options, host: written })).isConnected()).toBe(true);
  }
});

row('CON-3', async () => {
  const frame = await connectFrame({ password: 'x' });
  expect(frame.user).toBe('root$1');
  expect(frame.name).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}::root$/);
});

row('CON-4', async () => {
  for (const accountId of [1, 999]) {
    expect((await connect({ ...broker.options, accountId })).isConnected()).toBe(true);
  }
  const server = await bareServer('authorization { users: [{ user: "app", password: "pw" }] }');
  const old = await connect({ host: '127.0.0.1', port: server.port, username: 'app', password: 'pw' });
  expect(old.isConnected()).toBe(true);
});

row('CON-5', async () => {
  for (const accountId of [123456789, '123456789']) {
    expect((await connectFrame({ password: 'x', accountId })).user).toBe('root$123456789');
  }
});

const tokenMode = (): Promise<BareServer> => bareServer('authorization { token: "shared" }');

row('CON-6', async () => {
  const frame = await connectFrame({ connectionToken: 'a token' });
  expect([frame.auth_token, frame.user]).toEqual(['a token', undefined]);
  expect(frame.name).toMatch(/::root$/);
  const { port } = await tokenMode();
  const login = { host: '127.0.0.1', port, username: 'root' };
  expect((await connect({ ...login, connectionToken: 'shared' })).isConnected()).toBe(true);
  expect(await rejection(connect({ ...login, connectionToken: 'other' }))).toBeInstanceOf(
    AuthenticationError,
  );
});

row('CON-7', async () => {
  const { port } = await tokenMode();
  for (const username of ['one', 'two']) {
    const memphis = await connect({ host: '127.0.0.1', port, username, connectionToken: 'shared' });
    expect(memphis.isConnected()).toBe(true);
  }
});

row('CON-8', async () => {
  expect((await connectFrame({ password: 'the password' })).pass).toBe('the password');
  const server = await bareServer('authorization { users: [{ user: "root$1", password: "right" }] }');
  const login = { host: '127.0.0.1', port: server.port, username: 'root' };
  expect((await connect({ ...login, password: 'right' })).isConnected()).toBe(true);
  const error = await rejection(connect({ ...login, password: 'wrong-password' }));
  expect(error).toBeInstanceOf(AuthenticationError);
  expect(error.message).not.toContain('wrong-password');
});

row('CON-9', async () => {
  const login = { host: '127.0.0.1', port: 1, username: 'root' };
  for (const credentials of [{}, { password: 'a', connectionToken: 'b' }]) {
    const error = await rejection(connect({ ...login, ...credentials }));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error.message).toContain(
      'You have to connect with one of the following methods: connection token / password',
    );
  }
});

row('CON-10', async () => {
  const own = await LocalBroker.start({ store: 'memory' });
  cleanUps.push(() => own.stop());
  const memphis = await connect({ ...local, port: own.port });
  expect((await memphis.station({ name: 'st' })).name).toBe('st');
});

row('CON-11', async () => {
  const cloud = { username: 'team', password: 'x', accountId: '223671990' };
  expect(await connectFrame(cloud)).toMatchObject({ user: 'team$223671990', pass: 'x' });
});

row('CON-12', async () => {
  expect(completeConnectOptions(local).port).toBe(6666);
  const moved = await Gate.before(broker.options.port);
  cleanUps.push(() => moved.close());
  expect((await connect({ ...broker.options, port: moved.port })).isConnected()).toBe(true);
});

row('CON-13', async () => {
  const gate = await Gate.before(broker.options.port);
  cleanUps.push(() => gate.close());
  const { name } = await traffic.station();
  const reconnecting = await connect({ ...broker.options, port: gate.port, reconnectIntervalMs: 20 });
  const ending = await connect({ ...broker.options, port: gate.port, reconnect: false });
  gate.cutOnce();
  await eventually(() => !ending.isConnected(), 'the loss is seen');
  await reconnecting.produce({ stationName: name, producerName: 'p', message: 'again' });
  expect((await broker.storedMessage(name, 1, 1)).data.toString()).toBe('again');
  expect(await rejection(ending.station({ name }))).toBeInstanceOf(ClosedError);
});

/** The moments at which a client with these options knocks after the connection is lost for good. */
async function knocks(options: Partial<ConnectOptions>): Promise<readonly number[]> {
  const server = await bareServer('');
  const gate = await Gate.before(server.port);
  cleanUps.push(() => gate.close());
  const memphis = await connect({ ...local, port: gate.port, ...options });
  let ended = false;
  memphis.onError(() => {
    ended = true;
  });
  gate.cutOff();
  await eventually(() => ended, 'it gives up');
  return gate.knocks;
}

row('CON-14', async () => {
  expect(completeConnectOptions(local).maxReconnect).toBe(-1);
  // The official clients lower everything above nine.
  expect(await knocks({ maxReconnect: 12, reconnectIntervalMs: 5 })).toHaveLength(12);
});

row('CON-15', async () => {
  expect(completeConnectOptions(local).reconnectIntervalMs).toBe(1500);
  const [first = 0, second = 0, third = 0] = await knocks({ maxReconnect: 3, reconnectIntervalMs: 150 });
  for (const interval of [second - first, third - second]) {
    expect(interval).toBeGreaterThan(140);
    expect(interval).toBeLessThan(400);
  }
});

row('CON-16', async () => {
  const silent = await new Promise<Server>((resolve) => {
    const server = createServer((socket) => socket.resume().on('error', () => undefined));
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
  cleanUps.push(() => new Promise((resolve) => silent.close(resolve)));
  const { port } = silent.address() as { port: number };
  const waited = await duration(async () => {
    expect(await rejection(connect({ ...local, port }))).toBeInstanceOf(TimeoutError);
  });
  expect(waited).toBeGreaterThan(1_950);
  expect(waited).toBeLessThan(2_700);
});

const [serverIdentity, clientIdentity, stranger] = [
  createIdentity('server'),
  createIdentity('client'),
  createIdentity('server'),
];

async function tlsServer(): Promise<{ server: BareServer; login: ConnectOptions }> {
  const server = await bareServer(
    'tls { cert_file: "$FOLDER/server.pem", key_file: "$FOLDER/server.key", ca_file: "$FOLDER/client.pem", verify: true }',
    {
      'server.pem': serverIdentity.certificate,
      'server.key': serverIdentity.privateKey,
      'client.pem': clientIdentity.certificate,
      'client.key': clientIdentity.privateKey,
      'stranger.pem': stranger.certificate,
      'stranger.key': stranger.privateKey,
    },
  );
  const login = {
    host: 'localhost',
    port: server.port,
    username: 'root',
    timeoutMs: 1_000,
    keyFile: server.fileIn('client.key'),
    certFile: server.fileIn('client.pem'),
    caFile: server.fileIn('server.pem'),
  };
  return { server, login };
}

row('CON-17', async () => {
  const { server, login } = await tlsServer();
  expect((await connect(login)).isConnected()).toBe(true);
  // A key that does not belong to the certificate cannot be used.
  await expect(connect({ ...login, keyFile: server.fileIn('stranger.key') })).rejects.toThrow(
    ConnectionError,
  );
});

row('CON-18', async () => {
  const { server, login } = await tlsServer();
  const files = { certFile: server.fileIn('stranger.pem'), keyFile: server.fileIn('stranger.key') };
  // The broker does not know who signed this one.
  await rejection(connect({ ...login, ...files }));
  expect((await connect(login)).isConnected()).toBe(true);
});

row('CON-19', async () => {
  const { server, login } = await tlsServer();
  const error = await rejection(connect({ ...login, caFile: server.fileIn('stranger.pem') }));
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error.message).toContain('the TLS files');
});

row('CON-20', () => {
  const files = { keyFile: 'k', certFile: 'c', caFile: 'a' };
  const { keyFile: _key, ...withoutKey } = files;
  const { certFile: _certificate, ...withoutCertificate } = files;
  const { caFile: _authority, ...withoutAuthority } = files;
  expect(() => completeConnectOptions({ ...local, ...withoutKey })).toThrow('Must provide a TLS key file');
  expect(() => completeConnectOptions({ ...local, ...withoutCertificate })).toThrow(
    'Must provide a TLS cert file',
  );
  expect(() => completeConnectOptions({ ...local, ...withoutAuthority })).toThrow(
    'Must provide a TLS ca file',
  );
});

row('CON-21', async () => {
  const { login } = await tlsServer();
  const memphis = await connect(login);
  expect(memphis.isConnected()).toBe(true);
  // The server has no port without TLS: a client without the files does not get in.
  const { host, port, username } = login;
  await rejection(connect({ host, port: port ?? 0, username, password: 'x', timeoutMs: 500 }));
});

row('CON-22', async () => {
  // People find the token where they log in; so does this.
  const { restUrl, restUsername, restPassword } = resolveConnection({}, broker.environment);
  const response = await fetch(`${restUrl}/api/usermgmt/login`, {
    method: 'POST',
    body: JSON.stringify({ username: restUsername, password: restPassword }),
    signal: AbortSignal.timeout(5_000),
  });
  expect(await response.json()).toHaveProperty('connection_token');
});

row('CON-23', async () => {
  const { port } = await tokenMode();
  const error = await rejection(connect({ ...local, port }));
  expect(error).toBeInstanceOf(AuthenticationError);
  expect(error.message).toContain('Authorization Violation');
  expect(error.message).toContain('a broker in connection-token mode takes a token');
});

row('CON-24', async () => {
  const memphis = await connect(broker.options);
  const folder = await mkdtemp(path.join(tmpdir(), 'cdktf-memphis-con24-'));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  const [name, schemaName] = [broker.stationName(), `schema-${randomUUID().slice(0, 8)}`];
  const station = await memphis.station({ name, partitionsNumber: 2 });
  await memphis.createSchema({ schemaName, schemaType: 'json', schemaContent: '{"type":"object"}' });
  await memphis.enforceSchema({ name: schemaName, stationName: name });
  const producer = await memphis.producer({ stationName: name, producerName: 'p' });
  await producer.produce({ message: { a: 1 }, producerPartitionNumber: 2, headers: { h: 'v' }, msgId: '1' });
  const consumer = await memphis.consumer({ stationName: name, consumerName: 'c' });
  const [message] = await consumer.fetch({ batchSize: 1, consumerPartitionNumber: 2 });
  expect(textOf(message)).toBe('{"a":1}');
  await message?.ack();
  await memphis.detachSchema({ stationName: name });
  await consumer.destroy();
  await producer.destroy();
  await station.destroy();
  expect(await memphis.stationExists(name)).toBe(false);
});
