import { setTimeout as pause } from 'node:timers/promises';
import { ValidationError } from '../../../src/model/errors';
import type { ConsumerOptions, Message } from '../../../src/runtime/messaging';
import { Consumer } from '../../../src/runtime/messaging';
import { completeConsumerOptions } from '../../../src/runtime/messaging/consume/consumer-options';
import { eventually } from '../../support/broker';
import { textOf } from '../../support/text-of';
import { row } from './row';
import { duration, trafficForThisFile, within15Seconds } from './station-traffic';
import { rejection } from '../../support/rejection';

const traffic = trafficForThisFile();
const { broker } = traffic;

const defaults = (options: Partial<ConsumerOptions> = {}) =>
  completeConsumerOptions({ stationName: 's', consumerName: 'c', ...options }, 'c');

const refused = async (options: Partial<ConsumerOptions>): Promise<string> => {
  const error = await rejection(traffic.consumer(broker.stationName(), options));
  expect(error).toBeInstanceOf(ValidationError);
  return error.message;
};

row('CNS-1', async () => {
  const { name } = await traffic.station({ partitionsNumber: 3 });
  const requests = await broker.tap('$memphis_consumer_creations');
  const consumer = await traffic.memphis.consumer({ stationName: name, consumerName: 'c' });
  expect(consumer).toBeInstanceOf(Consumer);
  const sent = (await requests.all()).filter((text) => text.includes(name));
  expect(sent.map((text) => JSON.parse(text) as unknown)).toEqual([
    {
      name: 'c',
      station_name: name,
      consumer_type: 'application',
      consumers_group: 'c',
      max_ack_time_ms: 30_000,
      max_msg_deliveries: 2,
      start_consume_from_sequence: 1,
      last_messages: -1,
      connection_id: expect.any(String) as string,
      req_version: 4,
      username: broker.options.username,
      app_id: expect.any(String) as string,
      sdk_lang: 'node.js',
    },
  ]);
  for (const partition of [1, 2, 3]) expect(await broker.durable(name, partition, 'c')).toBeDefined();
  expect((await traffic.overview(name)).connected_cgs.map((group) => group.name)).toEqual(['c']);
});

row('CNS-2', async () => {
  const { name } = await traffic.station({ partitionsNumber: 2 });
  await traffic.fill(name, 1);
  const consumer = await traffic.consumer(name.toUpperCase());
  expect(consumer.stationName).toBe(name);
  expect((await consumer.fetch({ batchSize: 1 })).map(textOf)).toEqual(['1']);
  // Also where its messages come through the loop, which is where the official JS client fails.
  await traffic.memphis.produce({
    stationName: name,
    producerName: 'p',
    message: '2',
    producerPartitionNumber: 2,
  });
  const seen: string[] = [];
  consumer.consume((messages) => void seen.push(...messages.map(textOf)), { consumerPartitionNumber: 2 });
  await eventually(() => seen.includes('2'), 'the loop reads it');
});

row('CNS-3', async () => {
  const { name } = await traffic.station();
  await traffic.consumer(name, { consumerName: 'Con.A', consumerGroup: 'g' });
  const [group] = (await traffic.overview(name)).connected_cgs;
  expect(group?.connected_consumers.map((member) => member.name)).toEqual(['con.a']);
});

row('CNS-4', async () => {
  const { name } = await traffic.station();
  await traffic.consumer(name, { consumerName: 'alone' });
  await traffic.consumer(name, { consumerName: 'x', consumerGroup: 'Group.One' });
  for (const durable of ['alone', 'group#one']) expect(await broker.durable(name, 1, durable)).toBeDefined();
  expect(await broker.durable(name, 1, 'x')).toBeUndefined();
});

row('CNS-5', async () => {
  const { name } = await traffic.station();
  await traffic.fill(name, 6);
  const group = { consumerGroup: 'consumer_group_1' };
  const one = await traffic.consumer(name, { ...group, consumerName: 'one' });
  const two = await traffic.consumer(name, { ...group, consumerName: 'two' });
  const read = [...(await one.fetch({ batchSize: 2 })), ...(await two.fetch({ batchSize: 4 }))].map(textOf);
  expect(read).toEqual(['1', '2', '3', '4', '5', '6']);
  const [row] = (await traffic.overview(name)).connected_cgs;
  expect(row?.name).toBe('consumer_group_1');
  expect(row?.connected_consumers.map((member) => member.name).sort()).toEqual(['one', 'two']);
});

