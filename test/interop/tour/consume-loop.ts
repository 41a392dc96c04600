import { setTimeout as pause } from 'node:timers/promises';
import { within15Seconds } from '../../conformance/seed/station-traffic';
import { Gate } from '../../runtime/messaging/gate';
import { eventually } from '../../support/broker';
import type { Step } from './step';
import { jsStep, pythonStep, step } from './step';
import { durable, listening, listenTo, numbers, threePartitions } from './consumer-support';

export const consumeLoop: readonly Step[] = [
  step(
    'CSM-1, CSM-3, CSM-9, MSG-4',
    'a loop goes on, in order, and its acknowledgements count',
    async (tour) => {
      // The polls of the JavaScript client overlap and mix up the order, unless the pause is longer than a poll.
      const { station, consumer } = await listening(tour, { batchSize: 10, pullIntervalMs: 1_100 });
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
      // This client may be in the middle of a poll, which takes five seconds.
      await within15Seconds(() => tour.heardErrors(consumer).length > 0, 'the handler hears of it');
      gate.letIn();
      await tour.fill(station, 1);
      await within15Seconds(() => tour.heardTexts(consumer).includes('1'), 'it goes on');
      await tour.sdk.call(client, 'close');
    },
  ),
  jsStep(
    'CSM-10',
    'a handler that throws: an unhandled rejection, and the loop goes on if the process does',
    async (tour) => {
      const { station, consumer } = await listening(tour, { batchSize: 1 }, { isThrowing: true });
      await tour.fill(station, 1);
      await within15Seconds(
        () =>
          tour.sdk.events.some(
            ({ event, value }) => event === 'unhandled' && value === 'thrown by the handler',
          ),
        'it is unhandled',
      );
      await tour.fill(station, 1);
      await within15Seconds(() => tour.heardTexts(consumer).length === 2, 'the next one comes');
    },
  ),
  pythonStep('CSM-10', 'a handler that fails ends the loop of this client', async (tour) => {
    const { station, consumer } = await listening(tour, { batchSize: 1 }, { isThrowing: true });
    await tour.fill(station, 2);
    await eventually(() => tour.heardTexts(consumer).length === 1, 'the first');
    await pause(500);
    expect(tour.heardTexts(consumer)).toEqual(['1']);
  }),
];
