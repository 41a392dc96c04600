import { Retention } from '../../src/model/retention';
import { Deployment } from '../support/deployment';
import { publish } from '../support/publish';
import { idOfType } from '../support/schema-text';

const deployment = Deployment.forThisFile();

/** Six objects that depend on nothing, so that each of them would fail by itself. */
const many = {
  stations: Object.fromEntries([1, 2, 3, 4].map((number) => [`s${number}`, { name: `many-${number}` }])),
  schemas: Object.fromEntries(
    [1, 2].map((number) => [
      `c${number}`,
      { name: `many-${number}`, type: 'json', content: idOfType('string') },
    ]),
  ),
};

describe('a broker that cannot be used is one error, whatever the number of resources', () => {
  it.each<[string, Record<string, string>, string[]]>([
    [
      'nobody listens on the client port',
      { MEMPHIS_PORT: '1' },
      ['the broker at 127.0.0.1:1', 'Check MEMPHIS_HOST and MEMPHIS_PORT', 'MEMPHIS_CONNECTION'],
    ],
    [
      'nobody listens on the REST port',
      { MEMPHIS_REST_URL: 'http://127.0.0.1:2' },
      ['http://127.0.0.1:2 cannot be reached', 'Check MEMPHIS_REST_URL', 'MEMPHIS_CONNECTION'],
    ],
    [
      'the password is wrong on the client port',
      { MEMPHIS_PASSWORD: 'wrong-PASS-word' },
      ['as "root"', 'Check MEMPHIS_USERNAME and MEMPHIS_PASSWORD', 'MEMPHIS_AUTHENTICATION'],
    ],
    [
      'the password is wrong for the REST API only',
      { MEMPHIS_REST_PASSWORD: 'wrong-PASS-word' },
      ['log in to the REST API', 'Check MEMPHIS_REST_USERNAME', 'MEMPHIS_AUTHENTICATION'],
    ],
  ])('%s', async (_, env, says) => {
    const before = await deployment.everything();
    const stack = deployment.stack(env);
    stack.declare(many);
    const run = await stack.plan();
    expect(run.code).toBe(1);
    expect(run.errors).toHaveLength(1);
    for (const part of says) expect(run.errors[0]).toContain(part);
    expect(run.output).not.toContain('wrong-PASS-word');
    expect(await deployment.everything()).toEqual(before);
  });
});

test('illegal values are all told at once, each at its attribute, before the broker is asked', async () => {
  const stack = deployment.stack({ MEMPHIS_PORT: '1' });
  const illegal: readonly (readonly [why: string, name: string, declared: object, says: string])[] = [
    ['a character that streams cannot have', 'letters', { name: 'Orders!' }, 'name is "Orders!"'],
    ['a name cannot begin with a sign', 'sign', { name: '-orders' }, 'name is "-orders"'],
    [
      'the window is longer than the retention',
      'window',
      { name: 'a', retention_value: 60, idempotency_window_ms: 120_000 },
      'idempotencyWindowMs is 120000, longer than the retention of 60000 ms',
    ],
    [
      'nothing to limit',
      'acks',
      { name: 'a', retention_type: Retention.ACK_BASED, retention_value: 9 },
      'leave it out',
    ],
    [
      'the broker refuses it after it made the streams',
      'huge',
      { name: 'a', retention_value: 2 ** 31 },
      'retentionValue is 2147483648',
    ],
    ['no such word', 'word', { name: 'a', retention_type: 'forever' }, 'retentionType is "forever"'],
    ['a loop of dead letters', 'loop', { name: 'a', dls_station: 'A' }, 'dlsStation is the station itself'],
    ['no partition at all', 'none', { name: 'a', partitions_number: 0 }, 'partitionsNumber is 0'],
  ];
  const schemas: readonly (readonly [why: string, type: string, content: string, says: string])[] = [
    ['no JSON', 'json', '{"type": ', 'found the end of the text'],
    ['JSON, but no schema', 'json', '{"type": 7}', '#/type: must be equal to one of the allowed values'],
    ['no message', 'protobuf', 'syntax = "proto3"; mess', "unexpected 'mess'"],
    ['no such type', 'avro', '{"type":"nothing"}', 'unknown type: nothing'],
    ['an open brace', 'graphql', 'type Query {', 'Expected Name'],
  ];
  stack.declare({
    stations: Object.fromEntries(illegal.map(([, name, declared]) => [name, { ...declared }])),
    schemas: Object.fromEntries(
      schemas.map(([, type, content], index) => [`c${index}`, { name: 'a', type, content }]),
    ),
  });
  const { code, errors } = await stack.plan();
  expect(code).toBe(1);
  for (const [why, , , says] of illegal) {
    expect([why, errors.filter((error) => error.includes(says)).length]).toEqual([why, 1]);
  }
  for (const [why, , , says] of schemas) {
    expect([
      why,
      errors.filter((error) => error.startsWith('Invalid schema') && error.includes(says)).length,
    ]).toEqual([why, 1]);
  }
  expect(errors.join()).not.toContain('MEMPHIS_CONNECTION');
});

