import { SchemaValidationError, ValidationError } from '../../../src/model/errors';
import type { SchemaType } from '../../../src/model/schema';
import type { ConsumerOptions, Message } from '../../../src/runtime/messaging';
import { eventually } from '../../support/broker';
import { row } from './row';
import { duration, textOf, trafficForThisFile, within15Seconds } from './station-traffic';

const traffic = trafficForThisFile();
const { broker } = traffic;

async function received(
  message: unknown,
  options: { headers?: Record<string, string>; schemaName?: string } = {},
) {
  const { headers, ...rest } = options;
  const { name } = await traffic.station(rest);
  await traffic.memphis.produce({
    stationName: name,
    producerName: 'p',
    message,
    ...(headers === undefined ? {} : { headers }),
  });
  const [first] = await (await traffic.consumer(name)).fetch({ batchSize: 1 });
  if (first === undefined) throw new Error('no message came');
  return first;
}

/** A station with one message, and a consumer that gets one message per fetch and waits for it. */
async function oneByOne(options: Partial<ConsumerOptions> = {}) {
  const { name } = await traffic.station();
  await traffic.fill(name, 1);
  const consumer = await traffic.consumer(name, { batchSize: 1, batchMaxTimeToWaitMs: 2_000, ...options });
  const next = async (): Promise<Message> => {
    const [message] = await consumer.fetch();
    if (message === undefined) throw new Error('no message came');
    return message;
  };
  return { name, consumer, next };
}

row('MSG-1', async () => {
  const message = await received(Uint8Array.of(0, 0xff));
  expect(message.getData()).toEqual(Uint8Array.of(0, 0xff));
  message.getData().fill(1);
  expect(message.getData()).toEqual(Uint8Array.of(0, 0xff));
});

const typed: readonly (readonly [type: SchemaType, content: string, sent: unknown, read: unknown])[] = [
  [
    'protobuf',
    'syntax = "proto3"; message T { int32 a = 1; string b = 2; }',
    { a: 200, b: 'x' },
    { a: 200, b: 'x' },
  ],
  ['json', '{"type":"object"}', { a: [1, null] }, { a: [1, null] }],
  ['avro', '{"type":"record","name":"r","fields":[{"name":"a","type":"int"}]}', { a: 1 }, { a: 1 }],
  ['graphql', 'type Query { a: Int }', '{ a }', '{ a }'],
];

async function schemaOf(schemaType: SchemaType, schemaContent: string): Promise<string> {
  const schemaName = broker.stationName('schema');
  await traffic.memphis.createSchema({ schemaName, schemaType, schemaContent });
  return schemaName;
}

row('MSG-2', async () => {
  for (const [type, content, sent, read] of typed) {
    const message = await received(sent, { schemaName: await schemaOf(type, content) });
    expect(await message.getDataDeserialized()).toEqual(read);
    expect(message.getSchemaMismatch()).toBeUndefined();
  }
  expect(await (await received('bytes')).getDataDeserialized()).toEqual(new Uint8Array(Buffer.from('bytes')));
});

row('MSG-3', async () => {
  const { name } = await traffic.station();
  await traffic.fill(name, 1);
  const schemaName = await schemaOf('protobuf', 'syntax = "proto3"; message T { int32 a = 1; }');
  await traffic.memphis.enforceSchema({ name: schemaName, stationName: name });
  const [message] = await (await traffic.consumer(name)).fetch({ batchSize: 1 });
  expect(await message?.getDataDeserialized()).toEqual(new Uint8Array(Buffer.from('1')));
  expect(message?.getSchemaMismatch()).toBeDefined();
  await expect(message?.getDataDeserialized({ strict: true })).rejects.toThrow(SchemaValidationError);
});

row('MSG-4', async () => {
  const { name, consumer, next } = await oneByOne({ maxAckTimeMs: 300 });
  await (await next()).ack();
  await eventually(async () => {
    const durable = await broker.durable(name, 1, 'c');
    return durable?.num_ack_pending === 0 && durable.ack_floor.stream_seq === 1;
  }, 'the broker knows');
  expect(await consumer.fetch({ batchMaxTimeToWaitMs: 500 })).toEqual([]);
});

