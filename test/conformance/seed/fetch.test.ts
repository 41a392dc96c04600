import { setTimeout as pause } from 'node:timers/promises';
import { ClosedError } from '../../../src/model/errors';
import type { FetchMessagesOptions, FetchOptions, Message } from '../../../src/runtime/messaging';
import { eventually } from '../../support/broker';
import { textOf } from '../../support/text-of';
import { row } from './row';
import { duration, trafficForThisFile } from './station-traffic';
import { rejection } from '../../support/rejection';

const traffic = trafficForThisFile();
const { broker } = traffic;

const fetchFrom = (
  stationName: string,
  options: Partial<FetchMessagesOptions> & FetchOptions = {},
): Promise<Message[]> =>
  traffic.memphis.fetchMessages({ stationName, consumerName: 'c', batchMaxTimeToWaitMs: 100, ...options });

async function filled(count: number, partitionsNumber = 1): Promise<string> {
  const { name } = await traffic.station({ partitionsNumber });
  await traffic.fill(name, count);
  return name;
}

const partitionsOf = (messages: readonly Message[]) =>
  messages.map((message) => message.getPartitionNumber());

row('FET-1', async () => {
  const name = await filled(5);
  const requests = await broker.tap('$memphis_consumer_creations');
  expect((await fetchFrom(name, { batchSize: 2 })).map(textOf)).toEqual(['1', '2']);
  expect((await fetchFrom(name, { batchSize: 2 })).map(textOf)).toEqual(['3', '4']);
  expect((await requests.all()).filter((text) => text.includes(name))).toHaveLength(1);
  expect(await broker.durable(name, 1, 'c')).toBeDefined();
  // Without a wait of its own it is the seed's, and a full batch does not wait.
  const pulls = await broker.tap(`$JS.API.CONSUMER.MSG.NEXT.${name}$1.d`);
  const waited = await duration(() =>
    traffic.memphis.fetchMessages({ stationName: name, consumerName: 'd', batchSize: 5 }),
  );
  const [pull] = await pulls.all();
  expect(waited).toBeLessThan(4_000);
  expect(JSON.parse(pull ?? '{}')).toMatchObject({ batch: 5, expires: 5_000e6 });
});

row('FET-2', async () => {
  const name = await filled(1);
  await fetchFrom(name, { consumerName: 'Reader', consumerGroup: 'The.Group' });
  await fetchFrom(name, { consumerName: 'Alone' });
  expect(await broker.durable(name, 1, 'the#group')).toBeDefined();
  expect(await broker.durable(name, 1, 'alone')).toBeDefined();
  const groups = (await traffic.overview(name)).connected_cgs;
  const members = groups.map((group) => [group.name, ...group.connected_consumers.map((one) => one.name)]);
  expect(members.sort()).toEqual([
    ['alone', 'alone'],
    ['the.group', 'reader'],
  ]);
  // The same name in another group is another consumer, which gets the message, too.
  expect(await fetchFrom(name, { consumerName: 'Reader', consumerGroup: 'another' })).toHaveLength(1);
});

row('FET-3', async () => {
  const name = await filled(15);
  expect(await fetchFrom(name)).toHaveLength(10);
  expect(await fetchFrom(name, { batchSize: 3 })).toHaveLength(3);
  for (const batchSize of [0, 5001]) {
    await expect(fetchFrom(name, { batchSize })).rejects.toThrow(
      'Batch size can not be greater than 5000 or less than 1',
    );
  }
});

row('FET-4', async () => {
  const name = await filled(1);
  const waited = await duration(async () => {
    expect(await fetchFrom(name, { batchSize: 2, batchMaxTimeToWaitMs: 600 })).toHaveLength(1);
  });
  expect(waited).toBeGreaterThan(580);
  expect(waited).toBeLessThan(1_500);
  await expect(fetchFrom(name, { consumerName: 'd', batchMaxTimeToWaitMs: 99 })).rejects.toThrow(
    'it must be a whole number of 100 or more',
  );
});

row('FET-5', async () => {
  const name = await filled(1);
  await fetchFrom(name, { consumerName: 'd' });
  await fetchFrom(name, { consumerName: 'e', maxAckTimeMs: 2000 });
  expect((await broker.durable(name, 1, 'd'))?.config.ack_wait).toBe(30e9);
  expect((await broker.durable(name, 1, 'e'))?.config.ack_wait).toBe(2e9);
});

row('FET-6', async () => {
  const name = await filled(1);
  await fetchFrom(name, { consumerName: 'd' });
  await fetchFrom(name, { consumerName: 'e', maxMsgDeliveries: 5 });
  expect((await broker.durable(name, 1, 'd'))?.config.max_deliver).toBe(2);
  expect((await broker.durable(name, 1, 'e'))?.config.max_deliver).toBe(5);
});

row('FET-7', async () => {
  const name = await filled(5);
  const from = await fetchFrom(name, { consumerName: 'd', startConsumeFromSequence: 4 });
  expect(from.map(textOf)).toEqual(['4', '5']);
  expect((await fetchFrom(name, { consumerName: 'e', lastMessages: 1 })).map(textOf)).toEqual(['5']);
  expect((await fetchFrom(name, { consumerName: 'f' })).map(textOf)).toEqual(['1', '2', '3', '4', '5']);
  const both = { consumerName: 'g', startConsumeFromSequence: 2, lastMessages: 1 };
  await expect(fetchFrom(name, both)).rejects.toThrow(
    "can't contain both startConsumeFromSequence and lastMessages",
  );
});

row('FET-8', async () => {
  const name = await filled(9, 3);
  const read = [];
  for (let turn = 0; turn < 4; turn += 1) read.push(...partitionsOf(await fetchFrom(name, { batchSize: 1 })));
  expect(read).toEqual([1, 2, 3, 1]);
});

