import { setTimeout as pause } from 'node:timers/promises';
import type { Memphis } from '../../../../src/runtime/messaging';
import { eventually, TestBroker } from '../../../support/broker';

const broker = TestBroker.forThisFile();

describe('a consumer that is slower than what comes', () => {
  const COUNT = 3_000;
  let name: string;
  let memphis: Memphis;
  beforeAll(async () => {
    name = broker.stationName();
    memphis = await broker.client();
    for (let count = 0; count < COUNT; count += 1) {
      await memphis.produce({ stationName: name, producerName: 'p', message: 'm', nonblocking: true });
    }
    await memphis.flush();
  });

  /** How many messages of the group are with the client, or their acks on the way: the most that is seen from now on. */
  function mostFetched(group: string): { readonly most: () => number; readonly end: () => Promise<void> } {
    let [most, ended] = [0, false];
    const watching = (async () => {
      while (!ended) {
        most = Math.max(most, (await broker.durable(name, 1, group))?.num_ack_pending ?? 0);
        await pause(5);
      }
    })();
    return {
      most: () => most,
      async end() {
        ended = true;
        await watching;
      },
    };
  }

  const consumerOf = (consumerName: string) =>
    memphis.consumer({ stationName: name, consumerName, batchSize: 20, pullIntervalMs: 0 });

  test('a loop: no more than one batch is in memory, whatever waits in the station', async () => {
    const consumer = await consumerOf('loop');
    const watched = mostFetched('loop');
    let handled = 0;
    consumer.consume(async (messages) => {
      await pause(20);
      for (const message of messages) await message.ack();
      handled += messages.length;
    });
    await eventually(() => handled >= 200, 'ten slow batches');
    await watched.end();
    await consumer.destroy();
    // The acks of a batch may still be on their way when the next one is there.
    expect(watched.most()).toBeLessThanOrEqual(3 * 20);
  });

  test('an iteration: the same', async () => {
    const consumer = await consumerOf('iteration');
    const watched = mostFetched('iteration');
    let handled = 0;
    for await (const message of consumer) {
      await pause(1);
      await message.ack();
      handled += 1;
      if (handled === 150) break;
    }
    await watched.end();
    await consumer.destroy();
    expect(watched.most()).toBeLessThanOrEqual(3 * 20);
  });

  test('fetches that prefetch: two batches more, however long the program takes', async () => {
    const consumer = await consumerOf('prefetch');
    const watched = mostFetched('prefetch');
    for (let round = 0; round < 8; round += 1) {
      const messages = await consumer.fetch({ prefetch: true });
      await pause(20);
      for (const message of messages) await message.ack();
    }
    await watched.end();
    await consumer.destroy();
    expect(watched.most()).toBeLessThanOrEqual(5 * 20);
  });

  test('fetches that are given up, over and over: what their pulls have asked for does not add up', async () => {
    const station = broker.stationName();
    const consumer = await memphis.consumer({ stationName: station, consumerName: 'c' });
    for (let round = 0; round < 50; round += 1) {
      const signal = AbortSignal.timeout(5);
      const fetched = consumer.fetch({ batchSize: 20, batchMaxTimeToWaitMs: 60_000, signal });
      await expect(fetched).rejects.toThrow();
    }
    for (let count = 0; count < 1_000; count += 1) {
      await memphis.produce({ stationName: station, producerName: 'p', message: 'm', nonblocking: true });
    }
    await memphis.flush();
    await pause(100);
    // Nobody has asked for any of them; one batch may have been on its way.
    expect((await broker.durable(station, 1, 'c'))?.num_ack_pending).toBeLessThanOrEqual(2 * 20);
    expect(await consumer.fetch({ batchSize: 20 })).toHaveLength(20);
    await consumer.destroy();
  });

  test.each<[first: number, then: number, asked: number[], why: string]>([
    [20, 20, [20], 'what was asked for is still to come'],
    [20, 5, [20], 'more than enough is to come'],
    [20, 50, [20, 30], 'only what is missing is asked for'],
  ])('after a fetch of %i that was given up, one of %i: pulls of %j (%s)', async (first, then, asked) => {
    const station = broker.stationName();
    const consumer = await memphis.consumer({ stationName: station, consumerName: 'c' });
    const pulls = await broker.tap(`$JS.API.CONSUMER.MSG.NEXT.${station}$1.c`);
    const given = new AbortController();
    const fetched = consumer.fetch({ batchSize: first, signal: given.signal });
    const batches = (): number[] => pulls.texts.map((pull) => (JSON.parse(pull) as { batch: number }).batch);
    await eventually(() => batches().length === 1, 'the first pull');
    given.abort('enough');
    await expect(fetched).rejects.toBe('enough');
    const next = consumer.fetch({ batchSize: then });
    for (let count = 0; count < then; count += 1) {
      await memphis.produce({
        stationName: station,
        producerName: 'p',
        message: String(count),
        nonblocking: true,
      });
    }
    const texts = (await next).map((message) => Buffer.from(message.getData()).toString());
    expect(texts).toEqual(Array.from({ length: then }, (_value, index) => String(index)));
    expect(batches()).toEqual(asked);
    pulls.end();
    await consumer.destroy();
  });

  test('a fetch that counts on an earlier request asks again when that is over', async () => {
    const station = broker.stationName();
    const consumer = await memphis.consumer({ stationName: station, consumerName: 'c' });
    const pulls = await broker.tap(`$JS.API.CONSUMER.MSG.NEXT.${station}$1.c`);
    const given = new AbortController();
    const fetched = consumer.fetch({ batchSize: 5, batchMaxTimeToWaitMs: 300, signal: given.signal });
    await eventually(() => pulls.texts.length === 1, 'the first pull');
    given.abort('enough');
    await expect(fetched).rejects.toBe('enough');
    const next = consumer.fetch({ batchSize: 1, batchMaxTimeToWaitMs: 5_000 });
    await eventually(() => pulls.texts.length === 2, 'the second pull, when the first is over');
    await memphis.produce({ stationName: station, producerName: 'p', message: 'm' });
    expect(await next).toHaveLength(1);
    pulls.end();
    await consumer.destroy();
  });

  test('messages of a fetch that was given up are not handed out when the broker delivers them again', async () => {
    const station = broker.stationName();
    const options = { maxAckTimeMs: 1_000, maxMsgDeliveries: 5 };
    const consumer = await memphis.consumer({ stationName: station, consumerName: 'c', ...options });
    for (const message of ['a', 'b'])
      await memphis.produce({ stationName: station, producerName: 'p', message });
    const given = new AbortController();
    const fetched = consumer.fetch({ batchSize: 10, batchMaxTimeToWaitMs: 500, signal: given.signal });
    await eventually(
      async () => (await broker.durable(station, 1, 'c'))?.num_ack_pending === 2,
      'both messages are on their way',
    );
    given.abort('enough');
    await expect(fetched).rejects.toBe('enough');
    await pause(1_300);
    const messages = await consumer.fetch({ batchSize: 10, batchMaxTimeToWaitMs: 500 });
    expect(messages.map((message) => Buffer.from(message.getData()).toString())).toEqual(['a', 'b']);
    await consumer.destroy();
  });
});
