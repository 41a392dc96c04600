import { AuthenticationError, ConnectionError } from '../../../src/model/errors';
import { createIdentity } from '../../../src/runtime/certificate/identity';
import type { LocalBroker } from '../../../src/runtime/broker';
import type { ConnectOptions, Memphis } from '../../../src/runtime/messaging';
import { completeConnectOptions } from '../../../src/runtime/messaging/connection/connect-options';
import { connectionsForThisFile, local } from './connecting';
import { WireTap } from '../../support/wire-tap';
import { row } from './row';
import { duration } from './station-traffic';
import { rejection } from '../../support/rejection';

// These modes are the broker's, so each row starts a broker that is in the mode it is about.
const { afterRow, bareServer, connect, connectFrame, files, localBroker } = connectionsForThisFile();

/** A station is made and read: a connection that was let in by mistake would not get that far. */
async function use(memphis: Memphis, name = 'st'): Promise<void> {
  const station = await memphis.station({ name });
  await memphis.produce({ stationName: name, producerName: 'p', message: 'm' });
  expect(await memphis.fetchMessages({ stationName: name, consumerName: 'c', batchSize: 1 })).toHaveLength(1);
  await station.destroy();
}

async function tokenMode(): Promise<{ own: LocalBroker; login: ConnectOptions }> {
  const own = await localBroker({ connectionToken: 'shared' });
  return { own, login: { host: '127.0.0.1', port: own.port, username: 'root' } };
}

row('CON-6', async () => {
  const frame = await connectFrame({ connectionToken: 'a token' });
  expect([frame.auth_token, frame.user, frame.pass]).toEqual(['a token', undefined, undefined]);
  expect(frame.name).toMatch(/^[0-9a-f-]{36}::root$/);
  const { login } = await tokenMode();
  await use(await connect({ ...login, connectionToken: 'shared' }));
  const error = await rejection(connect({ ...login, connectionToken: 'another' }));
  expect(error).toBeInstanceOf(AuthenticationError);
  expect(error.message).toContain('the broker refused the connection token');
  expect(error.message).not.toContain('another');
});

row('CON-7', async () => {
  const { own, login } = await tokenMode();
  const add = async (username: string): Promise<void> => {
    const session = await fetch(`${own.restUrl}/api/usermgmt/login`, {
      method: 'POST',
      body: JSON.stringify({ username: local.username, password: local.password }),
    });
    const { jwt } = (await session.json()) as { jwt: string };
    const added = await fetch(`${own.restUrl}/api/usermgmt/addUser`, {
      method: 'POST',
      headers: { authorization: `Bearer ${jwt}` },
      body: JSON.stringify({ username, user_type: 'application', password: 'Abc123!@#x' }),
    });
    expect(added.status).toBe(200);
  };
  for (const username of ['one', 'two']) await add(username);
  const [one, two] = [
    await connect({ ...login, username: 'one', connectionToken: 'shared' }),
    await connect({ ...login, username: 'two', connectionToken: 'shared' }),
  ];
  await use(one, 'first');
  await use(two, 'second');
  // The token alone is not enough: the user has to be one of the broker's.
  const nobody = { ...login, username: 'nobody', connectionToken: 'shared' };
  expect(await rejection(connect(nobody))).toBeInstanceOf(AuthenticationError);
});

const [serverIdentity, clientIdentity, stranger] = [
  createIdentity('server'),
  createIdentity('client'),
  createIdentity('client'),
];

const pems = {
  'server.pem': serverIdentity.certificate,
  'server.key': serverIdentity.privateKey,
  'client.pem': clientIdentity.certificate,
  'client.key': clientIdentity.privateKey,
  'stranger.pem': stranger.certificate,
  'stranger.key': stranger.privateKey,
};

/** A broker with TLS that demands client certificates, and how to log in there. */
async function tlsMode() {
  const file = await files(pems);
  const own = await localBroker({
    tls: { certFile: file('server.pem'), keyFile: file('server.key'), caFile: file('client.pem') },
  });
  const login = {
    host: 'localhost',
    port: own.port,
    username: 'root',
    password: 'memphis',
    timeoutMs: 1_000,
    keyFile: file('client.key'),
    certFile: file('client.pem'),
    caFile: file('server.pem'),
  };
  return { file, login };
}

