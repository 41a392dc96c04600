import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect as connectTcp } from 'node:net';

import fc from 'fast-check';
import type { ConnectionOptions, NatsConnection } from 'nats';
import { connect, headers } from 'nats';

import { Storage } from '../../../../src/model/storage';
import { LocalBroker } from '../../../../src/runtime/broker';
import { Memphis } from '../../../../src/runtime/messaging';
import { eventually } from '../../../support/broker';
import { many } from '../../../support/random';

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

const LIMIT = 1_048_576;

/** A connection without a client library: those refuse by themselves what is too large. */
async function bare(): Promise<{ socket: Socket; heard: () => string }> {
  const socket = connectTcp(broker.port, '127.0.0.1');
  let heard = '';
  socket.setEncoding('latin1').on('data', (text: string) => (heard += text));
  await once(socket, 'data');
  socket.write(
    'CONNECT {"user":"root","pass":"memphis","name":"9::root","headers":true,"verbose":false}\r\n',
  );
  return { socket, heard: () => heard.replace(/^INFO.*\r\n/, '') };
}

const idBlock = 'NATS/1.0\r\nmsg-id: 1\r\n\r\n';

test.each<[operation: string, isTaken: boolean, why: string]>([
  [`PUB a ${LIMIT}\r\n${'x'.repeat(LIMIT)}\r\n`, true, 'as large as may be'],
  [
    `PUB a ${LIMIT + 1}\r\n${'x'.repeat(LIMIT + 1)}\r\n`,
    false,
    'one byte more, which the server behind would take',
  ],
  [`PUB a ${LIMIT * 2}\r\n${'x'.repeat(LIMIT * 2)}\r\n`, false, 'more than the server behind takes, too'],
  [
    `HPUB a ${idBlock.length} ${LIMIT}\r\n${idBlock}${'x'.repeat(LIMIT - idBlock.length)}\r\n`,
    true,
    'headers count; the one that is added does not',
  ],
  [
    `HPUB a ${idBlock.length} ${LIMIT + 1}\r\n${idBlock}${'x'.repeat(LIMIT + 1 - idBlock.length)}\r\n`,
    false,
    'headers count',
  ],
])('a message at the limit, case %#', async (operation, isTaken, _why) => {
  const { socket, heard } = await bare();
  const ended = once(socket, 'close');
  socket.write('PING\r\n');
  socket.write(operation);
  socket.write('PING\r\n');
  if (isTaken) {
    await eventually(() => heard() === 'PONG\r\nPONG\r\n', 'both answers');
    socket.destroy();
  }
  await ended;
  // In the words of a stock server, after the answers to what came before.
  expect(heard()).toBe(isTaken ? 'PONG\r\nPONG\r\n' : "PONG\r\n-ERR 'Maximum Payload Violation'\r\n");
});

test('sizes around the limit: taken or refused by that alone, with any id, and stored once', async () => {
  const nats = await client();
  const js = nats.jetstream();
  let stored = 0;
  const size = fc.integer({ min: LIMIT - 300, max: LIMIT + 20 });
  await fc.assert(
    fc.asyncProperty(size, fc.stringMatching(/^[a-z0-9]{1,200}$/), async (total, id) => {
      const block = withId(`${id}-${stored}-${total}`);
      const headerSize = `NATS/1.0\r\nmsg-id: ${id}-${stored}-${total}\r\n\r\n`.length;
      const data = new Uint8Array(total - headerSize);
      if (total > LIMIT) {
        await expect(js.publish('large$1.final', data, { headers: block })).rejects.toThrow();
        return;
      }
      const first = await js.publish('large$1.final', data, { headers: block });
      const again = await js.publish('large$1.final', data, { headers: block });
      expect([first.seq, first.duplicate, again.seq, again.duplicate]).toEqual([
        (stored += 1),
        false,
        stored,
        true,
      ]);
    }),
    { numRuns: many(25) },
  );
  expect(stored).toBeGreaterThan(0);
});

test('the direct port takes more, but our own client does not send what a Memphis broker would refuse', async () => {
  const memphis = new Memphis();
  await memphis.connect({ host: '127.0.0.1', port: broker.port, username: 'root', password: 'memphis' });
  await memphis.station({ name: 'own', storageType: Storage.MEMORY });
  const producer = await memphis.producer({ stationName: 'own', producerName: 'p' });
  const produce = (length: number, msgId?: string): Promise<unknown> =>
    producer.produce({ message: new Uint8Array(length), ...(msgId === undefined ? {} : { msgId }) });
  const refused = async (length: number, msgId?: string): Promise<string> =>
    produce(length, msgId).then(
      () => 'taken',
      (error: unknown) => (error as Error).message,
    );
  const tooMuch = await refused(LIMIT);
  const [, told = 0] = /has (\d+) bytes/.exec(tooMuch) ?? [];
  const headerSize = Number(told) - LIMIT;
  expect(tooMuch).toContain('the broker takes at most 1048576');
  expect(await refused(LIMIT - headerSize)).toBe('taken');
  // What the header for stock servers takes is not the user's concern.
  const id = 'i'.repeat(500);
  const withIdSize = headerSize + `msg-id: ${id}\r\n`.length;
  expect(await refused(LIMIT - withIdSize, id)).toBe('taken');
  expect(await refused(LIMIT - withIdSize + 1, id)).toContain('has 1048577 bytes');
  await memphis.close();
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
