import type { CanonicalOf, DeclarationOf } from './field';
import {
  brokerFields,
  canonicalOf,
  creationBody,
  enumerated,
  flagField,
  integerField,
  textField,
  textSetField,
} from './field';
import { adoptExisting, deletionProtection, owner } from './ownership';
import { externalName } from './names';
import { moveFrom, onReplace, replacementRules } from './replacement';
import { Retention, limitsOf, retentionOf, retentionUnits } from './retention';
import type {
  CallWriter,
  RowReader,
  StationField,
  StreamReader,
  StreamWriter,
  StreamsReader,
} from './station-field';
import { inRow, inStreams, toStreams } from './station-field';
import { Storage } from './storage';
import { NANOSECONDS_PER_MILLISECOND } from './stream';
import { restorableSettings, withUsualSettings } from './stream-settings';
import { readTieredStorage, withTieredStorage } from './tiered-storage';
import type { Rule } from './validation';

/**
 * The greatest whole number that the broker's metadata can hold. A larger retention value is refused only after the
 * streams have been made, which leaves orphans behind (measured on Memphis 1.4.4).
 */
export const MAX_STORED_INTEGER = 2_147_483_647;

/** 24 hours: the broker refuses a longer idempotency window (Memphis 1.4.4). */
const MAX_IDEMPOTENCY_WINDOW_MS = 86_400_000;

/** The tag that the broker gives to a station made without tags. */
export const DEFAULT_TAG = 'default';

/** The broker's own colour for tags that are made without one. */
export const TAG_COLOR = '101, 87, 255';

const DEFAULT_RETENTION_VALUE = 3600;

const trimsMessages =
  'A smaller limit drops the messages above it at once; a change to ACK_BASED drops what every consumer group has acknowledged.';

