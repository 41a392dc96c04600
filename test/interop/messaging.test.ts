import { keyHash } from '../../src/runtime/messaging/partition';
import type { SchemaType } from '../../src/model/schema';
import type { Memphis } from '../../src/runtime/messaging';
import { brokerIsExternal, eventually, TestBroker } from '../support/broker';
import { OfficialClient } from './sdk/official-client';
import { hasPython } from './sdk/python';

const broker = TestBroker.forThisFile();
let memphis: Memphis;
beforeAll(async () => {
  memphis = await broker.client();
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const group = { consumer: 'theirs', group: 'theirs' };

async function ourMessages(stationName: string, count: number, consumerName = 'ours') {
  return memphis.fetchMessages({ stationName, consumerName, batchSize: count, batchMaxTimeToWaitMs: 1_000 });
}

interface DeadLetter {
  readonly id: number;
  readonly validation_error?: string;
}

async function deadLetters(
  station: string,
): Promise<{ poison: readonly DeadLetter[]; schema: readonly DeadLetter[] }> {
  const { body } = await broker.rest(
    'GET',
    `/monitoring/getStationOverviewData?station_name=${station}&partition_number=-1`,
  );
  const overview = body as { poison_messages: DeadLetter[]; schema_failed_messages: DeadLetter[] };
  return { poison: overview.poison_messages, schema: overview.schema_failed_messages };
}

/** For each type a schema, a value that fits, and one that does not. */
const schemas: readonly (readonly [SchemaType, string, unknown, unknown])[] = [
  ['json', '{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}', { a: 1 }, { a: 'x' }],
  [
    'avro',
    '{"type":"record","name":"r","fields":[{"name":"a","type":"int"},{"name":"b","type":"string"}]}',
    { a: 1, b: 'x' },
    { a: 'x', b: 'x' },
  ],
  ['protobuf', 'syntax = "proto3"; message T { int32 a = 1; string b = 2; }', { a: 7, b: 'x' }, { a: 'x' }],
  ['graphql', 'type Query { a: Int }', '{ a }', '{ b }'],
];

const clients: readonly (readonly [name: string, start: (port: number) => Promise<OfficialClient>])[] = [
  ['memphis-dev', (port) => OfficialClient.javascript(port)],
  ...(hasPython ? [['memphis-py', (port: number) => OfficialClient.python(port)] as const] : []),
];

describe.each(clients)('with the official %s on the other side', (name, start) => {
  let theirs: OfficialClient;
  beforeAll(async () => {
    theirs = await start(broker.options.port);
  }, 240_000);
  afterAll(() => theirs.end());

  test('what we produce they consume: bytes and headers, and their acks count', async () => {
    const station = broker.stationName();
    await memphis.produce({
      stationName: station,
      producerName: 'p',
      message: 'grüße',
      headers: { trace: 'x' },
    });
    const [message] = await theirs.fetch({ station, ...group, count: 1, then: 'ack' });
    expect(message).toMatchObject({ bytes: base64('grüße'), headers: { trace: 'x' } });
    await eventually(
      async () => (await broker.durable(station, 1, 'theirs'))?.num_ack_pending === 0,
      'the ack is there',
    );
  });

  test('what they produce we consume: bytes, headers, the name of the producer and the id', async () => {
    const station = broker.stationName();
    const bytes = Buffer.from([0, 255, 1]).toString('base64');
    await theirs.produce({
      station,
      producer: 'Their.Producer',
      bytes,
      headers: { trace: 'x' },
      msgId: '42',
    });
    const [message] = await ourMessages(station, 1);
    expect([...(message?.getData() ?? [])]).toEqual([0, 255, 1]);
    expect(message?.getHeaders()).toEqual({ trace: 'x' });
    expect(message?.getProducerName()).toBe('their.producer');
    expect(message?.getMsgId()).toBe('42');
  });

  test('one id is one message, whoever sends it', async () => {
    const station = broker.stationName();
    await theirs.produce({ station, producer: 'p', bytes: base64('m'), msgId: '1' });
    await theirs.produce({ station, producer: 'p', bytes: base64('m'), msgId: '1' });
    const again = await memphis.produce({
      stationName: station,
      producerName: 'q',
      message: 'm',
      msgId: '1',
    });
    expect(again).toMatchObject({ duplicate: true, sequence: 1 });
    expect((await broker.stream(station))?.state.messages).toBe(1);
  });

  test('members of one group share its messages across the clients', async () => {
    const station = broker.stationName();
    for (const message of ['1', '2', '3', '4']) {
      await memphis.produce({ stationName: station, producerName: 'p', message });
    }
    const shared = { consumer: 'theirs', group: 'Shared.Group' };
    const first = await theirs.fetch({ station, ...shared, count: 2, then: 'ack' });
    const ours = await memphis.consumer({
      stationName: station,
      consumerName: 'ours',
      consumerGroup: 'shared.group',
      maxAckTimeMs: 30_000,
      batchMaxTimeToWaitMs: 1_000,
    });
    const rest = await ours.fetch({ batchSize: 2 });
    expect(first.map(({ bytes }) => Buffer.from(bytes, 'base64').toString())).toEqual(['1', '2']);
    expect(rest.map((message) => Buffer.from(message.getData()).toString())).toEqual(['3', '4']);
  });

  test.each(schemas)(
    'schema of type %s: both directions, and what does not fit is refused on both sides',
    async (type, content, valid, invalid) => {
      const [station, schemaName] = [broker.stationName(), broker.stationName('schema')];
      await memphis.createSchema({ schemaName, schemaType: type, schemaContent: content });
      await memphis.station({ name: station, schemaName });
      await memphis.produce({ stationName: station, producerName: 'p', message: valid });
      await theirs.produce({ station, producer: 'p', value: valid });
      const read = await theirs.fetch({ station, ...group, count: 2, then: 'ack' });
      expect(read.map(({ value }) => value)).toEqual([valid, valid]);
      const ours = await ourMessages(station, 2);
      for (const message of ours) expect(await message.getDataDeserialized()).toEqual(valid);
      expect(ours).toHaveLength(2);
      await expect(theirs.produce({ station, producer: 'p', value: invalid })).rejects.toThrow(/./);
      await expect(
        memphis.produce({ stationName: station, producerName: 'p', message: invalid }),
      ).rejects.toThrow('Schema validation has failed');
      expect((await broker.stream(station))?.state.messages).toBe(2);
      await eventually(
        async () => (await deadLetters(station)).schema.length >= 1,
        'what did not fit is recorded',
      );
    },
  );

  test('a dead letter of ours that is sent again reaches them, and their ack takes the record away', async () => {
    const station = broker.stationName();
    const produce = (message: string) =>
      memphis.produce({ stationName: station, producerName: 'p', message });
    await produce('first');
    await theirs.fetch({ station, ...group, count: 1, then: 'ack' });
    await produce('bad');
    const consumer = await memphis.consumer({
      stationName: station,
      consumerName: 'ours',
      consumerGroup: 'theirs',
      batchMaxTimeToWaitMs: 1_000,
    });
    const [message] = await consumer.fetch({ batchSize: 1 });
    await message?.deadLetter('on purpose');
    await eventually(async () => (await deadLetters(station)).poison.length === 1, 'the record is there');
    const [record] = (await deadLetters(station)).poison;
    // Only they are members of the queue then.
    await consumer.destroy();
    await broker.rest('POST', '/stations/resendPoisonMessages', {
      poison_message_ids: [record?.id],
      station_name: station,
    });
    // They look at what came only when a fetch begins.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const [again] = await theirs.fetch({ station, ...group, count: 1, then: 'ack' });
    expect(again?.bytes).toBe(base64('bad'));
    await eventually(async () => (await deadLetters(station)).poison.length === 0, 'the record is gone');
  });

  if (name === 'memphis-py') {
    test('a key leads them and us to the same partition', async () => {
      const station = broker.stationName();
      await memphis.station({ name: station, partitionsNumber: 3 });
      const keys = ['key', 'a', 'ab', 'somePartition', 'user-42', 'héllo', '日本語', '😀'];
      for (const key of keys) await theirs.produce({ station, producer: 'p', bytes: base64(key), key });
      const producer = await memphis.producer({ stationName: station, producerName: 'p' });
      for (const key of keys) {
        const { partition } = await producer.produce({ message: key, producerPartitionKey: key });
        expect(partition).toBe((keyHash(key) % 3) + 1);
      }
      for (const partition of [1, 2, 3]) {
        const consumer = await memphis.consumer({
          stationName: station,
          consumerName: `c${partition}`,
          batchMaxTimeToWaitMs: 300,
        });
        const texts = (await consumer.fetch({ batchSize: 50, consumerPartitionNumber: partition })).map(
          (message) => Buffer.from(message.getData()).toString(),
        );
        // Each key twice: once from them, once from us.
        expect(texts.slice(0, texts.length / 2)).toEqual(texts.slice(texts.length / 2));
      }
    });
  } else {
    test('a dead letter of theirs is recorded, and reaches us when it is sent again', async () => {
      const station = broker.stationName();
      await memphis.produce({ stationName: station, producerName: 'p', message: 'bad' });
      await theirs.fetch({ station, ...group, count: 1, then: 'deadLetter', reason: 'of theirs' });
      await eventually(async () => (await deadLetters(station)).poison.length === 1, 'the record is there');
      const [record] = (await deadLetters(station)).poison;
      // The other members of the queue leave, so that the copy comes to us.
      const ours = await memphis.consumer({
        stationName: station,
        consumerName: 'ours',
        consumerGroup: 'theirs',
        batchMaxTimeToWaitMs: 300,
      });
      let copies = 0;
      await eventually(async () => {
        await broker.rest('POST', '/stations/resendPoisonMessages', {
          poison_message_ids: [record?.id],
          station_name: station,
        });
        copies += (await ours.fetch({ batchSize: 1 })).filter((message) => message.isDeadLetter()).length;
        return copies > 0;
      }, 'it comes to us');
    });
  }
});

test('Python is there, so that its client is tested as well', () => {
  expect(hasPython || brokerIsExternal || process.env.CI !== 'true').toBe(true);
});
