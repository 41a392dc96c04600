import { duration, pause, within15Seconds } from '../../conformance/seed/station-traffic';
import { Gate } from '../../runtime/messaging/gate';
import { eventually } from '../../support/broker';
import type { SdkMessage } from '../sdk/official-sdk';
import type { Step } from './step';
import { jsStep, pythonStep, step } from './step';
import type { Options, Tour } from './tour';
import { textOf, textsOf } from './tour';

const numbers = (count: number, from = 1): string[] =>
  Array.from({ length: count }, (_, index) => String(from + index));

const durable = (tour: Tour, station: string, group = 'c', partition = 1) =>
  tour.broker.durable(station, partition, group);

interface Listening {
  readonly station: string;
  readonly consumer: string;
}

/** A consumer that listens and acknowledges. */
async function listening(tour: Tour, options: Options = {}, listen: Options = {}): Promise<Listening> {
  const station = await tour.station();
  const consumer = await tour.consumer(station, options);
  await tour.listen(consumer, { ack: true, ...listen });
  return { station, consumer };
}

/** How the parts of one partition are chosen: the JavaScript client at the consumer, the Python one when it listens. */
async function listenTo(tour: Tour, station: string, part: Options): Promise<string> {
  const consumer = await tour.consumer(station, tour.isPython ? {} : part);
  await tour.listen(consumer, tour.isPython ? { options: part } : {});
  return consumer;
}

/** Stores `count` messages in each of three partitions; their texts begin with the number of the partition. */
async function threePartitions(tour: Tour, count = 2): Promise<string> {
  const name = await tour.station({ partitionsNumber: 3 });
  const producer = await tour.producer(name);
  for (const partition of [1, 2, 3]) {
    for (const number of numbers(count)) {
      await tour.produce(producer, `${partition}-${number}`, { producerPartitionNumber: partition });
    }
  }
  return name;
}