/** Everything that is true of a station's fields. The order is that of the reference docs. */
export const stationFields = {
  name: textField({
    required: true,
    names: 'Station',
    description: 'Name of the station; case does not matter.',
    change: { how: 'replace', why: 'Memphis cannot rename a station.' },
    canonical: (name: string) => externalName(name),
    read: inRow('name', 'name', (json) => externalName(String(json))),
    body: 'name',
  }),
  retentionType: enumerated('Retention', Retention, {
    default: Retention.MAX_MESSAGE_AGE_SECONDS,
    description:
      'What makes the station drop messages: their age, their number, their size, or their acknowledgement.',
    change: { how: 'inPlace', loses: trimsMessages },
    read: inStreams((config, expected) => retentionOf(config, expected).type, 'retention'),
    body: 'retention_type',
    update: toStreams((config, type) => ({
      ...config,
      retention: type === Retention.ACK_BASED ? 'interest' : 'limits',
    })),
  }),
  retentionValue: integerField({
    minimum: 1,
    maximum: MAX_STORED_INTEGER,
    default: DEFAULT_RETENTION_VALUE,
    unit: 'seconds, messages per partition or bytes per partition, as retentionType says',
    unitIn: ({ retentionType }) => retentionUnits[retentionType as Retention],
    description:
      'The limit of the retention. Required with MESSAGES and BYTES; it has no meaning, and must be left out, with ACK_BASED.',
    change: { how: 'inPlace', loses: trimsMessages },
    /** 0 with ACK_BASED, where the broker keeps no value. */
    canonical: (value: number, { retentionType }: Readonly<Record<string, unknown>>) =>
      retentionType === Retention.ACK_BASED ? 0 : value,
    read: inStreams((config, expected) => retentionOf(config, expected).value, 'retention'),
    body: 'retention_value',
    update: toStreams((config, value, { station }) => ({
      ...config,
      ...limitsOf(station.retentionType as Retention, value as number),
    })),
  }),
  storageType: enumerated('Storage', Storage, {
    default: Storage.DISK,
    description: 'Where messages are kept. Those in memory are lost when the broker restarts.',
    change: { how: 'replace', why: 'Memphis cannot move a station between disk and memory.' },
    read: inStreams(({ storage }) => (storage === 'memory' ? Storage.MEMORY : Storage.DISK)),
    body: 'storage_type',
  }),
  replicas: integerField({
    minimum: 1,
    maximum: 5,
    default: 1,
    unit: 'copies',
    description:
      'How many brokers of a cluster keep a copy of each message. The broker keeps 1, 3 or 5: 2 and 4 count as 3. More than 1 needs a cluster of that size.',
    change: { how: 'inPlace' },
    canonical: (replicas: number) => effectiveReplicas(replicas),
    read: inStreams(({ num_replicas }) => num_replicas),
    body: 'replicas',
    update: toStreams((config, replicas) => ({ ...config, num_replicas: replicas as number })),
  }),
  partitionsNumber: integerField({
    minimum: 1,
    maximum: 10_000,
    default: 1,
    unit: 'partitions',
    description:
      'How many streams share the messages of the station. Retention limits apply to each of them.',
    change: { how: 'replace', why: 'Memphis cannot change the number of partitions of a station.' },
    read: inRow('partitions_list', 'partitions_list', (json) => (Array.isArray(json) ? json.length : 0)),
    body: 'partitions_number',
  }),
  idempotencyWindowMs: integerField({
    minimum: 100,
    maximum: MAX_IDEMPOTENCY_WINDOW_MS,
    default: 120_000,
    unit: 'milliseconds',
    description:
      'How long the broker remembers the message ids of a partition and drops a second message with the same id. Not longer than a retention by age, which is also its default where it is shorter.',
    change: { how: 'inPlace' },
    canonical: (window: number, declaration: Readonly<Record<string, unknown>>) =>
      declaration.idempotencyWindowMs === undefined ? defaultIdempotencyWindowMs(declaration) : window,
    read: inStreams(({ duplicate_window }) => duplicate_window / NANOSECONDS_PER_MILLISECOND),
    body: 'idempotency_window_in_ms',
    update: toStreams((config, window) => ({
      ...config,
      duplicate_window: (window as number) * NANOSECONDS_PER_MILLISECOND,
    })),
  }),
  sendPoisonMsgToDls: flagField({
    default: true,
    description:
      'Whether the broker records messages as dead letters when no consumer of a group acknowledged them in time.',
    change: { how: 'inPlace' },
    read: inRow('dls_configuration_poison', 'dls_configuration.poison', (json) => json === true),
    body: 'dls_configuration.poison',
    update: { by: 'dlsConfiguration' },
  }),
  sendSchemaFailedMsgToDls: flagField({
    default: true,
    description:
      'Whether the broker records messages as dead letters when producers could not send them because they break the schema.',
    change: { how: 'inPlace' },
    read: inRow('dls_configuration_schemaverse', 'dls_configuration.schemaverse', (json) => json === true),
    body: 'dls_configuration.schemaverse',
    update: { by: 'dlsConfiguration' },
  }),
  dlsStation: textField({
    names: 'Station',
    description: 'Name of another station that receives a copy of each dead letter. It must exist first.',
    absent: 'no copies are made',
    change: { how: 'inPlace' },
    /** Empty when there is none. */
    canonical: (name: string | undefined) => externalName(name ?? ''),
    read: inRow('dls_station', 'dls_station', (json) => (typeof json === 'string' ? json : '')),
    body: 'dls_station',
    update: { by: 'dlsStation' },
  }),
  tieredStorageEnabled: flagField({
    default: false,
    description:
      'Whether messages that retention drops move to a second tier of storage, if the broker has one.',
    change: { how: 'inPlace' },
    read: inStreams(readTieredStorage),
    body: 'tiered_storage_enabled',
    update: toStreams((config, enabled, { stock }) => withTieredStorage(config, enabled === true, stock)),
  }),
  tags: textSetField({
    description:
      'Tags of the station in the Memphis UI, in lower case. An empty list means the tag "default" alone.',
    absent: 'the tags on the broker are not managed',
    change: { how: 'inPlace' },
    /** Sorted; undefined when the declaration leaves the tags alone. */
    canonical: (tags: readonly string[] | undefined) =>
      tags === undefined ? undefined : canonicalTags(tags),
    read: inRow('tags', 'tags', (json) => canonicalTags(tagNames(json))),
    // Not in the body of the creation: stations that are created at once with a tag that is new to the broker get a 500
    // after they were made (Memphis 1.4.4). Adding it afterwards is safe.
    update: { by: 'tags' },
  }),
  allowMessageLoss: flagField({
    absent: 'that of the provider, or else false',
    description:
      'Allows every operation that drops stored messages: destroying or replacing a station that holds some, a smaller limit, a change to ACK_BASED. A plain destroy uses the deployed value: set it, deploy, then destroy. Set it on the provider to permit it for a whole stack at once.',
    change: { how: 'policy' },
  }),
  onReplace,
  moveFrom,
  deletionProtection,
  adoptExisting,
  owner,
} satisfies Readonly<Record<string, StationField>>;

