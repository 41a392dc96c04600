import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { BrokerRefusedError, SchemaValidationError } from '../../../src/model/errors';
import type { Memphis, Producer } from '../../../src/runtime/messaging';
import type { SchemaType } from '../../../src/schema';
import { eventually, TestBroker } from '../../support/broker';
import { Gate } from '../../runtime/messaging/gate';
import { notRepeated } from './not-repeated';

const broker = TestBroker.forThisFile();
let memphis: Memphis;
beforeAll(async () => {
  memphis = await broker.client();
});

const contents: Readonly<Record<SchemaType, string>> = {
  json: '{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}',
  avro: '{"type":"record","name":"R","fields":[{"name":"a","type":["null","int"]}]}',
  protobuf: 'syntax = "proto3"; message M { int32 user_id = 1; string name = 2; repeated string tags = 3; }',
  graphql: 'type Query { a: Int }',
};

const fitting: Readonly<Record<SchemaType, unknown>> = {
  json: { a: 1 },
  avro: { a: { int: 1 } },
  protobuf: { user_id: 1 },
  graphql: '{ a }',
};

async function schema(schemaType: SchemaType, schemaContent = contents[schemaType]): Promise<string> {
  const schemaName = broker.stationName('schema');
  await memphis.createSchema({ schemaName, schemaType, schemaContent });
  return schemaName;
}

async function enforced(type: SchemaType): Promise<{ station: string; producer: Producer }> {
  const station = broker.stationName();
  await memphis.station({ name: station, schemaName: await schema(type) });
  return { station, producer: await memphis.producer({ stationName: station, producerName: 'p' }) };
}

const dataOf = async (station: string, sequence: number): Promise<Buffer> =>
  (await broker.storedMessage(station, 1, sequence)).data;

/** The dead-letter records of one station that come while `work` runs. */
async function recordsOf(station: string, count: number, work: () => Promise<unknown>) {
  const records = await broker.tap('$memphis_schemaverse_dls');
  const ofStation = () =>
    records.texts
      .map((text) => JSON.parse(text) as { station_name: string; message: { data: string; headers: object } })
      .filter((record) => record.station_name === station);
  await work();
  await eventually(() => ofStation().length >= count, `${count} records`);
  records.end();
  return ofStation();
}

for (const type of ['json', 'avro', 'protobuf', 'graphql'] as const) {
  notRepeated(`a ${type} schema that comes while producing fails every message from then on`, async () => {
    const station = broker.stationName();
    const producer = await memphis.producer({ stationName: station, producerName: 'p' });
    await producer.produce({ message: 'anything' });
    const name = await schema(type);
    await memphis.enforceSchema({ name, stationName: station });
    await eventually(() => producer.schemaName === name, 'the producer follows');
    expect(await producer.produce({ message: fitting[type] })).toMatchObject({ sequence: 2 });
    await expect(producer.produce({ message: '{ "b": ' })).rejects.toThrow(SchemaValidationError);
    await memphis.detachSchema({ stationName: station });
    await eventually(() => producer.schemaName === undefined, 'the producer hears of the end');
    await producer.produce({ message: '{ "b": ' });
  });

  notRepeated(
    `a message that breaks its ${type} schema escapes as another error, without a dead letter`,
    async () => {
      const { station, producer } = await enforced(type);
      // No text of any kind, and a byte below 16, which wants two digits in hex.
      const bytes = Uint8Array.of(255, 1, 0, 128, 10);
      const records = await recordsOf(station, 1, async () => {
        const failed = producer.produce({ message: bytes });
        await expect(failed).rejects.toThrow(SchemaValidationError);
        await expect(failed).rejects.toThrow(
          /Schema validation has failed: (?!.*Schema validation has failed)/s,
        );
      });
      expect(records).toHaveLength(1);
      expect(records[0]?.message.data).toBe('ff0100800a');
    },
  );
}

