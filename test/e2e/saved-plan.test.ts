import { Retention } from '../../src/model/retention';
import { Deployment } from '../support/deployment';
import { publish } from '../support/publish';
import type { Attributes } from '../support/stack';
import { idOfType } from '../support/schema-text';

const deployment = Deployment.forThisFile();

interface Case {
  readonly why: string;
  /** Deployed before; none when the saved plan makes the station. */
  readonly before?: Attributes;
  /** What the saved plan is made for; none when it destroys the station. */
  readonly after?: Attributes;
  /** Somebody's work between the plan and the apply. */
  readonly meanwhile: (name: string) => Promise<unknown>;
  /** What the apply says when it refuses; none when it brings the station to what is declared. */
  readonly refused?: readonly string[];
  /** Messages on the broker at the end; -1 when there is no station. */
  readonly left: number;
}

const held = (name: string, count: number) => publish(deployment.broker, name, count);

const cases: Readonly<Record<string, Case>> = {
  window: {
    why: 'another field changed by hand than the planned one: both end as declared',
    before: {},
    after: { retention_value: 7200 },
    meanwhile: async (name) => {
      const stream = await deployment.admin.readStream(`${name}$1`);
      if (stream !== undefined)
        await deployment.admin.updateStream({ ...stream.config, duplicate_window: 1e9 });
      await held(name, 2);
    },
    left: 2,
  },
  removed: {
    why: 'nothing is left to change; the next plan makes the station anew',
    before: {},
    after: { retention_value: 7200 },
    meanwhile: (name) => deployment.admin.removeStation(name),
    refused: ['update station "removed"', 'no such station', 'Deploy again', 'MEMPHIS_NOT_FOUND'],
    left: -1,
  },
  filled: {
    why: 'it was empty when its destruction was planned',
    before: {},
    meanwhile: (name) => held(name, 3),
    refused: ['destroy station "filled"', '3 messages', 'nothing was changed', 'MEMPHIS_MESSAGE_LOSS'],
    left: 3,
  },
  replaced: {
    why: 'it was empty when its replacement was planned',
    before: {},
    after: { partitions_number: 2 },
    meanwhile: (name) => held(name, 3),
    refused: ['station "replaced"', '3 messages', 'MEMPHIS_MESSAGE_LOSS'],
    left: 3,
  },
  shrunk: {
    why: 'the smaller limit admitted what was stored when it was planned',
    before: {},
    after: { retention_type: Retention.MESSAGES, retention_value: 2 },
    meanwhile: (name) => held(name, 3),
    refused: ['change station "shrunk"', 'the oldest 1 of 3 messages', 'MEMPHIS_MESSAGE_LOSS'],
    left: 3,
  },
  gone: {
    why: 'somebody else destroyed it already: that is what was wanted',
    before: {},
    meanwhile: (name) => deployment.admin.removeStation(name),
    left: -1,
  },
  made: {
    why: 'somebody made a station of that name after the plan: it is theirs',
    after: {},
    meanwhile: async (name) => {
      const other = deployment.stack();
      other.declare({ stations: { theirs: { name, retention_value: 777 } } });
      expect((await other.apply()).code).toBe(0);
      await held(name, 3);
    },
    refused: ['create station "made"', 'not touched', 'import', 'MEMPHIS_ALREADY_EXISTS'],
    left: 3,
  },
  letters: {
    why: 'the dead-letter station vanished; the broker would create it with default settings',
    before: {},
    after: { dls_station: '${memphis_station.vanishing.name}' },
    meanwhile: () => deployment.admin.removeStation('vanishing'),
    refused: ['"vanishing" as the dead-letter station', 'creates it first', 'MEMPHIS_UNSAFE_REQUEST'],
    left: 0,
  },
};

test('what changes between a plan and its apply is noticed or repaired; nothing is lost', async () => {
  const { admin } = deployment;
  const stack = deployment.stack();
  const stations = (when: 'before' | 'after') =>
    Object.fromEntries(
      Object.entries(cases).flatMap(([name, each]) =>
        each[when] === undefined ? [] : [[name, { name, owner: `shop/s/${name}`, ...each[when] }]],
      ),
    );
  const schema = (type: string, guarded: string) => ({
    c: { name: 'order', type: 'json', content: idOfType(type) },
    g: { name: 'guarded', type: 'json', content: idOfType(guarded), compatibility: 'backward' },
  });
  const others = { host: { name: 'host' }, vanishing: { name: 'vanishing' } };
  stack.declare({ stations: { ...stations('before'), ...others }, schemas: schema('string', 'integer') });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  await admin.createSchema({
    name: 'theirs',
    type: 'json',
    content: idOfType('null'),
    messageStructName: '',
  });

  stack.declare({
    stations: { ...stations('after'), ...others },
    schemas: schema('number', 'number'),
    enforcements: { e: { station_name: 'host', schema_name: 'order' } },
  });
  expect(await stack.plan()).toMatchObject({ code: 2, errors: [] });

  for (const [name, { meanwhile }] of Object.entries(cases)) await meanwhile(name);
  for (const name of ['order', 'guarded']) {
    const version = { name, type: 'json', content: idOfType('boolean'), messageStructName: '' } as const;
    await admin.createSchemaVersion(version);
    await admin.activateSchemaVersion(name, 2);
  }
  await admin.attachSchema('host', 'theirs');

  const run = await stack.applyPlan();
  expect(run.code).toBe(1);
  const refused = Object.values(cases).flatMap(({ why, refused: parts }) =>
    parts === undefined ? [] : [[why, parts] as const],
  );
  const enforcement = [
    'enforce schema "order" on station "host"',
    'enforces schema "theirs" already',
    'MEMPHIS_ALREADY_EXISTS',
  ];
  const incompatible = [
    'change schema "guarded"',
    'breaks compatibility backward with version 2',
    'MEMPHIS_INCOMPATIBLE_SCHEMA',
  ];
  const ofSchemas = [
    ['the schema is somebody’s choice', enforcement],
    ['another version is active than the one that the plan compared', incompatible],
  ] as const;
  for (const [why, parts] of [...refused, ...ofSchemas]) {
    const matching = run.errors.filter((error) => parts.every((part) => error.includes(part)));
    expect([why, matching.length, run.errors]).toEqual([why, 1, run.errors]);
  }
  expect(run.errors).toHaveLength(refused.length + ofSchemas.length);
  for (const [name, { left }] of Object.entries(cases)) {
    expect([name, await deployment.messages(name)]).toEqual([name, left]);
  }
  const rows = await admin.listStations();
  expect(rows.find(({ name }) => name === 'host')?.schemaName).toBe('theirs');
  expect(rows.some(({ name }) => name === 'vanishing')).toBe(false);
  expect((await admin.readStream('made$1'))?.config.max_age).toBe(777e9);
  const order = await admin.readSchema('order');
  expect(order?.versions.find(({ active }) => active)?.content).toBe(idOfType('number'));
  expect((await admin.readSchema('guarded'))?.versions).toHaveLength(2);

  // Publishers may go on where a destruction was refused.
  await held('filled', 1);
  expect(await deployment.messages('filled')).toBe(4);

  // The next run brings back what can be brought back.
  const { window, removed, letters } = stations('after');
  stack.declare({ stations: { window, removed, letters, ...others } as Record<string, Attributes> });
  const targets = ['window', 'removed', 'letters', 'vanishing'].map(
    (name) => `-target=memphis_station.${name}`,
  );
  expect(await stack.apply(...targets)).toMatchObject({ code: 0, errors: [] });
  expect((await stack.plan(...targets)).code).toBe(0);
  expect(await deployment.messages('window')).toBe(2);
});
