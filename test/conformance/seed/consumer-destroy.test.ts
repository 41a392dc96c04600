import { ClosedError } from '../../../src/model/errors';
import { eventually } from '../../support/broker';
import { row } from './row';
import { pause, rejection, trafficForThisFile } from './station-traffic';

const traffic = trafficForThisFile();
const { broker } = traffic;

row('DCO-1', async () => {
  const { name } = await traffic.station({ partitionsNumber: 2 });
  const one = await traffic.consumer(name, { consumerName: 'one', consumerGroup: 'g' });
  const two = await traffic.consumer(name, { consumerName: 'two', consumerGroup: 'g' });
  await one.destroy();
  await one.destroy();
  expect(await rejection(one.fetch())).toBeInstanceOf(ClosedError);
  expect(await broker.durable(name, 2, 'g')).toBeDefined();
  await two.destroy();
  for (const partition of [1, 2]) expect(await broker.durable(name, partition, 'g')).toBeUndefined();
});

row('DCO-2', async () => {
  const { name } = await traffic.station();
  await traffic.fill(name, 50);
  const consumer = await traffic.consumer(name, { batchSize: 1, pullIntervalMs: 0 });
  let calls = 0;
  consumer.consume(() => {
    calls += 1;
  });
  await eventually(() => calls > 2, 'messages are being sent');
  await consumer.destroy();
  const after = calls;
  await pause(100);
  expect(calls).toBe(after);
  expect(await broker.durable(name, 1, 'c')).toBeUndefined();
});
