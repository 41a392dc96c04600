import { parse } from 'graphql';
import { Root } from 'protobufjs';
import {
  NotFoundError,
  SchemaValidationError,
  TimeoutError,
  ValidationError,
} from '../../../src/model/errors';
import type { SchemaType } from '../../../src/model/schema';
import type { ProduceOptions, Producer } from '../../../src/runtime/messaging';
import { ackWaitMs } from '../../../src/runtime/messaging/produce-options';
import { Producers } from '../../../src/runtime/messaging/producers';
import { eventually } from '../../support/broker';
import { row } from './row';
import { duration, pause, rejection, trafficForThisFile } from './station-traffic';

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

/** Each of these is refused by the schema. */
async function allRefused(made: Producer, messages: readonly unknown[]): Promise<void> {
  for (const message of messages) {
    expect(await rejection(made.produce({ message }))).toBeInstanceOf(SchemaValidationError);
  }
}

const proto = 'syntax = "proto3"; message Test { int32 user_id = 1; string name = 2; bytes raw = 3; }';
const withA = '{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}';
const graph = 'type Query { user(id: ID!): String }';
const avro =
  '{"type":"record","name":"r","fields":[{"name":"a","type":"int"},{"name":"b","type":["null","string"]}]}';
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

row('PRD-1', async () => {
  const made = await producer();
  expect(await made.produce({ message: 'm' })).toEqual({
    station: made.stationName,
    partition: 1,
    sequence: 1,
    duplicate: false,
  });
  expect((await broker.storedMessage(made.stationName, 1, 1)).data.toString()).toBe('m');
});

row('PRD-2', async () => {
  const { name } = await traffic.station();
  const requests = await broker.tap('$memphis_producer_creations');
  for (let count = 0; count < 5; count += 1) {
    await traffic.memphis.produce({ stationName: name, producerName: 'p', message: 'm' });
  }
  await broker.observer.flush();
  requests.end();
  expect(requests.texts.filter((text) => text.includes(name))).toHaveLength(1);
  expect((await broker.stream(name))?.state.messages).toBe(5);
});

row('PRD-3', async () => {
  const made = await producer();
  const lookUps = jest.spyOn(Producers.prototype, 'get');
  await made.produce({ message: 'm' });
  expect(lookUps).not.toHaveBeenCalled();
  await traffic.memphis.produce({ stationName: made.stationName, producerName: 'p', message: 'm' });
  expect(lookUps).toHaveBeenCalledTimes(1);
  lookUps.mockRestore();
});

row('PRD-4', async () => {
  const bytes = Uint8Array.of(0, 1, 0xff);
  expect([...(await storedFor(await producer(), bytes))]).toEqual([0, 1, 0xff]);
  const text = '{ "a": 1 }';
  expect((await storedFor(await schemaProducer('json', withA), Buffer.from(text))).toString()).toBe(text);
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
  expect([...(await storedFor(await producer(), serializing))]).toEqual([8, 1]);
});

row('PRD-6', async () => {
  expect((await storedFor(await producer(), { a: { b: [1, 'x'] } })).toString()).toBe('{"a":{"b":[1,"x"]}}');
  const encoded = await storedFor(await schemaProducer('protobuf', proto), { userId: 200 });
  expect([...encoded]).toEqual([0x08, 0xc8, 0x01]);
});

row('PRD-7', async () => {
  expect((await storedFor(await producer(), 'grüße 😀')).toString('utf8')).toBe('grüße 😀');
});

row('PRD-8', async () => {
  const source = '{ user(id: 1) }';
  expect((await storedFor(await schemaProducer('graphql', graph), parse(source))).toString()).toBe(source);
});

row('PRD-9', async () => {
  const made = await schemaProducer('protobuf', proto);
  // These bytes are no UTF-8, which the official Python client takes for a fault.
  expect([...(await storedFor(made, Uint8Array.of(0x08, 0xc8, 0x01)))]).toEqual([0x08, 0xc8, 0x01]);
  await made.produce({ message: { user_id: 5, name: 'n' } });
  await allRefused(made, [Uint8Array.of(0x08), { nosuch: 1 }, { name: 5 }]);
});

row('PRD-10', async () => {
  const made = await schemaProducer('json', withA);
  await made.produce({ message: { a: 1 } });
  await made.produce({ message: bytesOf('{"a":2}') });
  await allRefused(made, [{ a: 'x' }, {}, bytesOf('no json'), bytesOf('{"a":1.5}')]);
});

row('PRD-11', async () => {
  const made = await schemaProducer('graphql', graph);
  const source = 'query { user(id: 1) }';
  for (const message of [source, bytesOf(source), parse(source)]) await made.produce({ message });
  await allRefused(made, ['{ nobody }', '{', bytesOf('{ user }'), parse('{ nobody }')]);
});

