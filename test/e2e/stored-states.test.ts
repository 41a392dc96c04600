// States that earlier versions of the provider wrote, under this version. `stored-states.json` holds what they wrote with a
// real Terraform; a version that changes the attributes of a resource adds what it writes.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Deployment } from '../support/deployment';

type Attributes = Readonly<Record<string, unknown>>;

interface StoredState {
  readonly type: string;
  /** Name of the resource: one for each version that wrote other attributes. */
  readonly name: string;
  readonly schema_version: number;
  readonly attributes: Attributes;
}

interface StateFile {
  readonly resources: {
    readonly type: string;
    readonly name: string;
    readonly instances: { attributes: Attributes; schema_version: number; identity?: unknown }[];
  }[];
}

const stored = JSON.parse(readFileSync(join(__dirname, 'stored-states.json'), 'utf8')) as StoredState[];

/** What the configurations said; everything else in a state came from the provider. */
const declaredAttributes: Readonly<Record<string, readonly string[]>> = {
  memphis_station: ['name', 'partitions_number', 'tags', 'retention_value', 'owner'],
  memphis_schema: ['name', 'type', 'content', 'owner'],
  memphis_schema_enforcement: ['station_name', 'schema_name', 'owner'],
  memphis_user: ['name', 'type', 'password_env', 'allow_read_permissions', 'owner'],
  memphis_cluster_config: ['dls_retention_hours', 'gc_producer_consumer_retention_hours', 'owner'],
  memphis_station_set: ['stations', 'retention_value', 'overrides', 'owner'],
};
/** What only the broker knows, so that it differs with each of them. */
const givenByTheBroker = ['uid', 'station_uid', 'schema_uid', 'uids', 'schema_uids'];

const deployment = Deployment.forThisFile();

test('a state of each earlier version plans no change, also where it lacks attributes of this one', async () => {
  const stack = deployment.stack({ STORED_PASSWORD: 'Stored-1234!' });
  const resource: Record<string, Record<string, Attributes>> = {};
  for (const { type, name, attributes } of stored) {
    const declared = (declaredAttributes[type] ?? []).map((key) => {
      const value = attributes[key];
      // Version 0 had the stations of a set as a set of names.
      const isNames = key === 'stations' && Array.isArray(value);
      return [key, isNames ? Object.fromEntries(value.map((name) => [name, ''])) : value] as const;
    });
    const uids = type === 'memphis_schema_enforcement' && {
      station_uid: `\${memphis_station.${name}.uid}`,
      schema_uid: `\${memphis_schema.${name}.uid}`,
    };
    (resource[type] ??= {})[name] = { ...Object.fromEntries(declared), ...uids };
  }
  stack.declare({ more: { resource } });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });

  const path = join(stack.directory, 'terraform.tfstate');
  const state = JSON.parse(readFileSync(path, 'utf8')) as StateFile;
  const lacking = new Set<string>();
  for (const { type, name, attributes, schema_version } of stored) {
    const instance = state.resources.find((each) => each.type === type && each.name === name)?.instances[0];
    if (instance === undefined) throw new Error(`${type}.${name} is not in the state`);
    const now = instance.attributes;
    for (const key of Object.keys(now)) if (!(key in attributes)) lacking.add(`${type}.${key}`);
    const ids = givenByTheBroker.filter((key) => key in attributes).map((key) => [key, now[key]] as const);
    instance.attributes = { ...attributes, ...Object.fromEntries(ids) };
    instance.schema_version = schema_version;
    delete instance.identity;
  }
  writeFileSync(path, JSON.stringify(state));
  // Attributes that come later need no mention.
  const known = [
    'memphis_schema.compatibility',
    'memphis_schema_enforcement.adopt_existing',
    'memphis_schema_enforcement.owner',
    'memphis_station.deletion_protection',
    'memphis_station.move_from',
    'memphis_station.on_replace',
    'memphis_station.stream_settings',
  ];
  expect([...lacking]).toEqual(expect.arrayContaining(known));

  const plan = await stack.plan();
  expect(plan.errors).toEqual([]);
  expect(await stack.changes()).toEqual({});
  expect(plan).toMatchObject({ code: 0, errors: [] });
});
