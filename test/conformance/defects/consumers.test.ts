import { setTimeout as pause } from 'node:timers/promises';
import { ValidationError } from '../../../src/model/errors';
import type { ConsumerOptions } from '../../../src/runtime/messaging';
import { eventually, TestBroker } from '../../support/broker';
import { notRepeated } from './not-repeated';
import { textOf } from '../../support/text-of';
import { TappedClient } from './tapped-client';

const broker = TestBroker.forThisFile();
const client = TappedClient.forThisFile(broker);

const consumerOf = (stationName: string, options: Partial<ConsumerOptions> = {}) =>
  client.memphis.consumer({
    stationName,
    consumerName: 'c',
    batchMaxTimeToWaitMs: 100,
    pullIntervalMs: 5,
    ...options,
  });

async function fill(station: string, count: number): Promise<void> {
  for (let number = 1; number <= count; number += 1)
    await client.memphis.produce({ stationName: station, producerName: 'p', message: String(number) });
}

const pullsOf = (station: string): number =>
  client.tap.said.split(`PUB $JS.API.CONSUMER.MSG.NEXT.${station}$`).length - 1;

notRepeated('inboxes and subscriptions of destroyed consumers and producers stay open', async () => {
  const before = client.tap.subscriptions;
  for (let count = 0; count < 3; count += 1) {
    const stationName = broker.stationName();
    const producer = await client.memphis.producer({ stationName, producerName: 'p' });
    const consumer = await consumerOf(stationName);
    consumer.consume(() => undefined);
    await producer.produce({ message: 'm' });
    await consumer.destroy();
    await producer.destroy();
  }
  // The inbox for acknowledgements of the connection, and the one for replies, are made by first use.
  const isOfConnection = (subject: string): boolean => subject.startsWith('_INBOX.');
  const rest = (): string[] => client.tap.subscriptions.filter((subject) => !isOfConnection(subject));
  await eventually(() => rest().length === 1, 'nothing of the stations is left');
  expect(rest()).toEqual(['$memphis_sdk_clients_updates']);
  expect(client.tap.subscriptions.filter(isOfConnection).length).toBeLessThanOrEqual(
    before.filter(isOfConnection).length + 2,
  );
});

notRepeated('loops, pings and subscriptions of a station that was destroyed go on', async () => {
  const name = broker.stationName();
  const station = await client.memphis.station({ name });
  await client.memphis.producer({ stationName: name, producerName: 'p' });
  const consumer = await consumerOf(name);
  let calls = 0;
  consumer.consume(() => {
    calls += 1;
  });
  await eventually(() => calls > 0, 'it polls');
  await station.destroy();
  const [before, pulls] = [calls, pullsOf(name)];
  const isOfStation = (subject: string): boolean => subject.includes(name);
  await eventually(() => !client.tap.subscriptions.some(isOfStation), 'its subscriptions are gone');
  await pause(250);
  expect([calls, pullsOf(name)]).toEqual([before, pulls]);
});

notRepeated(
  'dead letters are heard under two subjects, or in a queue that other clients do not share',
  async () => {
    const name = broker.stationName();
    const consumer = await consumerOf(name, { consumerGroup: 'G.1' });
    const subject = `$memphis_dls_${name}.g#1`;
    const heard = (): string[] => client.tap.subscriptions.filter((each) => each.startsWith('$memphis_dls_'));
    await eventually(() => heard().length > 0, 'it listens');
    expect(heard()).toEqual([`${subject} ${subject}`]);
    await consumer.destroy();
  },
);

notRepeated('a pull begins while the one before is still waiting', async () => {
  const name = broker.stationName();
  const consumer = await consumerOf(name, { batchMaxTimeToWaitMs: 400, pullIntervalMs: 1 });
  consumer.consume(() => undefined);
  await eventually(() => pullsOf(name) > 0, 'the first pull');
  await pause(200);
  expect(pullsOf(name)).toBe(1);
  await consumer.destroy();
});

notRepeated('a consumer asks for the facts of its group before each fetch', async () => {
  const name = broker.stationName();
  const consumer = await consumerOf(name);
  const asked = (): number => client.tap.said.split(`$JS.API.CONSUMER.INFO.${name}$1`).length;
  const before = asked();
  await consumer.fetch();
  await consumer.fetch();
  expect(asked()).toBe(before);
  await consumer.destroy();
});

notRepeated(
  'a station name in capitals is not found by a consumer that has no producer beside it',
  async () => {
    const name = broker.stationName();
    const other = await broker.client();
    await other.station({ name, partitionsNumber: 2 });
    await other.produce({ stationName: name, producerName: 'p', message: 'm', producerPartitionNumber: 2 });
    const client = await broker.client();
    const stationName = name.toUpperCase();
    const consumer = await client.consumer({ stationName, consumerName: 'C', batchMaxTimeToWaitMs: 500 });
    expect((await consumer.fetch({ consumerPartitionNumber: 2, batchSize: 1 })).map(textOf)).toEqual(['m']);
  },
);

