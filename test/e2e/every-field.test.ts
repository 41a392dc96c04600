import { fieldNames, terraformName } from '../../src/model/field';
import type { FieldTable } from '../../src/model/field';
import { kindNames, objectKinds } from '../../src/model/kinds';
import { memphisProvider } from '../../src/runtime/provider/resources/provider';
import { clusterKind, enforcementKind, schemaKind, stationKind, userKind } from '../../src/runtime/reconcile';
import { withoutSets } from '../../src/runtime/report/sources/plan/station-sets';
import { BrokerClient } from '../runtime/broker/broker-client';
import { eventually } from '../support/broker';
import { Deployment } from '../support/deployment';
import type { Attributes } from '../support/stack';
import { idOfType } from '../support/schema-text';

/**
 * Every field of every kind that lives on the broker, found by walking the tables: it is changed by hand, the plan must
 * show exactly that, and after a deploy the broker must say what is declared. Hand and reader are a client of their own,
 * which knows the broker's protocol and nothing of the engine. A field that the engine does not read, or does not write,
 * fails here; so does one without a case.
 */
interface Case {
  /** The declared attributes, beside those that name the object. */
  readonly declared?: Attributes;
  /** Changes the object `name` on the broker. */
  byHand(client: BrokerClient, name: string): Promise<unknown>;
  /** The planned actions; default an update. */
  readonly actions?: readonly string[];
  /** The attributes that the plan shows, with what is there and what comes back; absent for an object that is gone. */
  readonly shows?: Readonly<Record<string, readonly [found: unknown, declared: unknown]>>;
  /** For a value that only another object can have: the plan refuses to change that one, and names this. */
  readonly refuses?: string;
  /** What the broker says of the field after the deploy, and what it has to say. */
  readonly reads: readonly [
    read: (client: BrokerClient, name: string) => Promise<unknown>,
    expected: unknown,
  ];
}

const SECOND = 1_000_000_000;

interface StreamConfig extends Record<string, unknown> {
  readonly name: string;
}

async function streamOf(client: BrokerClient, station: string): Promise<StreamConfig> {
  const info = await client.jetstream<{ config: StreamConfig }>(`STREAM.INFO.${station}$1`);
  return info.config;
}

async function isListed(client: BrokerClient, name: string): Promise<boolean> {
  const list = await client.jetstream<{ streams: readonly { config: StreamConfig }[] | null }>(
    'STREAM.LIST',
    {},
  );
  return list.streams?.some(({ config }) => config.name === name) ?? false;
}

const stream = (change: object) => async (client: BrokerClient, station: string) => {
  const config = await streamOf(client, station);
  const reply = await client.jetstream<{ error?: object }>(`STREAM.UPDATE.${config.name}`, {
    ...config,
    ...change,
  });
  expect(reply.error).toBeUndefined();
};

const inStream = (key: string) => async (client: BrokerClient, station: string) =>
  (await streamOf(client, station))[key];

const row = async (client: BrokerClient, name: string): Promise<Record<string, unknown> | undefined> =>
  (await client.rest<Record<string, unknown>[]>('GET', '/stations/getAllStations')).find(
    (each) => each.name === name,
  );

const inRow = (key: string) => async (client: BrokerClient, name: string) => (await row(client, name))?.[key];

const removeStation = (client: BrokerClient, name: string) =>
  client.rest('DELETE', '/stations/removeStation', { station_names: [name] });

interface Version {
  readonly version_number: number;
  readonly active: boolean;
  readonly schema_content: string;
  readonly message_struct_name: string;
}

interface SchemaDetails {
  readonly schema_name?: string;
  readonly type: string;
  readonly versions: readonly Version[];
}

const schemaOf = (client: BrokerClient, name: string) =>
  client.rest<SchemaDetails>('GET', `/schemas/getSchemaDetails?schema_name=${name}`);

const inActiveVersion = (key: keyof Version) => async (client: BrokerClient, name: string) =>
  (await schemaOf(client, name)).versions.find(({ active }) => active)?.[key];

const newVersion = (version: object) => async (client: BrokerClient, name: string) => {
  await client.rest('POST', '/schemas/createNewVersion', { schema_name: name, ...version });
  await client.rest('PUT', '/schemas/rollBackVersion', { schema_name: name, version_number: 2 });
};