/** When each poll of a consumer begins, in milliseconds, as the broker hears it. */
async function polls(options: Partial<ConsumerOptions>, count: number): Promise<number[]> {
  const { name } = await traffic.station();
  const moments: number[] = [];
  const subscription = broker.observer.subscribe(`$JS.API.CONSUMER.MSG.NEXT.${name}$1.c`, {
    callback: () => moments.push(performance.now()),
  });
  await broker.observer.flush();
  const consumer = await traffic.consumer(name, options);
  consumer.consume(() => undefined);
  await eventually(() => moments.length >= count, `${count} polls`);
  await consumer.destroy();
  subscription.unsubscribe();
  return moments;
}

row('CNS-6', async () => {
  expect(defaults().pullIntervalMs).toBe(1000);
  const [first = 0, second = 0, third = 0] = await polls(
    { pullIntervalMs: 200, batchMaxTimeToWaitMs: 100 },
    3,
  );
  for (const between of [second - first, third - second]) {
    // The wait for a batch, then the interval.
    expect(between).toBeGreaterThan(280);
    expect(between).toBeLessThan(900);
  }
});

row('CNS-7', async () => {
  const [first = 0, second = 0] = await polls({ pullIntervalMs: 2000, batchMaxTimeToWaitMs: 100 }, 2);
  expect(second - first).toBeGreaterThan(2050);
  expect(second - first).toBeLessThan(2700);
});

row('CNS-8', async () => {
  expect(defaults().batchSize).toBe(10);
  const { name } = await traffic.station();
  await traffic.fill(name, 10);
  const consumer = await traffic.consumer(name, { batchSize: 4 });
  const lengths: number[] = [];
  consumer.consume((messages) => {
    if (messages.length > 0) lengths.push(messages.length);
  });
  await eventually(() => lengths.length === 3, 'all batches');
  await consumer.destroy();
  expect(lengths).toEqual([4, 4, 2]);
  expect(await (await traffic.consumer(name, { consumerName: 'd', batchSize: 5000 })).fetch()).toHaveLength(
    10,
  );
  for (const batchSize of [0, 5001, 1.5]) {
    expect(await refused({ batchSize })).toContain('Batch size can not be greater than 5000 or less than 1');
  }
});

row('CNS-9', async () => {
  expect(defaults().batchMaxTimeToWaitMs).toBe(5000);
  const { name } = await traffic.station();
  await traffic.fill(name, 13);
  const consumer = await traffic.consumer(name, { batchMaxTimeToWaitMs: 700 });
  const full = await duration(async () => expect(await consumer.fetch({ batchSize: 10 })).toHaveLength(10));
  const part = await duration(async () => expect(await consumer.fetch({ batchSize: 10 })).toHaveLength(3));
  expect(full).toBeLessThan(600);
  expect(part).toBeGreaterThan(680);
  expect(part).toBeLessThan(1_500);
  // A fetch without a wait of its own takes the consumer's, and the broker is told.
  const pulls = await broker.tap(`$JS.API.CONSUMER.MSG.NEXT.${name}$1.c`);
  await consumer.fetch({ batchSize: 7 });
  const [pull] = await pulls.all();
  expect(JSON.parse(pull ?? '{}')).toMatchObject({ batch: 7, expires: 700e6 });
  expect(await refused({ batchMaxTimeToWaitMs: 99 })).toContain('it must be a whole number of 100 or more');
});

row('CNS-10', async () => {
  const { name } = await traffic.station();
  await traffic.fill(name, 120);
  const example = { pullIntervalMs: 10_000, batchSize: 100, batchMaxTimeToWaitMs: 15_000 };
  const consumer = await traffic.consumer(name, example);
  const lengths: number[] = [];
  consumer.consume((messages) => {
    lengths.push(messages.length);
  });
  await eventually(() => lengths.length === 1, 'a full batch comes at once');
  await pause(200);
  expect(lengths).toEqual([100]);
  // Neither the interval nor the wait holds up the end.
  expect(await duration(() => consumer.destroy())).toBeLessThan(2_000);
});

row('CNS-11', async () => {
  expect(defaults().maxAckTimeMs).toBe(30_000);
  const { name } = await traffic.station();
  await traffic.fill(name, 1);
  const consumer = await traffic.consumer(name, {
    maxAckTimeMs: 1000,
    batchSize: 1,
    batchMaxTimeToWaitMs: 3_000,
  });
  expect((await broker.durable(name, 1, 'c'))?.config.ack_wait).toBe(1000e6);
  expect((await consumer.fetch()).map(textOf)).toEqual(['1']);
  const waited = await duration(async () => expect((await consumer.fetch()).map(textOf)).toEqual(['1']));
  expect(waited).toBeGreaterThan(900);
  expect(waited).toBeLessThan(2_500);
});

