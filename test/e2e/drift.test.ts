import { randomUUID } from 'node:crypto';
import { connect } from 'nats';
import { Retention } from '../../src/model/retention';
import { Storage } from '../../src/model/storage';
import type { Admin, StreamConfig } from '../../src/runtime/admin';
import { Deployment } from '../support/deployment';
import { publish } from '../support/publish';
import type { Attributes } from '../support/stack';

const deployment = Deployment.forThisFile();
const SECOND = 1_000_000_000;

/** A change that somebody makes by hand. */
type ByHand = (admin: Admin, station: string) => Promise<unknown>;

/** By hand at the streams: all of them, or one partition alone. */
const stream =
  (change: Partial<StreamConfig>, partition = 1): ByHand =>
  async (admin, station) => {
    const live = await admin.readStream(`${station}$${partition}`);
    if (live === undefined) throw new Error(`${station} has no partition ${partition}`);
    await admin.updateStream({ ...live.config, ...change });
  };

interface Case {
  readonly why: string;
  readonly declared: Attributes;
  readonly byHand: ByHand;
  /** The attributes that the plan shows, with what is there and what comes back. */
  readonly shows: Readonly<Record<string, readonly [found: unknown, declared: unknown]>>;
}

const cases: Readonly<Record<string, Case>> = {
  age: {
    why: 'the default retention type; a longer age keeps more than declared',
    declared: { retention_value: 600 },
    byHand: stream({ max_age: 7200 * SECOND }),
    shows: { retention_value: [7200, 600] },
  },
  count: {
    why: 'a limit by number of messages',
    declared: { retention_type: Retention.MESSAGES, retention_value: 50 },
    byHand: stream({ max_msgs: 70 }),
    shows: { retention_value: [70, 50] },
  },
  size: {
    why: 'a limit by size',
    declared: { retention_type: Retention.BYTES, retention_value: 100_000 },
    byHand: stream({ max_bytes: 200_000 }),
    shows: { retention_value: [200_000, 100_000] },
  },
  unlimited: {
    why: 'no limit at all is no value that can be declared, and must not pass for the default',
    declared: { retention_type: Retention.MESSAGES, retention_value: 50 },
    byHand: stream({ max_msgs: -1 }),
    shows: {
      retention_type: [Retention.MAX_MESSAGE_AGE_SECONDS, Retention.MESSAGES],
      retention_value: [0, 50],
    },
  },
  'second-limit': {
    why: 'a second limit beside the declared one drops messages too',
    declared: { retention_type: Retention.MESSAGES, retention_value: 50 },
    byHand: stream({ max_bytes: 1_000_000 }),
    shows: {
      retention_type: [Retention.BYTES, Retention.MESSAGES],
      retention_value: [1_000_000, 50],
    },
  },
  type: {
    why: 'the type alone, with the same number',
    declared: { retention_type: Retention.MESSAGES, retention_value: 600 },
    byHand: stream({ max_msgs: -1, max_age: 600 * SECOND }),
    shows: { retention_type: [Retention.MAX_MESSAGE_AGE_SECONDS, Retention.MESSAGES] },
  },
  acknowledged: {
    why: 'retention by acknowledgement has no value, so it appears out of nothing',
    declared: { retention_type: Retention.ACK_BASED, allow_message_loss: true },
    byHand: stream({ retention: 'limits', max_age: 600 * SECOND }),
    shows: {
      retention_type: [Retention.MAX_MESSAGE_AGE_SECONDS, Retention.ACK_BASED],
      retention_value: [600, null],
    },
  },
  window: {
    why: 'the idempotency window, in another unit than the broker has it',
    declared: { idempotency_window_ms: 5_000 },
    byHand: stream({ duplicate_window: 60 * SECOND }),
    shows: { idempotency_window_ms: [60_000, 5_000] },
  },
  'one-partition': {
    why: 'one partition of three is different, and must not be averaged away',
    declared: { partitions_number: 3, retention_value: 600 },
    byHand: stream({ max_age: 700 * SECOND }, 2),
    shows: { retention_value: [700, 600] },
  },
  tiered: {
    why: 'tiering switched off by hand',
    declared: { tiered_storage_enabled: true },
    byHand: stream({ metadata: {} }),
    shows: { tiered_storage_enabled: [false, true] },
  },
  untiered: {
    why: 'tiering switched on by hand, where it is not declared at all',
    declared: {},
    byHand: stream({ metadata: { 'memphis.tiered': 'true' } }),
    shows: { tiered_storage_enabled: [true, false] },
  },
  poison: {
    why: 'one of two flags that the broker sets together',
    declared: { send_poison_msg_to_dls: false },
    byHand: (admin, station) =>
      admin.setDlsConfiguration(station, { sendPoisonMsgToDls: true, sendSchemaFailedMsgToDls: true }),
    shows: { send_poison_msg_to_dls: [true, false] },
  },
  schemafailed: {
    why: 'the other flag, declared by default',
    declared: {},
    byHand: (admin, station) =>
      admin.setDlsConfiguration(station, { sendPoisonMsgToDls: true, sendSchemaFailedMsgToDls: false }),
    shows: { send_schema_failed_msg_to_dls: [false, true] },
  },
  'dls-gone': {
    why: 'the dead-letter station was detached',
    declared: { dls_station: '${memphis_station.dead.name}' },
    byHand: (admin, station) => admin.detachDlsStation(station, 'dead'),
    shows: { dls_station: [null, 'dead'] },
  },
  'dls-other': {
    why: 'another dead-letter station was attached',
    declared: { dls_station: '${memphis_station.dead.name}' },
    byHand: (admin, station) => admin.attachDlsStation(station, 'buried'),
    shows: { dls_station: ['buried', 'dead'] },
  },
  'dls-new': {
    why: 'a dead-letter station where none is declared',
    declared: {},
    byHand: (admin, station) => admin.attachDlsStation(station, 'buried'),
    shows: { dls_station: ['buried', null] },
  },
  'tag-gone': {
    why: 'declared tags are a set in lower case: one is missing',
    declared: { tags: ['B', 'a'] },
    byHand: (admin, station) => admin.removeStationTag(station, 'a'),
    shows: { tags: [['b'], ['B', 'a']] },
  },
  'tag-new': {
    why: 'a tag more than declared',
    declared: { tags: ['a'] },
    byHand: (admin, station) => admin.addStationTags(station, ['z']),
    shows: { tags: [['a', 'z'], ['a']] },
  },
  'no-tags': {
    why: 'an empty list is the broker’s own tag, not "leave them alone"',
    declared: { tags: [] },
    byHand: (admin, station) => admin.addStationTags(station, ['z']),
    shows: { tags: [['default', 'z'], []] },
  },
  frozen: {
    why: 'a partition that refuses publishers, as an interrupted destroy leaves it',
    declared: { partitions_number: 2 },
    byHand: stream({ subjects: ['frozen$2.frozen'] }, 2),
    shows: { intact: [false, true] },
  },
  everything: {
    why: 'all options at once, and everything changed that can be',
    declared: {
      retention_type: Retention.BYTES,
      retention_value: 1_000_000,
      storage_type: Storage.MEMORY,
      replicas: 1,
      partitions_number: 3,
      idempotency_window_ms: 100,
      send_poison_msg_to_dls: false,
      send_schema_failed_msg_to_dls: false,
      dls_station: '${memphis_station.dead.name}',
      tiered_storage_enabled: true,
      tags: ['Team:A', 'x'],
    },
    byHand: async (admin, station) => {
      for (const partition of [1, 2, 3]) {
        const change = { max_bytes: 2_000_000, duplicate_window: 60 * SECOND, metadata: {} };
        await stream(change, partition)(admin, station);
      }
      await admin.setDlsConfiguration(station, { sendPoisonMsgToDls: true, sendSchemaFailedMsgToDls: true });
      await admin.attachDlsStation(station, 'buried');
      await admin.addStationTags(station, ['y']);
    },
    shows: {
      retention_value: [2_000_000, 1_000_000],
      idempotency_window_ms: [60_000, 100],
      tiered_storage_enabled: [false, true],
      send_poison_msg_to_dls: [true, false],
      send_schema_failed_msg_to_dls: [true, false],
      dls_station: ['buried', 'dead'],
      tags: [
        ['team:a', 'x', 'y'],
        ['Team:A', 'x'],
      ],
    },
  },
};

