import { ValidationError } from '../../../src/model/errors';
import { row } from './row';
import { trafficForThisFile } from './station-traffic';
import { rejection } from '../../support/rejection';

const traffic = trafficForThisFile();
const { broker } = traffic;

const threePartitions = async () => {
  const { name } = await traffic.station({ partitionsNumber: 3 });
  return { name, producer: await traffic.memphis.producer({ stationName: name, producerName: 'p' }) };
};

row('PPK-1', async () => {
  const { name, producer } = await threePartitions();
  const keys: readonly (readonly [key: string, partition: number])[] = [
    ['', 3],
    ['a', 1],
    ['ab', 3],
    ['abc', 1],
    ['abcd', 1],
    ['key', 2],
    ['2nd_partition', 1],
    ['somePartition', 2],
    ['user-42', 1],
    ['order:123', 1],
    ['héllo', 3],
    ['日本語', 1],
    ['😀', 2],
    ['a much longer partition key that spans several blocks!', 2],
  ];
  for (const [producerPartitionKey, partition] of keys) {
    const receipt = await producer.produce({ message: `k${producerPartitionKey}`, producerPartitionKey });
    expect(receipt.partition).toBe(partition);
    const stored = await broker.storedMessage(name, partition, receipt.sequence);
    expect(stored.data.toString()).toBe(`k${producerPartitionKey}`);
  }
  const counts = [1, 2, 3].map(async (partition) => (await broker.stream(name, partition))?.state.messages);
  expect(await Promise.all(counts)).toEqual([7, 4, 3]);
  // A consumer that is given the key reads what a producer wrote with it.
  const consumer = await traffic.consumer(name);
  const [message] = await consumer.fetch({ batchSize: 1, consumerPartitionKey: 'ab' });
  expect(message?.getPartitionNumber()).toBe(3);
});

row('PPK-2', async () => {
  const { name, producer } = await threePartitions();
  await producer.produce({ message: 'm', producerPartitionNumber: 2 });
  await producer.produce({ message: 'm', producerPartitionNumber: 2 });
  expect((await broker.stream(name, 2))?.state.messages).toBe(2);
  // These are no numbers of partitions, so the turn is the first one's, then the second one's.
  for (const [producerPartitionNumber, partition] of [
    [-1, 1],
    [0, 2],
  ] as const) {
    expect((await producer.produce({ message: 'm', producerPartitionNumber })).partition).toBe(partition);
  }
  const counts = [1, 2, 3].map(async (partition) => (await broker.stream(name, partition))?.state.messages);
  expect(await Promise.all(counts)).toEqual([1, 3, 0]);
});

row('PPK-3', async () => {
  const { name, producer } = await threePartitions();
  for (const producerPartitionNumber of [4, 1.5]) {
    await expect(producer.produce({ message: 'm', producerPartitionNumber })).rejects.toThrow(
      'Partition number is out of range',
    );
  }
  for (const partition of [1, 2, 3]) expect((await broker.stream(name, partition))?.state.messages).toBe(0);
  // The official clients do not look at the number where there is one partition.
  const { name: narrow } = await traffic.station();
  const produced = traffic.memphis.produce({
    stationName: narrow,
    producerName: 'p',
    message: 'm',
    producerPartitionNumber: 2,
  });
  expect(await rejection(produced)).toBeInstanceOf(ValidationError);
  expect((await broker.stream(narrow))?.state.messages).toBe(0);
});

row('PPK-4', async () => {
  const { producer } = await threePartitions();
  const both = { producerPartitionNumber: 1, producerPartitionKey: 'a' };
  const error = await rejection(producer.produce({ message: 'm', ...both }));
  expect(error).toBeInstanceOf(ValidationError);
  expect(error.message).toContain('Can not use both partition number and partition key');
});

row('PPK-5', async () => {
  const { producer } = await threePartitions();
  const partitions = [];
  for (let turn = 0; turn < 6; turn += 1)
    partitions.push((await producer.produce({ message: 'm' })).partition);
  expect(partitions).toEqual([1, 2, 3, 1, 2, 3]);
});
