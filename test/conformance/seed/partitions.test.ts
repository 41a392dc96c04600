import { row } from './row';
import { trafficForThisFile } from './station-traffic';

const traffic = trafficForThisFile();
const { broker } = traffic;

row('PAR-1', async () => {
  const { name } = await traffic.station();
  expect(await broker.stream(name, 1)).toBeDefined();
  expect(await broker.stream(name, 2)).toBeUndefined();
});

row('PAR-2', async () => {
  const { name } = await traffic.station({ partitionsNumber: 3 });
  for (const partition of [1, 2, 3]) expect(await broker.stream(name, partition)).toBeDefined();
  expect(await broker.stream(name, 4)).toBeUndefined();
});

row('PAR-3', async () => {
  const { name } = await traffic.station({ partitionsNumber: 3 });
  await traffic.fill(name, 9);
  for (const partition of [1, 2, 3]) expect((await broker.stream(name, partition))?.state.messages).toBe(3);
  const consumer = await traffic.consumer(name, { batchSize: 3 });
  const read = [];
  for (let turn = 0; turn < 3; turn += 1) {
    read.push(...(await consumer.fetch()).map((message) => message.getPartitionNumber()));
  }
  expect(read).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3]);
});