notRepeated(
  'the hex of a dead letter is that of some other text, or too short, or overflows the stack',
  async () => {
    const { station, producer } = await enforced('json');
    const large = Buffer.alloc(300_000, 'é');
    const messages: readonly unknown[] = [{ b: 'é\n' }, '\t', large, { a: 'x', nested: { list: [1] } }];
    const records = await recordsOf(station, messages.length, async () => {
      for (const message of messages) {
        await expect(producer.produce({ message })).rejects.toThrow(SchemaValidationError);
      }
    });
    const hex = ['{"b":"é\\n"}', '\t', large, '{"a":"x","nested":{"list":[1]}}'].map((bytes) =>
      Buffer.from(bytes).toString('hex'),
    );
    expect(records.map(({ message }) => message.data)).toEqual(hex);
    expect(records.every(({ message }) => Object.keys(message.headers).length >= 2)).toBe(true);
  },
);

notRepeated('binary protobuf is refused where its bytes are no UTF-8', async () => {
  const { station, producer } = await enforced('protobuf');
  // user_id = 200
  await producer.produce({ message: Uint8Array.of(0x08, 0xc8, 0x01) });
  expect((await dataOf(station, 1)).toString('hex')).toBe('08c801');
});

notRepeated('protobuf messages share one object, so that fields of one come out with the next', async () => {
  const { station, producer } = await enforced('protobuf');
  await producer.produce({ message: { user_id: 1, name: 'n', tags: ['t'] } });
  await producer.produce({ message: { user_id: 2 } });
  expect((await dataOf(station, 2)).toString('hex')).toBe('0802');
  const consumer = await memphis.consumer({ stationName: station, consumerName: 'c' });
  const messages = await consumer.fetch({ batchSize: 2 });
  const values = await Promise.all(messages.map((message) => message.getDataDeserialized()));
  expect(values).toMatchObject([{ userId: 1, name: 'n', tags: ['t'] }, { userId: 2 }]);
});

notRepeated(
  'names of protobuf fields with an underscore, and names that are none, are dropped in silence',
  async () => {
    const { station, producer } = await enforced('protobuf');
    await producer.produce({ message: { user_id: 5 } });
    await producer.produce({ message: { userId: 5 } });
    expect([await dataOf(station, 1), await dataOf(station, 2)]).toEqual(Array(2).fill(Buffer.of(8, 5)));
    await expect(producer.produce({ message: { userid: 5 } })).rejects.toThrow(SchemaValidationError);
  },
);

notRepeated('one of the two notations of an Avro union is refused', async () => {
  const { station, producer } = await enforced('avro');
  await producer.produce({ message: { a: 1 } });
  await producer.produce({ message: { a: { int: 1 } } });
  expect((await dataOf(station, 1)).toString()).toBe('{"a":1}');
  expect((await dataOf(station, 2)).toString()).toBe('{"a":{"int":1}}');
});

notRepeated('a plain Uint8Array is no message once a schema is there', async () => {
  const { station, producer } = await enforced('json');
  const view = new Uint8Array([32, ...Buffer.from('{"a":1}'), 32]).subarray(1, 8);
  await producer.produce({ message: view });
  expect((await dataOf(station, 1)).toString()).toBe('{"a":1}');
});

notRepeated('a schema of JSON Schema draft 6 checks nothing', async () => {
  const station = broker.stationName();
  const content = `{"$schema":"http://json-schema.org/draft-06/schema#",${contents.json.slice(1)}`;
  await memphis.station({ name: station, schemaName: await schema('json', content) });
  const producer = await memphis.producer({ stationName: station, producerName: 'p' });
  await producer.produce({ message: { a: 1 } });
  await expect(producer.produce({ message: { a: 'x' } })).rejects.toThrow(SchemaValidationError);
});