row('FET-9', async () => {
  const name = await filled(9, 3);
  expect(partitionsOf(await fetchFrom(name, { consumerPartitionKey: 'key' }))).toEqual([2, 2, 2]);
  const both = { consumerPartitionKey: 'key', consumerPartitionNumber: 1 };
  await expect(fetchFrom(name, both)).rejects.toThrow('Can not use both partition number and partition key');
});

row('FET-10', async () => {
  const name = await filled(9, 3);
  expect(partitionsOf(await fetchFrom(name, { consumerPartitionNumber: 3 }))).toEqual([3, 3, 3]);
  await expect(fetchFrom(name, { consumerPartitionNumber: 4 })).rejects.toThrow(
    'Partition number is out of range',
  );
  // Not given, so it is the turn of the first.
  expect(partitionsOf(await fetchFrom(name, { consumerPartitionNumber: -1 }))).toEqual([1, 1, 1]);
});

row('FET-11', async () => {
  const name = await filled(0);
  const waited = await duration(async () => expect(await fetchFrom(name)).toEqual([]));
  expect(waited).toBeGreaterThan(95);
  expect(waited).toBeLessThan(2_000);
});

row('FET-12', async () => {
  const name = await filled(3);
  for (const message of await fetchFrom(name, { consumerName: 'd', batchSize: 3 })) await message.ack();
  expect((await broker.stream(name))?.state.messages).toBe(3);
  expect(await fetchFrom(name, { consumerName: 'e', batchSize: 3 })).toHaveLength(3);
  expect(await fetchFrom(name, { consumerName: 'd' })).toEqual([]);
});

row('FET-13', async () => {
  const name = await filled(12);
  const consumer = await traffic.consumer(name);
  expect(await consumer.fetch({ batchSize: 3 })).toHaveLength(3);
  // One fetch does not change the size of the next, as it does in the official clients.
  const pulls = await broker.tap(`$JS.API.CONSUMER.MSG.NEXT.${name}$1.c`);
  expect(await consumer.fetch()).toHaveLength(9);
  const [pull] = await pulls.all();
  expect(JSON.parse(pull ?? '{}')).toMatchObject({ batch: 10 });
  await expect(consumer.fetch({ batchSize: 5001 })).rejects.toThrow(
    'Batch size can not be greater than 5000 or less than 1',
  );
});

row('FET-14', async () => {
  const name = await filled(9, 3);
  const consumer = await traffic.consumer(name);
  expect(partitionsOf(await consumer.fetch({ consumerPartitionKey: 'key' }))).toEqual([2, 2, 2]);
  expect(partitionsOf(await consumer.fetch({ consumerPartitionNumber: 3 }))).toEqual([3, 3, 3]);
  // Neither of them takes a turn.
  expect(partitionsOf(await consumer.fetch())).toEqual([1, 1, 1]);
  const both = { consumerPartitionKey: 'key', consumerPartitionNumber: 1 };
  await expect(consumer.fetch(both)).rejects.toThrow('Can not use both partition number and partition key');
});

const pending = async (name: string, partition = 1) =>
  (await broker.durable(name, partition, 'c'))?.num_ack_pending;

row('PRF-1', async () => {
  const name = await filled(5);
  const consumer = await traffic.consumer(name);
  const pulls = await broker.tap(`$JS.API.CONSUMER.MSG.NEXT.${name}$1.c`);
  expect(await consumer.fetch({ batchSize: 2 })).toHaveLength(2);
  await pause(100);
  expect(await pulls.all()).toHaveLength(1);
  expect(await pending(name)).toBe(2);
});

row('PRF-2', async () => {
  const name = await filled(6);
  const consumer = await traffic.consumer(name, { batchMaxTimeToWaitMs: 500 });
  const next = () => consumer.fetch({ batchSize: 2, prefetch: true });
  expect((await next()).map(textOf)).toEqual(['1', '2']);
  await eventually(async () => (await pending(name)) === 6, 'what comes next is loaded');
  const pulls = await broker.tap(`$JS.API.CONSUMER.MSG.NEXT.${name}$1.c`);
  const waited = await duration(async () => expect((await next()).map(textOf)).toEqual(['3', '4']));
  expect(waited).toBeLessThan(100);
  // One may already load what comes after.
  expect((await pulls.all()).length).toBeLessThanOrEqual(1);
  expect((await next()).map(textOf)).toEqual(['5', '6']);
  // On the connection as well.
  const first = { consumerName: 'd', batchSize: 2, prefetch: true };
  expect((await fetchFrom(name, first)).map(textOf)).toEqual(['1', '2']);
  await eventually(async () => (await broker.durable(name, 1, 'd'))?.num_ack_pending === 6, 'it is loaded');
});

row('PRF-3', async () => {
  const name = await filled(8, 2);
  const consumer = await traffic.consumer(name, {
    maxAckTimeMs: 600,
    maxMsgDeliveries: 5,
    batchMaxTimeToWaitMs: 300,
  });
  const fetch = (consumerPartitionNumber: number) =>
    consumer.fetch({ batchSize: 1, prefetch: true, consumerPartitionNumber });
  expect((await fetch(1)).map(textOf)).toEqual(['1']);
  await eventually(async () => (await pending(name, 1)) === 3, 'partition 1 is loaded');
  expect(partitionsOf(await fetch(2))).toEqual([2]);
  await pause(700);
  // The time to acknowledge is over: the broker delivers from the first one on again, and nothing from memory comes before.
  const [message] = await fetch(1);
  expect([textOf(message), message?.getPartitionNumber()]).toEqual(['1', 1]);
  await consumer.destroy();
  expect(await rejection(fetch(1))).toBeInstanceOf(ClosedError);
});
