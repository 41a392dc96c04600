import { keyHash } from '../../src/runtime/messaging/partition';
import type { ConsumerOptions, Memphis, Message } from '../../src/runtime/messaging';
import { brokerIsExternal, eventually } from '../support/broker';
import { within15Seconds } from '../conformance/seed/station-traffic';
import type { SdkName } from './sdk/official-sdk';
import { officialSdks } from './sdk/official-sdk';
import { schemaCases } from './sdk/schema-cases';
import { bytes, pause, textOf, textsOf, Tour } from './tour/tour';

/** Our runtime on one side, an official client on the other. */
interface Sides {
  readonly tour: Tour;
  readonly memphis: Memphis;
}

interface Feature {
  readonly feature: string;
  /** We produce, they consume. */
  readonly toThem: ((sides: Sides) => Promise<void>) | Hole;
  /** They produce, we consume. */
  readonly toUs: ((sides: Sides) => Promise<void>) | Hole;
}

/** A client that cannot take part, and why; it is left out of this case. */
interface Hole {
  readonly except: SdkName;
  readonly because: string;
  readonly verify: (sides: Sides) => Promise<void>;
}

const KEYS = ['key', 'a', 'ab', 'somePartition', 'user-42', 'héllo', '日本語', '😀'];

const produce = ({ memphis }: Sides, stationName: string, message: unknown, more: object = {}) =>
  memphis.produce({ stationName, producerName: 'ours', message, ...more });

const ours = ({ memphis }: Sides, stationName: string, options: Partial<ConsumerOptions> = {}) =>
  memphis.consumer({ stationName, consumerName: 'ours', batchMaxTimeToWaitMs: 1_000, ...options });

const data = (message: Message | undefined): string => Buffer.from(message?.getData() ?? []).toString();

/** Both are members of the group `both`. */
async function members(sides: Sides, station: string, options: { readonly maxAckTimeMs?: number } = {}) {
  const group = { consumerGroup: 'both', maxMsgDeliveries: 5, ...options };
  return {
    them: await sides.tour.consumer(station, { consumerName: 'theirs', ...group }),
    us: await ours(sides, station, group),
  };
}

async function isAcknowledged({ tour }: Sides, station: string, group: string): Promise<void> {
  await eventually(async () => {
    const info = await tour.broker.durable(station, 1, group);
    return info?.num_ack_pending === 0 && info.ack_floor.stream_seq === 1;
  }, 'the ack is there');
}

/** A dead letter of the group `both`; `die` lets the only message become one. */
async function deadLetterOf({ tour }: Sides, station: string): Promise<number> {
  const records = async () => (await tour.overview(station)).poison_messages;
  await within15Seconds(async () => (await records()).length === 1, 'the record is there');
  return (await records())[0]?.id ?? 0;
}

async function sendAgain({ tour }: Sides, station: string, id: number): Promise<void> {
  await tour.broker.rest('POST', '/stations/resendPoisonMessages', {
    poison_message_ids: [id],
    station_name: station,
  });
}

const recordIsGone = ({ tour }: Sides, station: string): Promise<void> =>
  eventually(async () => (await tour.deadLetters(station)).poison === 0, 'the record is gone');

const deadLetterToUs = async (
  sides: Sides,
  die: (consumer: string, station: string) => Promise<unknown>,
): Promise<void> => {
  const { tour } = sides;
  const station = await tour.station();
  await tour.produce(await tour.producer(station), 'bad');
  const group = { consumerGroup: 'both', maxAckTimeMs: 300, maxMsgDeliveries: 1 };
  const them = await tour.consumer(station, { consumerName: 'theirs', ...group });
  await die(them, station);
  const id = await deadLetterOf(sides, station);
  // What is sent again goes to one member of the group. The clients stay members when their consumer is destroyed.
  const us = await ours(sides, station, group);
  let copy: Message | undefined;
  await within15Seconds(async () => {
    await sendAgain(sides, station, id);
    copy = (await us.fetch({ batchSize: 1, batchMaxTimeToWaitMs: 200 })).find((each) => each.isDeadLetter());
    return copy !== undefined;
  }, 'it comes to us');
  expect(data(copy)).toBe('bad');
  await copy?.ack();
  await recordIsGone(sides, station);
};

