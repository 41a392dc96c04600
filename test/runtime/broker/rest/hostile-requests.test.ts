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
