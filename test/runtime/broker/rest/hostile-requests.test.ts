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
