import type { Server } from 'node:net';
import { createServer } from 'node:net';
import { connect as connectNats } from 'nats';
import { resolveConnection } from '../../../src/model/connection';
import { AuthenticationError, ClosedError, TimeoutError, ValidationError } from '../../../src/model/errors';
import { Memphis } from '../../../src/runtime/messaging';
import { completeConnectOptions } from '../../../src/runtime/messaging/connection/connect-options';
import { eventually } from '../../support/broker';
import { textOf } from '../../support/text-of';
import { CapturingServer } from './capturing-server';
import { connectionsForThisFile, local } from './connecting';
import { row } from './row';
import { duration, gateBefore, trafficForThisFile } from './station-traffic';
import { rejection } from '../../support/rejection';

const traffic = trafficForThisFile();
const { broker } = traffic;
const { afterRow, bareServer, connect, connectFrame, files, localBroker } = connectionsForThisFile();

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
  // A user of type application has all of it.
  const { name } = await traffic.station();
  const application = await connect({ ...broker.options, ...(await broker.addUser('application')) });
  await application.producer({ stationName: name, producerName: 'of-the-user' });
  const producers = async () => (await traffic.overview(name)).connected_producers.map((one) => one.name);
  expect(await producers()).toEqual(['of-the-user']);
  await application.close();
  // The broker finds what is registered by the connection's name.
  await eventually(async () => (await producers()).length === 0, 'the producer goes with its connection');
  const management = { ...broker.options, ...(await broker.addUser('management')) };
  const error = await rejection(connect(management));
  expect(error).toBeInstanceOf(AuthenticationError);
  expect(error.message).toContain(`as "${management.username}"`);
});

row('CON-4', async () => {
  for (const accountId of [1, 999]) {
    const memphis = await connect({ ...broker.options, accountId });
    expect(await memphis.stationExists('there-is-none')).toBe(false);
  }
  const server = await bareServer('authorization { users: [{ user: "app", password: "pw" }] }');
  const old = { host: '127.0.0.1', port: server.port, username: 'app', password: 'pw' };
  expect((await connect(old)).isConnected()).toBe(true);
  // The fallback is for the user's name only: a wrong password stays wrong.
  expect(await rejection(connect({ ...old, password: 'wrong' }))).toBeInstanceOf(AuthenticationError);
});

row('CON-5', async () => {
  for (const accountId of [123456789, '123456789']) {
    expect((await connectFrame({ password: 'x', accountId })).user).toBe('root$123456789');
  }
});

row('CON-8', async () => {
  expect((await connectFrame({ password: 'the password' })).pass).toBe('the password');
  // In the mode of passwords, whatever the mode of the broker under test.
  const login = { ...local, port: (await localBroker({ password: 'right' })).port };
  const memphis = await connect({ ...login, password: 'right' });
  expect((await memphis.station({ name: 'st' })).name).toBe('st');
  const error = await rejection(connect({ ...login, password: 'wrong-password' }));
  expect(error).toBeInstanceOf(AuthenticationError);
  expect(error.message).toContain('the broker refused the user or the password');
  expect(error.message).not.toContain('wrong-password');
});

row('CON-9', async () => {
  const server = await CapturingServer.start();
  afterRow(() => server.stop());
  const login = { host: '127.0.0.1', port: server.port, username: 'root' };
  const tls = { keyFile: 'k', certFile: 'c', caFile: 'a' };
  const both = { password: 'a', connectionToken: 'b' };
  for (const credentials of [{}, { password: '', connectionToken: '' }, both, { ...both, ...tls }]) {
    const error = await rejection(connect({ ...login, ...credentials }));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error.message).toContain(
      'You have to connect with one of the following methods: connection token / password',
    );
  }
  // TLS files alone are enough, so there the next thing that fails is another one.
  expect(await rejection(connect({ ...login, ...tls }))).not.toBeInstanceOf(ValidationError);
  server.knocks = 0;
  await rejection(connect(login));
  expect(server.knocks).toBe(0);
});