const proto = 'syntax = "proto3";\nmessage First { int32 id = 1; }\nmessage Second { string id = 1; }\n';

const stations: Readonly<Record<string, Case>> = {
  name: {
    byHand: removeStation,
    actions: ['create'],
    reads: [async (client, name) => (await client.stationNames()).includes(name), true],
  },
  retentionType: {
    declared: { retention_type: 'messages', retention_value: 600 },
    byHand: stream({ max_msgs: -1, max_age: 600 * SECOND }),
    shows: { retention_type: ['message_age_sec', 'messages'] },
    reads: [inStream('max_msgs'), 600],
  },
  retentionValue: {
    declared: { retention_value: 600 },
    byHand: stream({ max_age: 7200 * SECOND }),
    shows: { retention_value: [7200, 600] },
    reads: [inStream('max_age'), 600 * SECOND],
  },
  storageType: {
    declared: { storage_type: 'memory', tags: ['a'] },
    byHand: async (client, station) => {
      const config = await streamOf(client, station);
      await client.jetstream(`STREAM.DELETE.${config.name}`);
      await client.jetstream(`STREAM.CREATE.${config.name}`, { ...config, storage: 'file' });
      // A cluster lists what it has created only when its servers know it.
      await eventually(() => isListed(client, config.name), `the list of streams has ${config.name}`);
    },
    actions: ['delete', 'create'],
    shows: { storage_type: ['file', 'memory'] },
    reads: [inStream('storage'), 'memory'],
  },
  replicas: {
    declared: { replicas: 1 },
    byHand: stream({ num_replicas: 3 }),
    shows: { replicas: [3, 1] },
    reads: [inStream('num_replicas'), 1],
  },
  partitionsNumber: {
    declared: { partitions_number: 2, adopt_existing: true },
    byHand: async (client, station) => {
      await removeStation(client, station);
      expect(await client.manage('station_creations', { name: station, partitions_number: 3 })).toBe('');
    },
    refuses: 'partitionsNumber',
    reads: [inRow('partitions_list'), [1, 2]],
  },
  idempotencyWindowMs: {
    declared: { idempotency_window_ms: 5000 },
    byHand: stream({ duplicate_window: 60 * SECOND }),
    shows: { idempotency_window_ms: [60_000, 5000] },
    reads: [inStream('duplicate_window'), 5 * SECOND],
  },
  sendPoisonMsgToDls: {
    byHand: (client, station) =>
      client.rest('PUT', '/stations/updateDlsConfig', { station_name: station, schemaverse: true }),
    shows: { send_poison_msg_to_dls: [false, true] },
    reads: [inRow('dls_configuration_poison'), true],
  },
  sendSchemaFailedMsgToDls: {
    byHand: (client, station) =>
      client.rest('PUT', '/stations/updateDlsConfig', { station_name: station, poison: true }),
    shows: { send_schema_failed_msg_to_dls: [false, true] },
    reads: [inRow('dls_configuration_schemaverse'), true],
  },
  dlsStation: {
    declared: { dls_station: '${memphis_station.dead.name}' },
    byHand: (client, station) =>
      client.rest('DELETE', '/stations/detachDlsStation', { name: 'dead', station_names: [station] }),
    shows: { dls_station: [null, 'dead'] },
    reads: [inRow('dls_station'), 'dead'],
  },
  tieredStorageEnabled: {
    declared: { tiered_storage_enabled: true },
    byHand: stream({ metadata: {} }),
    shows: { tiered_storage_enabled: [false, true] },
    reads: [inStream('metadata'), { 'memphis.tiered': 'true' }],
  },
  tags: {
    declared: { tags: ['a'] },
    byHand: (client, station) =>
      client.rest('PUT', '/tags/updateTagsForEntity', {
        entity_type: 'station',
        entity_name: station,
        tags_to_add: [{ name: 'z', color: '1, 2, 3' }],
        tags_to_remove: [],
      }),
    shows: { tags: [['a', 'z'], ['a']] },
    reads: [
      async (client, name) =>
        ((await row(client, name))?.tags as { readonly name: string }[]).map((tag) => tag.name),
      ['a'],
    ],
  },
  streamSettings: {
    // A placement can be given to the streams of a cluster alone.
    byHand: stream({ no_ack: true, placement: { tags: ['memphis-1'] } }),
    shows: { stream_settings: [['no_ack = true', 'placement = {"tags":["memphis-1"]}'], []] },
    reads: [
      async (client, name) => {
        const { no_ack: noAck = false, placement = null } = await streamOf(client, name);
        return [noAck, placement];
      },
      [false, null],
    ],
  },
};