const features: readonly Feature[] = [
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
  {
    feature: 'a message that the handler calls dead, sent again to the other and acknowledged there',
    async toThem(sides) {
      const { tour } = sides;
      const station = await tour.station();
      const { them, us } = await members(sides, station);
      await produce(sides, station, 'bad');
      const [message] = await us.fetch({ batchSize: 1 });
      await message?.deadLetter('on purpose');
      const id = await deadLetterOf(sides, station);
      // Only they are members then.
      await us.destroy();
      await sendAgain(sides, station, id);
      // They look at what came only when a fetch begins.
      await pause(200);
      const [again] = await tour.fetch(them, 1);
      expect(again === undefined ? '' : textOf(again)).toBe('bad');
      await tour.message(again, 'ack');
      await recordIsGone(sides, station);
    },
    toUs: {
      except: 'memphis-py',
      because: 'it loses a message that its handler calls dead',
      verify: (sides) =>
        deadLetterToUs(sides, async (them) => {
          const [message] = await sides.tour.fetch(them, 1);
          await sides.tour.message(message, 'deadLetter', 'of theirs');
        }),
    },
  },
  {
    feature: 'a message that nobody acknowledges, sent again to the other and acknowledged there',
    async toThem(sides) {
      const { tour } = sides;
      const station = await tour.station();
      await produce(sides, station, 'bad');
      const group = { consumerGroup: 'both', maxAckTimeMs: 300, maxMsgDeliveries: 1 };
      const us = await ours(sides, station, group);
      const them = await tour.consumer(station, { consumerName: 'theirs', ...group });
      await us.fetch({ batchSize: 1 });
      await pause(400);
      await us.fetch({ batchSize: 1, batchMaxTimeToWaitMs: 100 });
      const id = await deadLetterOf(sides, station);
      await us.destroy();
      await sendAgain(sides, station, id);
      await pause(200);
      const [again] = await tour.fetch(them, 1);
      expect(again === undefined ? '' : textOf(again)).toBe('bad');
      await tour.message(again, 'ack');
      await recordIsGone(sides, station);
    },
    toUs: (sides) =>
      deadLetterToUs(sides, async (them) => {
        await sides.tour.fetch(them, 1);
        await pause(400);
        // The broker notices at the next poll.
        await sides.tour.fetch(them, 1);
      }),
  },
];

describe.each(officialSdks)('with the official %s on the other side', (name) => {
  const tour = Tour.forThisFile(name);
  let memphis: Memphis;
  beforeAll(async () => {
    memphis = await tour.broker.client();
  });

  for (const { feature, toThem, toUs } of features) {
    for (const [direction, one] of [
      ['from us to them', toThem],
      ['from them to us', toUs],
    ] as const) {
      if (typeof one === 'function')
        test.concurrent(`${feature}, ${direction}`, () => one({ tour, memphis }));
      else if (one.except !== name)
        test.concurrent(`${feature}, ${direction}`, () => one.verify({ tour, memphis }));
    }
  }
});

test('what a client cannot do is one of the three known faults', () => {
  const holes = features
    .flatMap(({ feature, toThem, toUs }) => [toThem, toUs].map((one) => ({ feature, one })))
    .flatMap(({ feature, one }) => (typeof one === 'function' ? [] : [`${one.except}: ${feature}`]));
  expect(holes).toEqual([
    'memphis-dev: a partition by a key',
    'memphis-dev: a partition by a key',
    'memphis-py: a message that the handler calls dead, sent again to the other and acknowledged there',
  ]);
});

test('Python is there, so that its client is tested as well', () => {
  expect(officialSdks.includes('memphis-py') || brokerIsExternal || process.env.CI !== 'true').toBe(true);
});
