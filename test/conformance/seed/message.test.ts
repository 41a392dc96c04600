import { connect } from 'nats';
import { SchemaValidationError, UnsafeRequestError, ValidationError } from '../../../src/model/errors';
import type { SchemaType } from '../../../src/schema';
import type { ConsumerOptions, Message } from '../../../src/runtime/messaging';
import { eventually } from '../../support/broker';
import { textOf } from '../../support/text-of';
import { row } from './row';
import { duration, trafficForThisFile, within15Seconds } from './station-traffic';
import { rejection } from '../../support/rejection';

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

/** What the broker is told about deliveries of a station, as it is on the wire. */
async function answersFor(station: string) {
  return broker.tap(`$JS.ACK.${station}$1.>`);
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
  const answers = await answersFor(name);
  const message = await next();
  await message.ack();
  await eventually(async () => {
    const durable = await broker.durable(name, 1, 'c');
    return durable?.num_ack_pending === 0 && durable.ack_floor.stream_seq === 1;
  }, 'the broker knows');
  // One answer counts for each delivery.
  await message.ack();
  await message.nack();
  await message.delay({ seconds: 0 });
  await message.deadLetter('no');
  expect(await consumer.fetch({ batchMaxTimeToWaitMs: 500 })).toEqual([]);
  expect(await answers.all()).toEqual(['+ACK']);
  // Another group has it still.
  const other = await traffic.consumer(name, { consumerName: 'other' });
  expect(await other.fetch({ batchSize: 1 })).toHaveLength(1);
});

/** A message that became a dead letter and was sent again. */
async function resent(): Promise<{ name: string; letter: Message; id: number | undefined }> {
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
  return { name, letter, id: record?.id };
}

row('MSG-5', async () => {
  const { name, letter, id } = await resent();
  expect(letter.isDeadLetter()).toBe(true);
  const acks = await broker.tap('$memphis_pm_acks');
  await letter.ack();
  const mine = () =>
    acks.texts.map((text) => JSON.parse(text) as { id: number }).filter((ack) => ack.id === id);
  await eventually(() => mine().length > 0, 'the ack is sent');
  acks.end();
  expect(mine()).toEqual([{ id, cg_name: 'c' }]);
  // It is no message of the station: it has no place there, and its headers are the sender's.
  expect([letter.getSequenceNumber(), letter.getTimeSent(), letter.getHeaders()]).toEqual([
    undefined,
    undefined,
    {},
  ]);
  await within15Seconds(
    async () => (await traffic.overview(name)).poison_messages.length === 0,
    'the record goes with its last group',
  );
});

row('MSG-6', async () => {
  const { name, next } = await oneByOne();
  const answers = await answersFor(name);
  const message = await next();
  const waited = await duration(async () => {
    await message.delay({ seconds: 0.8 });
    expect(textOf(await next())).toBe('1');
  });
  expect(await answers.all()).toEqual(['-NAK {"delay":800000000}']);
  expect(waited).toBeGreaterThan(700);
  expect(waited).toBeLessThan(1_700);
  for (const seconds of [-1, NaN])
    await expect(message.delay({ seconds })).rejects.toThrow('0 seconds or more');
});

row('MSG-7', async () => {
  const { consumer, next } = await oneByOne({ maxMsgDeliveries: 2 });
  await (await next()).delay({ seconds: 0.1 });
  await (await next()).delay({ seconds: 0.1 });
  expect(await consumer.fetch({ batchMaxTimeToWaitMs: 700 })).toEqual([]);
  // With one delivery left it would.
  const { next: more } = await oneByOne({ maxMsgDeliveries: 3 });
  for (let count = 0; count < 2; count += 1) await (await more()).delay({ seconds: 0.1 });
  expect(textOf(await more())).toBe('1');
});

row('MSG-8', async () => {
  const { letter } = await resent();
  const error = await letter.delay({ seconds: 1 }).catch((thrown: unknown) => thrown);
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
  const { name, next } = await oneByOne();
  const answers = await answersFor(name);
  const message = await next();
  const waited = await duration(async () => {
    await message.nack();
    expect(textOf(await next())).toBe('1');
  });
  expect(await answers.all()).toEqual(['-NAK']);
  // Long before the time to acknowledge is over.
  expect(waited).toBeLessThan(1_000);
});

/** A station of a plain NATS client has no partitions, and a record of partition 0 would end a broker. */
async function deadLetterWithoutPartition(): Promise<void> {
  const plainName = broker.stationName();
  const plain = await connect({ ...broker.plainLogin, name: 'plain' });
  try {
    const jetStream = await plain.jetstreamManager();
    await jetStream.streams.add({ name: plainName, subjects: [`${plainName}.>`] });
  } finally {
    await plain.close();
  }
  await eventually(async () => (await traffic.row(plainName)).status === 200, 'it is a station');
  const produced = await traffic.memphis.produce({ stationName: plainName, producerName: 'p', message: 'm' });
  expect(produced.partition).toBe(0);
  const [message] = await (await traffic.consumer(plainName)).fetch({ batchSize: 1 });
  const records = await broker.tap('$memphis_nacked_dls');
  expect(await rejection(message?.deadLetter('no') ?? Promise.resolve())).toBeInstanceOf(UnsafeRequestError);
  expect((await records.all()).filter((text) => text.includes(plainName))).toEqual([]);
}

row('MSG-12', async () => {
  const group = { consumerGroup: 'Group.One', maxAckTimeMs: 300, maxMsgDeliveries: 5 };
  const { name, consumer, next } = await oneByOne(group);
  // Record and end in one list, because it is their order that counts: the official Python client loses the record.
  const told: string[] = [];
  const taps = ['$memphis_nacked_dls', `$JS.ACK.${name}$1.>`].map((subject) =>
    broker.observer.subscribe(subject, {
      callback: (_error, message) => {
        const text = message.string();
        if (text === '+TERM' || text.includes(name)) told.push(text);
      },
    }),
  );
  await broker.observer.flush();
  await (await next()).deadLetter('a reason');
  await eventually(() => told.includes('+TERM'), 'both are sent');
  for (const tap of taps) tap.unsubscribe();
  const record = { station_name: name, error: 'a reason', partition: 1, cg_name: 'group.one', seq: 1 };
  expect(told).toEqual([expect.any(String), '+TERM']);
  expect(JSON.parse(told[0] ?? '{}')).toEqual(record);
  await within15Seconds(
    async () => (await traffic.overview(name)).poison_messages.length === 1,
    'the broker keeps the record',
  );
  const [kept] = (await traffic.overview(name)).poison_messages;
  expect(kept?.message.data).toBe(Buffer.from('1').toString('hex'));
  const { body } = await broker.rest('GET', `/stations/getPoisonMessageJourney?message_id=${kept?.id}`);
  expect(JSON.stringify(body)).toContain('a reason');
  // No delivery is left for this group.
  expect(await consumer.fetch({ batchMaxTimeToWaitMs: 700 })).toEqual([]);
  // A broker in token mode lets no plain client in.
  if (broker.options.connectionToken === undefined) await deadLetterWithoutPartition();
});

row('MSG-13', async () => {
  const { name, next } = await oneByOne();
  const sent = (await next()).getTimeSent();
  const reply = (await broker.jetStream(`STREAM.MSG.GET.${name}$1`, { seq: 1 })) as {
    message: { time: string };
  };
  expect(sent?.getTime()).toBe(new Date(reply.message.time).getTime());
});