const removeSchema = (client: BrokerClient, name: string) =>
  client.rest('DELETE', '/schemas/removeSchema', { schema_names: [name] });

const schemas: Readonly<Record<string, Case>> = {
  name: {
    byHand: removeSchema,
    actions: ['create'],
    reads: [async (client, name) => (await schemaOf(client, name)).schema_name, 'x-name'],
  },
  type: {
    declared: { adopt_existing: true },
    byHand: async (client, name) => {
      await removeSchema(client, name);
      await client.rest('POST', '/schemas/createNewSchema', {
        name,
        type: 'graphql',
        schema_content: 'type Query { id: ID }',
        message_struct_name: '',
        tags: [],
      });
    },
    refuses: 'type',
    reads: [async (client, name) => (await schemaOf(client, name)).type, 'json'],
  },
  content: {
    byHand: newVersion({ schema_content: idOfType('number'), message_struct_name: '' }),
    shows: { content: [idOfType('number'), idOfType('string')], version: [2, undefined] },
    reads: [inActiveVersion('schema_content'), idOfType('string')],
  },
  messageStructName: {
    declared: { type: 'protobuf', content: proto, message_struct_name: 'Second' },
    byHand: newVersion({ schema_content: proto, message_struct_name: 'First' }),
    shows: { message_struct_name: ['First', 'Second'], version: [2, undefined] },
    reads: [inActiveVersion('message_struct_name'), 'Second'],
  },
};

const enforcements: Readonly<Record<string, Case>> = {
  stationName: {
    byHand: (client, station) =>
      client.rest('DELETE', '/stations/removeSchemaFromStation', { station_name: station }),
    actions: ['create'],
    reads: [inRow('schema_name'), 'enforced'],
  },
  schemaName: {
    byHand: (client, station) =>
      client.rest('POST', '/stations/useSchema', { station_names: [station], schema_name: 'other' }),
    shows: { schema_name: ['other', 'enforced'] },
    reads: [inRow('schema_name'), 'enforced'],
  },
};

interface UserView extends Record<string, unknown> {
  readonly username: string;
  readonly permissions: Readonly<Record<string, readonly string[]>>;
}

const userOf = async (client: BrokerClient, name: string): Promise<UserView | undefined> => {
  const lists = await client.rest<Record<string, UserView[]>>('GET', '/usermgmt/getAllUsers');
  return Object.values(lists)
    .flat()
    .find(({ username }) => username === name);
};

const inUser = (key: string) => async (client: BrokerClient, name: string) =>
  (await userOf(client, name))?.[key];

const inPermissions = (key: string) => async (client: BrokerClient, name: string) =>
  (await userOf(client, name))?.permissions[key];

const removeUser = (client: BrokerClient, name: string) =>
  client.rest('DELETE', '/usermgmt/removeUser', { username: name });

/** No user can be changed, so somebody else removes it, and adds another one of that name. */
const otherUser = (values: object) => async (client: BrokerClient, name: string) => {
  await removeUser(client, name);
  const user = { username: name, user_type: 'application', password: 'Abc123!@#x', ...values };
  await client.rest('POST', '/usermgmt/addUser', user);
};

const fixedInUser = (field: string, key: string, declared: unknown, other: unknown): Case => ({
  declared: { [terraformName(field)]: declared, adopt_existing: true },
  byHand: otherUser({ [key]: other }),
  refuses: field,
  reads: [key.endsWith('permissions') ? inPermissions(key) : inUser(key), declared],
});

const users: Readonly<Record<string, Case>> = {
  name: {
    byHand: removeUser,
    actions: ['create'],
    reads: [inUser('username'), 'x-name'],
  },
  type: fixedInUser('type', 'user_type', 'application', 'management'),
  allowReadPermissions: fixedInUser('allowReadPermissions', 'allow_read_permissions', ['a'], ['a', 'b']),
  allowWritePermissions: fixedInUser('allowWritePermissions', 'allow_write_permissions', ['a-.*'], ['a']),
  fullName: fixedInUser('fullName', 'full_name', 'full', 'other'),
  team: fixedInUser('team', 'team', 'ours', 'theirs'),
  position: fixedInUser('position', 'position', 'here', 'there'),
  description: fixedInUser('description', 'description', 'this', 'that'),
};

