import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Memphis } from '../../../../src/runtime/messaging';
import { eventually } from '../../../support/broker';
import { registered, removal, scriptedForThisFile } from './scripted';

const { on, client, say, jetStream, after, login } = scriptedForThisFile();

const consumers = (): Promise<unknown> =>
  on('$memphis_consumer_creations', (message) => message.respond(registered()));

async function store(...payloads: string[]): Promise<void> {
  for (const payload of payloads) await say('st$1.final', payload);
}

test('a handler is never called while it is under way, also not to hear that the station is gone', async () => {
  await consumers();
  const { memphis } = await client();
  const options = { stationName: 'st', consumerName: 'c', pullIntervalMs: 0, batchMaxTimeToWaitMs: 100 };
  const consumer = await memphis.consumer(options);
  await store('x');
  let inside = 0;
  let most = 0;
  let started = false;
  const heard: string[] = [];
  consumer.consume(async (messages, error) => {
    inside += 1;
    most = Math.max(most, inside);
    if (messages.length > 0) started = true;
    else heard.push(error?.name ?? '');
    await pause(messages.length > 0 ? 200 : 0);
    inside -= 1;
  });
  await eventually(() => started, 'the handler runs');
  await say('$memphis_sdk_clients_updates', removal);
  await eventually(() => heard.at(-1) === 'NotFoundError', 'the handler hears of the removal');
  expect(most).toBe(1);
});

test('a group with too many waiting members: a fetch waits its time all the same, and asks now and then', async () => {
  await consumers();
  await jetStream('CONSUMER.DURABLE.CREATE.st$1.full', {
    stream_name: 'st$1',
    config: { durable_name: 'full', ack_policy: 'explicit', max_waiting: 1 },
  });
  const { memphis } = await client();
  const options = { stationName: 'st', consumerGroup: 'full', batchMaxTimeToWaitMs: 1_500 };
  const first = await memphis.consumer({ ...options, consumerName: 'c1' });
  const second = await memphis.consumer({ ...options, consumerName: 'c2' });
  const pulls = await on('$JS.API.CONSUMER.MSG.NEXT.>', () => undefined);
  const waiting = first.fetch();
  await pause(50);
  const begin = performance.now();
  expect(await second.fetch({ batchMaxTimeToWaitMs: 1_000 })).toEqual([]);
  expect(performance.now() - begin).toBeGreaterThan(900);
  await waiting;
  expect(pulls.length).toBeLessThan(8);
});

test('a message is handed over while there is time to acknowledge it, also when the batch is not full', async () => {
  await consumers();
  const { memphis } = await client();
  const options = { stationName: 'st', consumerName: 'c', batchMaxTimeToWaitMs: 2_000, maxAckTimeMs: 500 };
  const consumer = await memphis.consumer(options);
  const fetched = consumer.fetch();
  await store('x');
  const messages = await fetched;
  expect(messages.map((message) => [message.getSequenceNumber(), message.getDeliveryCount()])).toEqual([
    [1, 1],
  ]);
  await messages[0]?.ack();
  expect(await consumer.fetch({ batchMaxTimeToWaitMs: 700 })).toEqual([]);
});

test('what was loaded ahead comes first, also to a fetch that does not load ahead', async () => {
  await consumers();
  const { memphis } = await client();
  const options = { stationName: 'st', consumerName: 'c', batchMaxTimeToWaitMs: 200, maxMsgDeliveries: 1 };
  const consumer = await memphis.consumer(options);
  await store('1', '2', '3', '4', '5', '6');
  const seen: (number | undefined)[] = [];
  for (const prefetch of [true, false, false, false]) {
    for (const message of await consumer.fetch({ batchSize: 2, prefetch }))
      seen.push(message.getSequenceNumber());
    await pause(50);
  }
  expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
});

test('a load in the background waits no longer than the fetch that began it', async () => {
  await consumers();
  const { memphis } = await client();
  const options = { stationName: 'st', consumerName: 'c', batchMaxTimeToWaitMs: 5_000 };
  const consumer = await memphis.consumer(options);
  const short = { batchMaxTimeToWaitMs: 100, prefetch: true };
  await consumer.fetch(short);
  const begin = performance.now();
  await consumer.fetch(short);
  expect(performance.now() - begin).toBeLessThan(1_500);
});

