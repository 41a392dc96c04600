import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BrokerRefusedError, SchemaValidationError, ValidationError } from '../../../src/model/errors';
import type { SchemaType } from '../../../src/schema';
import { eventually } from '../../support/broker';
import { row } from './row';
import { trafficForThisFile } from './station-traffic';
import { needing } from '../../support/schema-text';
import { rejection } from '../../support/rejection';

const traffic = trafficForThisFile();
const { broker } = traffic;
const newName = (): string => broker.stationName('schema');

interface Version {
  readonly version_number: number;
  readonly active: boolean;
  readonly schema_content: string;
}

async function detailsOf(schemaName: string): Promise<Readonly<Record<string, unknown>>> {
  const { body } = await broker.rest('GET', `/schemas/getSchemaDetails?schema_name=${schemaName}`);
  return body as Readonly<Record<string, unknown>>;
}

async function versionsOf(schemaName: string): Promise<readonly Version[]> {
  const { versions = [] } = (await detailsOf(schemaName)) as { versions?: Version[] };
  return [...versions].sort((a, b) => a.version_number - b.version_number);
}

row('SCH-1', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'cdktf-memphis-sch1-'));
  try {
    const schemaName = newName();
    const schemaFilePath = path.join(folder, 'schema.json');
    const content = '{"title":"grüße","type":"object"}';
    await writeFile(schemaFilePath, content);
    await traffic.memphis.createSchema({ schemaName, schemaType: 'json', schemaFilePath });
    expect(await versionsOf(schemaName)).toMatchObject([
      { version_number: 1, active: true, schema_content: content },
    ]);
    expect(await detailsOf(schemaName)).toMatchObject({ schema_name: schemaName, type: 'json' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

row('SCH-2', async () => {
  const schemaName = newName();
  const create = (schemaContent: string, schemaType: SchemaType = 'json') =>
    traffic.memphis.createSchema({ schemaName, schemaType, schemaContent });
  await create(needing('a'));
  await create(needing('a'));
  expect(await versionsOf(schemaName)).toHaveLength(1);
  await create(needing('b'));
  expect(await versionsOf(schemaName)).toMatchObject([
    { version_number: 1, active: true, schema_content: needing('a') },
    { version_number: 2, active: false, schema_content: needing('b') },
  ]);
  const error = await rejection(create('type Query { a: Int }', 'graphql'));
  expect(error).toBeInstanceOf(BrokerRefusedError);
  expect(error.message).toContain('already exist with type - json');
});

interface Sample {
  readonly content: string;
  readonly valid: unknown;
  readonly invalid: unknown;
}

const samples: Readonly<Record<SchemaType, Sample>> = {
  protobuf: {
    content: 'syntax = "proto3"; message First { int32 a = 1; } message Second { string b = 1; }',
    valid: { a: 200 },
    invalid: { b: 'of the second message' },
  },
  json: { content: needing('a'), valid: { a: 1 }, invalid: { b: 1 } },
  graphql: { content: 'type Query { a: Int }', valid: '{ a }', invalid: '{ b }' },
  avro: {
    content: '{"type":"record","name":"r","fields":[{"name":"a","type":"int"}]}',
    valid: { a: 1 },
    invalid: { a: 'x' },
  },
};

async function enforced(schemaType: SchemaType): Promise<void> {
  const schemaName = newName();
  const { content, valid, invalid } = samples[schemaType];
  await traffic.memphis.createSchema({ schemaName, schemaType, schemaContent: content });
  const { name } = await traffic.station();
  await traffic.memphis.enforceSchema({ name: schemaName, stationName: name });
  const producer = await traffic.memphis.producer({ stationName: name, producerName: 'p' });
  await producer.produce({ message: valid });
  const error = await rejection(producer.produce({ message: invalid }));
  expect(error).toBeInstanceOf(SchemaValidationError);
  expect(error.message).toContain('Schema validation has failed: ');
  expect((await broker.stream(name))?.state.messages).toBe(1);
  expect((await traffic.overview(name)).schema).toMatchObject({
    name: schemaName,
    schema_type: schemaType,
    version_number: 1,
  });
  expect(await detailsOf(schemaName)).toMatchObject({ type: schemaType });
}

row('SCH-3', () => enforced('protobuf'));
row('SCH-4', () => enforced('json'));
row('SCH-5', () => enforced('graphql'));
row('SCH-6', () => enforced('avro'));

row('SCH-7', async () => {
  const requests = await broker.tap('$memphis_schema_creations');
  const create = (schemaName: string, schemaType: string, schemaContent: string) =>
    rejection(
      traffic.memphis.createSchema({ schemaName, schemaType: schemaType as SchemaType, schemaContent }),
    );
  // The broker takes any name and any type, so these are checked here.
  const wrong: readonly (readonly [name: string, type: string, text: string])[] = [
    [newName(), 'xml', 'Schema type not supported'],
    ['Bad-Name', 'json', 'Only lower-case letters are allowed in the schema name'],
    ['bad name', 'json', "Only alphanumeric and the '_', '-', '.' characters are allowed in Schema"],
    ['', 'json', 'Schema name can not be empty'],
    ['a'.repeat(129), 'json', 'Schema should be under 128 characters'],
    ['bad-', 'json', 'Schema name can not start or end with non alphanumeric character'],
  ];
  for (const [name, type, text] of wrong) {
    const error = await create(name, type, '{}');
    expect(error).toBeInstanceOf(ValidationError);
    expect(error.message).toContain(text);
  }
  const asked = (await requests.all()).map((text) => (JSON.parse(text) as { name: string }).name);
  expect(asked.filter((name) => wrong.some(([wrongName]) => wrongName === name))).toEqual([]);
  const contents: readonly (readonly [type: SchemaType, content: string, text: string])[] = [
    ['json', '{"type":', 'your json schema is invalid'],
    ['avro', '{"type":"record"}', 'your Avro file is invalid'],
    ['graphql', 'type Query {', 'graphql: syntax error: '],
    ['json', '', 'your schema content is invalid'],
  ];
  for (const [type, content, text] of contents) {
    const schemaName = newName();
    const refused = await create(schemaName, type, content);
    expect(refused).toBeInstanceOf(BrokerRefusedError);
    expect(refused.message).toContain(text);
    expect(await versionsOf(schemaName)).toEqual([]);
  }
  // This one would end the process of a broker: it declares no message.
  expect(await create(newName(), 'protobuf', 'syntax = "proto3";')).toBeInstanceOf(ValidationError);
});

/** A live producer, before and after its station gets a schema. */
async function bindsLive(bind: (name: string, stationName: string) => Promise<void>): Promise<void> {
  const schemaName = newName();
  await traffic.memphis.createSchema({ schemaName, schemaType: 'json', schemaContent: needing('a') });
  const { name } = await traffic.station();
  const producer = await traffic.memphis.producer({ stationName: name, producerName: 'p' });
  await producer.produce({ message: { b: 1 } });
  await bind(schemaName, name);
  // The broker broadcasts before it answers, so the producer knows when the call returns.
  expect(await rejection(producer.produce({ message: { b: 1 } }))).toBeInstanceOf(SchemaValidationError);
  await producer.produce({ message: { a: 1 } });
}

row('SCH-8', async () => {
  await bindsLive((name, stationName) => traffic.memphis.enforceSchema({ name, stationName }));
  // It binds the version that is active then, and live producers follow to a newer one, too.
  const schemaName = newName();
  const create = (schemaContent: string) =>
    traffic.memphis.createSchema({ schemaName, schemaType: 'json', schemaContent });
  await create(needing('a'));
  const { name } = await traffic.station({ schemaName });
  const producer = await traffic.memphis.producer({ stationName: name, producerName: 'p' });
  await create(needing('b'));
  const enforce = () => traffic.memphis.enforceSchema({ name: schemaName, stationName: name });
  await enforce();
  await producer.produce({ message: { a: 1 } });
  const activated = await broker.rest('PUT', '/schemas/rollBackVersion', {
    schema_name: schemaName,
    version_number: 2,
  });
  expect(activated.status).toBe(200);
  await enforce();
  await producer.produce({ message: { b: 1 } });
  expect(await rejection(producer.produce({ message: { a: 1 } }))).toBeInstanceOf(SchemaValidationError);
});

row('SCH-9', async () => {
  const schemaName = newName();
  await traffic.memphis.createSchema({ schemaName, schemaType: 'json', schemaContent: '{}' });
  const { name } = await traffic.station();
  const cases: readonly (readonly [schema: string, station: string, text: string])[] = [
    ['there-is-none', name, 'Schema there-is-none does not exist'],
    [schemaName, 'no-such-station', 'Station no-such-station does not exist'],
  ];
  for (const [schema, stationName, text] of cases) {
    const error = await rejection(traffic.memphis.enforceSchema({ name: schema, stationName }));
    expect(error).toBeInstanceOf(BrokerRefusedError);
    expect(error.message).toContain(text);
  }
  // Unlike creating a producer, enforcing makes no station.
  expect(await traffic.memphis.stationExists('no-such-station')).toBe(false);
  expect((await traffic.overview(name)).schema.name ?? '').toBe('');
});

row('SCH-10', () =>
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the old name keeps working
  bindsLive((name, stationName) => traffic.memphis.attachSchema({ name, stationName })),
);

row('SCH-11', async () => {
  const schemaName = newName();
  await traffic.memphis.createSchema({ schemaName, schemaType: 'json', schemaContent: needing('a') });
  const { name } = await traffic.station({ schemaName });
  const producer = await traffic.memphis.producer({ stationName: name, producerName: 'p' });
  expect(await rejection(producer.produce({ message: { b: 1 } }))).toBeInstanceOf(SchemaValidationError);
  await traffic.memphis.detachSchema({ stationName: name });
  await eventually(() => producer.schemaName === undefined, 'the live producer follows');
  await producer.produce({ message: { b: 1 } });
  expect((await traffic.overview(name)).schema.name ?? '').toBe('');
  await expect(traffic.memphis.detachSchema({ stationName: 'no-such-station' })).rejects.toThrow(
    'no-such-station does not exist',
  );
});
