import { keyHash } from '../../../src/model/partition-key';
import { eventually } from '../../support/broker';
import { schemaCases } from '../sdk/schema-cases';
import { bytes, textOf, textsOf } from '../tour/tour';
import type { Feature, Sides } from './sides';
import { data, members, ours, produce } from './sides';

const KEYS = ['key', 'a', 'ab', 'somePartition', 'user-42', 'héllo', '日本語', '😀'];

async function isAcknowledged({ tour }: Sides, station: string, group: string): Promise<void> {
  await eventually(async () => {
    const info = await tour.broker.durable(station, 1, group);
    return info?.num_ack_pending === 0 && info.ack_floor.stream_seq === 1;
  }, 'the ack is there');
}

export const traffic: readonly Feature[] = [
  {
    feature: 'bytes and headers',
    async toThem(sides) {
      const station = await sides.tour.station();
      await produce(sides, station, new Uint8Array([0, 255, 1]), { headers: { trace: 'x' } });
      const [message] = await sides.tour.fetch(await sides.tour.consumer(station), 1);
      expect(message?.bytes).toBe(Buffer.from([0, 255, 1]).toString('base64'));
      expect(message?.headers).toMatchObject({ trace: 'x' });
    },
    async toUs(sides) {
      const { tour } = sides;
      const station = await tour.station();
      await tour.sdk.call('driver', 'headers', [{ $value: { trace: 'x' } }], `h:${station}`);
      await tour.produce(
        await tour.producer(station, { producerName: 'Their.Producer' }),
        bytes(new Uint8Array([0, 255, 1])),
        { headers: { $kept: `h:${station}` }, msgId: '42' },
      );
      const [message] = await (await ours(sides, station)).fetch({ batchSize: 1 });
      expect([...(message?.getData() ?? [])]).toEqual([0, 255, 1]);
      expect(message?.getHeaders()).toEqual({ trace: 'x' });
      expect(message?.getProducerName()).toBe('their.producer');
      expect(message?.getMsgId()).toBe('42');
    },
  },
  {
    feature: 'many messages, in order',
    async toThem(sides) {
      const station = await sides.tour.station();
      const producer = await sides.memphis.producer({ stationName: station, producerName: 'p' });
      const texts = Array.from({ length: 200 }, (_, index) => String(index));
      for (const message of texts) void producer.produce({ message, nonblocking: true });
      await producer.flush();
      expect(textsOf(await sides.tour.fetch(await sides.tour.consumer(station), 200))).toEqual(texts);
    },
    async toUs(sides) {
      const station = await sides.tour.station();
      await sides.tour.fill(station, 200, { nonblocking: true });
      await sides.tour.eventuallyStored(station, 200);
      const read = await (await ours(sides, station)).fetch({ batchSize: 200 });
      expect(read.map(data)).toEqual(Array.from({ length: 200 }, (_, index) => String(index + 1)));
    },
  },
  {
    feature: 'an acknowledgement',
    async toThem(sides) {
      const station = await sides.tour.station();
      await produce(sides, station, 'x');
      const [message] = await sides.tour.fetch(await sides.tour.consumer(station), 1);
      await sides.tour.message(message, 'ack');
      await isAcknowledged(sides, station, 'c');
    },
    async toUs(sides) {
      const station = await sides.tour.station();
      await sides.tour.fill(station, 1);
      const [message] = await (await ours(sides, station)).fetch({ batchSize: 1 });
      await message?.ack();
      await isAcknowledged(sides, station, 'ours');
    },
  },
  {
    feature: 'a message that one refuses goes to the other member of the group',
    async toThem(sides) {
      const station = await sides.tour.station();
      const { them, us } = await members(sides, station);
      await produce(sides, station, 'x');
      const [refused] = await us.fetch({ batchSize: 1 });
      await refused?.nack();
      expect(textsOf(await sides.tour.fetch(them, 1))).toEqual(['x']);
    },
    async toUs(sides) {
      const station = await sides.tour.station();
      const { them, us } = await members(sides, station);
      await sides.tour.fill(station, 1);
      const [refused] = await sides.tour.fetch(them, 1);
      await sides.tour.message(refused, 'nack');
      expect((await us.fetch({ batchSize: 1 })).map(data)).toEqual(['1']);
    },
  },
  {
    feature: 'members of one group share',
    async toThem(sides) {
      const station = await sides.tour.station();
      const { them, us } = await members(sides, station);
      for (const message of ['1', '2', '3', '4']) await produce(sides, station, message);
      expect(textsOf(await sides.tour.fetch(them, 2))).toEqual(['1', '2']);
      expect((await us.fetch({ batchSize: 2 })).map(data)).toEqual(['3', '4']);
    },
    async toUs(sides) {
      const station = await sides.tour.station();
      const { them, us } = await members(sides, station);
      await sides.tour.fill(station, 4);
      expect((await us.fetch({ batchSize: 2 })).map(data)).toEqual(['1', '2']);
      expect(textsOf(await sides.tour.fetch(them, 2))).toEqual(['3', '4']);
    },
  },
  {
    feature: 'a partition by its number',
    async toThem(sides) {
      const station = await sides.tour.station({ partitionsNumber: 3 });
      await produce(sides, station, 'x', { producerPartitionNumber: 2 });
      const consumer = await sides.tour.consumer(station);
      expect(textsOf(await sides.tour.fetch(consumer, 1, { consumerPartitionNumber: 2 }))).toEqual(['x']);
    },
    async toUs(sides) {
      const station = await sides.tour.station({ partitionsNumber: 3 });
      await sides.tour.fill(station, 1, { producerPartitionNumber: 3 });
      const read = await (await ours(sides, station)).fetch({ batchSize: 1, consumerPartitionNumber: 3 });
      expect(read.map(data)).toEqual(['1']);
    },
  },
  {
    feature: 'a partition by a key',
    toThem: {
      except: 'memphis-dev',
      because: 'it takes the partition before the right one',
      async verify(sides) {
        const station = await sides.tour.station({ partitionsNumber: 3 });
        const consumer = await sides.tour.consumer(station);
        for (const key of KEYS) {
          await produce(sides, station, key, { producerPartitionKey: key });
          const read = await sides.tour.fetch(consumer, 1, { consumerPartitionKey: key });
          expect(textsOf(read)).toEqual([key]);
        }
      },
    },
    toUs: {
      except: 'memphis-dev',
      because: 'it takes the partition before the right one',
      async verify(sides) {
        const station = await sides.tour.station({ partitionsNumber: 3 });
        const producer = await sides.tour.producer(station);
        const consumer = await ours(sides, station);
        for (const key of KEYS) {
          await sides.tour.produce(producer, key, { producerPartitionKey: key });
          const [message] = await consumer.fetch({ batchSize: 1, consumerPartitionKey: key });
          expect(data(message)).toBe(key);
          const { partition } = await produce(sides, station, key, { producerPartitionKey: key });
          expect(partition).toBe((keyHash(key) % 3) + 1);
          await consumer.fetch({ batchSize: 1, consumerPartitionKey: key });
        }
      },
    },
  },
  {
    feature: 'one id is one message',
    async toThem(sides) {
      const station = await sides.tour.station();
      await produce(sides, station, 'first', { msgId: '1' });
      await sides.tour.produce(await sides.tour.producer(station), 'second', { msgId: '1' });
      expect((await sides.tour.fetch(await sides.tour.consumer(station), 1)).map(textOf)).toEqual(['first']);
      expect(await sides.tour.stored(station)).toBe(1);
    },
    async toUs(sides) {
      const station = await sides.tour.station();
      await sides.tour.produce(await sides.tour.producer(station), 'first', { msgId: '1' });
      expect(await produce(sides, station, 'second', { msgId: '1' })).toMatchObject({
        duplicate: true,
        sequence: 1,
      });
      expect((await (await ours(sides, station)).fetch({ batchSize: 1 })).map(data)).toEqual(['first']);
    },
  },
  ...schemaCases.map(({ type, content, valid, invalid }): Feature => ({
    feature: `a schema of type ${type}`,
    async toThem(sides) {
      const { tour, memphis } = sides;
      const schemaName = tour.broker.stationName('schema');
      await memphis.createSchema({ schemaName, schemaType: type, schemaContent: content });
      const station = await tour.station({ schemaName });
      await produce(sides, station, valid);
      await expect(produce(sides, station, invalid)).rejects.toThrow('Schema validation has failed');
      const [message] = await tour.fetch(await tour.consumer(station), 1);
      expect(await tour.message(message, 'getDataDeserialized')).toEqual(valid);
      await eventually(async () => (await tour.deadLetters(station)).schema === 1, 'it is recorded');
    },
    async toUs(sides) {
      const { tour } = sides;
      const station = await tour.stationWithSchema(type, content);
      const producer = await tour.producer(station);
      const asMessage = (value: unknown) => (typeof value === 'string' ? { $value: value } : value);
      await tour.produce(producer, asMessage(valid));
      await expect(tour.produce(producer, asMessage(invalid))).rejects.toThrow(/[Ss]chema validation/);
      const [message] = await (await ours(sides, station)).fetch({ batchSize: 1 });
      expect(await message?.getDataDeserialized()).toEqual(valid);
      await eventually(async () => (await tour.deadLetters(station)).schema === 1, 'it is recorded');
    },
  })),
];