row('PRD-12', async () => {
  const made = await schemaProducer('avro', avro);
  expect((await storedFor(made, { a: 1, b: null })).toString()).toBe('{"a":1,"b":null}');
  await made.produce({ message: bytesOf('{"a":1,"b":{"string":"wrapped"}}') });
  await made.produce({ message: { a: 1, b: 'bare' } });
  await allRefused(made, [{ a: 'x', b: null }, { b: null }, bytesOf('no json'), { a: 2 ** 31, b: null }]);
});

row('PRD-13', async () => {
  expect((await storedFor(await producer(), { some: 'message' })).toString()).toBe('{"some":"message"}');
});

row('PRD-14', async () => {
  const made = await producer();
  for (const message of [5, null, undefined, true, new Date(), Symbol('s')]) {
    const error = await rejection(made.produce({ message }));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error.message).toContain('Unsupported message type');
  }
  expect((await broker.stream(made.stationName))?.state.messages).toBe(0);
});

/** A producer whose messages reach somebody who never answers. */
async function unansweredProducer(): Promise<{ made: Producer; end: () => void }> {
  const made = await producer();
  await broker.jetStream(`STREAM.DELETE.${made.stationName}$1`);
  const silent = broker.observer.subscribe(`${made.stationName}$1.final`);
  await broker.observer.flush();
  return { made, end: () => silent.unsubscribe() };
}

row('PRD-15', async () => {
  expect([ackWaitMs({ message: 'm' }), ackWaitMs({ message: 'm', ackWaitSec: 1 })]).toEqual([15_000, 1_000]);
  const { made, end } = await unansweredProducer();
  const waited = await duration(async () => {
    expect(await rejection(made.produce({ message: 'm', ackWaitSec: 1 }))).toBeInstanceOf(TimeoutError);
  });
  end();
  // The official JS client waits five seconds whatever it is told.
  expect(waited).toBeGreaterThan(950);
  expect(waited).toBeLessThan(2_000);
});

row('PRD-16', async () => {
  const { made, end } = await unansweredProducer();
  const errors: Error[] = [];
  const stop = traffic.memphis.onError((error) => errors.push(error));
  const waited = await duration(() => made.produce({ message: 'm', ackWaitSec: 0.2, nonblocking: true }));
  expect(waited).toBeLessThan(150);
  await eventually(() => errors.length === 1, 'the ack that did not come is reported');
  expect(errors[0]).toBeInstanceOf(TimeoutError);
  stop();
  end();
});

row('PRD-17', async () => {
  const made = await producer();
  await made.produce({ message: 'm' });
  const { headers } = await broker.storedMessage(made.stationName, 1, 1);
  const keys = headers
    .split('\r\n')
    .slice(1)
    .filter(Boolean)
    .map((line) => line.split(':')[0]);
  expect(keys).toEqual(['$memphis_producedBy', '$memphis_connectionId']);
});

row('PRD-18', async () => {
  const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const made = await producer();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the old name keeps working
  const options: ProduceOptions = { message: 'm', asyncProduce: true };
  expect(await made.produce(options)).toBeUndefined();
  expect(warnings).toHaveBeenCalledWith(expect.stringContaining('deprecated'), 'DeprecationWarning');
  warnings.mockRestore();
  await made.flush();
  expect((await broker.stream(made.stationName))?.state.messages).toBe(1);
});

row('PRD-19', async () => {
  const made = await schemaProducer('json', withA);
  const records = await broker.tap('$memphis_schemaverse_dls');
  const notifications = await broker.tap('$memphis_notifications');
  const error = await rejection(made.produce({ message: { a: 'x' } }));
  expect(error).toBeInstanceOf(SchemaValidationError);
  expect(error.message).toContain('Schema validation has failed: ');
  const mine = (texts: readonly string[]) => texts.filter((text) => text.includes(made.stationName));
  await eventually(() => mine(records.texts).length === 1, 'the record is sent');
  expect(mine(notifications.texts)).toEqual([]);
  const switchNotifications = async (update: boolean): Promise<void> => {
    const change = { station_name: '', type: 'send_notification', update };
    broker.observer.publish('$memphis_sdk_clients_updates', JSON.stringify(change));
    await broker.observer.flush();
    await pause(50);
  };
  await switchNotifications(true);
  await rejection(made.produce({ message: { a: 'x' } }));
  await eventually(() => mine(notifications.texts).length === 1, 'the notification is sent');
  await switchNotifications(false);
  expect(JSON.parse(mine(notifications.texts)[0] ?? '{}')).toMatchObject({
    title: 'Schema validation has failed',
    type: 'schema_validation_fail_alert',
    code: '{"a":"x"}',
  });
  records.end();
  notifications.end();
});

row('PRD-20', async () => {
  const made = await producer();
  await broker.jetStream(`STREAM.DELETE.${made.stationName}$1`);
  const error = await rejection(made.produce({ message: 'm' }));
  expect(error).toBeInstanceOf(NotFoundError);
  expect(error.message).toContain(
    'Produce operation has failed, please check whether Station/Producer still exist',
  );
});
