import { setTimeout as pause } from 'node:timers/promises';
import { ClosedError, NotFoundError, TimeoutError, ValidationError } from '../../../../src/model/errors';
import type { ConsumerOptions, Memphis, Message } from '../../../../src/runtime/messaging';
import { eventually, TestBroker } from '../../../support/broker';
import { textOf } from '../../../support/text-of';

const broker = TestBroker.forThisFile();
let memphis: Memphis;
beforeAll(async () => {
  memphis = await broker.client();
});

async function fill(station: string, count: number, from = 1): Promise<void> {
  const producer = await memphis.producer({ stationName: station, producerName: 'filler' });
  for (let number = from; number < from + count; number += 1)
    await producer.produce({ message: String(number) });
}

const consumerOf = (stationName: string, options: Partial<ConsumerOptions> = {}) =>
  memphis.consumer({
    stationName,
    consumerName: 'c',
    batchMaxTimeToWaitMs: 100,
    pullIntervalMs: 10,
    ...options,
  });

describe('creation', () => {
  test('the durable of the group is on every partition, with the defaults of the seed', async () => {
    const name = broker.stationName();
    await memphis.station({ name, partitionsNumber: 3 });
    await memphis.consumer({ stationName: name, consumerName: 'C', consumerGroup: 'Group.One' });
    for (const partition of [1, 2, 3]) {
      expect((await broker.durable(name, partition, 'group#one'))?.config).toMatchObject({
        ack_wait: 30e9,
        max_deliver: 2,
        ack_policy: 'explicit',
        deliver_policy: 'all',
        filter_subject: `${name}$${partition}.final`,
      });
    }
  });

  test('the group is the name where none is given', async () => {
    const name = broker.stationName();
    await consumerOf(name, { consumerName: 'Lonely' });
    expect(await broker.durable(name, 1, 'lonely')).toBeDefined();
  });

  test.each<[why: string, options: Partial<ConsumerOptions>, problem: string]>([
    ['no message at all', { batchSize: 0 }, 'Batch size can not be greater than 5000 or less than 1'],
    ['too many', { batchSize: 5001 }, 'Batch size can not be greater than 5000 or less than 1'],
    [
      'a wait that floods the broker with polls',
      { batchMaxTimeToWaitMs: 99 },
      'batchMaxTimeToWaitMs is 99; it must be a whole number of 100 or more, at most 2147483647 (milliseconds)',
    ],
    [
      'sequences count from 1',
      { startConsumeFromSequence: 0 },
      'startConsumeFromSequence has to be a positive number',
    ],
    ['-1 is the least', { lastMessages: -2 }, 'min value for lastMessages is -1'],
    [
      'two starts',
      { startConsumeFromSequence: 2, lastMessages: 0 },
      "Consumer creation options can't contain both startConsumeFromSequence and lastMessages",
    ],
  ])('refused before anything is sent: %s', async (_why, options, problem) => {
    const name = broker.stationName();
    const error: unknown = await memphis
      .consumer({ stationName: name, consumerName: 'c', ...options })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ValidationError);
    expect((error as ValidationError).problems).toEqual([problem]);
    expect(await broker.stream(name)).toBeUndefined();
  });

  test.each<[why: string, options: Partial<ConsumerOptions>, partitions: number, expected: string[]]>([
    ['from a sequence on', { startConsumeFromSequence: 6 }, 1, ['6', '7', '8', '9', '10']],
    [
      'the last three of one partition, where the broker makes no durable and says that all went well',
      { lastMessages: 3 },
      1,
      ['8', '9', '10'],
    ],
    ['the last of each of two partitions', { lastMessages: 1 }, 2, ['10', '9']],
    ['only new ones', { lastMessages: 0 }, 1, []],
    ['more than there are', { lastMessages: 99 }, 1, ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']],
  ])('start: %s', async (_why, options, partitions, expected) => {
    const name = broker.stationName();
    await memphis.station({ name, partitionsNumber: partitions });
    await fill(name, 10);
    const consumer = await consumerOf(name, { ...options, maxAckTimeMs: 2_000, maxMsgDeliveries: 3 });
    const messages: Message[] = [];
    for (let turn = 0; turn < partitions; turn += 1)
      messages.push(...(await consumer.fetch({ batchSize: 20 })));
    expect(messages.map(textOf).sort((a, b) => Number(a) - Number(b))).toEqual(
      [...expected].sort((a, b) => Number(a) - Number(b)),
    );
    expect((await broker.durable(name, 1, 'c'))?.config).toMatchObject({ ack_wait: 2e9, max_deliver: 3 });
  });
});

