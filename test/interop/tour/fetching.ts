import { setTimeout as pause } from 'node:timers/promises';
import { duration } from '../../conformance/seed/station-traffic';
import { eventually } from '../../support/broker';
import type { SdkMessage } from '../sdk/official-sdk';
import type { Step } from './step';
import { pythonStep, step } from './step';
import { textOf, textsOf } from './tour';
import { durable, threePartitions } from './consumer-support';

export const fetching: readonly Step[] = [
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
      expect(waited).toBeLessThan(4_000);
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
];
