import type { Fields } from './field';
import { adoptExisting, deletionProtection, owner } from './ownership';
import { externalName, nameProblem } from './names';
import { Retention } from './retention';
import { Storage } from './storage';

/** A station as users declare it. Values may be left out where the table below has a default. */
export interface StationDeclaration {
  readonly name: string;
  readonly retentionType?: Retention;
  readonly retentionValue?: number;
  readonly storageType?: Storage;
  readonly replicas?: number;
  readonly partitionsNumber?: number;
  readonly idempotencyWindowMs?: number;
  readonly sendPoisonMsgToDls?: boolean;
  readonly sendSchemaFailedMsgToDls?: boolean;
  readonly dlsStation?: string;
  readonly tieredStorageEnabled?: boolean;
  readonly tags?: readonly string[];
  readonly allowMessageLoss?: boolean;
  readonly deletionProtection?: boolean;
  readonly adoptExisting?: boolean;
  readonly owner?: string;
}

/**
 * The greatest whole number that the broker's metadata can hold. A larger retention value is refused only after the
 * streams have been made, which leaves orphans behind (measured on Memphis 1.4.4).
 */
export const MAX_STORED_INTEGER = 2_147_483_647;

/** 24 hours: the broker refuses a longer idempotency window (Memphis 1.4.4). */
export const MAX_IDEMPOTENCY_WINDOW_MS = 86_400_000;

const trimsMessages =
  'A smaller limit drops the messages above it at once; a change to ACK_BASED drops what every consumer group has acknowledged.';

/** Everything that is true of a station's fields. The order is that of the reference docs. */
export const stationFields: Fields<StationDeclaration> = {
  name: {
    type: 'text',
    required: true,
    names: 'Station',
    description: 'Name of the station; upper and lower case are the same.',
    change: { how: 'replace', why: 'Memphis cannot rename a station.' },
    source: 'stream',
  },
  retentionType: {
    type: 'choice',
    values: Object.values(Retention),
    default: Retention.MAX_MESSAGE_AGE_SECONDS,
    description:
      'What makes the station drop messages: their age, their number, their size, or their acknowledgement.',
    change: { how: 'inPlace', loses: trimsMessages },
    source: 'stream',
  },
  retentionValue: {
    type: 'integer',
    minimum: 1,
    maximum: MAX_STORED_INTEGER,
    default: 3600,
    unit: 'seconds, messages per partition or bytes per partition, as retentionType says',
    description: 'The limit of the retention. It has no meaning, and must be left out, with ACK_BASED.',
    change: { how: 'inPlace', loses: trimsMessages },
    source: 'stream',
  },
  storageType: {
    type: 'choice',
    values: Object.values(Storage),
    default: Storage.DISK,
    description:
      'Whether messages are kept on disk or in memory; those in memory are gone after a restart of the broker.',
    change: { how: 'replace', why: 'Memphis cannot move a station between disk and memory.' },
    source: 'stream',
  },
  replicas: {
    type: 'integer',
    minimum: 1,
    maximum: 5,
    default: 1,
    unit: 'copies',
    description:
      'How many brokers of a cluster keep a copy of each message. The broker keeps 1, 3 or 5: 2 and 4 count as 3. More than 1 needs a cluster of that size.',
    change: { how: 'inPlace' },
    source: 'stream',
  },
  partitionsNumber: {
    type: 'integer',
    minimum: 1,
    maximum: 10_000,
    default: 1,
    unit: 'partitions',
    description: 'Over how many streams the messages are spread. Retention limits hold for each of them.',
    change: { how: 'replace', why: 'Memphis cannot change the number of partitions of a station.' },
    source: 'stream',
  },
  idempotencyWindowMs: {
    type: 'integer',
    minimum: 100,
    maximum: MAX_IDEMPOTENCY_WINDOW_MS,
    default: 120_000,
    unit: 'milliseconds',
    description:
      'For how long the broker remembers the message ids of a partition and drops a second message with the same id. Not longer than a retention by age.',
    change: { how: 'inPlace' },
    source: 'stream',
  },
  sendPoisonMsgToDls: {
    type: 'flag',
    default: true,
    description:
      'Whether messages that no consumer of a group acknowledged in time are recorded as dead letters.',
    change: { how: 'inPlace' },
    source: 'rest',
  },
  sendSchemaFailedMsgToDls: {
    type: 'flag',
    default: true,
    description:
      'Whether messages that producers could not send because they break the schema are recorded as dead letters.',
    change: { how: 'inPlace' },
    source: 'rest',
  },
  dlsStation: {
    type: 'text',
    names: 'Station',
    description:
      'Name of another station that gets a copy of each dead letter. It must exist before this one; without it no copies are made.',
    change: { how: 'inPlace' },
    source: 'rest',
  },
  tieredStorageEnabled: {
    type: 'flag',
    default: false,
    description:
      'Whether messages that retention drops are moved to a second tier of storage, if the broker has one.',
    change: { how: 'inPlace' },
    source: 'stream',
  },
  tags: {
    type: 'textSet',
    description:
      'Tags of the station in the Memphis UI, in lower case. Left out, the tags on the broker are not managed; an empty list means the tag "default" alone.',
    change: { how: 'inPlace' },
    source: 'rest',
  },
  allowMessageLoss: {
    type: 'flag',
    default: false,
    description:
      'Permits every operation that drops stored messages: destroying or replacing a station that holds some, a smaller limit, a change to ACK_BASED. A plain destroy uses the deployed value: set it, deploy, then destroy.',
    change: { how: 'policy' },
    source: 'declaration',
  },
  deletionProtection,
  adoptExisting,
  owner,
};