describe('fetch', () => {
  test('a full batch comes at once, a part of one when the time is over (SDK defect: always 5 s)', async () => {
    const name = broker.stationName();
    await fill(name, 4);
    const consumer = await consumerOf(name, { batchMaxTimeToWaitMs: 900 });
    let begin = performance.now();
    expect((await consumer.fetch({ batchSize: 3 })).map(textOf)).toEqual(['1', '2', '3']);
    expect(performance.now() - begin).toBeLessThan(800);
    begin = performance.now();
    expect((await consumer.fetch({ batchSize: 3 })).map(textOf)).toEqual(['4']);
    expect(performance.now() - begin).toBeGreaterThan(880);
    expect(await consumer.fetch({ batchMaxTimeToWaitMs: 100 })).toEqual([]);
  });

  test('it waits for messages that come later', async () => {
    const name = broker.stationName();
    const consumer = await consumerOf(name);
    const waiting = consumer.fetch({ batchSize: 1, batchMaxTimeToWaitMs: 3_000 });
    await fill(name, 1);
    expect((await waiting).map(textOf)).toEqual(['1']);
  });

  test('partitions take turns; key and number choose one; capital letters change nothing (SDK defect)', async () => {
    const name = broker.stationName();
    await memphis.station({ name, partitionsNumber: 3 });
    await fill(name, 6);
    const consumer = await consumerOf(name.toUpperCase(), { batchSize: 1 });
    const partitions = [];
    for (let turn = 0; turn < 3; turn += 1) {
      partitions.push((await consumer.fetch())[0]?.getPartitionNumber());
    }
    expect(partitions).toEqual([1, 2, 3]);
    expect((await consumer.fetch({ consumerPartitionNumber: 3 }))[0]?.getPartitionNumber()).toBe(3);
    expect((await consumer.fetch({ consumerPartitionKey: 'key' }))[0]?.getPartitionNumber()).toBe(2);
    await expect(consumer.fetch({ consumerPartitionNumber: 4 })).rejects.toThrow(
      'Partition number is out of range',
    );
  });

  test('the batch size of one fetch is not that of the next (SDK defect)', async () => {
    const name = broker.stationName();
    await fill(name, 5);
    const consumer = await consumerOf(name, { batchSize: 2 });
    expect(await consumer.fetch({ batchSize: 1 })).toHaveLength(1);
    expect(await consumer.fetch()).toHaveLength(2);
    await expect(consumer.fetch({ batchSize: 5001 })).rejects.toThrow('Batch size');
  });

  test('fetches at the same time share the messages', async () => {
    const name = broker.stationName();
    await fill(name, 6);
    const consumer = await consumerOf(name);
    const batches = await Promise.all([1, 2, 3].map((size) => consumer.fetch({ batchSize: size })));
    expect(batches.flat().map(textOf)).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  test('on the connection: the consumer is made once and used again; the station keeps its messages', async () => {
    const name = broker.stationName();
    await fill(name, 4);
    const requests = await broker.tap('$memphis_consumer_creations');
    const fetch = () =>
      memphis.fetchMessages({
        stationName: name,
        consumerName: 'C',
        batchSize: 2,
        batchMaxTimeToWaitMs: 100,
      });
    expect((await fetch()).map(textOf)).toEqual(['1', '2']);
    expect((await fetch()).map(textOf)).toEqual(['3', '4']);
    await broker.observer.flush();
    expect(requests.texts.filter((text) => text.includes(name))).toHaveLength(1);
    requests.end();
    expect((await broker.stream(name))?.state.messages).toBe(4);
  });

  test('on the connection: when the group is gone, that is told once and the next call makes a new one', async () => {
    const name = broker.stationName();
    await fill(name, 2);
    const fetch = () =>
      memphis.fetchMessages({
        stationName: name,
        consumerName: 'c',
        batchSize: 2,
        batchMaxTimeToWaitMs: 500,
      });
    await fetch();
    await broker.jetStream(`CONSUMER.DELETE.${name}$1.c`);
    await expect(fetch()).rejects.toThrow(NotFoundError);
    await eventually(async () => {
      try {
        return (await fetch()).length === 2;
      } catch {
        return false;
      }
    }, 'a new group reads from the start');
  });

  test('a deleted group is an error, not an empty batch', async () => {
    const name = broker.stationName();
    const consumer = await consumerOf(name);
    const waiting = consumer.fetch({ batchMaxTimeToWaitMs: 3_000 });
    const failed = expect(waiting).rejects.toThrow(NotFoundError);
    await pause(50);
    await broker.jetStream(`CONSUMER.DELETE.${name}$1.c`);
    await failed;
    await expect(consumer.fetch()).rejects.toThrow(NotFoundError);
  });

  test('prefetch: the next batch comes from memory, for each partition its own (SDK defect)', async () => {
    const name = broker.stationName();
    await memphis.station({ name, partitionsNumber: 2 });
    await fill(name, 12);
    const consumer = await consumerOf(name);
    const fetch = async (partition: number) =>
      (
        await consumer.fetch({
          batchSize: 2,
          prefetch: true,
          consumerPartitionNumber: partition,
          batchMaxTimeToWaitMs: 1_000,
        })
      ).map(textOf);
    expect(await fetch(1)).toEqual(['1', '3']);
    await eventually(async () => (await broker.durable(name, 1, 'c'))?.num_ack_pending === 6, 'loaded ahead');
    // A pull would have given the ones after those that were loaded ahead.
    expect(await fetch(1)).toEqual(['5', '7']);
    expect(await fetch(2)).toEqual(['2', '4']);
  });
});

describe('groups', () => {
  test('each group gets each message, the members of one share them', async () => {
    const name = broker.stationName();
    await fill(name, 10);
    const [one, two, alone] = await Promise.all([
      consumerOf(name, { consumerName: 'm1', consumerGroup: 'g' }),
      consumerOf(name, { consumerName: 'm2', consumerGroup: 'g' }),
      consumerOf(name, { consumerName: 'a' }),
    ]);
    const shared = [...(await one.fetch({ batchSize: 4 })), ...(await two.fetch({ batchSize: 6 }))].map(
      textOf,
    );
    expect(new Set(shared).size).toBe(10);
    expect(await alone.fetch({ batchSize: 10 })).toHaveLength(10);
  });

  test('the durable stays with the group and goes with its last member', async () => {
    const name = broker.stationName();
    const one = await consumerOf(name, { consumerName: 'm1', consumerGroup: 'g' });
    const two = await consumerOf(name, { consumerName: 'm2', consumerGroup: 'g' });
    await one.destroy();
    await one.destroy();
    expect(await broker.durable(name, 1, 'g')).toBeDefined();
    await two.destroy();
    expect(await broker.durable(name, 1, 'g')).toBeUndefined();
    await expect(one.fetch()).rejects.toThrow(ClosedError);
  });
});

describe('consume', () => {
  test('batches go to the handler with the context, one poll after the other', async () => {
    const name = broker.stationName();
    await fill(name, 5);
    const consumer = await consumerOf(name, { batchSize: 2 });
    const seen: string[] = [];
    let running = 0;
    consumer.setContext({ key: 'value' });
    consumer.consume(async (messages, error, context) => {
      running += 1;
      expect(running).toBe(1);
      for (const message of messages) {
        seen.push(`${textOf(message)} ${String(context.key)}`);
        await message.ack();
      }
      await pause(20);
      running -= 1;
      if (messages.length === 0) expect(error).toBeInstanceOf(TimeoutError);
    });
    await eventually(() => seen.length === 5, 'all five came');
    expect(seen).toEqual(['1 value', '2 value', '3 value', '4 value', '5 value']);
    await consumer.destroy();
  });

  test('an empty round tells the handler, and the loop goes on (it does not stop on an empty station)', async () => {
    const name = broker.stationName();
    const consumer = await consumerOf(name);
    const errors: (Error | undefined)[] = [];
    const seen: string[] = [];
    consumer.consume((messages, error) => {
      errors.push(error);
      seen.push(...messages.map(textOf));
    });
    await eventually(() => errors.length > 1, 'two empty rounds');
    expect(String(errors[0])).toContain('Memphis: TimeoutError');
    await fill(name, 1);
    await eventually(() => seen.length === 1, 'a message after the empty rounds');
    await consumer.destroy();
  });

  test('a handler that throws is reported and does not end the loop (SDK defect)', async () => {
    const name = broker.stationName();
    await fill(name, 2);
    const other = await broker.client();
    const reported: string[] = [];
    other.onError((error) => reported.push(error.message));
    const consumer = await other.consumer({
      stationName: name,
      consumerName: 'c',
      batchSize: 1,
      pullIntervalMs: 0,
    });
    const seen: string[] = [];
    consumer.consume((messages) => {
      seen.push(...messages.map(textOf));
      if (seen.length === 1) throw new Error('oops');
    });
    await eventually(() => seen.length >= 2, 'the message after the error');
    expect(reported).toEqual([expect.stringContaining('the handler threw: oops')]);
    await consumer.destroy();
  });

  test('wrong arguments are refused at once (SDK defect: lost in a background task)', async () => {
    const consumer = await consumerOf(broker.stationName());
    expect(() =>
      consumer.consume(() => undefined, { consumerPartitionKey: 'a', consumerPartitionNumber: 1 }),
    ).toThrow('Can not use both partition number and partition key');
  });

  test('no handler call after destroy resolves, also in the middle of a stream (SDK defect)', async () => {
    const name = broker.stationName();
    await fill(name, 200);
    const consumer = await consumerOf(name, { batchSize: 5, pullIntervalMs: 0 });
    let calls = 0;
    consumer.consume(() => {
      calls += 1;
    });
    await eventually(() => calls > 2, 'the loop is busy');
    await consumer.destroy();
    const after = calls;
    await pause(150);
    expect(calls).toBe(after);
  });

  test('a handler may destroy its own consumer', async () => {
    const name = broker.stationName();
    await fill(name, 1);
    const consumer = await consumerOf(name);
    await new Promise<void>((resolve, reject) => {
      consumer.consume(() => consumer.destroy().then(resolve, reject));
    });
    expect(await broker.durable(name, 1, 'c')).toBeUndefined();
  });

  test('async iteration gives message after message until destroy', async () => {
    const name = broker.stationName();
    await fill(name, 5);
    const consumer = await consumerOf(name, { batchSize: 2 });
    const seen: string[] = [];
    for await (const message of consumer) {
      seen.push(textOf(message));
      await message.ack();
      if (seen.length === 5) await consumer.destroy();
    }
    expect(seen).toEqual(['1', '2', '3', '4', '5']);
  });

  test('a handler that acknowledges while the connection is being closed does no harm', async () => {
    const name = broker.stationName();
    await fill(name, 20);
    const other = await broker.client();
    other.onError(() => undefined);
    const consumer = await other.consumer({ stationName: name, consumerName: 'c', batchSize: 20 });
    const [first, ...rest] = await consumer.fetch({ batchSize: 20 });
    await first?.ack();
    const closing = other.close();
    for (const message of rest) {
      await message.ack().catch(() => undefined);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await closing;
    expect(rest).toHaveLength(19);
  });
});

describe('a station with several partitions', () => {
  async function stationOf(partitionsNumber: number, batchSize: number) {
    const name = broker.stationName();
    await memphis.station({ name, partitionsNumber });
    const producer = await memphis.producer({ stationName: name, producerName: 'p' });
    const options = { stationName: name, batchSize, batchMaxTimeToWaitMs: 4_000, pullIntervalMs: 0 };
    return { name, producer, consumer: await memphis.consumer({ ...options, consumerName: 'c' }) };
  }

  test('a message in the last of ten is fetched at once, and an idle partition is not waited for', async () => {
    const { producer, consumer } = await stationOf(10, 1);
    await producer.produce({ message: 'm', producerPartitionNumber: 10 });
    const begin = performance.now();
    const messages = await consumer.fetch();
    expect(messages.map((message) => message.getPartitionNumber())).toEqual([10]);
    expect(performance.now() - begin).toBeLessThan(1_000);
  });

  test('what waits under one key is read without a pause for the other partitions', async () => {
    const { producer, consumer } = await stationOf(3, 10);
    for (let count = 0; count < 40; count += 1) {
      await producer.produce({ message: String(count), producerPartitionKey: 'one' });
    }
    const begin = performance.now();
    const seen: string[] = [];
    for await (const message of consumer) {
      seen.push(textOf(message));
      if (seen.length === 40) break;
    }
    expect(seen).toEqual(Array.from({ length: 40 }, (_value, index) => String(index)));
    expect(performance.now() - begin).toBeLessThan(1_500);
  });

  test('partitions that all have messages take turns; a batch is filled from one', async () => {
    const { producer, consumer } = await stationOf(3, 2);
    for (const producerPartitionNumber of [1, 2, 3, 1, 2, 3]) {
      await producer.produce({ message: 'm', producerPartitionNumber });
    }
    const batches: (number | undefined)[][] = [];
    for (let count = 0; count < 3; count += 1) {
      batches.push((await consumer.fetch()).map((message) => message.getPartitionNumber()));
    }
    expect(batches.sort()).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });

  test('a batch that is not full waits for the rest, for the time that was asked for', async () => {
    const { producer, consumer } = await stationOf(3, 2);
    await producer.produce({ message: 'first', producerPartitionNumber: 2 });
    const fetched = consumer.fetch({ batchMaxTimeToWaitMs: 2_000 });
    await producer.produce({ message: 'elsewhere', producerPartitionNumber: 1 });
    await producer.produce({ message: 'second', producerPartitionNumber: 2 });
    expect((await fetched).map((message) => message.getPartitionNumber())).toEqual([2, 2]);
    expect(await consumer.fetch({ batchMaxTimeToWaitMs: 100 })).toHaveLength(1);
  });

  test('nothing anywhere: an empty list after the time, and few requests', async () => {
    const { name, consumer } = await stationOf(5, 1);
    const pulls = await broker.tap('$JS.API.CONSUMER.MSG.NEXT.>');
    const begin = performance.now();
    expect(await consumer.fetch({ batchMaxTimeToWaitMs: 1_000 })).toEqual([]);
    const took = performance.now() - begin;
    expect([took > 950, took < 2_500]).toEqual([true, true]);
    // Five are asked, and one is waited at, four times.
    expect((await pulls.all()).length).toBeLessThanOrEqual(26);
    expect(name).toBeDefined();
  });

  test('what an iteration left comes first, whose turn it may be', async () => {
    const { producer, consumer } = await stationOf(3, 5);
    for (let count = 0; count < 5; count += 1) {
      await producer.produce({ message: String(count), producerPartitionNumber: 1 });
    }
    for await (const message of consumer) {
      await message.ack();
      break;
    }
    expect((await consumer.fetch()).map(textOf)).toEqual(['1', '2', '3', '4']);
  });
});
