import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Consumer, Producer } from '../../../src/runtime/messaging';
import { eventually } from '../../support/broker';
import { textOf } from '../../support/text-of';
import { row } from './row';
import { trafficForThisFile } from './station-traffic';

const traffic = trafficForThisFile();
const { broker } = traffic;

row('BAS-1', async () => {
  const { name } = await traffic.station();
  const producer = await traffic.memphis.producer({ stationName: name, producerName: 'p' });
  const consumer = await traffic.consumer(name);
  expect([producer, consumer].map(({ constructor }) => constructor)).toEqual([Producer, Consumer]);
  await producer.produce({ message: 'hello' });
  expect((await consumer.fetch({ batchSize: 1 })).map(textOf)).toEqual(['hello']);
});

row('BAS-2', async () => {
  const { name } = await traffic.station();
  const consumer = await traffic.consumer(name);
  const waiting = consumer.fetch({ batchMaxTimeToWaitMs: 1_000 });
  await eventually(async () => {
    const durable = (await broker.durable(name, 1, 'c')) as { num_waiting?: number } | undefined;
    return durable?.num_waiting === 1;
  }, 'the request of a poll waits');
  expect((await broker.durable(name, 1, 'c'))?.config).not.toHaveProperty('deliver_subject');
  await consumer.destroy();
  await waiting;
});

row('BAS-3', async () => {
  const { name } = await traffic.station();
  await traffic.fill(name, 12);
  const consumer = await traffic.consumer(name);
  expect(await consumer.fetch({ batchSize: 20 })).toHaveLength(12);
});

row('BAS-4', async () => {
  const { name } = await traffic.station();
  const seen = new Map<string, string[]>();
  const start = async (consumerName: string, consumerGroup: string): Promise<void> => {
    const consumer = await traffic.consumer(name, { consumerName, consumerGroup, batchSize: 3 });
    const texts: string[] = [];
    seen.set(consumerName, texts);
    consumer.consume(async (messages) => {
      for (const message of messages) {
        texts.push(textOf(message));
        await message.ack();
      }
    });
  };
  await start('one', 'shared');
  await start('two', 'shared');
  await start('three', 'alone');
  await traffic.fill(name, 30);
  const all = Array.from({ length: 30 }, (_value, index) => String(index + 1));
  const shared = (): string[] => [...(seen.get('one') ?? []), ...(seen.get('two') ?? [])];
  await eventually(() => shared().length >= 30 && seen.get('three')?.length === 30, 'all have come');
  expect(shared().sort((a, b) => Number(a) - Number(b))).toEqual(all);
  expect(seen.get('three')).toEqual(all);
});

row('BAS-5', async () => {
  const { name } = await traffic.station();
  const payloads = [
    Uint8Array.of(0, 0xff, 0xc3, 0x28, 0),
    new Uint8Array(randomBytes(10_000)),
    new Uint8Array(0),
  ];
  for (const message of payloads)
    await traffic.memphis.produce({ stationName: name, producerName: 'p', message });
  const messages = await (await traffic.consumer(name)).fetch({ batchSize: 3 });
  expect(messages.map((message) => message.getData())).toEqual(payloads);
});

row('BAS-6', async () => {
  const { name } = await traffic.station();
  await traffic.fill(name, 100);
  const consumer = await traffic.consumer(name, { batchSize: 2, pullIntervalMs: 0 });
  let calls = 0;
  consumer.consume(async () => {
    calls += 1;
    await pause(5);
  });
  await eventually(() => calls > 3, 'the stream is busy');
  await consumer.destroy();
  const after = calls;
  // Messages are left, and an empty round would be over by then.
  await pause(250);
  expect(calls).toBe(after);
  expect(after).toBeLessThan(50);
});