row('CON-10', async () => {
  const own = await localBroker({});
  const memphis = await connect({ host: '127.0.0.1', username: 'root', password: 'memphis', port: own.port });
  expect((await memphis.station({ name: 'st' })).name).toBe('st');
});

row('CON-11', async () => {
  const cloud = { username: 'team', password: 'x', accountId: '223671990' };
  expect(await connectFrame(cloud)).toMatchObject({ user: 'team$223671990', pass: 'x' });
});

row('CON-12', async () => {
  expect(completeConnectOptions(local).port).toBe(6666);
  const { gate, options } = await gateBefore(broker);
  afterRow(() => gate.close());
  expect((await connect(options)).isConnected()).toBe(true);
});

row('CON-16', async () => {
  const silent = await new Promise<Server>((resolve) => {
    const server = createServer((socket) => socket.resume().on('error', () => undefined));
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
  afterRow(() => new Promise((resolve) => silent.close(resolve)));
  const { port } = silent.address() as { port: number };
  const waited = await duration(async () => {
    expect(await rejection(connect({ ...local, port }))).toBeInstanceOf(TimeoutError);
  });
  expect(waited).toBeGreaterThan(1_950);
  expect(waited).toBeLessThan(2_700);
  // It is no limit for requests: here the answer takes longer.
  const server = await bareServer('');
  const responder = await connectNats({ servers: `127.0.0.1:${server.port}` });
  afterRow(() => responder.close());
  responder.subscribe('$memphis_station_creations', {
    callback: (_error, message) => void setTimeout(() => message.respond(''), 500),
  });
  responder.subscribe('$JS.API.STREAM.INFO.>', {
    callback: (_error, message) =>
      void message.respond('{"config":{"retention":"limits"},"state":{"last_seq":0}}'),
  });
  await responder.flush();
  const patient = await connect({ ...local, port: server.port, timeoutMs: 200 });
  expect((await patient.station({ name: 'slow' })).name).toBe('slow');
});

row('CON-24', async () => {
  const memphis = await connect(broker.options);
  const [name, other, schemaName] = [
    broker.stationName(),
    broker.stationName(),
    broker.stationName('schema'),
  ];
  const schemaFilePath = (await files({ 'schema.json': '{"type":"object"}' }))('schema.json');
  const station = await memphis.station({ name, partitionsNumber: 2 });
  await memphis.createSchema({ schemaName, schemaType: 'json', schemaFilePath });
  await memphis.enforceSchema({ name: schemaName, stationName: name });
  const producer = await memphis.producer({ stationName: name, producerName: 'p' });
  await producer.produce({ message: { a: 1 }, producerPartitionNumber: 2, headers: { h: 'v' }, msgId: '1' });
  await producer.produce({ message: { a: 2 }, producerPartitionNumber: 2, nonblocking: true });
  await producer.flush();
  const consumer = await memphis.consumer({
    stationName: name,
    consumerName: 'c',
    batchMaxTimeToWaitMs: 300,
  });
  const messages = await consumer.fetch({ batchSize: 2, consumerPartitionNumber: 2 });
  expect(messages.map(textOf)).toEqual(['{"a":1}', '{"a":2}']);
  const [first, second] = messages;
  await first?.ack();
  await second?.nack();
  const seen: unknown[] = [];
  consumer.consume(
    async (batch) => {
      for (const message of batch) seen.push(await message.getDataDeserialized());
    },
    { consumerPartitionNumber: 2 },
  );
  await eventually(() => seen.length === 1, 'what was rejected comes to the loop');
  expect(seen).toEqual([{ a: 2 }]);
  await memphis.detachSchema({ stationName: name });
  await memphis.produce({ stationName: [name, other], producerName: 'p', message: 'to both' });
  const [copy] = await memphis.fetchMessages({ stationName: other, consumerName: 'c', batchSize: 1 });
  expect(textOf(copy)).toBe('to both');
  await consumer.destroy();
  await producer.destroy();
  await station.destroy();
  expect(await memphis.stationExists(name)).toBe(false);
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
