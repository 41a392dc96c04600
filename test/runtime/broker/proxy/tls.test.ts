import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { NatsConnection } from 'nats';
import { connect } from 'nats';

import { EnvironmentError } from '../../../../src/model/errors';
import { LocalBroker } from '../../../../src/runtime/broker';
import { Memphis } from '../../../../src/runtime/messaging';
import { createIdentity } from '../../../../src/runtime/provider/wire/certificate';

let folder: string;
let broker: LocalBroker;
const file = (name: string): string => path.join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'broker-tls-test-'));
  for (const name of ['server', 'client', 'stranger']) {
    const { certificate, privateKey } = createIdentity(name === 'server' ? 'server' : 'client');
    await writeFile(file(`${name}.pem`), certificate);
    await writeFile(file(`${name}.key`), privateKey);
  }
  broker = await LocalBroker.start({
    store: 'memory',
    tls: { certFile: file('server.pem'), keyFile: file('server.key'), caFile: file('client.pem') },
  });
});
afterAll(async () => {
  await broker.stop();
  await rm(folder, { recursive: true });
});

function attempt(who: string | undefined, caFile = 'server'): Promise<NatsConnection> {
  return connect({
    servers: `localhost:${broker.port}`,
    user: 'root',
    pass: 'memphis',
    name: '1::root',
    reconnect: false,
    timeout: 1_000,
    tls: {
      caFile: file(`${caFile}.pem`),
      ...(who === undefined ? {} : { certFile: file(`${who}.pem`), keyFile: file(`${who}.key`) }),
    },
  });
}

test('a client that the authority knows is let in, and INFO in clear told it what is wanted', async () => {
  const nats = await attempt('client');
  expect(nats.info).toMatchObject({ port: broker.port, tls_required: true, tls_verify: true });
  expect(nats.info).not.toHaveProperty('memphis_direct_port');
  const large = new Uint8Array(500_000);
  const subscription = nats.subscribe('large', { max: 20 });
  for (let index = 0; index < 20; index++) nats.publish('large', large);
  let bytes = 0;
  for await (const message of subscription) bytes += message.data.length;
  expect(bytes).toBe(20 * large.length);
  await nats.close();
});

test.each([
  ['stranger', 'server', 'its certificate is from nobody'],
  [undefined, 'server', 'it has none'],
  ['client', 'stranger', 'the client does not trust the broker'],
])('client certificate %s, authority %s: refused, %s', async (who, caFile, _why) => {
  await expect(attempt(who, caFile)).rejects.toThrow();
});

test('a client that never begins the handshake does not stop others, and one that ends in it is forgotten', async () => {
  const silent = connectTcp(broker.port, '127.0.0.1');
  await new Promise((resolve) => silent.once('data', resolve));
  silent.end();
  const noise = connectTcp(broker.port, '127.0.0.1');
  noise.on('error', () => undefined);
  await new Promise((resolve) => noise.once('data', resolve));
  noise.write('CONNECT {"user":"root","pass":"memphis"}\r\nPING\r\n');
  await new Promise((resolve) => noise.once('close', resolve));
  await (await attempt('client')).close();
});

test('our own client stays at the encrypted port', async () => {
  const memphis = new Memphis();
  await memphis.connect({
    host: 'localhost',
    port: broker.port,
    username: 'root',
    password: 'memphis',
    caFile: file('server.pem'),
    certFile: file('client.pem'),
    keyFile: file('client.key'),
  });
  await memphis.station({ name: 'tls' });
  const producer = await memphis.producer({ stationName: 'tls', producerName: 'p' });
  await producer.produce({ message: 'x', msgId: '1' });
  await memphis.close();
});

test('without an authority a client needs no certificate; environment() names the one to trust', async () => {
  const open = await LocalBroker.start({
    store: 'memory',
    tls: { certFile: file('server.pem'), keyFile: file('server.key') },
  });
  const nats = await connect({
    servers: `localhost:${open.port}`,
    user: 'root',
    pass: 'memphis',
    tls: { caFile: open.environment().MEMPHIS_CA_FILE ?? '' },
  });
  expect(nats.info).not.toHaveProperty('tls_verify');
  await nats.close();
  await open.stop();
});

test.each([
  ['missing.pem', 'server.key', undefined, /could not read the TLS certificate/],
  ['server.pem', 'client.key', undefined, /could not use the TLS files/],
  ['server.pem', 'server.key', 'server.key', /could not use the TLS files/],
])('files that do not do: %s, %s, %s', async (certFile, keyFile, caFile, message) => {
  const tls = {
    certFile: file(certFile),
    keyFile: file(keyFile),
    ...(caFile === undefined ? {} : { caFile: file(caFile) }),
  };
  const error: unknown = await LocalBroker.start({ tls }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EnvironmentError);
  expect((error as Error).message).toMatch(message);
});