describe('objects that are there already', () => {
  it('are refused in the plan, all in one run, with the way to take each over; nothing is touched', async () => {
    const { admin } = deployment;
    const owned = deployment.stack();
    owned.declare({
      stations: { theirs: { name: 'theirs', owner: 'other/stack/theirs' }, busy: { name: 'busy' } },
      schemas: {
        taken: { name: 'taken', type: 'json', content: idOfType('number') },
        other: { name: 'other', type: 'json', content: idOfType('number') },
      },
      enforcements: {
        busy: {
          station_name: '${memphis_station.busy.name}',
          station_uid: '${memphis_station.busy.uid}',
          schema_name: '${memphis_schema.taken.name}',
          schema_uid: '${memphis_schema.taken.uid}',
        },
      },
    });
    expect(await owned.apply()).toMatchObject({ code: 0, errors: [] });
    await publish(deployment.broker, 'theirs', 3);
    const before = await deployment.everything();

    const stack = deployment.stack();
    const ours = (name: string): string => `shop/orders/${name}`;
    stack.declare({
      stations: {
        theirs: { name: 'THEIRS', retention_value: 9999, owner: ours('theirs'), adopt_existing: true },
        nobodys: { name: 'busy', owner: ours('nobodys') },
      },
      schemas: { taken: { name: 'taken', type: 'json', content: idOfType('string'), owner: ours('taken') } },
      enforcements: {
        over: { station_name: 'busy', schema_name: 'other' },
        no_schema: { station_name: 'theirs', schema_name: 'nope' },
        no_station: { station_name: 'nope', schema_name: 'other' },
      },
    });
    const run = await stack.apply();
    expect(run.code).toBe(1);
    const says: readonly (readonly string[])[] = [
      [
        'create station "theirs"',
        'belongs to other/stack/theirs',
        'not touched',
        'Station.fromName',
        'MEMPHIS_ALREADY_EXISTS',
      ],
      [
        'create station "busy"',
        'not touched',
        'terraform import <address> busy',
        'adoptExisting',
        'MEMPHIS_ALREADY_EXISTS',
      ],
      ['create schema "taken"', 'not touched', 'import', 'MEMPHIS_ALREADY_EXISTS'],
      [
        'enforce schema "other" on station "busy"',
        'enforces schema "taken" already',
        'import',
        'MEMPHIS_ALREADY_EXISTS',
      ],
      ['enforce schema "nope"', 'no schema "nope"', 'Declare the schema', 'MEMPHIS_NOT_FOUND'],
      ['on station "nope"', 'no station "nope"', 'Declare the station', 'MEMPHIS_NOT_FOUND'],
    ];
    expect(run.errors).toHaveLength(says.length);
    for (const parts of says) {
      const matching = run.errors.filter((error) => parts.every((part) => error.includes(part)));
      expect([parts, matching.length]).toEqual([parts, 1]);
    }
    expect(await deployment.everything()).toEqual(before);
    expect((await admin.ledger.read('station', 'theirs'))?.owner).toBe('other/stack/theirs');
  });

  /** Whom the two of a pair belong to. */
  const owners: readonly (readonly [why: string, first: string | null, second: string | null])[] = [
    ['told-apart', 'shop/orders/first', 'shop/orders/second'],
    ['one-owner', 'shop', 'shop'],
    ['no-owner', null, null],
  ];

  it('two stations of one name in one configuration are refused together, whoever owns them', async () => {
    const before = await deployment.everything();
    const stack = deployment.stack();
    const pairs = owners.flatMap(([name, first, second]) => [
      [`${name}-1`, { name, owner: first }] as const,
      [`${name}-2`, { name: name.toUpperCase(), owner: second }] as const,
    ]);
    stack.declare({ stations: Object.fromEntries(pairs) });
    const run = await stack.apply();
    expect(run.code).toBe(1);
    expect(run.errors).toHaveLength(owners.length);
    for (const [name] of owners) {
      const error = run.errors.find((each) => each.includes(`station "${name}"`));
      for (const part of [
        'resources of this configuration and its state stand for it',
        'keep one of the two',
        'MEMPHIS_ALREADY_EXISTS',
      ])
        expect(error).toContain(part);
    }
    expect(await deployment.everything()).toEqual(before);
  });

  it('a second station of a name that the stack deployed before does not take the first one over', async () => {
    const stack = deployment.stack();
    const firsts = owners.map(([name, first]) => [name, { name, owner: first }] as const);
    stack.declare({ stations: Object.fromEntries(firsts) });
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    for (const [name] of owners) await publish(deployment.broker, name, 2);
    const before = await deployment.everything();
    const seconds = owners.map(
      ([name, , second]) => [`${name}-2`, { name, owner: second, retention_value: 7200 }] as const,
    );
    stack.declare({ stations: Object.fromEntries([...firsts, ...seconds]) });
    const run = await stack.apply();
    expect(run.code).toBe(1);
    for (const [name] of owners) {
      expect(run.errors.filter((error) => error.includes(`station "${name}"`))).toHaveLength(1);
    }
    expect(await deployment.everything()).toEqual(before);
  });
});