notRepeated(
  'the last messages of a station with one partition are those from the start, or none',
  async () => {
    const name = broker.stationName();
    await fill(name, 6);
    const consumer = await consumerOf(name, { lastMessages: 2, maxAckTimeMs: 1_500, maxMsgDeliveries: 4 });
    expect((await consumer.fetch({ batchSize: 5 })).map(textOf)).toEqual(['5', '6']);
    // Not the defaults of the server, which deliver without end.
    expect((await broker.durable(name, 1, 'c'))?.config).toMatchObject({
      ack_wait: 1.5e9,
      max_deliver: 4,
      max_ack_pending: -1,
    });
    await consumer.destroy();
  },
);

notRepeated('destroying a consumer with a random suffix fails on its own name', async () => {
  const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const suffix = { generateRandomSuffix: true };
  const consumer = await consumerOf(broker.stationName(), suffix);
  warnings.mockRestore();
  await consumer.destroy();
  await consumer.destroy();
});

notRepeated('a wait of less than a second for a batch is refused, or takes five', async () => {
  const consumer = await consumerOf(broker.stationName(), { batchMaxTimeToWaitMs: 150 });
  const begin = performance.now();
  expect(await consumer.fetch()).toEqual([]);
  const waited = performance.now() - begin;
  expect(waited).toBeGreaterThan(140);
  expect(waited).toBeLessThan(900);
  await consumer.destroy();
});

notRepeated('the size of one batch stays for the loop and for later fetches', async () => {
  const name = broker.stationName();
  await fill(name, 6);
  const consumer = await consumerOf(name, { batchSize: 2 });
  expect(await consumer.fetch({ batchSize: 1 })).toHaveLength(1);
  const batches: number[] = [];
  consumer.consume((messages) => void batches.push(messages.length));
  await eventually(() => batches.length >= 2, 'two polls');
  expect(batches.slice(0, 2)).toEqual([2, 2]);
  await consumer.destroy();
});

notRepeated('a handler that throws, or rejects, ends the loop or the process', async () => {
  const name = broker.stationName();
  await fill(name, 4);
  const reported: string[] = [];
  const stop = client.memphis.onError((error) => reported.push(error.message));
  const consumer = await consumerOf(name, { batchSize: 1, pullIntervalMs: 1 });
  let calls = 0;
  consumer.consume(() => {
    calls += 1;
    if (calls === 1) throw new Error('thrown');
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- handlers do such things
    return calls === 2 ? Promise.reject('no error object') : undefined;
  });
  await eventually(() => calls >= 4, 'the loop goes on');
  expect(reported).toEqual([
    expect.stringContaining('thrown') as string,
    expect.stringContaining('no error object') as string,
  ]);
  stop();
  await consumer.destroy();
});

notRepeated('the arguments of a loop are checked where nobody hears of it', async () => {
  const consumer = await consumerOf(broker.stationName());
  expect(() => consumer.consume(() => undefined, { consumerPartitionNumber: 7 })).toThrow(ValidationError);
  await consumer.destroy();
});

notRepeated('a handler is called after its consumer was destroyed in the middle of a pull', async () => {
  const name = broker.stationName();
  const consumer = await consumerOf(name, { batchMaxTimeToWaitMs: 2_000 });
  let calls = 0;
  consumer.consume(() => {
    calls += 1;
  });
  await eventually(() => pullsOf(name) > 0, 'it waits');
  const destroyed = consumer.destroy();
  // These come while the pull is still known to the server.
  await fill(name, 3);
  await destroyed;
  await pause(100);
  expect(calls).toBe(0);
});

notRepeated('a prefetched message is given to whoever asks for another partition', async () => {
  const name = broker.stationName();
  await client.memphis.station({ name, partitionsNumber: 2 });
  await fill(name, 8);
  const consumer = await consumerOf(name);
  const fetch = async (consumerPartitionNumber: number): Promise<string[]> =>
    (await consumer.fetch({ batchSize: 1, prefetch: true, consumerPartitionNumber })).map(textOf);
  expect(await fetch(1)).toEqual(['1']);
  await eventually(async () => (await broker.durable(name, 1, 'c'))?.num_ack_pending === 3, 'loaded ahead');
  expect(await fetch(2)).toEqual(['2']);
  await consumer.destroy();
});

notRepeated('messages of the inbox that come late are lost to the next fetch', async () => {
  const name = broker.stationName();
  await client.memphis.station({ name });
  const consumer = await consumerOf(name);
  const aborter = new AbortController();
  const aborted = consumer.fetch({ batchSize: 2, batchMaxTimeToWaitMs: 3_000, signal: aborter.signal });
  await eventually(() => pullsOf(name) > 0, 'the pull is on its way');
  await broker.observer.flush();
  aborter.abort(new Error('enough'));
  await expect(aborted).rejects.toThrow('enough');
  await fill(name, 2);
  const messages = await consumer.fetch({ batchSize: 2, batchMaxTimeToWaitMs: 1_000 });
  expect(messages.map(textOf).sort()).toEqual(['1', '2']);
  await consumer.destroy();
});
