import type { Attributes, Declared } from './stack';

export type Random = () => number;

/** The same numbers for the same seed. */
export function randomOf(start: number): Random {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const upTo = (random: Random, limit: number): number => Math.floor(random() * limit);
export const oneOf = <T>(random: Random, values: readonly T[]): T => values[upTo(random, values.length)] as T;

/** The variable that holds the password of the users that random stacks declare. */
export const userPassword = { RANDOM_USER_PASSWORD: 'Random-4711-aA' };

/** Names of the station whose messages have to survive all that happens to it. */
export const carriedNames: readonly string[] = ['m0', 'm1'];

/** A stack with any of the kinds of objects, and what the broker has to have of it: objects, and records of the ledger. */
export interface RandomStack {
  readonly declared: Declared;
  readonly objects: readonly string[];
  readonly records: readonly string[];
  /** The name of the station whose messages are carried. */
  readonly carried: string;
}

const owner = (key: string) => ({ owner: `shop/s/${key}` });

function randomSchemas(random: Random): Record<string, Attributes> {
  const present = ['c0', 'c1'].filter(() => random() >= 0.3);
  const content = (): string => JSON.stringify({ type: 'object', required: [oneOf(random, ['a', 'b'])] });
  return Object.fromEntries(
    present.map((name) => [name, { name, type: 'json', content: content(), ...owner(name) }]),
  );
}

function randomStation(random: Random): Attributes {
  return {
    partitions_number: 1 + upTo(random, 3),
    retention_value: oneOf(random, [3600, 7200]),
    send_poison_msg_to_dls: random() < 0.5,
    ...(random() < 0.5 ? { tags: [oneOf(random, ['x', 'y'])] } : {}),
  };
}

function randomUsers(random: Random): Record<string, Attributes> {
  const present = ['u0', 'u1'].filter(() => random() >= 0.5);
  return Object.fromEntries(
    present.map((name) => [
      name,
      {
        name,
        type: name === 'u0' ? 'application' : 'management',
        password_env: 'RANDOM_USER_PASSWORD',
        password_version: 1 + upTo(random, 2),
        ...owner(name),
      },
    ]),
  );
}

function randomSettings(random: Random): Record<string, Attributes> {
  if (random() < 0.6) return {};
  const settings = {
    dls_retention_hours: oneOf(random, [5, 6]),
    logs_retention_days: oneOf(random, [5, 6]),
    gc_producer_consumer_retention_hours: 5,
    tiered_storage_time_sec: 8,
    max_msg_size_mb: oneOf(random, [1, 2]),
  };
  return { it: { ...settings, ...owner('settings') } };
}

/** A set of up to three stations, of which one may differ from the others. */
function randomSet(
  random: Random,
  schemas: Readonly<Record<string, Attributes>>,
): Record<string, Attributes> {
  const stations = ['t0', 't1', 't2'].filter(() => random() >= 0.35);
  const schema = oneOf(random, ['', ...Object.keys(schemas)]);
  const [first] = stations;
  if (first === undefined || random() < 0.3) return {};
  return {
    set: {
      stations,
      retention_value: oneOf(random, [3600, 7200]),
      overrides: { [first]: { partitions_number: 1 + upTo(random, 3) } },
      ...(schema === ''
        ? {}
        : { schema_name: schema, schema_uids: { [schema]: `\${memphis_schema.${schema}.uid}` } }),
      ...owner('set'),
    },
  };
}

/** @param before the stack that is deployed, from whose station messages are carried */
export function randomStack(random: Random, before?: RandomStack): RandomStack {
  const schemas = randomSchemas(random);
  const stations: Record<string, Attributes> = {};
  const enforcements: Record<string, Attributes> = {};
  const names: string[] = [];
  const enforced: string[] = [];
  for (const name of ['s3', 's0', 's1', 's.2']) {
    if (random() < 0.25) continue;
    const key = name.replace('.', '_');
    const hasDls = name !== 's3' && stations.s3 !== undefined && random() < 0.3;
    const dls = hasDls ? { dls_station: '${memphis_station.s3.name}' } : {};
    stations[key] = { name, ...owner(key), ...randomStation(random), ...dls };
    names.push(name);
    const schema = oneOf(random, ['', ...Object.keys(schemas)]);
    if (schema === '') continue;
    enforced.push(name);
    enforcements[key] = {
      ...owner(`${key}-enforcement`),
      station_name: `\${memphis_station.${key}.name}`,
      station_uid: `\${memphis_station.${key}.uid}`,
      schema_name: `\${memphis_schema.${schema}.name}`,
      schema_uid: `\${memphis_schema.${schema}.uid}`,
    };
  }
  const carried = random() < 0.3 ? oneOf(random, carriedNames) : (before?.carried ?? 'm0');
  stations.m = {
    name: carried,
    ...(before === undefined || before.carried === carried ? {} : { move_from: before.carried }),
    on_replace: 'carryMessages',
    partitions_number: 1 + upTo(random, 3),
    ...owner('m'),
  };
  names.push(carried);
  const users = randomUsers(random);
  const clusterConfigs = randomSettings(random);
  const stationSets = randomSet(random, schemas);
  const members = (stationSets.set?.stations ?? []) as readonly string[];
  names.push(...members);
  if (stationSets.set?.schema_name !== undefined) enforced.push(...members);
  const objects = [
    ...names.map((name) => `station ${name}`),
    ...enforced.map((name) => `enforcement ${name}`),
    ...Object.keys(schemas).map((name) => `schema ${name}`),
    ...Object.keys(users).map((name) => `user ${name}`),
  ];
  return {
    declared: { stations, schemas, enforcements, users, clusterConfigs, stationSets },
    objects: objects.sort(),
    records: [...objects, ...(clusterConfigs.it === undefined ? [] : ['cluster settings'])].sort(),
    carried,
  };
}