const clusterType = 'memphis_cluster_config';

const settingsOf = (client: BrokerClient) =>
  client.rest<Record<string, unknown>>('GET', '/configurations/getClusterConfig');

/** A broker has its settings once, so all of them are in one object. */
const setting = (field: string, key: string, declared: unknown, other: unknown): Case => ({
  declared: { [terraformName(field)]: declared },
  byHand: async (client) =>
    client.rest('PUT', '/configurations/editClusterConfig', { ...(await settingsOf(client)), [key]: other }),
  shows: { [terraformName(field)]: [other, declared] },
  reads: [async (client) => (await settingsOf(client))[key], declared],
});

const settings: Readonly<Record<string, Case>> = {
  dlsRetentionHours: setting('dlsRetentionHours', 'dls_retention', 11, 21),
  logsRetentionDays: setting('logsRetentionDays', 'logs_retention', 12, 22),
  gcProducerConsumerRetentionHours: setting(
    'gcProducerConsumerRetentionHours',
    'gc_producer_consumer_retention_hours',
    13,
    23,
  ),
  tieredStorageTimeSec: setting('tieredStorageTimeSec', 'tiered_storage_time_sec', 14, 24),
  maxMsgSizeMb: setting('maxMsgSizeMb', 'max_msg_size_mb', 15, 25),
  brokerHost: setting('brokerHost', 'broker_host', 'broker', 'other-broker'),
  uiHost: setting('uiHost', 'ui_host', 'ui', 'other-ui'),
  restGwHost: setting('restGwHost', 'rest_gw_host', 'gateway', 'other-gateway'),
};

const kinds = [
  { kind: stationKind, type: 'memphis_station', cases: stations, named: (name: string) => ({ name }) },
  {
    kind: schemaKind,
    type: 'memphis_schema',
    cases: schemas,
    named: (name: string) => ({ name, type: 'json', content: idOfType('string') }),
  },
  {
    kind: enforcementKind,
    type: 'memphis_schema_enforcement',
    cases: enforcements,
    named: (station: string) => ({
      station_name: `\${memphis_station.for-${station}.name}`,
      station_uid: `\${memphis_station.for-${station}.uid}`,
      schema_name: '${memphis_schema.enforced.name}',
      schema_uid: '${memphis_schema.enforced.uid}',
    }),
  },
  {
    kind: userKind,
    type: 'memphis_user',
    cases: users,
    named: (name: string) => ({ name, type: 'application', password_env: 'USER_PASSWORD' }),
  },
  { kind: clusterKind, type: clusterType, cases: settings, named: () => ({}) },
] as const;

const env = { USER_PASSWORD: 'Abc123!@#x' };

/** The names of all fields that are not policies: by what a change means, not by what the engine happens to read. */
const onBroker = (fields: FieldTable): string[] =>
  fieldNames(fields).filter((name) => fields[name]?.change.how !== 'policy' && !isNeverTold(fields[name]));

/** Passwords, which users.test.ts tries by logging in. */
const isNeverTold = (field: FieldTable[string] | undefined): boolean =>
  field !== undefined && 'unreadable' in field;

test.each(kinds)('every field of a $kind.name on the broker has a case here', ({ kind, cases }) => {
  expect(Object.keys(cases)).toEqual(onBroker(kind.fields));
});

test('every kind is a resource of the provider, and has cases here', () => {
  expect(kinds.map(({ kind }) => kind.name)).toEqual(kindNames);
  expect(kinds.map(({ type }) => type)).toEqual(kindNames.map((name) => objectKinds[name].resourceType));
  const types = memphisProvider.resources.map(({ typeName }) => typeName);
  expect([...kinds.map(({ type }) => type), 'memphis_station_set'].sort()).toEqual([...types].sort());
});

// Three nodes, so that the number of copies can be changed by hand, too.
const deployment = Deployment.forThisFile({ store: 'memory', nodes: 3 });
const objectName = (field: string): string => `x-${terraformName(field).replaceAll('_', '-')}`;

