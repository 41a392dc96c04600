import { setTimeout as pause } from 'node:timers/promises';
import { ClosedError } from '../../../src/model/errors';
import { ConsumerPing } from '../../../src/runtime/messaging/consume/consumer-ping';
import { eventually } from '../../support/broker';
import { row } from './row';
import { trafficForThisFile } from './station-traffic';
import { rejection } from '../../support/rejection';

const traffic = trafficForThisFile();
const { broker } = traffic;

row('DCO-1', async () => {
  const { name } = await traffic.station({ partitionsNumber: 2 });
  const one = await traffic.consumer(name, { consumerName: 'one', consumerGroup: 'g' });
  const two = await traffic.consumer(name, { consumerName: 'two', consumerGroup: 'g' });
  const members = async () =>
    (await traffic.overview(name)).connected_cgs.flatMap((group) =>
      group.connected_consumers.map((member) => member.name),
    );
  expect((await members()).sort()).toEqual(['one', 'two']);
  // What this client listens to because of them, with payloads that say nothing new.
  const schemas = [`$memphis_schema_updates_${name}`, '{"init":{"schema_name":""}}'] as const;
  const deadLetters = [`$memphis_dls_${name}.g`, ''] as const;
  const listensTo = ([subject, payload]: typeof schemas | typeof deadLetters) =>
    broker.hasListener(subject, payload);
  expect([await listensTo(schemas), await listensTo(deadLetters)]).toEqual([true, true]);
  await one.destroy();
  await one.destroy();
  expect(await members()).toEqual(['two']);
  expect(await rejection(one.fetch())).toBeInstanceOf(ClosedError);
  expect(await broker.durable(name, 2, 'g')).toBeDefined();
  expect([await listensTo(schemas), await listensTo(deadLetters)]).toEqual([true, true]);
  // Where the messages of a poll come to, which nobody else knows, is told by the poll.
  const inboxes: string[] = [];
  const polls = broker.observer.subscribe(`$JS.API.CONSUMER.MSG.NEXT.${name}$1.g`, {
    callback: (_error, message) => void inboxes.push(message.reply ?? ''),
  });
  await broker.observer.flush();
  const poll = () => two.fetch({ batchMaxTimeToWaitMs: 100, consumerPartitionNumber: 1 });
  // First comes that with which it was found out above whether somebody listens.
  expect((await poll()).length).toBeGreaterThan(0);
  expect(await poll()).toEqual([]);
  polls.unsubscribe();
  expect(await broker.hasListener(inboxes[0] ?? '')).toBe(true);
  const pings = jest.spyOn(ConsumerPing.prototype, 'stop');
  await two.destroy();
  expect(pings).toHaveBeenCalledTimes(1);
  pings.mockRestore();
  expect(await broker.hasListener(inboxes[0] ?? '')).toBe(false);
  for (const partition of [1, 2]) expect(await broker.durable(name, partition, 'g')).toBeUndefined();
  expect([await listensTo(schemas), await listensTo(deadLetters)]).toEqual([false, false]);
  // One that the broker does not know any more is gone, which is what was wanted.
  const unknown = await traffic.consumer(name, { consumerName: 'three' });
  await broker.observer.request(
    '$memphis_station_destructions',
    JSON.stringify({ station_name: name, username: broker.options.username }),
    { timeout: 5_000 },
  );
  await unknown.destroy();
});

row('DCO-2', async () => {
  const { name } = await traffic.station();
  await traffic.fill(name, 50);
  const consumer = await traffic.consumer(name, { batchSize: 1, pullIntervalMs: 0 });
  const pulls = await broker.tap(`$JS.API.CONSUMER.MSG.NEXT.${name}$1.c`);
  let calls = 0;
  consumer.consume(async () => {
    calls += 1;
    await pause(10);
  });
  await eventually(() => calls > 2, 'messages are being sent');
  await consumer.destroy();
  await broker.observer.flush();
  const after = [calls, pulls.texts.length];
  // Messages are left, and an empty round would be over by then.
  await pause(250);
  pulls.end();
  expect([calls, pulls.texts.length]).toEqual(after);
  expect(calls).toBeLessThan(50);
  expect(await broker.durable(name, 1, 'c')).toBeUndefined();
  // A poll that waits ends without a word: the handler does not hear of an empty round either.
  const { name: quiet } = await traffic.station();
  const waiting = await traffic.consumer(quiet, { batchMaxTimeToWaitMs: 5_000 });
  const requests = await broker.tap(`$JS.API.CONSUMER.MSG.NEXT.${quiet}$1.c`);
  let heard = 0;
  waiting.consume(() => {
    heard += 1;
  });
  await eventually(() => requests.texts.length === 1, 'the poll is under way');
  await waiting.destroy();
  await requests.all();
  expect(heard).toBe(0);
});
