import { setTimeout as pause } from 'node:timers/promises';
import { ConnectionError, TimeoutError, ValidationError } from '../../../src/model/errors';
import type { ConsumeContext, MessageHandler } from '../../../src/runtime/messaging';
import { eventually } from '../../support/broker';
import { textOf } from '../../support/text-of';
import { row } from './row';
import { gateBefore, trafficForThisFile, within15Seconds } from './station-traffic';

const traffic = trafficForThisFile();
const { broker } = traffic;

row('CSM-1', async () => {
  const { name } = await traffic.station();
  const consumer = await traffic.consumer(name);
  const seen: string[] = [];
  // It returns at once, and no promise.
  const start: (handler: MessageHandler) => unknown = consumer.consume.bind(consumer);
  const returned = start((messages) => {
    seen.push(...messages.map(textOf));
  });
  expect(returned).toBeUndefined();
  expect(seen).toEqual([]);
  await traffic.fill(name, 1);
  await eventually(() => seen.length === 1, 'the message comes');
});

row('CSM-2', async () => {
  const { name } = await traffic.station();
  await traffic.fill(name, 4);
  const consumer = await traffic.consumer(name, { batchSize: 2 });
  let running = 0;
  let most = 0;
  const shapes: unknown[] = [];
  const handler: MessageHandler = async (messages, error, context) => {
    running += 1;
    most = Math.max(most, running);
    if (messages.length > 0) shapes.push([messages.length, error, context]);
    await pause(30);
    running -= 1;
  };
  consumer.consume(handler);
  await eventually(() => shapes.length === 2, 'both batches');
  await consumer.destroy();
  expect(shapes).toEqual([
    [2, undefined, {}],
    [2, undefined, {}],
  ]);
  expect(most).toBe(1);
  // No poll while a handler is at work, however short the interval is.
  await traffic.fill(name, 4, 5);
  const patient = await traffic.consumer(name, { consumerName: 'd', batchSize: 2, pullIntervalMs: 0 });
  const polls = await broker.tap(`$JS.API.CONSUMER.MSG.NEXT.${name}$1.d`);
  let finish: (() => void) | undefined;
  let calls = 0;
  patient.consume(async () => {
    calls += 1;
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
  });
  await eventually(() => calls === 1, 'the handler is at work');
  await pause(200);
  expect([calls, polls.texts.length]).toEqual([1, 1]);
  finish?.();
  await eventually(() => calls === 2, 'the next poll follows');
  finish?.();
  await patient.destroy();
  polls.end();
});

row('CSM-3', async () => {
  const { name } = await traffic.station();
  const consumer = await traffic.consumer(name);
  let empty = 0;
  const seen: string[] = [];
  consumer.consume((messages) => {
    if (messages.length === 0) empty += 1;
    seen.push(...messages.map(textOf));
  });
  await eventually(() => empty > 1, 'empty rounds');
  await traffic.fill(name, 1);
  await eventually(() => seen.length === 1, 'a message after the empty rounds');
});

row('CSM-4', async () => {
  const consumer = await traffic.consumer((await traffic.station()).name);
  const rounds: { count: number; error: Error | undefined }[] = [];
  consumer.consume((messages, error) => {
    rounds.push({ count: messages.length, error });
  });
  await eventually(() => rounds.length > 0, 'an empty round');
  expect(rounds[0]?.count).toBe(0);
  expect(rounds[0]?.error).toBeInstanceOf(TimeoutError);
  expect(rounds[0]?.error?.message).toContain('Memphis: TimeoutError');
});

/** The partitions that a loop with these options reads, of a station with three that all hold messages. */
async function partitionsRead(options: { consumerPartitionKey?: string; consumerPartitionNumber?: number }) {
  const { name } = await traffic.station({ partitionsNumber: 3 });
  await traffic.fill(name, 9);
  const consumer = await traffic.consumer(name);
  const read: (number | undefined)[] = [];
  let rounds = 0;
  consumer.consume((messages) => {
    rounds += 1;
    read.push(...messages.map((message) => message.getPartitionNumber()));
  }, options);
  await eventually(() => rounds >= 4, 'four rounds');
  await consumer.destroy();
  return read.sort();
}

row('CSM-5', async () => {
  expect(await partitionsRead({ consumerPartitionKey: 'key' })).toEqual([2, 2, 2]);
});

