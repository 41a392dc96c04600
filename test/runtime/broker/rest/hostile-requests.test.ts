import { connect as connectSocket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { LocalBroker } from '../../../../src/runtime/broker';
import { BrokerClient } from '../broker-client';

const log: string[] = [];
let broker: LocalBroker;
let client: BrokerClient;

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory', log: (line) => log.push(line) });
  client = await BrokerClient.connect(broker);
});

afterAll(async () => {
  await client.close();
  await broker.stop();
});

test('who has not logged in sends little', async () => {
  const keys = Array.from({ length: 2_000 }, (_, index) => `"k${index}":1`).join(',');
  const body = `{${keys},"username":"root","password":"memphis"}`;
  expect(body.length).toBeGreaterThan(16_384);
  const reply = await fetch(`${broker.restUrl}/api/usermgmt/login`, { method: 'POST', body });
  expect([reply.status, await reply.json()]).toEqual([
    400,
    { message: 'Body params have to be in JSON format' },
  ]);
});

test('a request that is broken off is not logged', async () => {
  log.length = 0;
  const socket = connectSocket(broker.restPort, '127.0.0.1');
  await new Promise<void>((resolve) => {
    const head = 'POST /api/tags/createNewTag HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"na';
    socket.write(head, () => resolve());
  });
  await delay(100);
  socket.resetAndDestroy();
  await delay(200);
  await client.rest('GET', '/tags/getTags');
  expect(log).toEqual([]);
});

test.each([
  ['', 'v', 'header name "" must be printable ASCII without blanks and colons'],
  ['a b', 'v', 'header name "a b" must be printable ASCII without blanks and colons'],
  ['a:b', 'v', 'header name "a:b" must be printable ASCII without blanks and colons'],
  ['ä', 'v', 'header name "ä" must be printable ASCII without blanks and colons'],
  ['a', 'v\r\nb: c', 'header a must not contain line ends'],
])('producing with the header %j: %j is refused', async (name, value, message) => {
  log.length = 0;
  const reply = await client.rest('POST', '/stations/produce', {
    station_name: 'default',
    message_payload: 'x',
    amount: 1,
    message_headers: { [name]: value },
  });
  expect(reply).toEqual({ message });
  expect(log).toEqual([]);
});

/** Sends bytes, and gives what comes back until the broker closes, or has replied. */
function exchange(port: number, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(port, '127.0.0.1');
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error('the broker has neither replied nor closed the connection'));
    }, 2_500);
    let received = '';
    const end = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(received);
    };
    socket.on('data', (chunk) => {
      received += chunk.toString();
      if (received.startsWith('HTTP') && received.includes('\r\n\r\n')) end();
      if (received.includes('-ERR')) end();
    });
    // What is not read any more keeps this side open for a while.
    socket.on('end', end);
    socket.on('close', end);
    socket.on('error', end);
    socket.write(bytes);
  });
}

const LOCAL = 'Host: localhost\r\n';
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

