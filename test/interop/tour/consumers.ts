import { setTimeout as pause } from 'node:timers/promises';
import { duration, within15Seconds } from '../../conformance/seed/station-traffic';
import { eventually } from '../../support/broker';
import type { SdkMessage } from '../sdk/official-sdk';
import type { Step } from './step';
import { jsStep, pythonStep, step } from './step';
import { textsOf } from './tour';
import { durable, listening, numbers } from './consumer-support';

export const consumers: readonly Step[] = [
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
      const patient = await tour.consumer(name, { consumerName: 'patient', batchMaxTimeToWaitMs: 10_000 });
      expect(await duration(() => tour.fetch(patient, 5))).toBeLessThan(5_000);
      const consumer = await tour.consumer(name, { batchMaxTimeToWaitMs: 100 });
      let rest: SdkMessage[] = [];
      const waited = await duration(async () => {
        rest = await tour.fetch(consumer, 10);
      });
      expect(textsOf(rest)).toEqual(numbers(5));
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
      expect(waited).toBeLessThan(4_000);
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
    const waited = await duration(async () => {
      await tour.fetch(consumer, 1);
      expect(textsOf(await tour.fetch(consumer, 1))).toEqual(['1']);
    });
    expect(waited).toBeGreaterThan(690);
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