/** A message that became a dead letter and was sent again. */
async function resent(): Promise<{ name: string; letter: Message }> {
  const { name, consumer, next } = await oneByOne();
  await (await next()).deadLetter('on purpose');
  const records = async () => (await traffic.overview(name)).poison_messages;
  await within15Seconds(async () => (await records()).length === 1, 'the record is there');
  const [record] = await records();
  const sent = consumer.fetch({ batchMaxTimeToWaitMs: 100 });
  await broker.rest('POST', '/stations/resendPoisonMessages', {
    poison_message_ids: [record?.id],
    station_name: name,
  });
  let [letter] = await sent;
  await eventually(async () => {
    letter ??= (await consumer.fetch({ batchMaxTimeToWaitMs: 100 }))[0];
    return letter !== undefined;
  }, 'it comes again');
  if (letter === undefined) throw new Error('it did not come');
  return { name, letter };
}

row('MSG-5', async () => {
  const { name, letter } = await resent();
  expect(letter.isDeadLetter()).toBe(true);
  const acks = await broker.tap('$memphis_pm_acks');
  await letter.ack();
  await eventually(() => acks.texts.length > 0, 'the ack is sent');
  acks.end();
  expect(JSON.parse(acks.texts[0] ?? '{}')).toEqual({ id: expect.any(Number) as number, cg_name: 'c' });
  await within15Seconds(
    async () => (await traffic.overview(name)).poison_messages.length === 0,
    'the record goes with its last group',
  );
});

row('MSG-6', async () => {
  const { next } = await oneByOne();
  const message = await next();
  const waited = await duration(async () => {
    await message.delay(1);
    expect(textOf(await next())).toBe('1');
  });
  expect(waited).toBeGreaterThan(900);
  expect(waited).toBeLessThan(1_900);
});

row('MSG-7', async () => {
  const { consumer, next } = await oneByOne({ maxMsgDeliveries: 2 });
  await (await next()).delay(0.1);
  await (await next()).delay(0.1);
  expect(await consumer.fetch({ batchMaxTimeToWaitMs: 700 })).toEqual([]);
});

row('MSG-8', async () => {
  const { letter } = await resent();
  const error = await letter.delay(1).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ValidationError);
  expect(String(error)).toContain('cannot delay DLS message');
});

row('MSG-9', async () => {
  const message = await received('m', { headers: { trace: 'x' } });
  expect(message.getHeaders()).toEqual({ trace: 'x' });
});

row('MSG-10', async () => {
  const { name } = await traffic.station();
  await traffic.fill(name, 2);
  const messages = await (await traffic.consumer(name)).fetch({ batchSize: 2 });
  for (const message of messages) {
    const stored = await broker.storedMessage(name, 1, message.getSequenceNumber() ?? 0);
    expect(stored.data.toString()).toBe(textOf(message));
  }
  expect(messages.map((message) => message.getSequenceNumber())).toEqual([1, 2]);
});

row('MSG-11', async () => {
  const { next } = await oneByOne();
  const message = await next();
  const waited = await duration(async () => {
    await message.nack();
    expect(textOf(await next())).toBe('1');
  });
  // Long before the time to acknowledge is over.
  expect(waited).toBeLessThan(1_000);
});

row('MSG-12', async () => {
  const { name, consumer, next } = await oneByOne({ maxAckTimeMs: 300, maxMsgDeliveries: 5 });
  const records = await broker.tap('$memphis_nacked_dls');
  await (await next()).deadLetter('a reason');
  await eventually(() => records.texts.length > 0, 'the record is sent');
  records.end();
  const expected = { station_name: name, error: 'a reason', partition: 1, cg_name: 'c', seq: 1 };
  expect(records.texts.map((text) => JSON.parse(text) as unknown)).toContainEqual(expected);
  await within15Seconds(
    async () => (await traffic.overview(name)).poison_messages.length === 1,
    'the broker keeps the record',
  );
  expect(await consumer.fetch({ batchMaxTimeToWaitMs: 700 })).toEqual([]);
});

row('MSG-13', async () => {
  const { name, next } = await oneByOne();
  const sent = (await next()).getTimeSent();
  const reply = (await broker.jetStream(`STREAM.MSG.GET.${name}$1`, { seq: 1 })) as {
    message: { time: string };
  };
  expect(sent?.getTime()).toBe(new Date(reply.message.time).getTime());
});