/** The resources of all cases, by Terraform type. */
function resources(cases: Readonly<Record<string, Readonly<Record<string, Case>>>>) {
  const of = (type: string) => {
    const found = kinds.find((each) => each.type === type);
    return Object.entries(cases[type] ?? {}).map(([field, { declared }]) => {
      const name = objectName(field);
      return [name, { ...found?.named(name), ...declared }] as const;
    });
  };
  const enforced = of('memphis_schema_enforcement');
  // A broker has its settings once.
  const ownSettings = of(clusterType)
    .map(([, values]): Attributes => values)
    .reduce<Attributes | undefined>((all, values) => ({ ...all, ...values }), undefined);
  return {
    stations: {
      dead: { name: 'dead' },
      ...Object.fromEntries(of('memphis_station')),
      ...Object.fromEntries(enforced.map(([name]) => [`for-${name}`, { name }])),
    },
    schemas: {
      enforced: { name: 'enforced', type: 'json', content: idOfType('string') },
      other: { name: 'other', type: 'json', content: idOfType('string') },
      ...Object.fromEntries(of('memphis_schema')),
    },
    enforcements: Object.fromEntries(enforced),
    users: Object.fromEntries(of('memphis_user')),
    clusterConfigs: ownSettings === undefined ? {} : { broker: ownSettings },
  };
}

const select = (isWanted: (each: Case) => boolean) =>
  Object.fromEntries(
    kinds.map(({ type, cases }) => [
      type,
      Object.fromEntries(Object.entries(cases).filter(([, each]) => isWanted(each))),
    ]),
  );

const each = (selected: Readonly<Record<string, Readonly<Record<string, Case>>>>) =>
  Object.entries(selected).flatMap(([type, cases]) =>
    Object.entries(cases).map(([field, one]) => ({
      address: `${type}.${type === clusterType ? 'broker' : objectName(field)}`,
      field,
      one,
    })),
  );

/** What the plan has to show at each address: that of all cases which are about one object. */
function expectedChanges(
  cases: ReturnType<typeof each>,
): ReadonlyMap<string, Pick<Case, 'actions' | 'shows'>> {
  const expected = new Map<string, Pick<Case, 'actions' | 'shows'>>();
  for (const { address, one } of cases) {
    const shows = { ...expected.get(address)?.shows, ...one.shows };
    const { actions = ['update'] } = one;
    expected.set(address, one.shows === undefined ? { actions } : { actions, shows });
  }
  return expected;
}

test('a field changed by hand is shown alone, and the deploy brings back what is declared', async () => {
  const client = await BrokerClient.connect(deployment.broker, 'memphis', 'by-hand::root');
  const selected = select(({ refuses }) => refuses === undefined);
  const stack = deployment.stack(env);
  stack.declare(resources(selected));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
  for (const { field, one } of each(selected)) await one.byHand(client, objectName(field));

  expect(await stack.plan()).toMatchObject({ code: 2, errors: [] });
  const changes = await stack.changes();
  const expected = expectedChanges(each(selected));
  for (const [address, { actions, shows }] of expected) {
    const { attributes, ...change } = changes[address] ?? {};
    expect({ address, ...change }).toEqual({ address, actions });
    if (shows !== undefined) {
      // A recreated object gets a new uid; that is no drift of a field.
      const { uid: _uid, ...shown } = attributes ?? {};
      expect({ address, attributes: shown }).toEqual({ address, attributes: shows });
    }
  }
  expect(Object.keys(changes).sort()).toEqual([...expected.keys()].sort());

  expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
  for (const { address, field, one } of each(selected)) {
    const [read, value] = one.reads;
    expect({ address, field, value: await read(client, objectName(field)) }).toEqual({
      address,
      field,
      value,
    });
  }
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
  await client.close();
});

