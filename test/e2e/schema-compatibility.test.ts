import { BrokerClient } from '../runtime/broker/broker-client';
import { Deployment } from '../support/deployment';
import type { Attributes, Declared } from '../support/stack';

/** What the plan says of a changed schema, with the schema as it is on the broker. */
const deployment = Deployment.forThisFile();

const json = (properties: object): string =>
  JSON.stringify({ type: 'object', properties, additionalProperties: false });

const former: Readonly<Record<string, { readonly type: string; readonly content: string }>> = {
  'c-json': { type: 'json', content: json({ id: { type: 'integer' } }) },
  'c-avro': { type: 'avro', content: JSON.stringify({ type: 'enum', name: 'Kind', symbols: ['A', 'B'] }) },
  'c-proto': { type: 'protobuf', content: 'syntax = "proto3"; message M { int32 id = 1; string note = 2; }' },
  'c-graphql': { type: 'graphql', content: 'type Query { id: ID total: Int }' },
};

const broken: Readonly<Record<string, readonly [content: string, problems: readonly string[]]>> = {
  'c-json': [
    json({ id: { type: 'string' }, at: { type: 'string' } }),
    ['#/properties/id/type: "string" is expected, and messages may hold integer'],
  ],
  'c-avro': [
    JSON.stringify({ type: 'enum', name: 'Kind', symbols: ['A'] }),
    ['#: messages may hold B, which enum Kind does not have'],
  ],
  'c-proto': [
    'syntax = "proto3"; message M { bool id = 1; int32 note = 2; }',
    [
      'M.id (number 1): bool is expected, and messages hold int32',
      'M.note (number 2): int32 is expected, and messages hold string',
    ],
  ],
  'c-graphql': ['type Query { id: ID }', ['Query.total is missing']],
};

const schemas = (
  contentOf: (name: string) => string,
  more: Attributes,
): Readonly<Record<string, Attributes>> =>
  Object.fromEntries(
    Object.entries(former).map(([name, { type }]) => [
      name,
      { name, type, content: contentOf(name), ...more },
    ]),
  );

/** Terraform breaks lines where they get long. */
const inOneLine = (text: string | undefined): string => (text ?? '').replace(/\s+/g, ' ');

test('a change that breaks what is declared is refused by the plan, with every violation and whom it concerns', async () => {
  const stack = deployment.stack();
  const declared = (contentOf: (name: string) => string, compatibility: string): Declared => ({
    stations: { s: { name: 'c-orders' } },
    schemas: schemas(contentOf, { compatibility }),
    enforcements: {
      e: {
        station_name: '${memphis_station.s.name}',
        schema_name: '${memphis_schema.c-json.name}',
        station_uid: '${memphis_station.s.uid}',
        schema_uid: '${memphis_schema.c-json.uid}',
      },
    },
  });
  const old = (name: string): string => former[name]?.content ?? '';
  stack.declare(declared(old, 'backward'));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  const client = await BrokerClient.connect(deployment.broker, 'memphis', 'group::root');
  const group = {
    name: 'g',
    station_name: 'c-orders',
    consumer_type: 'application',
    consumers_group: 'billing',
  };
  await client.manage('consumer_creations', {
    ...group,
    max_ack_time_ms: 30_000,
    max_msg_deliveries: 2,
    start_consume_from_sequence: 1,
    last_messages: -1,
    req_version: 3,
  });

  stack.declare(declared((name) => broken[name]?.[0] ?? '', 'backward'));
  const plan = await stack.plan();
  expect(plan.code).toBe(1);
  expect(plan.errors).toHaveLength(4);
  for (const [name, [, problems]] of Object.entries(broken)) {
    const error = inOneLine(plan.errors.find((each) => each.includes(`schema "${name}"`)));
    for (const problem of problems) expect(error).toContain(problem);
    expect(error).toContain('MEMPHIS_INCOMPATIBLE_SCHEMA');
    expect(error).toContain(
      name === 'c-json' ? 'station "c-orders" (consumer group "billing")' : 'No station enforces it',
    );
  }

  stack.declare(declared((name) => broken[name]?.[0] ?? '', 'none'));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  const { versions } = await client.rest<{ versions: { active: boolean; schema_content: string }[] }>(
    'GET',
    '/schemas/getSchemaDetails?schema_name=c-json',
  );
  expect(versions.find(({ active }) => active)?.schema_content).toBe(broken['c-json']?.[0]);
  await client.close();
});

test('a change is compared with what is live, and a transitive rule with every version', async () => {
  const stack = deployment.stack();
  const declared = (properties: object, more: Attributes): Declared => ({
    schemas: { s: { name: 'c-versions', type: 'json', content: json(properties), ...more } },
  });
  stack.declare(declared({ a: { type: 'string' } }, {}));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  stack.declare(declared({}, {}));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });

  const back = { a: { type: 'integer' } };
  stack.declare(declared(back, { compatibility: 'backward' }));
  expect(await stack.plan()).toMatchObject({ code: 2, errors: [] });
  stack.declare(declared(back, { compatibility: 'backwardTransitive' }));
  const transitive = await stack.plan();
  expect(transitive.code).toBe(1);
  expect(inOneLine(transitive.errors[0])).toContain(
    'version 1, backward: #/properties/a/type: "integer" is expected, and messages may hold string',
  );
  stack.declare(declared(back, { compatibility: 'full' }));
  expect(inOneLine((await stack.plan()).errors[0])).toContain(
    'version 2, forward: #/additionalProperties: messages may hold "a", which is not expected in this form',
  );
});

test('the rule alone is no new version, and an unknown rule is refused', async () => {
  const stack = deployment.stack();
  const declared = (compatibility: string): Declared => ({
    schemas: { s: { name: 'c-rule', type: 'json', content: json({}), compatibility } },
  });
  stack.declare(declared('none'));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  stack.declare(declared('full'));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  const live = await deployment.admin.readSchema('c-rule');
  expect(live?.versions).toHaveLength(1);
  stack.declare(declared('sideways'));
  expect((await stack.plan()).errors.join()).toContain('compatibility is "sideways"');
});