/** A rule over more than one field. */
export interface Rule<D> {
  /** The fields it looks at; the rule is skipped while one of them is not known yet. */
  readonly fields: readonly (keyof D & string)[];
  /** The problem in one sentence; undefined when there is none. */
  problem(declaration: Partial<D>): string | undefined;
}

export const stationRules: readonly Rule<StationDeclaration>[] = [
  {
    fields: ['retentionType', 'retentionValue'],
    problem: ({ retentionType, retentionValue }) =>
      retentionType === Retention.ACK_BASED && retentionValue !== undefined
        ? `retentionValue is ${retentionValue}, but it has no meaning with retentionType ACK_BASED; leave it out`
        : undefined,
  },
  {
    fields: ['retentionType', 'retentionValue', 'idempotencyWindowMs'],
    problem: ({ retentionType, retentionValue, idempotencyWindowMs }) => {
      if ((retentionType ?? Retention.MAX_MESSAGE_AGE_SECONDS) !== Retention.MAX_MESSAGE_AGE_SECONDS)
        return undefined;
      const ageMs = (retentionValue ?? stationFields.retentionValue.default ?? 0) * 1000;
      const window = idempotencyWindowMs ?? stationFields.idempotencyWindowMs.default ?? 0;
      if (window <= ageMs) return undefined;
      const shown = idempotencyWindowMs === undefined ? `${window} by default` : String(window);
      return `idempotencyWindowMs is ${shown}, longer than the retention of ${ageMs} ms; set it to ${ageMs} or less`;
    },
  },
  {
    fields: ['name', 'dlsStation'],
    problem: ({ name, dlsStation }) =>
      name !== undefined && dlsStation !== undefined && externalName(name) === externalName(dlsStation)
        ? `dlsStation is the station itself ("${name}"); name another station`
        : undefined,
  },
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

/** A station in the one form in which declared and live ones are compared: nothing absent, nothing ambiguous. */
export interface CanonicalStation {
  readonly name: string;
  readonly retentionType: Retention;
  /** 0 with ACK_BASED, where the broker keeps no value. */
  readonly retentionValue: number;
  readonly storageType: Storage;
  readonly replicas: number;
  readonly partitionsNumber: number;
  readonly idempotencyWindowMs: number;
  readonly sendPoisonMsgToDls: boolean;
  readonly sendSchemaFailedMsgToDls: boolean;
  /** Empty when there is none. */
  readonly dlsStation: string;
  readonly tieredStorageEnabled: boolean;
  /** Sorted; undefined when the declaration leaves the tags alone. */
  readonly tags: readonly string[] | undefined;
}

/** The tag that the broker gives to a station made without tags. */
export const DEFAULT_TAG = 'default';

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

type FieldWithDefault = Exclude<
  keyof StationDeclaration,
  'name' | 'dlsStation' | 'tags' | 'allowMessageLoss'
>;

/** The canonical form of a declaration, which is expected to be legal. */
export function canonicalStation(declaration: StationDeclaration): CanonicalStation {
  const value = <K extends FieldWithDefault>(key: K): NonNullable<StationDeclaration[K]> => {
    const given = declaration[key] ?? stationFields[key].default;
    if (given === undefined) throw new TypeError(`station field ${key} has no default`);
    return given;
  };
  const retentionType = value('retentionType');
  return {
    name: externalName(declaration.name),
    retentionType,
    retentionValue: retentionType === Retention.ACK_BASED ? 0 : value('retentionValue'),
    storageType: value('storageType'),
    replicas: effectiveReplicas(value('replicas')),
    partitionsNumber: value('partitionsNumber'),
    idempotencyWindowMs: value('idempotencyWindowMs'),
    sendPoisonMsgToDls: value('sendPoisonMsgToDls'),
    sendSchemaFailedMsgToDls: value('sendSchemaFailedMsgToDls'),
    dlsStation: externalName(declaration.dlsStation ?? ''),
    tieredStorageEnabled: value('tieredStorageEnabled'),
    tags: declaration.tags === undefined ? undefined : canonicalTags(declaration.tags),
  };
}

/** The broker's word on a station name, for callers that only have a name. */
export function stationNameProblem(name: string): string | undefined {
  return nameProblem('Station', name);
}
