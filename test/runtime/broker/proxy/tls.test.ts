import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { NatsConnection } from 'nats';
import { connect } from 'nats';

import { EnvironmentError } from '../../../../src/model/errors';
import { LocalBroker } from '../../../../src/runtime/broker';
import { openConnection } from '../../../../src/runtime/connection/open-connection';
import { createIdentity } from '../../../../src/runtime/certificate/identity';

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

function attempt(who: string | undefined, caFile = 'server', port = broker.port): Promise<NatsConnection> {
  return connect({
    servers: `localhost:${port}`,
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

test('our own client reaches the server behind, encrypted and with its certificate', async () => {
  const options = {
    host: 'localhost',
    port: broker.port,
    username: 'root',
    accountId: '1',
    password: 'memphis',
    connectionToken: undefined,
    reconnect: false,
    maxReconnect: 0,
    reconnectIntervalMs: 100,
    timeoutMs: 2_000,
    tls: { caFile: file('server.pem'), certFile: file('client.pem'), keyFile: file('client.key') },
    settingNames: { address: 'host and port', credential: 'username and password' },
  };
  const nats = await openConnection(options, 'a::root');
  expect(nats.getServer()).toBe(`localhost:${await directPort()}`);
  expect((await nats.request('$JS.API.INFO', '', { timeout: 2_000 })).string()).toContain('"streams"');
  await nats.close();
});

/** The port that INFO tells of, for clients that do without the proxy. */
async function directPort(): Promise<number> {
  const nats = await attempt('client');
  const { memphis_direct_port: port } = nats.info as unknown as { memphis_direct_port: number };
  await nats.close();
  return port;
}

test.each(['the public port', 'the direct port'])(
  '%s does not hear a password in clear, nor a client without a certificate',
  async (which) => {
    const port = which === 'the public port' ? broker.port : await directPort();
    const clear = connectTcp(port, '127.0.0.1');
    clear.on('error', () => undefined);
    let heard = '';
    clear.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')));
    await new Promise((resolve) => clear.once('data', resolve));
    clear.write('CONNECT {"user":"root","pass":"memphis","name":"1::root"}\r\nPING\r\n');
    await new Promise((resolve) => clear.once('close', resolve));
    expect(heard).toMatch(/^INFO .*"tls_required":true/);
    expect(heard).not.toContain('PONG');
    for (const who of [undefined, 'stranger']) {
      await expect(attempt(who, 'server', port)).rejects.toThrow();
    }
    await (await attempt('client', 'server', port)).close();
  },
);

test('users come and go although the files of the certificate have been taken away meanwhile', async () => {
  const nats = await attempt('client');
  const away = ['server.pem', 'server.key', 'client.pem'];
  for (const name of away) await rename(file(name), file(`${name}.away`));
  const { jwt } = (await (
    await fetch(`${broker.restUrl}/api/usermgmt/login`, {
      method: 'POST',
      body: '{"username":"root","password":"memphis"}',
    })
  ).json()) as { jwt: string };
  const reply = await fetch(`${broker.restUrl}/api/usermgmt/addUser`, {
    method: 'POST',
    headers: { authorization: `Bearer ${jwt}` },
    body: JSON.stringify({ username: 'app', user_type: 'application', password: 'App-Pass1!' }),
  });
  for (const name of away) await rename(file(`${name}.away`), file(name));
  expect([reply.status, await reply.text()]).toEqual([200, expect.stringContaining('app')]);
  await nats.close();
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
  ['missing.pem', 'server.key', undefined, /could not read the TLS files: certificate: .*missing\.pem/],
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