test('a message that is made a dead letter twice at once has one record', async () => {
  await consumers();
  const records = await on('$memphis_nacked_dls', () => undefined);
  await on('$memphis_producer_creations', (message) => message.respond(registered()));
  const { memphis } = await client();
  await memphis.produce({ stationName: 'st', producerName: 'p', message: 'x' });
  const consumer = await memphis.consumer({ stationName: 'st', consumerName: 'c', batchSize: 1 });
  const [message] = await consumer.fetch();
  await Promise.all([message?.deadLetter('one'), message?.deadLetter('two')]);
  await memphis.stationExists('st');
  expect(records).toHaveLength(1);
});

test('a dead letter whose record did not get through can be made one again', async () => {
  await consumers();
  const records = await on('$memphis_nacked_dls', () => undefined);
  await on('$memphis_producer_creations', (message) => message.respond(registered()));
  const { memphis, gate } = await client();
  await memphis.produce({ stationName: 'st', producerName: 'p', message: 'x' });
  const consumer = await memphis.consumer({ stationName: 'st', consumerName: 'c', batchSize: 1 });
  const [message] = await consumer.fetch();
  gate.swallow('to the server');
  const failed = expect(message?.deadLetter('lost')).rejects.toThrow();
  await pause(50);
  gate.cutOnce();
  await failed;
  await eventually(() => memphis.isConnected(), 'the connection is back');
  await message?.deadLetter('again');
  expect(records.map((record) => record.json<{ error: string }>().error)).toEqual(['again']);
});

test('a machine that slept is known to have been away, though the loss is noticed when it wakes up', async () => {
  jest.spyOn(Math, 'random').mockReturnValue(0.01);
  await on('$memphis_producer_destructions', (message) => message.respond(''));
  const creations = await on('$memphis_producer_creations', (message) => message.respond(registered()));
  const { memphis, gate } = await client();
  for (const producerName of ['p1', 'p2']) await memphis.producer({ stationName: 'st', producerName });
  const clock = Date.now.bind(Date);
  jest.spyOn(Date, 'now').mockImplementation(() => clock() + 3 * 3_600_000);
  gate.cutOnce();
  await eventually(() => creations.length === 4, 'both are registered again');
});

test('a message that is produced while the client closes fails with an error of this package', async () => {
  await on('$memphis_producer_creations', (message) => message.respond(registered()));
  const { memphis } = await client();
  const producer = await memphis.producer({ stationName: 'st', producerName: 'p' });
  const names = new Set<string>();
  const produced: Promise<unknown>[] = [];
  const state = { isOver: false };
  const closing = memphis.close().then(() => (state.isOver = true));
  while (!state.isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    produced.push(
      producer.produce({ message: 'x' }).catch((error: unknown) => names.add((error as Error).name)),
    );
  }
  await closing;
  await Promise.all(produced);
  expect([...names].filter((name) => !['ClosedError', 'ConnectionError'].includes(name))).toEqual([]);
  expect(producer.outstanding).toBe(0);
});

test('a socket that a listener opens while another client connects is not taken for an abandoned one', async () => {
  const { memphis } = await client();
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  after(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  const sockets: Socket[] = [];
  memphis.onError(() => sockets.push(connect(port, '127.0.0.1').on('error', () => undefined)));
  const connecting = new Memphis().connect({ ...login, port, timeoutMs: 800 }).catch(() => undefined);
  await pause(50);
  await say('$memphis_sdk_clients_updates', 'no JSON');
  await eventually(() => sockets.length > 0, 'the listener opens a socket');
  await pause(100);
  expect(memphis.isConnected()).toBe(true);
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false]);
  await connecting;
  for (const socket of sockets) socket.destroy();
});

test('a message that was loaded ahead is not handed out over its time, whenever it came', async () => {
  await consumers();
  const { memphis } = await client();
  const options = { stationName: 'st', consumerName: 'c', batchMaxTimeToWaitMs: 1_000, maxMsgDeliveries: 5 };
  const consumer = await memphis.consumer({ ...options, maxAckTimeMs: 1_500 });
  await consumer.fetch({ prefetch: true });
  await store('x');
  // It came at the beginning of a load of one second.
  await pause(1_900);
  const counts: (number | undefined)[] = [];
  for (let fetches = 0; fetches < 2; fetches += 1) {
    for (const message of await consumer.fetch({ prefetch: true })) {
      counts.push(message.getDeliveryCount());
      await message.ack();
    }
  }
  expect(counts).toEqual([2]);
});
