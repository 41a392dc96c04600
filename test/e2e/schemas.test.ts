import { externalName } from '../../src/model/names';
import { Memphis } from '../../src/runtime';
import { Deployment } from '../support/deployment';

const deployment = Deployment.forThisFile();

interface Case {
  readonly why: string;
  readonly content: string;
  /** Another text of the same meaning to broker and clients. */
  readonly reformatted: string;
  readonly valid: unknown;
  readonly invalid: unknown;
  /** A next version, which also admits what was invalid. */
  readonly next: string;
}

/** One schema of each type, from its declaration to the messages that it lets through. */
const cases: Readonly<Record<string, Case>> = {
  json: {
    why: 'the key order and white space of JSON mean nothing',
    content: '{"type":"object","required":["id"],"properties":{"id":{"type":"integer"}}}',
    reformatted:
      '{\n  "required": ["id"],\n  "properties": {"id": {"type": "integer"}},\n  "type": "object"\n}\n',
    valid: { id: 1 },
    invalid: { id: 'one' },
    next: '{"type":"object","required":["id"],"properties":{"id":{"type":["integer","string"]}}}',
  },
  avro: {
    why: 'Avro schemas are JSON too, and messages are sent as JSON',
    content: '{"type":"record","name":"Order","fields":[{"name":"id","type":"int"}]}',
    reformatted: '{"name": "Order", "type": "record",\n "fields": [{"type": "int", "name": "id"}]}',
    valid: { id: 1 },
    invalid: { id: 'one' },
    next: '{"type":"record","name":"Order","fields":[{"name":"id","type":"string"}]}',
  },
  protobuf: {
    why: 'in a .proto only line ends and blanks at the end of a line mean nothing',
    content: 'syntax = "proto3";\nmessage Order {\n  int32 id = 1;\n}\n',
    reformatted: 'syntax = "proto3";  \r\nmessage Order {\r\n  int32 id = 1;\r\n}\r\n\r\n',
    valid: { id: 1 },
    invalid: { number: 1 },
    next: 'syntax = "proto3";\nmessage Order {\n  int32 id = 1;\n  int32 number = 2;\n}\n',
  },
  graphql: {
    why: 'messages of a GraphQL schema are documents that it admits',
    content: 'type Query {\n  order(id: Int): String\n}\n',
    reformatted: 'type Query { \n  order(id: Int): String\n}\n\n',
    valid: '{ order(id: 1) }',
    invalid: '{ payment(id: 1) }',
    next: 'type Query {\n  order(id: Int): String\n  payment(id: Int): String\n}\n',
  },
};

const declared = (text: (of: Case) => string) => ({
  stations: Object.fromEntries(Object.keys(cases).map((type) => [type, { name: `Of.${type}` }])),
  schemas: Object.fromEntries(
    Object.entries(cases).map(([type, of]) => [type, { name: `schema-${type}`, type, content: text(of) }]),
  ),
  enforcements: Object.fromEntries(
    Object.keys(cases).map((type) => [
      type,
      {
        station_name: `\${memphis_station.${type}.name}`,
        station_uid: `\${memphis_station.${type}.uid}`,
        schema_name: `\${memphis_schema.${type}.name}`,
        schema_uid: `\${memphis_schema.${type}.uid}`,
      },
    ]),
  ),
});

test('schemas of all four types are deployed and enforced, and a new version reaches producers that are connected', async () => {
  const { broker, admin } = deployment;
  const stack = deployment.stack();
  stack.declare(declared((of) => of.content));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect((await stack.plan()).code).toBe(0);

  // Another form of the same text is no change, so no version is stored and nobody is told anything.
  stack.declare(declared((of) => of.reformatted));
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });

  const memphis = new Memphis();
  await memphis.connect({ host: broker.host, port: broker.port, username: 'root', password: 'memphis' });
  try {
    const send = (type: string, message: unknown): Promise<unknown> =>
      memphis.produce({ stationName: `of.${type}`, producerName: 'live', message });
    for (const [type, { valid, invalid }] of Object.entries(cases)) {
      await send(type, valid);
      await expect(send(type, invalid)).rejects.toThrow('Schema validation has failed');
    }

    stack.declare(declared((of) => of.next));
    expect((await stack.plan()).code).toBe(2);
    const changes = await stack.changes();
    expect(Object.keys(changes).sort()).toEqual(
      Object.keys(cases)
        .map((type) => `memphis_schema.${type}`)
        .sort(),
    );
    expect(
      Object.values(changes).map(({ actions, attributes }) => [actions, Object.keys(attributes).sort()]),
    ).toEqual(Object.keys(cases).map(() => [['update'], ['content', 'version']]));
    expect(await stack.applyPlan()).toMatchObject({ code: 0 });
    for (const [type, { invalid }] of Object.entries(cases)) await send(type, invalid);
  } finally {
    await memphis.close();
  }
  for (const schema of await admin.listSchemas()) {
    if (schema.name.startsWith('schema-')) expect(schema).toMatchObject({ activeVersionNumber: 2 });
  }
  expect((await admin.listStations()).map(({ name }) => name)).toContain(externalName('Of.json'));
  expect((await stack.plan()).code).toBe(0);
});

test.each([
  ['json', '{"type": 7}'],
  ['avro', '{"type":"record","name":"Order"}'],
  ['protobuf', 'syntax = "proto3";\nmessage Order { int32 id = ; }\n'],
  ['graphql', 'type Order { id: Nowhere }'],
])('a %s schema with a mistake is told where it is, before the broker is asked', async (type, content) => {
  const before = await deployment.everything();
  const stack = deployment.stack();
  stack.declare({ schemas: { broken: { name: 'broken', type, content } } });
  const refused = await stack.plan();
  expect(refused.code).toBe(1);
  expect(refused.errors.join('\n')).toMatch(/Invalid schema/);
  expect(await deployment.everything()).toEqual(before);
});
