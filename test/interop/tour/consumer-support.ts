import type { Tour, Options } from './tour';

export const numbers = (count: number, from = 1): string[] =>
  Array.from({ length: count }, (_, index) => String(from + index));

export const durable = (tour: Tour, station: string, group = 'c', partition = 1) =>
  tour.broker.durable(station, partition, group);

interface Listening {
  readonly station: string;
  readonly consumer: string;
}

/** A consumer that listens and acknowledges. */
export async function listening(tour: Tour, options: Options = {}, listen: Options = {}): Promise<Listening> {
  const station = await tour.station();
  const consumer = await tour.consumer(station, options);
  await tour.listen(consumer, { ack: true, ...listen });
  return { station, consumer };
}

/** How the parts of one partition are chosen: the JavaScript client at the consumer, the Python one when it listens. */
export async function listenTo(tour: Tour, station: string, part: Options): Promise<string> {
  const consumer = await tour.consumer(station, tour.isPython ? {} : part);
  await tour.listen(consumer, tour.isPython ? { options: part } : {});
  return consumer;
}

/** Stores `count` messages in each of three partitions; their texts begin with the number of the partition. */
export async function threePartitions(tour: Tour, count = 2): Promise<string> {
  const name = await tour.station({ partitionsNumber: 3 });
  const producer = await tour.producer(name);
  for (const partition of [1, 2, 3]) {
    for (const number of numbers(count)) {
      await tour.produce(producer, `${partition}-${number}`, { producerPartitionNumber: partition });
    }
  }
  return name;
}
