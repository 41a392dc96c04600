import { request } from 'node:http';

import { LocalBroker } from '../../../../src/runtime/broker';

interface Answer {
  readonly status: number;
  readonly origin: string | undefined;
  readonly body: string;
}

const login = JSON.stringify({ username: 'root', password: 'memphis' });

/** fetch() sets Host and Origin itself. */
function post(broker: LocalBroker, headers: Record<string, string>, method = 'POST'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(
      { host: '127.0.0.1', port: broker.restPort, path: '/api/usermgmt/login', method, headers },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            origin: response.headers['access-control-allow-origin'],
            body,
          }),
        );
      },
    );
    call.on('error', reject).end(method === 'POST' ? login : undefined);
  });
}

describe('a broker on the loopback address', () => {
  let broker: LocalBroker;
  beforeAll(async () => {
    broker = await LocalBroker.start({ store: 'memory' });
  });
  afterAll(() => broker.stop());

  test.each([
    ['127.0.0.1:9000', 200],
    ['localhost', 200],
    ['LOCALHOST:1', 200],
    ['[::1]:9000', 200],
    ['127.9.9.9', 200],
    ['evil.example', 403],
    ['evil.example:9000', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['10.0.0.1', 403],
    ['localhost@evil.example', 403],
  ])('Host %j is answered with %i', async (host, status) => {
    expect((await post(broker, { host })).status).toBe(status);
    // A rebound page sends no Origin, or its own, and text that needs no question beforehand.
    expect((await post(broker, { host, 'content-type': 'text/plain' })).status).toBe(status);
  });

  test.each([
    ['http://localhost:3000', 200],
    ['https://127.0.0.1', 200],
    ['http://[::1]:5173', 200],
    ['https://evil.example', 403],
    ['http://localhost.evil.example', 403],
    ['null', 403],
    ['file://', 403],
    ['chrome-extension://abcdef', 403],
  ])('Origin %s is answered with %i, and only a known one may read it', async (origin, status) => {
    const json = { origin, 'content-type': 'application/json' };
    const reply = await post(broker, json);
    expect({ status: reply.status, origin: reply.origin }).toEqual({
      status,
      origin: status === 200 ? origin : undefined,
    });
    const preflight = await post(broker, { origin }, 'OPTIONS');
    expect(preflight.status).toBe(status === 200 ? 204 : 403);
    expect(preflight.origin).toBe(reply.origin);
  });

  test('a page sends JSON, which browsers ask about beforehand', async () => {
    const origin = 'http://localhost:3000';
    for (const type of ['text/plain;charset=UTF-8', 'application/x-www-form-urlencoded']) {
      expect((await post(broker, { origin, 'content-type': type })).status).toBe(415);
    }
    // Programs that are no browser send what they like, as to a real broker.
    expect((await post(broker, { 'content-type': 'text/plain' })).status).toBe(200);
  });

  test('the refusal says how to allow a host', async () => {
    const { body } = await post(broker, { host: 'dev.example.com:9000' });
    expect(JSON.parse(body)).toEqual({
      message:
        'could not serve the request: Host "dev.example.com:9000" is not allowed. Use the address that the broker printed, or start the broker with --allowed-host dev.example.com.',
    });
  });
});

test('hosts that are allowed may call, and their pages, too', async () => {
  const broker = await LocalBroker.start({ store: 'memory', allowedHosts: ['Dev.example.com'] });
  const headers = { host: 'dev.example.com:9000', 'content-type': 'application/json' };
  expect((await post(broker, headers)).status).toBe(200);
  const origin = 'https://dev.example.com';
  expect(await post(broker, { ...headers, origin })).toMatchObject({ status: 200, origin });
  expect((await post(broker, { host: 'other.example.com' })).status).toBe(403);
  await broker.stop();
});

test('* allows every host', async () => {
  const broker = await LocalBroker.start({ store: 'memory', allowedHosts: ['*'] });
  const origin = 'https://evil.example';
  expect(await post(broker, { host: 'evil.example', origin })).toMatchObject({ status: 200, origin });
  await broker.stop();
});

test('a broker on every address is called by any address, and by no unknown name', async () => {
  const broker = await LocalBroker.start({ store: 'memory', host: '0.0.0.0', password: 'memphis2' });
  expect((await post(broker, { host: '192.0.2.7:9000' })).status).toBe(401);
  expect((await post(broker, { host: '[2001:db8::1]:9000' })).status).toBe(401);
  expect((await post(broker, { host: 'evil.example' })).status).toBe(403);
  await broker.stop();
});

test.each(['https://dev.example.com', 'dev.example.com:9000', '', 'a b'])(
  'allowedHosts: %j is not a host',
  async (host) => {
    await expect(LocalBroker.start({ allowedHosts: [host] })).rejects.toThrow(
      `allowedHosts has ${JSON.stringify(host)}`,
    );
  },
);
