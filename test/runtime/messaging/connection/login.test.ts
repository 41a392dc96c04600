import { AuthenticationError, ConnectionError, TimeoutError } from '../../../../src/model/errors';
import type { ConnectOptions } from '../../../../src/runtime/messaging';
import { Memphis } from '../../../../src/runtime/messaging';
import { createIdentity } from '../../../../src/runtime/certificate/identity';
import { BareServer } from '../bare-server';

/** What connecting with these options leads to: `connected`, or the error. */
async function outcome(options: ConnectOptions): Promise<unknown> {
  const memphis = new Memphis();
  try {
    await memphis.connect(options);
    return memphis.isConnected() ? 'connected' : 'not connected';
  } catch (error) {
    return error;
  } finally {
    await memphis.close();
  }
}

describe('a broker in connection-token mode', () => {
  let server: BareServer;
  beforeAll(async () => {
    server = await BareServer.start('authorization { token: "right" }');
  });
  afterAll(() => server.kill());

  const login = (credential: Partial<ConnectOptions>, username = 'root') =>
    outcome({ host: '127.0.0.1', port: server.port, username, ...credential });

  test('the right token connects, for every user name that shares it', async () => {
    expect(await login({ connectionToken: 'right' })).toBe('connected');
    expect(await login({ connectionToken: 'right' }, 'app')).toBe('connected');
  });

  test('a wrong token is refused, and the message names the token', async () => {
    const error = await login({ connectionToken: 'wrong-token' });
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(String(error)).toContain('the broker refused the connection token');
    expect(String(error)).not.toContain('wrong-token');
  });

  test('a password at a broker of this mode: the message names the mode', async () => {
    expect(String(await login({ password: 'x' }))).toContain(
      'a broker in connection-token mode expects a token',
    );
  });
});

test('the user with its account comes first; the bare user name is tried only after it was refused', async () => {
  const server = await BareServer.start('authorization { users: [{ user: "app", password: "pw" }] }');
  try {
    const options = { host: '127.0.0.1', port: server.port, username: 'app', password: 'pw' };
    expect(await outcome({ ...options, accountId: 12 })).toBe('connected');
    expect(await outcome({ ...options, password: 'bad' })).toBeInstanceOf(AuthenticationError);
  } finally {
    await server.kill();
  }
});

describe('a broker with TLS that wants a client certificate', () => {
  const [serverIdentity, clientIdentity, stranger] = [
    createIdentity('server'),
    createIdentity('client'),
    createIdentity('server'),
  ];
  let server: BareServer;
  beforeAll(async () => {
    server = await BareServer.start(
      `tls { cert_file: "$FOLDER/server.pem", key_file: "$FOLDER/server.key", ca_file: "$FOLDER/client.pem", verify: true }`,
      {
        'server.pem': serverIdentity.certificate,
        'server.key': serverIdentity.privateKey,
        'client.pem': clientIdentity.certificate,
        'client.key': clientIdentity.privateKey,
        'stranger.pem': stranger.certificate,
      },
    );
  });
  afterAll(() => server.kill());

  const login = (ca: string, client = true) =>
    outcome({
      host: 'localhost',
      timeoutMs: 500,
      port: server.port,
      username: 'root',
      caFile: server.fileIn(ca),
      ...(client
        ? { certFile: server.fileIn('client.pem'), keyFile: server.fileIn('client.key') }
        : { password: 'x' }),
    });

  test('host, user and the three files are enough', async () => {
    expect(await login('server.pem')).toBe('connected');
  });

  test('a broker that the CA does not vouch for is refused', async () => {
    const error = await login('stranger.pem');
    expect(error).toBeInstanceOf(ConnectionError);
    expect(String(error)).toContain('the TLS files');
  });

  test('without the client certificate the broker says nothing, but the message names it', async () => {
    const error = await login('server.pem', false);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(String(error)).toContain('a broker that requires a client certificate');
  });
});