/** What is declared and never changed: the plan must leave these alone. */
const untouched: Readonly<Record<string, Attributes>> = {
  memory: { storage_type: Storage.MEMORY },
  'one-replica': { replicas: 1 },
  'free-tags': {},
  'Upper.Case': { name: 'Upper.Case', dls_station: '${memphis_station.dead.name}' },
};

const named = (stations: Readonly<Record<string, Attributes>>) =>
  Object.fromEntries(
    Object.entries(stations).map(([name, attributes]) => [name.replace('.', '-'), { name, ...attributes }]),
  );

const partitionsOf = (declared: Attributes): number => Number(declared.partitions_number ?? 1);

test('every option is deployed, its drift is shown alone and repaired in place, and no message is lost', async () => {
  const { admin, broker } = deployment;
  const stack = deployment.stack();
  stack.declare({
    stations: {
      dead: { name: 'dead' },
      buried: { name: 'buried' },
      ...named(Object.fromEntries(Object.entries(cases).map(([name, { declared }]) => [name, declared]))),
      ...named(untouched),
    },
  });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect((await stack.plan()).code).toBe(0);

  // A station that keeps by acknowledgement keeps nothing without a consumer group.
  const filled = Object.entries(cases).filter(([name]) => name !== 'acknowledged');
  for (const [name, { declared }] of filled) await publish(broker, name, 6, partitionsOf(declared));
  for (const [name, { byHand }] of Object.entries(cases)) await byHand(admin, name);
  await admin.addStationTags('free-tags', ['by-hand']);

  expect(await stack.plan()).toMatchObject({ code: 2, errors: [], warnings: [] });
  const changes = await stack.changes();
  for (const [name, { why, shows }] of Object.entries(cases)) {
    const { actions, attributes } = changes[`memphis_station.${name}`] ?? {};
    expect({ name, why, actions, attributes }).toEqual({ name, why, actions: ['update'], attributes: shows });
  }
  expect(Object.keys(changes)).toHaveLength(Object.keys(cases).length);

  expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
  expect((await stack.plan()).code).toBe(0);
  for (const [name] of filled) expect([name, await deployment.messages(name)]).toEqual([name, 6]);
  const rows = await admin.listStations();
  expect(rows.find(({ name }) => name === 'free-tags')?.tags).toEqual(['by-hand', 'default']);
});

