import { parse } from 'graphql';
import { Root } from 'protobufjs';
import { SchemaValidationError, ValidationError } from '../../../src/model/errors';
import type { SchemaType } from '../../../src/schema';
import type { Producer } from '../../../src/runtime/messaging';
import { eventually } from '../../support/broker';
import { row } from './row';
import { trafficForThisFile } from './station-traffic';
import { rejection } from '../../support/rejection';

const traffic = trafficForThisFile();
const { broker } = traffic;

async function producer(): Promise<Producer> {
  return traffic.memphis.producer({ stationName: (await traffic.station()).name, producerName: 'p' });
}

async function schemaProducer(schemaType: SchemaType, schemaContent: string): Promise<Producer> {
  const schemaName = broker.stationName('schema');
  await traffic.memphis.createSchema({ schemaName, schemaType, schemaContent });
  const { name } = await traffic.station({ schemaName });
  return traffic.memphis.producer({ stationName: name, producerName: 'p' });
}

/** The bytes that are stored for a message. */
async function storedFor(made: Producer, message: unknown): Promise<Buffer> {
  const { sequence } = await made.produce({ message });
  return (await broker.storedMessage(made.stationName, 1, sequence)).data;
}

/**
 * Each of these is refused by the schema: the caller hears of it, nothing is stored, and the broker is told with the
 * bytes that would have been sent.
 */
async function allRefused(made: Producer, messages: readonly (readonly [message: unknown, bytes: string])[]) {
  const before = (await broker.stream(made.stationName))?.state.last_seq;
  const records = await broker.tap('$memphis_schemaverse_dls');
  for (const [message] of messages) {
    const error = await rejection(made.produce({ message }));
    expect(error).toBeInstanceOf(SchemaValidationError);
    expect(error.message.split('Schema validation has failed: ')).toHaveLength(2);
  }
  // Those of this station: others may use the broker, too.
  const recorded = () =>
    records.texts
      .map((text) => JSON.parse(text) as { station_name: string; message: { data: string } })
      .filter((record) => record.station_name === made.stationName)
      .map((record) => record.message.data);
  await eventually(() => recorded().length >= messages.length, 'the records are sent');
  records.end();
  expect(recorded()).toEqual(messages.map(([, bytes]) => Buffer.from(bytes, 'latin1').toString('hex')));
  expect((await broker.stream(made.stationName))?.state.last_seq).toBe(before);
}

const proto = 'syntax = "proto3"; message Test { int32 user_id = 1; string name = 2; bytes raw = 3; }';
const withA = '{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}';
const graph = 'type Query { user(id: ID!): String }';
const avro =
  '{"type":"record","name":"r","fields":[{"name":"a","type":"int"},{"name":"b","type":["null","string"]}]}';
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

row('PRD-4', async () => {
  // Bytes that are no text, in every form that holds bytes; the last one is a part of something larger.
  const bytes = Uint8Array.of(0, 1, 0xff);
  const forms = [bytes, Buffer.from(bytes), bytes.buffer, Uint8Array.of(9, 0, 1, 0xff, 9).subarray(1, 4)];
  const made = await producer();
  for (const form of forms) expect([...(await storedFor(made, form))]).toEqual([0, 1, 0xff]);
  // With a schema they are checked and sent as they are, whatever the form that the client would have written.
  const texts: readonly (readonly [type: SchemaType, schema: string, text: string])[] = [
    ['json', withA, '{ "a" : 1 }'],
    ['avro', avro, ' {"b":null,\n"a":1}'],
    ['graphql', graph, '  query  { user(id: 1) }'],
    ['protobuf', proto, '\x08\x05\x0a\x00'],
  ];
  for (const [type, schema, text] of texts) {
    const stored = await storedFor(await schemaProducer(type, schema), Buffer.from(text));
    expect(stored.toString()).toBe(text);
  }
});

/** A message class as the code generators of protobuf libraries make them. */
function messageClass() {
  const type = Root.fromJSON({
    nested: {
      Test: { fields: { user_id: { type: 'int32', id: 1 }, name: { type: 'string', id: 2 } } },
    },
  }).lookupType('Test');
  return type.create({ user_id: 200, name: 'n' });
}

