import { randomUUID } from 'node:crypto';
import type { ConnectionOptions, NatsConnection } from 'nats';
import { connect, headers } from 'nats';

import { LocalBroker } from '../../../../src/runtime/broker';

let broker: LocalBroker;
const open: NatsConnection[] = [];
beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory', log: () => undefined });
  const nats = await client();
  for (const name of ['ids', 'large'])
    await nats.request(
      '$memphis_station_creations',
      JSON.stringify({ name, username: 'root', partitions_number: 1, storage_type: 'memory' }),
    );
});
afterAll(async () => {
  await Promise.all(open.map((nats) => nats.close()));
  await broker.stop();
});

async function client(options: ConnectionOptions = {}): Promise<NatsConnection> {
  const nats = await connect({
    servers: `127.0.0.1:${broker.port}`,
    user: 'root$1',
    pass: 'memphis',
    name: `${randomUUID()}::root`,
    reconnect: false,
    ...options,
  });
  open.push(nats);
  return nats;
}

function withId(id: string, name = 'msg-id') {
  const block = headers();
  block.set(name, id);
  return block;
}

test('a message id is remembered for clients that send msg-id only', async () => {
  const js = (await client()).jetstream();
  const first = await js.publish('ids$1.final', 'a', { headers: withId('1') });
  const again = await js.publish('ids$1.final', 'b', { headers: withId('1') });
  const other = await js.publish('ids$1.final', 'c', { headers: withId('2') });
  const otherCase = await js.publish('ids$1.final', 'd', { headers: withId('2', 'Msg-Id') });
  expect([first, again, other, otherCase].map(({ seq, duplicate }) => [seq, duplicate])).toEqual([
    [1, false],
    [1, true],
    [2, false],
    [3, false],
  ]);
});

test('the largest message goes through, with an id or without; a larger one is refused', async () => {
  const nats = await client();
  const js = nats.jetstream();
  const size = (nats.info?.max_payload ?? 0) - Buffer.byteLength('NATS/1.0\r\nmsg-id: 1\r\n\r\n');
  const ack = await js.publish('large$1.final', new Uint8Array(size), { headers: withId('1') });
  expect(ack.seq).toBe(1);
  await expect(
    js.publish('large$1.final', new Uint8Array(size + 1), { headers: withId('1') }),
  ).rejects.toThrow();
});

test.each([
  ['1::root', 'root', undefined, 'a Memphis client'],
  ['1::ROOT', 'root$1', undefined, 'the user in the name has any letter case'],
  [undefined, 'root', undefined, 'another NATS client; its user gets the account'],
  ['some tool', 'root$1', undefined, 'a name without :: is nobody'],
  ['1::nobody', 'root', 'AUTHORIZATION_VIOLATION', 'no such user'],
  ['1::root::2', 'root', 'AUTHORIZATION_VIOLATION', 'no form of a name'],
  ['x NATS CLI::a::b', 'root$1', undefined, 'the command line tools are let through'],
  ['1::root', 'ROOT', 'AUTHORIZATION_VIOLATION', 'the user itself is exact'],
  ['1::root', '', 'AUTHORIZATION_VIOLATION', 'no user'],
])('a client named %s as user %s: %s (%s)', async (name, user, error, _why) => {
  const attempt = client({ ...(name === undefined ? { name: '' } : { name }), user });
  if (error === undefined) await attempt;
  else await expect(attempt).rejects.toMatchObject({ code: error });
});

test('INFO names the port of the proxy and the direct one', async () => {
  const { info } = await client();
  expect(info).toMatchObject({ host: '127.0.0.1', port: broker.port });
  expect(info).not.toHaveProperty('connection_id');
  const { memphis_direct_port: direct } = info as unknown as { memphis_direct_port: number };
  expect(direct).not.toBe(broker.port);
  const nats = await client({ servers: `127.0.0.1:${direct}` });
  expect((await nats.jetstream().publish('ids$1.final', 'x')).stream).toBe('ids$1');
});

test('a thousand messages under way at once keep their order', async () => {
  const nats = await client();
  const seen: string[] = [];
  const subscription = nats.subscribe('order', {
    callback: (_error, message) => seen.push(message.string()),
  });
  const sent = Array.from({ length: 1_000 }, (_, index) => `${index} ${'x'.repeat((index * 37) % 5_000)}`);
  for (const [index, text] of sent.entries()) nats.publish('order', text, { headers: withId(String(index)) });
  await nats.flush();
  subscription.unsubscribe();
  expect(seen).toEqual(sent);
});