notRepeated('a schema that cannot be compiled ends the listening, and messages go unchecked', async () => {
  const { station, producer } = await enforced('json');
  const update = (name: string, content: string): string =>
    JSON.stringify({
      UpdateType: 1,
      init: {
        schema_name: name,
        type: 'json',
        active_version: {
          version_number: 1,
          schema_content: content,
          descriptor: '',
          message_struct_name: '',
        },
      },
    });
  broker.observer.publish(`$memphis_schema_updates_${station}`, update('broken', '{"type":'));
  await eventually(() => producer.schemaName === 'broken', 'the producer follows');
  await expect(producer.produce({ message: { a: 1 } })).rejects.toThrow(SchemaValidationError);
  broker.observer.publish(`$memphis_schema_updates_${station}`, update('good', '{"type":"array"}'));
  await eventually(() => producer.schemaName === 'good', 'the producer follows');
  await producer.produce({ message: [] });
});

notRepeated(
  'a version that was activated meanwhile is not seen by a second producer of the connection',
  async () => {
    const station = broker.stationName();
    const name = await schema('json', '{"type":"object"}');
    await memphis.station({ name: station, schemaName: name });
    const first = await memphis.producer({ stationName: station, producerName: 'first' });
    await first.produce({ message: {} });
    await memphis.createSchema({ schemaName: name, schemaType: 'json', schemaContent: '{"type":"array"}' });
    // Nobody is told of it.
    await broker.rest('PUT', '/schemas/rollBackVersion', { schema_name: name, version_number: 2 });
    const second = await memphis.producer({ stationName: station, producerName: 'second' });
    await second.produce({ message: [] });
    await first.produce({ message: [] });
    await expect(first.produce({ message: {} })).rejects.toThrow(SchemaValidationError);
  },
);

notRepeated('a document of GraphQL that was made without a source has no text to send', async () => {
  const { parse } = await import('graphql');
  const { station, producer } = await enforced('graphql');
  await producer.produce({ message: parse('{ a }', { noLocation: true }) });
  expect((await dataOf(station, 1)).toString().replace(/\s+/g, ' ').trim()).toBe('{ a }');
});

notRepeated('a schema is written to a file in the folder of the package', async () => {
  const written: string[] = [];
  const spies = [
    jest.spyOn(fs, 'writeFileSync'),
    jest.spyOn(fs.promises, 'writeFile'),
    jest.spyOn(fs, 'openSync'),
  ];
  for (const type of ['protobuf', 'avro', 'json', 'graphql'] as const) {
    const { producer } = await enforced(type);
    await producer.produce({ message: fitting[type] });
  }
  fs.writeFileSync(os.devNull, 'the check sees what it is to see');
  for (const spy of spies) {
    written.push(...spy.mock.calls.map(([file]) => (typeof file === 'string' ? file : '')));
    spy.mockRestore();
  }
  expect(written).toContain(os.devNull);
  // The local broker, which is in this process, writes to a folder of its own.
  const root = path.resolve(__dirname, '..', '..', '..') + path.sep;
  expect(written.filter((file) => path.resolve(file).startsWith(root))).toEqual([]);
});

notRepeated(
  'a dead letter that cannot be recorded takes the place of the schema error, or is lost in silence',
  async () => {
    const { producer } = await enforced('json');
    const reported: Error[] = [];
    const stop = memphis.onError((error) => reported.push(error));
    // In hex it is more than the broker takes.
    const failed = producer.produce({ message: Buffer.alloc(900_000, 'x') });
    await expect(failed).rejects.toThrow(SchemaValidationError);
    stop();
    expect(reported.map((error) => error.constructor)).toEqual([BrokerRefusedError]);
  },
);

notRepeated('a dead letter of a time without a connection is lost in silence', async () => {
  const gate = await Gate.before(broker.options.port);
  const client = await broker.client({ port: gate.port, reconnectIntervalMs: 20 });
  const name = broker.stationName();
  await client.station({ name, schemaName: await schema('json') });
  const producer = await client.producer({ stationName: name, producerName: 'p' });
  const records = await recordsOf(name, 1, async () => {
    gate.cutOff();
    await eventually(() => !client.isConnected(), 'the loss is seen');
    // The check needs no connection, and its error comes at once.
    await expect(producer.produce({ message: 'no JSON' })).rejects.toThrow(SchemaValidationError);
    gate.letIn();
  });
  expect(records).toHaveLength(1);
  await client.close();
  await gate.close();
});