row('CON-17', async () => {
  const { file, login } = await tlsMode();
  await use(await connect(login));
  // A key that does not belong to the certificate cannot be used.
  const error = await rejection(connect({ ...login, keyFile: file('stranger.key') }));
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error.message).toContain('the TLS files');
});

row('CON-18', async () => {
  const { file, login } = await tlsMode();
  const { certFile: _certificate, keyFile: _key, ...none } = login;
  // The broker does not know who signed this one, and without any it lets nobody in.
  for (const files of [{ certFile: file('stranger.pem'), keyFile: file('stranger.key') }, {}]) {
    expect(await rejection(connect({ ...none, ...files }))).toHaveProperty(
      'code',
      expect.stringMatching(/^MEMPHIS_(CONNECTION|TIMEOUT)$/),
    );
  }
  await use(await connect(login));
});

row('CON-19', async () => {
  const { file, login } = await tlsMode();
  const error = await rejection(connect({ ...login, caFile: file('stranger.pem') }));
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error.message).toContain('the TLS files');
  await use(await connect(login));
});

row('CON-20', async () => {
  const files: Readonly<Record<string, string>> = { keyFile: 'k', certFile: 'c', caFile: 'a' };
  const cases: readonly (readonly [missing: string, text: string])[] = [
    ['keyFile', 'Must provide a TLS key file'],
    ['certFile', 'Must provide a TLS cert file'],
    ['caFile', 'Must provide a TLS ca file'],
  ];
  for (const [missing, text] of cases) {
    // An empty path is none, as in the other options that are texts.
    await expect(connect({ ...local, ...files, [missing]: '' })).rejects.toThrow(text);
    const { [missing]: _left, ...others } = files;
    await expect(connect({ ...local, ...others })).rejects.toThrow(text);
  }
  expect(completeConnectOptions({ ...local, ...files }).tls).toEqual(files);
});

row('CON-21', async () => {
  const { login } = await tlsMode();
  const relay = await WireTap.before(login.port);
  afterRow(() => relay.close());
  await use(await connect({ ...login, port: relay.port }));
  // After the broker's INFO in clear comes a TLS handshake, and nothing of the login can be read.
  expect([...relay.sent.subarray(0, 2)]).toEqual([0x16, 0x03]);
  expect(relay.sent.includes('memphis')).toBe(false);
  expect(relay.sent.includes('root')).toBe(false);
  // With nothing but the files, where the broker wants no more than a certificate.
  const { password: _password, ...filesOnly } = login;
  const file = await files(pems);
  const server = await bareServer(
    `tls { cert_file: "${file('server.pem')}", key_file: "${file('server.key')}", ca_file: "${file('client.pem')}", verify: true }`,
  );
  expect((await connect({ ...filesOnly, port: server.port })).isConnected()).toBe(true);
  // A Memphis broker wants the user's credential besides, and the error says so.
  const error = await rejection(connect(filesOnly));
  expect(error).toBeInstanceOf(AuthenticationError);
  expect(error.message).toContain('the broker requires more than the client certificate');
});

row('CON-23', async () => {
  const byToken = await tokenMode();
  const byPassword = { host: '127.0.0.1', port: (await localBroker({})).port, username: 'root' };
  const { login: byTls, file } = await tlsMode();
  const { keyFile: _key, certFile: _certificate, caFile: _authority, ...withoutTls } = byTls;
  const cases: readonly (readonly [options: ConnectOptions, text: string])[] = [
    [{ ...byToken.login, password: 'memphis' }, 'a broker in connection-token mode expects a token'],
    [{ ...byPassword, connectionToken: 'shared' }, 'a broker in user/password mode expects a password'],
    [
      { ...byPassword, host: 'localhost', password: 'memphis', caFile: file('server.pem') },
      'the broker does not use TLS',
    ],
    [withoutTls, 'The broker uses TLS: set caFile'],
  ];
  for (const [options, text] of cases) {
    const waited = await duration(async () => {
      const error = await rejection(connect({ timeoutMs: 1_500, ...options }));
      expect(error.message).toContain(text);
    });
    // An error, and no waiting for the end of the time.
    expect(waited).toBeLessThan(1_400);
  }
  const refused = await rejection(connect({ ...byToken.login, password: 'memphis' }));
  expect(refused).toBeInstanceOf(AuthenticationError);
  expect(refused.message).toContain('Authorization Violation');
});