test('a partition that lost its stream is shown, and comes back empty; its siblings keep what they hold', async () => {
  const { broker, admin } = deployment;
  const stack = deployment.stack();
  stack.declare({ stations: { torn: { name: 'torn', partitions_number: 3 } } });
  expect((await stack.apply()).code).toBe(0);
  await publish(broker, 'torn', 6, 3);
  const nats = await connect({
    servers: `${broker.host}:${broker.port}`,
    user: 'root',
    pass: 'memphis',
    name: `${randomUUID()}::root`,
  });
  await (await nats.jetstreamManager()).streams.delete('torn$2');
  await nats.close();
  expect((await stack.plan()).code).toBe(2);
  expect(await stack.changes()).toEqual({
    'memphis_station.torn': { actions: ['update'], attributes: { intact: [false, true] } },
  });
  expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
  expect((await stack.plan()).code).toBe(0);
  expect(await deployment.messages('torn')).toBe(4);
  await publish(broker, 'torn', 3, 3);
  expect(await deployment.messages('torn')).toBe(7);
  expect((await admin.readStream('torn$2'))?.config.max_age).toBe(3600 * SECOND);
});

test('more than one replica is refused on a single node, for a new station and for one that is there', async () => {
  const stack = deployment.stack();
  stack.declare({ stations: { one: { name: 'one' } } });
  expect((await stack.apply()).code).toBe(0);
  const before = await deployment.everything();
  stack.declare({ stations: { one: { name: 'one', replicas: 3 }, three: { name: 'three', replicas: 3 } } });
  const run = await stack.apply();
  expect(run.code).toBe(1);
  expect(run.errors).toHaveLength(2);
  for (const error of run.errors) {
    for (const part of ['3 replicas', 'single node', 'Set replicas to 1', 'MEMPHIS_UNSAFE_REQUEST'])
      expect(error).toContain(part);
  }
  expect(await deployment.everything()).toEqual(before);
});

test('a schema that was changed by hand is shown and repaired with an older version; so is its enforcement', async () => {
  const { admin } = deployment;
  const text = (type: string): string => JSON.stringify({ type: 'object', properties: { id: { type } } });
  const enforcement = {
    station_name: '${memphis_station.s.name}',
    station_uid: '${memphis_station.s.uid}',
    schema_name: '${memphis_schema.c.name}',
    schema_uid: '${memphis_schema.c.uid}',
  };
  const stack = deployment.stack();
  stack.declare({
    stations: { s: { name: 'drifting' } },
    schemas: {
      c: { name: 'drifting', type: 'json', content: text('string') },
      other: { name: 'drifting-other', type: 'json', content: text('string') },
    },
    enforcements: { e: enforcement },
  });
  expect((await stack.apply()).code).toBe(0);
  await admin.createSchemaVersion({
    name: 'drifting',
    type: 'json',
    content: text('number'),
    messageStructName: '',
  });
  await admin.activateSchemaVersion('drifting', 2);
  await admin.attachSchema('drifting', 'drifting-other');
  expect((await stack.plan()).code).toBe(2);
  expect(await stack.changes()).toEqual({
    'memphis_schema.c': {
      actions: ['update'],
      attributes: { content: [text('number'), text('string')], version: [2, undefined] },
    },
    'memphis_schema_enforcement.e': {
      actions: ['update'],
      attributes: { schema_name: ['drifting-other', 'drifting'] },
    },
  });
  expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
  expect((await stack.plan()).code).toBe(0);
  expect(
    (await admin.readSchema('drifting'))?.versions.map(({ versionNumber, active }) => [
      versionNumber,
      active,
    ]),
  ).toEqual(
    expect.arrayContaining([
      [1, true],
      [2, false],
    ]),
  );
  await admin.detachSchema('drifting');
  expect((await stack.plan()).code).toBe(2);
  expect(Object.keys(await stack.changes())).toEqual(['memphis_schema_enforcement.e']);
  expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
  expect((await admin.listStations()).find(({ name }) => name === 'drifting')).toMatchObject({
    schemaName: 'drifting',
    schemaVersionNumber: 1,
  });
});