export const consuming: readonly Step[] = [
  step(
    'BAS-1, BAS-3, CNS-17',
    'producer and consumer with names only; all that is stored is read',
    async (tour) => {
      const name = await tour.station();
      await tour.fill(name, 5);
      await tour.sdk.call('memphis', 'consumer', [{ stationName: name, consumerName: 'plain' }], `k:${name}`);
      expect(textsOf(await tour.fetch(`k:${name}`, 5))).toEqual(numbers(5));
      expect((await durable(tour, name, 'plain'))?.config).toMatchObject({
        ack_wait: 30e9,
        max_deliver: 2,
        deliver_policy: 'all',
        ack_policy: 'explicit',
      });
    },
  ),
  step('BAS-2', 'consumers pull', async (tour) => {
    const { station } = await listening(tour);
    await eventually(async () => {
      const info = (await durable(tour, station)) as { num_waiting?: number } | undefined;
      return info?.num_waiting === 1;
    }, 'one request waits at the broker');
    expect((await durable(tour, station))?.config.deliver_subject).toBeUndefined();
  }),
  step('BAS-4, CNS-5', 'members of a group share, each group gets all', async (tour) => {
    const name = await tour.station();
    const member = (consumerName: string, consumerGroup: string) =>
      tour.consumer(name, { consumerName, consumerGroup });
    const [one, two] = [await member('one', 'consumer_group_1'), await member('two', 'consumer_group_1')];
    const other = await member('three', 'consumer_group_2');
    await tour.fill(name, 4);
    const shared = [...(await tour.fetch(one, 2)), ...(await tour.fetch(two, 2))];
    expect(textsOf(shared).sort()).toEqual(numbers(4));
    expect(textsOf(await tour.fetch(other, 4))).toEqual(numbers(4));
  }),
  step('BAS-6, DCO-2', 'nothing is handed out after destroy, also while messages come', async (tour) => {
    const { station, consumer } = await listening(tour, { batchSize: 5 });
    const producer = await tour.producer(station);
    const enough = new AbortController();
    const busy = (async () => {
      while (!enough.signal.aborted) await tour.produce(producer, 'x');
    })();
    await eventually(() => tour.heardTexts(consumer).length > 10, 'it is busy');
    await tour.sdk.call(consumer, 'destroy');
    // What the JavaScript client had asked for before still comes, within one time of waiting.
    if (!tour.isPython) await pause(1_200);
    const count = tour.heardTexts(consumer).length;
    await pause(300);
    enough.abort();
    await busy;
    expect(tour.heardTexts(consumer)).toHaveLength(count);
  }),

  step('CNS-1', 'a consumer is registered, with a durable on each partition', async (tour) => {
    const name = await tour.station({ partitionsNumber: 3 });
    await tour.consumer(name, { consumerName: 'watcher' });
    for (const partition of [1, 2, 3]) {
      expect(await durable(tour, name, 'watcher', partition)).toBeDefined();
    }
    expect((await tour.overview(name)).connected_cgs.map((each) => each.name)).toEqual(['watcher']);
  }),
  step('CNS-2, CNS-3', 'names with capitals and dots', async (tour) => {
    const name = tour.broker.stationName('My.Station');
    await tour.station({ name });
    await tour.fill(name, 1);
    // On a connection of its own, since a producer of the same station hides what the JavaScript client does wrong.
    const consumer = await tour.consumer(name, { consumerName: 'My.Consumer' }, await tour.connect());
    const [group] = (await tour.overview(name.toLowerCase())).connected_cgs;
    expect(group?.connected_consumers.map((each) => each.name)).toEqual(['my.consumer']);
    const read = tour.fetch(consumer, 1);
    // The JavaScript client looks for the partitions under another name than it has kept them.
    if (tour.isPython) expect(textsOf(await read)).toEqual(['1']);
    else await expect(read).rejects.toThrow('stream not found');
  }),
  step('CNS-4', 'the group has the name of the consumer, or its own', async (tour) => {
    const name = await tour.station();
    await tour.consumer(name, { consumerName: 'alone' });
    await tour.consumer(name, { consumerName: 'x', consumerGroup: 'My.Group' });
    expect(await durable(tour, name, 'alone')).toBeDefined();
    expect(await durable(tour, name, 'my#group')).toBeDefined();
    expect(await durable(tour, name, 'x')).toBeUndefined();
  }),
  step('CNS-6, CNS-7', 'the pause between polls', async (tour) => {
    const { station, consumer } = await listening(tour, { pullIntervalMs: 600, batchSize: 1 });
    await tour.fill(station, 3);
    await within15Seconds(() => tour.heardTexts(consumer).length === 3, 'all three');
    const [first = 0, second = 0, third = 0] = tour.heard(consumer, 'message').map(({ at }) => at);
    // In the JavaScript client a poll that waits for its first message and the next one may end together.
    expect(third - first).toBeGreaterThan(500);
    if (tour.isPython) expect(second - first).toBeGreaterThan(500);
  }),
  step('CNS-8', 'batches up to this size, 1 to 5000', async (tour) => {
    const name = await tour.station();
    await tour.fill(name, 5);
    const consumer = await tour.consumer(name, { batchSize: 2 });
    expect(textsOf(await tour.fetch(consumer, 2))).toEqual(['1', '2']);
    for (const batchSize of [0, 5001]) {
      const words = 'Batch size can not be greater than 5000 or less than 1';
      await expect(tour.consumer(name, { consumerName: 'd', batchSize })).rejects.toThrow(words);
      await expect(tour.fetch(consumer, batchSize)).rejects.toThrow(words);
    }
  }),
  jsStep(
    'CNS-9',
    'a full batch comes at once, a smaller one after the time, which is a second at least',
    async (tour) => {
      const name = await tour.station();
      await tour.fill(name, 5);
      const consumer = await tour.consumer(name, { batchMaxTimeToWaitMs: 100 });
      expect(await duration(() => tour.fetch(consumer, 2))).toBeLessThan(800);
      let rest: SdkMessage[] = [];
      const waited = await duration(async () => {
        rest = await tour.fetch(consumer, 10);
      });
      expect(textsOf(rest)).toEqual(['3', '4', '5']);
      expect(waited).toBeGreaterThan(900);
      expect(waited).toBeLessThan(3_000);
    },
  ),
  pythonStep('CNS-9', 'what is there comes at once, even if it is less than a batch', async (tour) => {
    const name = await tour.station();
    await tour.fill(name, 5);
    const consumer = await tour.consumer(name);
    for (const [size, texts] of [
      [2, ['1', '2']],
      [10, ['3', '4', '5']],
    ] as const) {
      const waited = await duration(async () =>
        expect(textsOf(await tour.fetch(consumer, size))).toEqual(texts),
      );
      expect(waited).toBeLessThan(2_000);
    }
  }),
  step('CNS-10', 'the three together: one full batch, then the pause', async (tour) => {
    const station = await tour.station();
    await tour.fill(station, 4);
    const together = { pullIntervalMs: 10_000, batchSize: 2, batchMaxTimeToWaitMs: 5_000 };
    const consumer = await tour.consumer(station, together);
    await tour.listen(consumer);
    await eventually(() => tour.heardTexts(consumer).length >= 2, 'the first batch');
    await pause(300);
    expect(tour.heardTexts(consumer)).toEqual(['1', '2']);
    await tour.sdk.call(consumer, 'destroy');
  }),
  step('CNS-11', 'without an acknowledgement a message comes again after the time', async (tour) => {
    const name = await tour.station();
    await tour.fill(name, 1);
    const consumer = await tour.consumer(name, { maxAckTimeMs: 700 });
    expect((await durable(tour, name))?.config.ack_wait).toBe(700e6);
    await tour.fetch(consumer, 1);
    const waited = await duration(async () => expect(textsOf(await tour.fetch(consumer, 1))).toEqual(['1']));
    expect(waited).toBeGreaterThan(500);
  }),
  step('CNS-12, CNS-13', 'no more deliveries than this', async (tour) => {
    const name = await tour.station();
    await tour.fill(name, 1);
    const consumer = await tour.consumer(name, { maxAckTimeMs: 300, maxMsgDeliveries: 2 });
    expect((await durable(tour, name))?.config.max_deliver).toBe(2);
    for (let delivery = 1; delivery <= 2; delivery += 1) {
      expect(textsOf(await tour.fetch(consumer, 1))).toEqual(['1']);
      await pause(400);
    }
    expect(await tour.fetch(consumer, 1)).toEqual([]);
    await within15Seconds(async () => (await tour.deadLetters(name)).poison === 1, 'the dead letter');
  }),
  step('CNS-14', 'from a sequence on', async (tour) => {
    const name = await tour.station();
    await tour.fill(name, 10);
    const consumer = await tour.consumer(name, { startConsumeFromSequence: 6 });
    expect(textsOf(await tour.fetch(consumer, 5))).toEqual(numbers(5, 6));
    await expect(tour.consumer(name, { consumerName: 'd', startConsumeFromSequence: 0 })).rejects.toThrow(
      'has to be a positive number',
    );
  }),
  step(
    'CNS-15',
    'the last ones: on one partition a Memphis broker makes no durable, and the clients differ',
    async (tour) => {
      const several = await tour.station({ partitionsNumber: 2 });
      await tour.fill(several, 10);
      const last = await tour.consumer(several, { lastMessages: 3 });
      const read = [...(await tour.fetch(last, 3)), ...(await tour.fetch(last, 3))];
      expect(textsOf(read).sort()).toEqual(['10', '5', '6', '7', '8', '9']);
      const one = await tour.station();
      await tour.fill(one, 10);
      const alone = await tour.consumer(one, { lastMessages: 3 });
      const readAlone = tour.fetch(alone, 3);
      // The Python client makes a durable of its own then, which begins with the first message.
      if (tour.isPython) expect(textsOf(await readAlone)).toEqual(['1', '2', '3']);
      else await expect(readAlone).rejects.toThrow('consumer not found');
      await expect(tour.consumer(one, { consumerName: 'd', lastMessages: -2 })).rejects.toThrow(
        /min value for/,
      );
    },
  ),
  step('CNS-16', 'a sequence and the last ones together are refused', async (tour) => {
    const both = { startConsumeFromSequence: 2, lastMessages: 3 };
    await expect(tour.consumer(await tour.station(), both)).rejects.toThrow("can't contain both");
  }),
  step('CNS-18', 'a random suffix', async (tour) => {
    const name = await tour.station();
    await tour.consumer(name, tour.isPython ? { generateRandomSuffix: true } : { genUniqueSuffix: true });
    expect((await tour.overview(name)).connected_cgs.map((each) => each.name)).toEqual([
      expect.stringMatching(/^c_[0-9a-f]{8}$/),
    ]);
  }),

  step(
    'CSM-1, CSM-3, CSM-9, MSG-4',
    'a loop goes on, in order, and its acknowledgements count',
    async (tour) => {
      const { station, consumer } = await listening(tour, { batchSize: 10 });
      await tour.fill(station, 10);
      await within15Seconds(() => tour.heardTexts(consumer).length === 10, 'the first ten');
      await tour.fill(station, 10);
      await within15Seconds(() => tour.heardTexts(consumer).length === 20, 'ten more');
      expect(tour.heardTexts(consumer)).toEqual([...numbers(10), ...numbers(10)]);
      await eventually(async () => {
        const info = await durable(tour, station);
        return info?.num_ack_pending === 0 && info.ack_floor.stream_seq === 20;
      }, 'all are acknowledged');
    },
  ),
  jsStep('CSM-2', 'the handler gets one message after the other', async (tour) => {
    const { station, consumer } = await listening(tour, { batchSize: 2 });
    await tour.fill(station, 2);
    await within15Seconds(() => tour.heardTexts(consumer).length === 2, 'both');
    expect(tour.heard(consumer, 'message').map(({ context }) => context)).toEqual([{}, {}]);
  }),
  pythonStep('CSM-2', 'the handler gets a batch, no error and the context', async (tour) => {
    const station = await tour.station();
    await tour.fill(station, 2);
    const consumer = await tour.consumer(station, { batchSize: 2 });
    await tour.listen(consumer);
    await eventually(() => tour.heard(consumer, 'batch').length > 0, 'the batch');
    expect(tour.heard(consumer, 'batch')[0]).toMatchObject({ value: 2, context: {} });
  }),
  pythonStep('CSM-4', 'an empty round is an error of time, and the loop goes on', async (tour) => {
    const { station, consumer } = await listening(tour);
    await within15Seconds(() => tour.heardErrors(consumer).length > 0, 'the empty round');
    expect(tour.heardErrors(consumer)[0]).toContain('Memphis: TimeoutError');
    await tour.fill(station, 1);
    await within15Seconds(() => tour.heardTexts(consumer).length === 1, 'the next message');
  }),
  pythonStep('CSM-5', 'one partition by a key', async (tour) => {
    const name = await threePartitions(tour);
    const consumer = await listenTo(tour, name, { consumerPartitionKey: 'key' });
    await eventually(() => tour.heardTexts(consumer).length === 2, 'its messages');
    expect(tour.heardTexts(consumer)).toEqual(['2-1', '2-2']);
  }),
  jsStep('CSM-5', 'one partition by a key, though the one before the right one', async (tour) => {
    const name = await threePartitions(tour);
    const consumer = await listenTo(tour, name, { consumerPartitionKey: 'key', batchSize: 2 });
    await within15Seconds(() => tour.heardTexts(consumer).length === 2, 'its messages');
    expect(tour.heardTexts(consumer)).toEqual(['1-1', '1-2']);
  }),
  step('CSM-6', 'one partition by its number', async (tour) => {
    const name = await threePartitions(tour);
    const consumer = await listenTo(tour, name, { consumerPartitionNumber: 2 });
    await within15Seconds(() => tour.heardTexts(consumer).length === 2, 'its messages');
    await pause(200);
    expect(tour.heardTexts(consumer)).toEqual(['2-1', '2-2']);
  }),
  step('CSM-7', 'key and number together bring nothing; the JavaScript client says why', async (tour) => {
    const name = await threePartitions(tour);
    const both = { consumerPartitionKey: 'key', consumerPartitionNumber: 2 };
    const consumer = await listenTo(tour, name, both);
    const words = 'Can not use both partition number and partition key';
    if (!tour.isPython) {
      await eventually(() => tour.heardErrors(consumer).length > 0, 'the error');
      expect(tour.heardErrors(consumer)[0]).toBe(words);
    }
    await expect(tour.fetch(consumer, 1, both)).rejects.toThrow(words);
    expect(tour.heardTexts(consumer)).toEqual([]);
  }),
  step('CSM-8', 'a context for the handler, also after a change', async (tour) => {
    const { station, consumer } = await listening(tour, { batchSize: 1 });
    for (const context of [{ key: 'value' }, { key: 'other' }]) {
      await tour.sdk.call(consumer, 'setContext', [{ $value: context }]);
      await tour.fill(station, 1);
      await within15Seconds(
        () => JSON.stringify(tour.heard(consumer, 'message').at(-1)?.context) === JSON.stringify(context),
        'the handler sees it',
      );
    }
  }),
  jsStep(
    'CSM-10',
    'errors of the connection reach the handler, and the loop goes on afterwards',
    async (tour) => {
      const gate = await Gate.before(tour.credentials.port);
      tour.cleanUp(() => gate.close());
      const station = await tour.station();
      const client = await tour.connect({ port: gate.port, reconnectIntervalMs: 20 });
      const consumer = await tour.consumer(station, { batchSize: 1 }, client);
      await tour.listen(consumer, { ack: true });
      gate.cutOff();
      await eventually(() => tour.heardErrors(consumer).length > 0, 'the handler hears of it');
      gate.letIn();
      await tour.fill(station, 1);
      await within15Seconds(() => tour.heardTexts(consumer).includes('1'), 'it goes on');
      await tour.sdk.call(client, 'close');
    },
  ),
  pythonStep('CSM-10', 'a handler that fails ends the loop of this client', async (tour) => {
    const { station, consumer } = await listening(tour, { batchSize: 1 }, { isThrowing: true });
    await tour.fill(station, 2);
    await eventually(() => tour.heardTexts(consumer).length === 1, 'the first');
    await pause(500);
    expect(tour.heardTexts(consumer)).toEqual(['1']);
  }),

  step('FET-1, FET-2', 'on the connection: a consumer is made, and used again', async (tour) => {
    const stationName = await tour.station();
    await tour.fill(stationName, 2);
    for (const text of ['1', '2']) {
      const options = { stationName, consumerName: 'x', consumerGroup: 'my-group', batchSize: 1 };
      const read = await tour.sdk.call<SdkMessage[]>('memphis', 'fetchMessages', [options]);
      expect(textsOf(read)).toEqual([text]);
    }
    expect(await durable(tour, stationName, 'my-group')).toBeDefined();
    expect((await tour.overview(stationName)).connected_cgs[0]?.connected_consumers).toHaveLength(1);
  }),
  step('FET-3, FET-5, FET-6, FET-7', 'its options are those of a consumer', async (tour) => {
    const stationName = await tour.station();
    await tour.fill(stationName, 5);
    const options = {
      stationName,
      consumerName: 'x',
      batchSize: 2,
      maxAckTimeMs: 5_000,
      maxMsgDeliveries: 7,
      startConsumeFromSequence: 3,
    };
    const read = await tour.sdk.call<SdkMessage[]>('memphis', 'fetchMessages', [options]);
    expect(textsOf(read)).toEqual(['3', '4']);
    expect((await durable(tour, stationName, 'x'))?.config).toMatchObject({
      ack_wait: 5e9,
      max_deliver: 7,
      opt_start_seq: 3,
    });
    const tooMany = tour.sdk.call('memphis', 'fetchMessages', [{ ...options, batchSize: 5001 }]);
    await expect(tooMany).rejects.toThrow('Batch size can not be greater than 5000');
    const last = { stationName, consumerName: 'y', lastMessages: -2 };
    await expect(tour.sdk.call('memphis', 'fetchMessages', [last])).rejects.toThrow(/min value for/);
  }),
  step(
    'FET-4, FET-11',
    'from an empty station nothing comes, after the time; the Python client waits five seconds',
    async (tour) => {
      const options = { stationName: await tour.station(), consumerName: 'x', batchMaxTimeToWaitMs: 1_000 };
      const waited = await duration(async () =>
        expect(await tour.sdk.call('memphis', 'fetchMessages', [options])).toEqual([]),
      );
      expect(waited).toBeGreaterThan(tour.isPython ? 4_500 : 900);
    },
  ),
  step('FET-8', 'without key and number the partitions take turns', async (tour) => {
    const consumer = await tour.consumer(await threePartitions(tour));
    const read: string[] = [];
    for (let index = 0; index < 3; index += 1) read.push(...textsOf(await tour.fetch(consumer, 2)));
    expect(read).toEqual(['1-1', '1-2', '2-1', '2-2', '3-1', '3-2']);
  }),
  step(
    'FET-9',
    'one partition by a key; the JavaScript client takes the one before the right one',
    async (tour) => {
      const options = { consumerName: 'x', batchSize: 2, consumerPartitionKey: 'key' };
      const stationName = await threePartitions(tour);
      const read = await tour.sdk.call<SdkMessage[]>('memphis', 'fetchMessages', [
        { stationName, ...options },
      ]);
      expect(textsOf(read)).toEqual(tour.isPython ? ['2-1', '2-2'] : ['1-1', '1-2']);
    },
  ),
  step('FET-10, FET-14', 'one partition by its number, on the connection and on a consumer', async (tour) => {
    const stationName = await threePartitions(tour);
    const options = { stationName, consumerName: 'x', batchSize: 2, consumerPartitionNumber: 3 };
    const read = await tour.sdk.call<SdkMessage[]>('memphis', 'fetchMessages', [options]);
    expect(textsOf(read)).toEqual(['3-1', '3-2']);
    const consumer = await tour.consumer(stationName);
    expect(textsOf(await tour.fetch(consumer, 2, { consumerPartitionNumber: 2 }))).toEqual(['2-1', '2-2']);
  }),
  step('FET-12', 'what one group has fetched is still there for another', async (tour) => {
    const name = await tour.station();
    await tour.fill(name, 1);
    for (const consumerName of ['one', 'two']) {
      const [message] = await tour.fetch(await tour.consumer(name, { consumerName }), 1);
      expect(message === undefined ? '' : textOf(message)).toBe('1');
      await tour.message(message, 'ack');
    }
    expect(await tour.stored(name)).toBe(1);
  }),
  step('FET-13, MSG-1, MSG-10', 'a batch on a consumer: data and sequence', async (tour) => {
    const name = await tour.station();
    await tour.fill(name, 3);
    const read = await tour.fetch(await tour.consumer(name), 3);
    expect(read.map((message) => [textOf(message), message.sequence])).toEqual([
      ['1', 1],
      ['2', 2],
      ['3', 3],
    ]);
  }),
  pythonStep(
    'PRF-1, PRF-2',
    'the next batch is loaded ahead, and only when that is asked for',
    async (tour) => {
      const name = await tour.station();
      await tour.fill(name, 6);
      const consumer = await tour.consumer(name);
      const pending = async () => (await durable(tour, name))?.num_ack_pending;
      await tour.fetch(consumer, 1);
      await pause(200);
      expect(await pending()).toBe(1);
      expect(textsOf(await tour.fetch(consumer, 1, { prefetch: true }))).toEqual(['2']);
      await eventually(async () => (await pending()) === 4, 'two more are on their way');
      await pause(100);
      const waited = await duration(async () =>
        expect(textsOf(await tour.fetch(consumer, 1, { prefetch: true }))).toEqual(['3']),
      );
      expect(waited).toBeLessThan(1_000);
    },
  ),
  pythonStep(
    'PRF-3',
    'what is loaded ahead is handed out for whichever partition is asked for',
    async (tour) => {
      const consumer = await tour.consumer(await threePartitions(tour, 4));
      const of = (partition: number) =>
        tour.fetch(consumer, 1, { prefetch: true, consumerPartitionNumber: partition });
      expect(textsOf(await of(1))).toEqual(['1-1']);
      await pause(300);
      expect(textsOf(await of(2))).toEqual(['1-2']);
    },
  ),

  step(
    'MSG-6',
    'put off: again after the time, which is seconds in Python and milliseconds in JavaScript',
    async (tour) => {
      const name = await tour.station();
      await tour.fill(name, 1);
      const consumer = await tour.consumer(name);
      const [message] = await tour.fetch(consumer, 1);
      await tour.message(message, 'delay', tour.isPython ? 0.7 : 700);
      const waited = await duration(async () =>
        expect(textsOf(await tour.fetch(consumer, 1))).toEqual(['1']),
      );
      expect(waited).toBeGreaterThan(500);
    },
  ),
  step('MSG-7', 'what is put off counts as delivered', async (tour) => {
    const name = await tour.station();
    await tour.fill(name, 1);
    const consumer = await tour.consumer(name, { maxMsgDeliveries: 2 });
    for (let delivery = 1; delivery <= 2; delivery += 1) {
      const [message] = await tour.fetch(consumer, 1);
      await tour.message(message, 'delay', tour.isPython ? 0.1 : 100);
    }
    expect(await tour.fetch(consumer, 1)).toEqual([]);
  }),
  step('MSG-11', 'refused: again at once', async (tour) => {
    const name = await tour.station();
    await tour.fill(name, 1);
    const consumer = await tour.consumer(name);
    const [message] = await tour.fetch(consumer, 1);
    await tour.message(message, 'nack');
    const waited = await duration(async () => expect(textsOf(await tour.fetch(consumer, 1))).toEqual(['1']));
    expect(waited).toBeLessThan(800);
  }),
  step('MSG-13', 'when it was sent; the Python client never knows', async (tour) => {
    const name = await tour.station();
    const before = Date.now();
    await tour.fill(name, 1);
    const [message] = await tour.fetch(await tour.consumer(name), 1);
    const sent = await tour.message<{ readonly $date: number } | null>(message, 'getTimeSent');
    if (tour.isPython) expect(sent).toBeNull();
    else expect(Math.abs((sent?.$date ?? 0) - before)).toBeLessThan(2_000);
  }),

  step('DCO-1', 'destroy: the durable goes with the last member of the group', async (tour) => {
    const name = await tour.station();
    const consumerGroup = 'group';
    const one = await tour.consumer(name, { consumerName: 'one', consumerGroup });
    const two = await tour.consumer(name, { consumerName: 'two', consumerGroup });
    await tour.sdk.call(one, 'destroy');
    expect(await durable(tour, name, 'group')).toBeDefined();
    await tour.sdk.call(two, 'destroy');
    expect(await durable(tour, name, 'group')).toBeUndefined();
  }),
];