test('a station that holds messages is not destroyed: the plan says what is at stake and what to do', async () => {
  const stack = deployment.stack();
  const station = { name: 'full', partitions_number: 2 };
  stack.declare({ stations: { full: station } });
  expect((await stack.apply()).code).toBe(0);
  await publish(deployment.broker, 'full', 5, 2);
  const before = await deployment.everything();
  const byCommand = await stack.destroy();
  stack.declare({});
  for (const run of [byCommand, await stack.apply()]) {
    expect(run.code).toBe(1);
    expect(run.errors).toHaveLength(1);
    for (const part of [
      'destroy station "full"',
      '5 messages',
      'nothing was changed',
      'allowMessageLoss: true',
      'set allowMessageLoss: true on MemphisProvider, or set it on the station and deploy; then destroy',
      'MEMPHIS_MESSAGE_LOSS',
    ])
      expect(run.errors[0]).toContain(part);
  }
  expect(await deployment.everything()).toEqual(before);
  // What the error says to do.
  stack.declare({ stations: { full: { ...station, allow_message_loss: true } } });
  expect((await stack.apply()).code).toBe(0);
  const run = await stack.destroy();
  expect(run).toMatchObject({ code: 0, errors: [] });
  expect(run.warnings.join()).toContain('5 messages');
  expect(await deployment.messages('full')).toBe(-1);
});

test('a station that was removed by hand comes back in one run, with its schema enforced', async () => {
  const { admin } = deployment;
  const stack = deployment.stack();
  stack.declare({
    stations: { orders: { name: 'lost', tags: ['b', 'A'] } },
    schemas: { order: { name: 'lost', type: 'json', content: idOfType('string') } },
    enforcements: {
      orders: {
        station_name: '${memphis_station.orders.name}',
        station_uid: '${memphis_station.orders.uid}',
        schema_name: '${memphis_schema.order.name}',
        schema_uid: '${memphis_schema.order.uid}',
      },
    },
  });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect((await stack.plan()).code).toBe(0);
  await admin.removeStation('lost');
  expect((await stack.plan()).code).toBe(2);
  expect(Object.keys(await stack.changes()).sort()).toEqual([
    'memphis_schema_enforcement.orders',
    'memphis_station.orders',
  ]);
  expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
  expect((await stack.plan()).code).toBe(0);
  const row = (await admin.listStations()).find(({ name }) => name === 'lost');
  expect(row).toMatchObject({ schemaName: 'lost', tags: ['a', 'b'] });
});