test.each([
  ['a target that is no address', `GET // HTTP/1.1\r\n${LOCAL}\r\n`, 400],
  ['a target of half an address', `GET http://[ HTTP/1.1\r\n${LOCAL}\r\n`, 400],
  ['a NUL in a path', `GET /api/%00 HTTP/1.1\r\n${LOCAL}\r\n`, 200],
  ['a path out of the root', `GET /api/../../etc/passwd HTTP/1.1\r\n${LOCAL}\r\n`, 200],
  ['an encoded path out of the root', `GET /api/%2e%2e/%2e%2e/x HTTP/1.1\r\n${LOCAL}\r\n`, 200],
  ['a byte that is not UTF-8', `GET /api/%ff HTTP/1.1\r\n${LOCAL}\r\n`, 200],
  ['a name of every object', `GET /constructor HTTP/1.1\r\n${LOCAL}\r\n`, 200],
  [
    'a body announced as 99 GB',
    `POST /api/usermgmt/login HTTP/1.1\r\n${LOCAL}Content-Length: 99999999999\r\n\r\n{}`,
    400,
  ],
  [
    'a length that is not a number',
    `POST /api/usermgmt/login HTTP/1.1\r\n${LOCAL}Content-Length: x\r\n\r\n{}`,
    400,
  ],
  [
    'a chunk without a length',
    `POST /api/usermgmt/login HTTP/1.1\r\n${LOCAL}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n`,
    400,
  ],
  [
    'a length beside chunks',
    `POST /api/usermgmt/login HTTP/1.1\r\n${LOCAL}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  [
    'a login nested 8,000 deep',
    `POST /api/usermgmt/login HTTP/1.1\r\n${LOCAL}Content-Length: 16000\r\n\r\n${nested(8_000)}`,
    400,
  ],
  ['5,000 headers', `GET /api/status HTTP/1.1\r\n${LOCAL}${'X-A: b\r\n'.repeat(5_000)}\r\n`, 431],
  ['no host', 'GET /api/status HTTP/1.1\r\n\r\n', 400],
  ['a header of 1 MB', `GET /api/status HTTP/1.1\r\n${LOCAL}X-A: ${'b'.repeat(1_000_000)}\r\n\r\n`, 431],
  ['a target of 1 MB', `GET /${'b'.repeat(1_000_000)} HTTP/1.1\r\n${LOCAL}\r\n`, 431],
  ['header lines without a colon', `GET /api/status HTTP/1.1\r\n${LOCAL}nonsense\r\n\r\n`, 400],
  ['a NUL in a header', `GET /api/status HTTP/1.1\r\n${LOCAL}X-A: \0\r\n\r\n`, 400],
  [
    'a WebSocket that never begins',
    `GET / HTTP/1.1\r\n${LOCAL}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    200,
  ],
  ['the start of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['an expectation of its own', `POST /api/usermgmt/login HTTP/1.1\r\n${LOCAL}Expect: gold\r\n\r\n`, 417],
  [
    'a chunk of an extension of 1 MB',
    `POST /api/usermgmt/login HTTP/1.1\r\n${LOCAL}Transfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(1_000_000)}\r\n`,
    413,
  ],
  ['a greeting of another protocol', 'EHLO example.org\r\n', 400],
  ['what clients of NATS say', 'CONNECT {}\r\nPING\r\n', 400],
  ['the start of TLS', Buffer.from([22, 3, 1, 0, 200, 1, 0]), 400],
])('%s is answered, and nothing is logged', async (_, bytes, status) => {
  log.length = 0;
  const reply = await exchange(broker.restPort, bytes);
  expect(reply).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(reply).not.toContain('root:');
  expect(log).toEqual([]);
});

test.each([
  ['POST', '/stations/createStation'],
  ['POST', '/stations/produce'],
  ['POST', '/schemas/createNewSchema'],
  ['POST', '/tags/createNewTag'],
  ['POST', '/usermgmt/addUser'],
  ['PUT', '/configurations/editClusterConfig'],
])('%s %s refuses a body that is nested 100,000 deep', async (method, path) => {
  log.length = 0;
  for (const body of [nested(100_000), `{"name":${nested(100_000)}}`, `{"tags":${nested(100_000)}}`]) {
    const { authorization } = await authorized();
    const reply = await fetch(`${broker.restUrl}/api${path}`, { method, body, headers: { authorization } });
    expect([reply.status, await reply.json()]).toEqual([
      400,
      { message: 'Body params have to be in JSON format' },
    ]);
  }
  expect(log).toEqual([]);
});

test('requests of clients that are nested 100,000 deep are refused as well', async () => {
  log.length = 0;
  for (const subject of ['station_creations', 'consumer_creations', 'schema_creations', 'schema_attachments'])
    for (const body of [nested(100_000), `{"name":${nested(100_000)}}`]) {
      const { data } = await client.nats.request(`$memphis_${subject}`, body, { timeout: 5_000 });
      expect(Buffer.from(data).toString()).toContain('exceeded max depth');
    }
  expect(log).toEqual([]);
});

test.each([
  ['of 100 KB', `{"user":"${'a'.repeat(100_000)}"}`, /^(-ERR|$)/],
  ['nested 100,000 deep', nested(100_000), /^(-ERR|$)/],
  ['of null', 'null', /^-ERR 'Authorization Violation'/],
  ['of other types', '{"user":7,"pass":{},"name":[]}', /^-ERR 'Authorization Violation'/],
  ['by a prototype', '{"__proto__":{"user":"root$1","pass":"memphis"}}', /^-ERR 'Authorization Violation'/],
])('options of a connection %s let nobody in', async (_, options, expected) => {
  const reply = await exchange(broker.port, `CONNECT ${options}\r\nPING\r\n`);
  const words = reply.replace(/^INFO [^\n]*\n/, '');
  expect(words).toMatch(expected);
  expect(words).not.toContain('PONG');
});

async function authorized(): Promise<{ readonly authorization: string }> {
  const body = JSON.stringify({ username: 'root', password: 'memphis' });
  const reply = await fetch(`${broker.restUrl}/api/usermgmt/login`, { method: 'POST', body });
  const { jwt } = (await reply.json()) as { readonly jwt: string };
  return { authorization: `Bearer ${jwt}` };
}

/** Memory of this process, which has the proxy and the REST API of the broker. */
const residentMiB = (): number => process.memoryUsage.rss() / 2 ** 20;

test('garbage behind a request, 5,000 requests at once and 1,000 open connections cost little', async () => {
  log.length = 0;
  const before = residentMiB();
  const idle = Array.from({ length: 500 }, () => [broker.restPort, broker.port]).flat();
  const sockets = idle.map((port) => connectSocket(port, '127.0.0.1').on('error', () => undefined));
  const status = `GET /api/status HTTP/1.1\r\n${LOCAL}\r\n`;
  const garbage = `${status}${'\0\xff garbage'.repeat(10_000)}`;
  expect(await exchange(broker.restPort, garbage)).toMatch(/^HTTP\/1.1 [24]00 /);
  expect(await exchange(broker.restPort, status.repeat(5_000))).toMatch(/^HTTP\/1.1 200 /);
  expect(await client.rest('GET', '/tags/getTags')).toBeDefined();
  for (const socket of sockets) socket.destroy();
  expect(residentMiB() - before).toBeLessThan(200);
  expect(log).toEqual([]);
});

test.each([
  ['messages', 'PUB a 5\r\nhello\r\n'.repeat(50_000)],
  ['a header that is announced as 8 MB', `HPUB a 8000000 8000000\r\n${'x'.repeat(7_000_000)}`],
  ['subscriptions', 'SUB > 1\r\n'.repeat(50_000)],
  ['pings', 'PING\r\n'.repeat(100_000)],
  ['a line without an end', 'A'.repeat(5_000_000)],
  ['line ends', '\r\n'.repeat(500_000)],
  ['bytes of nothing', Buffer.alloc(5_000_000)],
  ['a request of HTTP', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
])('a client that sends %s before it says who it is is hung up on', async (_, bytes) => {
  log.length = 0;
  const before = residentMiB();
  const replies = await Promise.all(Array.from({ length: 10 }, () => exchange(broker.port, bytes)));
  for (const reply of replies) expect(reply.replace(/^INFO [^\n]*\n/, '')).toMatch(/^(-ERR|$)/);
  expect(residentMiB() - before).toBeLessThan(300);
  expect(log).toEqual([]);
});