/**
 * What a station has by itself and no declaration says: every station has the same. Whatever somebody changed by hand
 * shows as a difference like that of a declared field, and a deploy sets it back.
 */
export const restoredStationFields = {
  streamSettings: textSetField({
    description:
      'Settings that somebody gave to the streams of the station with a NATS client and that no station has by itself, such as no_ack = true. A deploy sets them back.',
    change: { how: 'inPlace' },
    canonical: (settings: readonly string[] | undefined) => settings ?? [],
    read: { from: 'streams', read: restorableSettings },
    update: toStreams((config) => withUsualSettings(config)),
  }),
} satisfies Readonly<Record<string, StationField>>;

/** The fields of a station as the engine compares them: those that are declared, and those that every station has alike. */
export const comparedStationFields = { ...stationFields, ...restoredStationFields };

/**
 * The idempotency window of a station that sets none. The broker refuses one that is longer than a retention by age, so a
 * short retention shortens it.
 */
export function defaultIdempotencyWindowMs({
  retentionType = stationFields.retentionType.default,
  retentionValue = stationFields.retentionValue.default,
}: {
  readonly retentionType?: unknown;
  readonly retentionValue?: unknown;
}): number {
  const usual = stationFields.idempotencyWindowMs.default;
  if (retentionType !== Retention.MAX_MESSAGE_AGE_SECONDS) return usual;
  return typeof retentionValue === 'number' && retentionValue > 0
    ? Math.min(usual, retentionValue * 1000)
    : usual;
}

/** A station as users declare it. */
export type StationDeclaration = DeclarationOf<typeof stationFields>;

/** A station in the form in which declared and live ones are compared. */
export type CanonicalStation = CanonicalOf<typeof comparedStationFields>;

/** The names of the fields that the REST API tells. */
type RowField = {
  [K in keyof typeof stationFields]: (typeof stationFields)[K] extends { read: { from: 'row' } } ? K : never;
}[keyof typeof stationFields];

/** The values of a station that only the REST API tells; those of the streams are not believed there. */
export type StationRowValues = { readonly [K in RowField]: Exclude<CanonicalStation[K], undefined> };

/**
 * Reads these values from a reply of the REST API.
 * @param form whether it is a row of the list of all stations or the reply about one station
 */
export function stationRowValues(json: object, form: 'listed' | 'single'): StationRowValues {
  const values: Record<string, unknown> = {};
  for (const [name, { read }] of brokerStationFields) {
    if (read.from === 'row') values[name] = read.read(valueAt(json, read[form].split('.')));
  }
  return values as StationRowValues;
}

function valueAt(json: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return json;
  return typeof json === 'object' && json !== null
    ? valueAt((json as Readonly<Record<string, unknown>>)[key], rest)
    : undefined;
}

function tagNames(json: unknown): string[] {
  return Array.isArray(json) ? json.map((tag: { readonly name?: unknown }) => String(tag.name)) : [];
}

