import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { openConnection } from '../../../src/runtime/connection/open-connection';
import { BareServer } from '../messaging/bare-server';

let server: BareServer;
let answering: Socket;
beforeAll(async () => {
  server = await BareServer.start('');
  answering = createConnection(server.port, '127.0.0.1');
});
afterAll(async () => {
  answering.destroy();
  await server.kill();
});

test.each([
  ['NATS/1.0\r\na b: c\r\n\r\n', 'a name with a blank'],
  ['NATS/1.0 503\r\nä: c\r\n\r\n', 'a name that is not ASCII, with a status'],
])('a reply with %j costs its own request and no other: %s', async (headers) => {
  answering.removeAllListeners('data');
  answering.write('CONNECT {"verbose":false,"headers":true}\r\nSUB bad 1\r\nSUB good 2\r\nPING\r\n');
  const ready = new Promise<void>((resolve) => {
    answering.on('data', (bytes) => {
      const text = bytes.toString();
      if (text.includes('PONG')) resolve();
      for (const [, subject, reply] of text.matchAll(/MSG (bad|good) \d+ (\S+) 0\r\n/g)) {
        answering.write(
          subject === 'good'
            ? `PUB ${reply} 2\r\nok\r\n`
            : `HPUB ${reply} ${Buffer.byteLength(headers)} ${Buffer.byteLength(headers)}\r\n${headers}\r\n`,
        );
      }
    });
  });
  await ready;
  const nats = await openConnection(
    {
      host: '127.0.0.1',
      port: server.port,
      username: 'any',
      accountId: '1',
      password: 'any',
      connectionToken: undefined,
      reconnect: false,
      maxReconnect: 0,
      reconnectIntervalMs: 100,
      timeoutMs: 2_000,
      tls: undefined,
      settingNames: { address: 'host and port', credential: 'username and password' },
    },
    'test::any',
  );
  try {
    await expect(nats.request('bad', '', { timeout: 200 })).rejects.toThrow('TIMEOUT');
    expect((await nats.request('good', '', { timeout: 2_000 })).string()).toBe('ok');
  } finally {
    answering.write('UNSUB 1\r\nUNSUB 2\r\n');
    await nats.close();
  }
});