row('CSM-6', async () => {
  expect(await partitionsRead({ consumerPartitionNumber: 3 })).toEqual([3, 3, 3]);
  expect(await partitionsRead({ consumerPartitionNumber: -1 })).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3]);
});

row('CSM-7', async () => {
  const consumer = await traffic.consumer((await traffic.station()).name);
  const both = { consumerPartitionKey: 'a', consumerPartitionNumber: 1 };
  const start = (options: typeof both | { consumerPartitionNumber: number }) => () =>
    consumer.consume(() => undefined, options);
  expect(start(both)).toThrow(ValidationError);
  expect(start(both)).toThrow('Can not use both partition number and partition key');
  expect(start({ consumerPartitionNumber: 2 })).toThrow('Partition number is out of range');
});

row('CSM-8', async () => {
  const consumer = await traffic.consumer((await traffic.station()).name);
  const contexts: ConsumeContext[] = [];
  consumer.consume((_messages, _error, context) => {
    contexts.push(context);
  });
  await eventually(() => contexts.length > 0, 'the first call');
  consumer.setContext({ key: 'value' });
  await eventually(() => contexts.some((context) => context.key === 'value'), 'the new context');
  expect(contexts[0]).toEqual({});
  consumer.setContext({ another: 1 });
  await eventually(() => contexts.some((context) => context.another === 1), 'a change');
  // The whole of it is replaced.
  expect(contexts.at(-1)).toEqual({ another: 1 });
});

row('CSM-9', async () => {
  const { name } = await traffic.station();
  await traffic.fill(name, 3);
  const consumer = await traffic.consumer(name);
  consumer.consume(async (messages) => {
    for (const message of messages) await message.ack();
  });
  await eventually(async () => {
    const durable = await broker.durable(name, 1, 'c');
    return durable?.num_ack_pending === 0 && durable.ack_floor.stream_seq === 3;
  }, 'all are acknowledged');
});

row('CSM-10', async () => {
  const { name } = await traffic.station();
  const { gate, options } = await gateBefore(broker);
  try {
    const memphis = await broker.client({ ...options, reconnectIntervalMs: 20 });
    const background: string[] = [];
    memphis.onError(({ message }) => background.push(message));
    const consumer = await memphis.consumer({
      stationName: name,
      consumerName: 'c',
      batchMaxTimeToWaitMs: 200,
      pullIntervalMs: 10,
    });
    const seen: string[] = [];
    const errors: Error[] = [];
    let thrown = false;
    consumer.consume((messages, error) => {
      if (error instanceof ConnectionError) errors.push(error);
      seen.push(...messages.map(textOf));
      if (!thrown) {
        thrown = true;
        throw new Error('of the handler');
      }
    });
    await eventually(() => thrown, 'the handler throws');
    await eventually(() => background.some((text) => text.includes('of the handler')), 'that is reported');
    gate.cutOff();
    await eventually(() => errors.length > 0, 'the handler hears of the lost connection');
    gate.letIn();
    await traffic.fill(name, 1);
    await eventually(() => seen.includes('1'), 'the loop goes on');
    await memphis.close();
  } finally {
    await gate.close();
  }
});

row('CSM-11', async () => {
  const { name } = await traffic.station();
  const limits = { maxAckTimeMs: 300, maxMsgDeliveries: 1 };
  const consumer = await traffic.consumer(name, limits);
  // The members of a group share what is sent again, too.
  const member = await traffic.consumer(name, { consumerName: 'd', consumerGroup: 'c', ...limits });
  const letters: string[] = [];
  let plain = 0;
  for (const each of [consumer, member]) {
    each.consume((messages) => {
      for (const message of messages) {
        if (message.isDeadLetter()) letters.push(textOf(message));
        else plain += 1;
      }
    });
  }
  await traffic.fill(name, 1);
  await within15Seconds(
    async () => (await traffic.overview(name)).poison_messages.length === 1,
    'the message becomes a dead letter',
  );
  const [record] = (await traffic.overview(name)).poison_messages;
  await broker.rest('POST', '/stations/resendPoisonMessages', {
    poison_message_ids: [record?.id],
    station_name: name,
  });
  await eventually(() => letters.length > 0, 'it is sent again');
  await pause(200);
  // The official clients hand it over twice.
  expect([letters, plain]).toEqual([['1'], 1]);
});