export const stationRules: readonly Rule<StationDeclaration>[] = [
  {
    fields: ['retentionType', 'retentionValue'],
    problem: ({ retentionType, retentionValue }) =>
      retentionType === Retention.ACK_BASED && retentionValue !== undefined
        ? `retentionValue is ${retentionValue}, but it has no meaning with retentionType ACK_BASED; leave it out`
        : undefined,
  },
  { fields: ['retentionType', 'retentionValue'], problem: missingLimitProblem },
  {
    fields: ['retentionType', 'retentionValue', 'idempotencyWindowMs'],
    problem: ({ retentionType, retentionValue, idempotencyWindowMs }) => {
      if ((retentionType ?? Retention.MAX_MESSAGE_AGE_SECONDS) !== Retention.MAX_MESSAGE_AGE_SECONDS)
        return undefined;
      const ageMs = (retentionValue ?? stationFields.retentionValue.default) * 1000;
      return idempotencyWindowMs === undefined || idempotencyWindowMs <= ageMs
        ? undefined
        : `idempotencyWindowMs is ${idempotencyWindowMs}, longer than the retention of ${ageMs} ms; set it to ${ageMs} or less`;
    },
  },
  {
    fields: ['name', 'dlsStation'],
    problem: ({ name, dlsStation }) =>
      name !== undefined && dlsStation !== undefined && externalName(name) === externalName(dlsStation)
        ? `dlsStation is the station itself ("${name}"); name another station`
        : undefined,
  },
  ...replacementRules,
  {
    fields: ['tags'],
    problem: ({ tags }) => {
      const bad = (tags ?? []).filter(
        (tag) => tag === '' || tag.includes('\0') || Buffer.byteLength(tag) > 200,
      );
      return bad.length === 0
        ? undefined
        : `tags has ${bad.map((tag) => JSON.stringify(tag)).join(', ')}; a tag has 1 to 200 bytes and no NUL`;
    },
  },
];

/**
 * The problem of a retention by number or size without its limit. The default is meant for an age: 3600 messages, or
 * 3600 bytes, are what nobody wants.
 */
export function missingLimitProblem({
  retentionType,
  retentionValue,
}: {
  readonly retentionType?: Retention | undefined;
  readonly retentionValue?: number | undefined;
}): string | undefined {
  if (retentionValue !== undefined) return undefined;
  if (retentionType !== Retention.MESSAGES && retentionType !== Retention.BYTES) return undefined;
  const type = retentionType === Retention.BYTES ? 'BYTES' : 'MESSAGES';
  return `retentionValue is missing; with retentionType ${type} it must be given (${retentionUnits[retentionType]})`;
}

/** How many copies the broker makes of what was asked for (Memphis 1.4.4: only 1, 3 and 5 occur). */
export function effectiveReplicas(replicas: number): number {
  if (replicas <= 1) return 1;
  return replicas <= 4 ? 3 : 5;
}

/** Tags as the broker stores them. */
export function canonicalTags(tags: readonly string[]): readonly string[] {
  const lower = [...new Set(tags.map((tag) => tag.toLowerCase()))].sort();
  return lower.length === 0 ? [DEFAULT_TAG] : lower;
}

/** The canonical form of a declaration, which is expected to be valid. */
export function canonicalStation(declaration: StationDeclaration): CanonicalStation {
  return canonicalOf(comparedStationFields, declaration);
}

/** The body of the request that creates a station. */
export function stationCreationBody(station: CanonicalStation): Record<string, unknown> {
  return creationBody(stationFields, station);
}

/** The fields that a declaration decides and whose values are on the broker, by name. */
export const declaredStationFields = brokerFields<StreamReader | RowReader, StreamWriter | CallWriter>(
  stationFields,
);

/** The fields of a station whose values are on the broker, by name. */
export const brokerStationFields = brokerFields<
  StreamReader | StreamsReader | RowReader,
  StreamWriter | CallWriter
>(comparedStationFields);