row('PRD-5', async () => {
  const expected = [0x08, 0xc8, 0x01, 0x12, 0x01, 0x6e];
  expect([...(await storedFor(await schemaProducer('protobuf', proto), messageClass()))]).toEqual(expected);
  const serializing = { serializeBinary: () => Uint8Array.of(8, 1) };
  for (const made of [await producer(), await schemaProducer('protobuf', proto)]) {
    expect([...(await storedFor(made, serializing))]).toEqual([8, 1]);
  }
  const broken = { serializeBinary: () => Uint8Array.of(8) };
  await allRefused(await schemaProducer('protobuf', proto), [[broken, '\x08']]);
});

row('PRD-6', async () => {
  expect((await storedFor(await producer(), { a: { b: [1, 'x'] } })).toString()).toBe('{"a":{"b":[1,"x"]}}');
  const encoded = await storedFor(await schemaProducer('protobuf', proto), { userId: 200 });
  expect([...encoded]).toEqual([0x08, 0xc8, 0x01]);
});

row('PRD-7', async () => {
  expect((await storedFor(await producer(), 'grüße 😀')).toString('utf8')).toBe('grüße 😀');
  const query = '# grüße\n{ user(id: 1) }';
  expect((await storedFor(await schemaProducer('graphql', graph), query)).toString('utf8')).toBe(query);
});

row('PRD-8', async () => {
  const source = '{ user(id: 1) }';
  const withSchema = await schemaProducer('graphql', graph);
  for (const made of [withSchema, await producer()]) {
    expect((await storedFor(made, parse(source))).toString()).toBe(source);
    // One that was not read from a text is printed; the official clients fail.
    const built = parse(source, { noLocation: true });
    expect(parse((await storedFor(made, built)).toString(), { noLocation: true })).toEqual(built);
  }
});

row('PRD-9', async () => {
  const made = await schemaProducer('protobuf', proto);
  // These bytes are no UTF-8, which the official Python client takes for a fault.
  expect([...(await storedFor(made, Uint8Array.of(0x08, 0xc8, 0x01)))]).toEqual([0x08, 0xc8, 0x01]);
  await made.produce({ message: { user_id: 5, name: 'n' } });
  // One message leaves nothing in the next one, as it does in the official Python client.
  expect([...(await storedFor(made, { user_id: 6 }))]).toEqual([0x08, 6]);
  await allRefused(made, [
    [Uint8Array.of(0x08), '\x08'],
    [{ nosuch: 1 }, '{"nosuch":1}'],
    [{ name: 5 }, '{"name":5}'],
  ]);
});

row('PRD-10', async () => {
  const made = await schemaProducer('json', withA);
  await made.produce({ message: { a: 1 } });
  await made.produce({ message: bytesOf('{"a":2}') });
  await allRefused(made, [
    [{ a: 'x' }, '{"a":"x"}'],
    [{}, '{}'],
    [bytesOf('no json'), 'no json'],
    [bytesOf('{"a":1.5}'), '{"a":1.5}'],
  ]);
});

row('PRD-11', async () => {
  const made = await schemaProducer('graphql', graph);
  const source = 'query { user(id: 1) }';
  for (const message of [source, bytesOf(source), parse(source)]) await made.produce({ message });
  await allRefused(made, [
    ['{ nobody }', '{ nobody }'],
    ['{', '{'],
    [bytesOf('{ user }'), '{ user }'],
    [parse('{ nobody }'), '{ nobody }'],
  ]);
});

row('PRD-12', async () => {
  const made = await schemaProducer('avro', avro);
  expect((await storedFor(made, { a: 1, b: null })).toString()).toBe('{"a":1,"b":null}');
  await made.produce({ message: bytesOf('{"a":1,"b":{"string":"wrapped"}}') });
  await made.produce({ message: { a: 1, b: 'bare' } });
  await allRefused(made, [
    [{ a: 'x', b: null }, '{"a":"x","b":null}'],
    [{ b: null }, '{"b":null}'],
    [bytesOf('no json'), 'no json'],
    [{ a: 2 ** 31, b: null }, '{"a":2147483648,"b":null}'],
  ]);
});

row('PRD-13', async () => {
  expect((await storedFor(await producer(), { some: 'message' })).toString()).toBe('{"some":"message"}');
});

row('PRD-14', async () => {
  const made = await producer();
  for (const message of [5, null, undefined, true, [1], () => 1, new Date(), Symbol('s')]) {
    const error = await rejection(made.produce({ message }));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error.message).toContain('Unsupported message type');
  }
  expect((await broker.stream(made.stationName))?.state.messages).toBe(0);
});