async function deliveries(options: Partial<ConsumerOptions>): Promise<void> {
  const { name } = await traffic.station();
  await traffic.fill(name, 1);
  const consumer = await traffic.consumer(name, { ...options, maxAckTimeMs: 300 });
  expect((await broker.durable(name, 1, 'c'))?.config.max_deliver).toBe(2);
  const seen: Message[] = [];
  consumer.consume((messages) => {
    seen.push(...messages);
  });
  await within15Seconds(
    async () => (await traffic.overview(name)).poison_messages.length === 1,
    'the message becomes a dead letter',
  );
  // It is over then.
  await pause(400);
  await consumer.destroy();
  expect(seen.map(textOf)).toEqual(['1', '1']);
}

row('CNS-12', async () => {
  expect(defaults().maxMsgDeliveries).toBe(2);
  await deliveries({});
});

row('CNS-13', async () => {
  await deliveries({ batchSize: 100, maxMsgDeliveries: 2 });
  // Another number, so that it is known that the option is what counts.
  const { name } = await traffic.station();
  await traffic.consumer(name, { maxMsgDeliveries: 4 });
  expect((await broker.durable(name, 1, 'c'))?.config.max_deliver).toBe(4);
  expect(await refused({ maxMsgDeliveries: 0 })).toContain('maxMsgDeliveries is 0');
});

row('CNS-14', async () => {
  expect(defaults().startConsumeFromSequence).toBe(1);
  const { name } = await traffic.station();
  await traffic.fill(name, 10);
  const consumer = await traffic.consumer(name, { startConsumeFromSequence: 6 });
  expect((await consumer.fetch({ batchSize: 20 })).map(textOf)).toEqual(['6', '7', '8', '9', '10']);
  // The same number counts in each partition.
  const { name: wide } = await traffic.station({ partitionsNumber: 2 });
  await traffic.fill(wide, 6);
  const both = await traffic.consumer(wide, { startConsumeFromSequence: 3 });
  expect([...(await both.fetch()), ...(await both.fetch())].map(textOf)).toEqual(['5', '6']);
  expect(await refused({ startConsumeFromSequence: 0 })).toContain(
    'startConsumeFromSequence has to be a positive number',
  );
});

row('CNS-15', async () => {
  expect(defaults().lastMessages).toBe(-1);
  const { name } = await traffic.station();
  await traffic.fill(name, 10);
  const lastOf = async (lastMessages: number) => {
    const consumer = await traffic.consumer(name, { consumerName: `c${lastMessages + 1}`, lastMessages });
    return (await consumer.fetch({ batchSize: 20 })).map(textOf);
  };
  // On one partition the broker makes no consumer for this and says that all went well.
  expect(await lastOf(3)).toEqual(['8', '9', '10']);
  expect(await lastOf(0)).toEqual([]);
  expect(await lastOf(-1)).toHaveLength(10);
  // So many of each partition.
  const { name: wide } = await traffic.station({ partitionsNumber: 2 });
  await traffic.fill(wide, 10);
  const two = await traffic.consumer(wide, { lastMessages: 2 });
  expect([...(await two.fetch()), ...(await two.fetch())].map(textOf)).toEqual(['7', '9', '8', '10']);
  // None of the old ones, and all that come after.
  const { name: later } = await traffic.station();
  await traffic.fill(later, 2);
  const onlyNew = await traffic.consumer(later, { lastMessages: 0 });
  await traffic.fill(later, 1, 3);
  expect((await onlyNew.fetch()).map(textOf)).toEqual(['3']);
  expect(await refused({ lastMessages: -2 })).toContain('min value for lastMessages is -1');
});

row('CNS-16', async () => {
  expect(await refused({ startConsumeFromSequence: 2, lastMessages: 3 })).toContain(
    "Consumer creation options can't contain both startConsumeFromSequence and lastMessages",
  );
});

row('CNS-17', async () => {
  const { name } = await traffic.station();
  await traffic.memphis.consumer({ stationName: name, consumerName: 'c' });
  expect((await broker.durable(name, 1, 'c'))?.config).toMatchObject({
    deliver_policy: 'all',
    ack_policy: 'explicit',
    ack_wait: 30e9,
    max_deliver: 2,
    filter_subject: `${name}$1.final`,
    replay_policy: 'instant',
    max_ack_pending: -1,
  });
});

row('CNS-18', async () => {
  const { name } = await traffic.station();
  const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const consumer = await traffic.consumer(name, { generateRandomSuffix: true });
  expect(warnings).toHaveBeenCalledWith(expect.stringContaining('deprecated'), 'DeprecationWarning');
  warnings.mockRestore();
  expect(consumer.consumerName).toMatch(/^c_[0-9a-f]{8}$/);
  const [group] = (await traffic.overview(name)).connected_cgs;
  expect(group?.connected_consumers.map((member) => member.name)).toEqual([consumer.consumerName]);
});
