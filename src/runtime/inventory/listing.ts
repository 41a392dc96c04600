import type { SchemaType } from '../../model/schema-type';
import type { CanonicalStation } from '../../model/station';
import { declaredStationFields } from '../../model/station';
import type { CanonicalUser } from '../../model/user';
import { parsePartitionStream } from '../../model/names';
import type { BrokerFacts, StreamInfo } from '../admin';
import { restOnlyStationFields } from '../admin/streams-only';
import type { ConsumerGroup } from '../reconcile';
import { isIntact } from '../reconcile';
import { globMatcher } from '../../model/globs';
import type { Inventory, InventorySchema, InventoryStation, InventoryUser } from './inventory';

/** What is live on a broker, as `cdktf-memphis list --format json` prints it. */
export interface Listing {
  /** Version of this form. */
  readonly version: 1;
  readonly broker: Pick<BrokerFacts, 'address' | 'restAddress' | 'serverVersion'>;
  /** What only the REST API shows, when it was not asked: fields of stations, and kinds of objects. */
  readonly notRead?: readonly string[];
  readonly stations: readonly ListedStation[];
  readonly schemas: readonly ListedSchema[];
  /** Without root, whom every broker has. */
  readonly users: readonly ListedUser[];
  /** Names of partition streams that belong to no station. */
  readonly orphanStreams: readonly string[];
}

/** Absent in a listing without the REST API. */
type RestOnlyField = 'dlsStation' | 'sendPoisonMsgToDls' | 'sendSchemaFailedMsgToDls' | 'tags';

/** What a listing through the client port alone leaves out. */
export const notReadWithoutRest: readonly string[] = [
  ...restOnlyStationFields,
  'schemaName',
  'schemas',
  'users',
];

/** A station: the fields that a declaration has, and what is stored. */
export interface ListedStation
  extends
    Omit<CanonicalStation, 'partitionsNumber' | RestOnlyField>,
    Partial<Pick<CanonicalStation, RestOnlyField>> {
  /** False for the stream of a plain NATS client. */
  readonly isNative: boolean;
  /** True while every partition exists and accepts messages. */
  readonly intact: boolean;
  readonly partitions: readonly ListedPartition[];
  readonly messages: number;
  readonly bytes: number;
  /** Number of consumer groups. */
  readonly consumerGroups: number;
  /** Absent unless they were asked for. */
  readonly groups?: readonly ConsumerGroup[];
  /** Absent when no schema is enforced. */
  readonly schemaName?: string;
  /** Absent when no schema is enforced, and where the broker does not list it. */
  readonly schemaVersion?: number;
  /** Project, stack and construct path; absent when no declaration is recorded to own it. */
  readonly owner?: string;
}

interface ListedPartition {
  readonly number: number;
  readonly messages: number;
  readonly bytes: number;
}

export interface ListedSchema {
  readonly name: string;
  readonly type: SchemaType;
  /** Number of the active version. */
  readonly version: number;
  /** Names of the stations that enforce it. */
  readonly stations: readonly string[];
  readonly owner?: string;
}

/** A user: the fields that a declaration has. */
export interface ListedUser extends CanonicalUser {
  readonly owner?: string;
}

/** Which objects to list. */
export interface Choice {
  /** Glob patterns of names; all when empty. */
  readonly names: readonly string[];
  /** Tags, of which a station has at least one; all stations when empty. */
  readonly tags: readonly string[];
}

/** The stations that a choice means. */
export function chosenStations({ stations }: Inventory, { names, tags }: Choice): InventoryStation[] {
  const isNamed = globMatcher(names);
  const wanted = new Set(tags.map((tag) => tag.toLowerCase()));
  return stations.filter(
    ({ name, settings }) =>
      isNamed(name) && (wanted.size === 0 || (settings.tags ?? []).some((tag) => wanted.has(tag))),
  );
}

/** The schemas that a choice means: by name, and with tags those that one of the chosen stations enforces. */
export function chosenSchemas(
  { schemas }: Inventory,
  { names, tags }: Choice,
  stations: readonly InventoryStation[],
): InventorySchema[] {
  if (tags.length === 0) return schemas.filter(({ name }) => globMatcher(names)(name));
  const enforced = new Set(stations.map(({ live }) => live.row.schemaName));
  return schemas.filter(({ name }) => enforced.has(name));
}

/** The users that a choice means: by name; with tags, which only stations have, none. */
export function chosenUsers({ users }: Inventory, { names, tags }: Choice): InventoryUser[] {
  return tags.length > 0 ? [] : users.filter(({ name }) => globMatcher(names)(name));
}

/** A user as it is listed. */
export function listedUser({ settings, owner }: InventoryUser): ListedUser {
  return { ...settings, ...(owner === undefined ? {} : { owner }) };
}

/**
 * A station as it is listed.
 * @param notRead the fields that were not read
 */
export function listedStation(
  { isNative, live, settings, stored, owner }: InventoryStation,
  groups: readonly ConsumerGroup[] | undefined,
  notRead: readonly string[] = [],
): ListedStation {
  const { schemaName, schemaVersionNumber } = live.row;
  return {
    ...fieldsInOrder(settings, notRead),
    isNative,
    intact: isIntact(live),
    partitions: live.streams.map(partitionOf),
    ...stored,
    ...(groups === undefined ? {} : { groups }),
    ...(schemaName === '' ? {} : { schemaName }),
    ...(schemaName === '' || schemaVersionNumber === 0 ? {} : { schemaVersion: schemaVersionNumber }),
    ...(owner === undefined ? {} : { owner }),
  };
}

/** The fields of the table in its order; the partitions are listed one by one. */
function fieldsInOrder(
  settings: CanonicalStation,
  notRead: readonly string[],
): Omit<CanonicalStation, 'partitionsNumber'> {
  const values = settings as unknown as Readonly<Record<string, unknown>>;
  const names = declaredStationFields
    .map(([name]) => name)
    .filter((name) => name !== 'partitionsNumber' && !notRead.includes(name));
  return Object.fromEntries(names.map((name) => [name, values[name]])) as unknown as CanonicalStation;
}

function partitionOf({ config, state: { messages, bytes } }: StreamInfo): ListedPartition {
  return { number: parsePartitionStream(config.name)?.partition ?? 1, messages, bytes };
}