test('a field of a station in a set that is changed by hand is shown at that station alone, and comes back', async () => {
  const client = await BrokerClient.connect(deployment.broker, 'memphis', 'by-hand::root');
  const cases = Object.entries(stations).filter(([, { refuses }]) => refuses === undefined);
  const called = (field: string): string => `in-${objectName(field)}`;
  const stack = deployment.stack();
  const declared = (name: string) => cases.find(([field]) => called(field) === name)?.[1].declared ?? {};
  stack.declare({
    stations: { dead: { name: 'dead', adopt_existing: true } },
    stationSets: {
      all: {
        stations: cases.map(([field]) => called(field)),
        overrides: Object.fromEntries(cases.map(([field]) => [called(field), declared(called(field))])),
      },
    },
  });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
  for (const [field, one] of cases) await one.byHand(client, called(field));

  expect(await stack.plan()).toMatchObject({ code: 2, errors: [] });
  const changes = await stack.changes();
  expect(Object.keys(changes)).toEqual(['memphis_station_set.all']);
  const attributes = changes['memphis_station_set.all']?.attributes ?? {};
  const [left, right] = attributes.stations ?? [];
  expect(Object.keys(right as object).filter((name) => !(name in (left as object)))).toEqual([
    called('name'),
  ]);
  for (const [field, { shows }] of cases) {
    if (shows === undefined) continue;
    const found = Object.fromEntries(Object.entries(shows).map(([option, [value]]) => [option, value]));
    expect({ field, found: shownOf(attributes, called(field)) }).toEqual({
      field,
      // A set says by an empty name that there is none.
      found: field === 'dlsStation' ? { dls_station: '' } : found,
    });
  }

  // A report of the plan says of each station what becomes of it.
  const { stdout } = await stack.terraform.run(['show', '-json', 'saved.plan']);
  const plan = JSON.parse(stdout) as { readonly resource_changes: Parameters<typeof withoutSets>[0] };
  const reported = withoutSets(plan.resource_changes).filter(({ type }) => type === 'memphis_station');
  const actionsOf = (name: string) =>
    reported.find(({ change }) => change.after?.name === name)?.change.actions;
  for (const [field, { actions = ['update'] }] of cases)
    expect({ field, actions: actionsOf(called(field)) }).toEqual({ field, actions });

  expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
  for (const [field, { reads }] of cases) {
    const [read, value] = reads;
    const wanted = field === 'name' ? true : value;
    expect({ field, value: await read(client, called(field)) }).toEqual({ field, value: wanted });
  }
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
  await client.close();
});

/** What a plan shows of one station of a set: the attributes that differ, with what was found. */
function shownOf(
  attributes: Readonly<Record<string, readonly [before: unknown, after: unknown]>>,
  name: string,
): Record<string, unknown> {
  const of = (map: unknown) =>
    ((map ?? {}) as Readonly<Record<string, unknown>>)[name] as Attributes | undefined;
  const shown: Record<string, unknown> = {};
  for (const [attribute, [before, after]] of Object.entries(attributes)) {
    if (attribute === 'overrides') {
      for (const [option, value] of Object.entries(of(before) ?? {}))
        if (JSON.stringify(value) !== JSON.stringify(of(after)?.[option] ?? null)) shown[option] = value;
    } else if (attribute === 'stream_settings' && of(before) !== undefined) shown[attribute] = of(before);
  }
  return shown;
}

test('a value that only another object can have is never taken over; without that object it comes back', async () => {
  const client = await BrokerClient.connect(deployment.broker, 'memphis', 'by-hand::root');
  const selected = select(({ refuses }) => refuses !== undefined);
  const stack = deployment.stack(env);
  const { stations: own, schemas: ownSchemas, users: ownUsers } = resources(selected);
  const { dead: _dead, ...declaredStations } = own;
  const { enforced: _enforced, other: _other, ...declaredSchemas } = ownSchemas;
  stack.declare({ stations: declaredStations, schemas: declaredSchemas, users: ownUsers });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  for (const { field, one } of each(selected)) await one.byHand(client, objectName(field));

  const run = await stack.apply();
  expect(run.code).toBe(1);
  expect(run.warnings.join()).not.toContain('is adopted');
  for (const { address, field, one } of each(selected)) {
    const described = `${address.replace(/^memphis_(\w+)\..*/, '$1')} "${objectName(field)}"`;
    const about = run.errors.filter((error) => error.includes(described));
    expect(about).toHaveLength(1);
    expect(about[0]).toContain(`${String(one.refuses)} changes`);
  }

  for (const { field } of each(selected)) {
    await removeStation(client, objectName(field));
    await removeSchema(client, objectName(field));
    await removeUser(client, objectName(field));
  }
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  for (const { field, one } of each(selected)) {
    const [read, expected] = one.reads;
    expect({ field, value: await read(client, objectName(field)) }).toEqual({ field, value: expected });
  }
  await client.close();
});
