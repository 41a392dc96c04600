import { randomBytes } from 'node:crypto';

import type { Bucket } from './bucket';
import type {
  AuditRow,
  ClusterSettingsRow,
  ConsumerRow,
  DeadLetterRow,
  ProducerRow,
  Row,
  SecretRow,
  StationRow,
  TagRow,
  UserRow,
} from './rows';
import type { KeptSchema, KeptVersion } from './schema-table';
import { SchemaTable } from './schema-table';
import { Table } from './table';

/** Everything the broker knows beside the messages. */
export interface Metadata {
  /** Found by external name. */
  readonly stations: Table<StationRow>;
  /** Found by name as stored. */
  readonly schemas: SchemaTable;
  /** Found by name. */
  readonly tags: Table<TagRow>;
  readonly producers: Table<ProducerRow>;
  readonly consumers: Table<ConsumerRow>;
  /** Found by user name. */
  readonly users: Table<UserRow>;
  readonly audit: Table<AuditRow>;
  readonly clusterSettings: Table<ClusterSettingsRow>;
  /** Found by the key of their content. */
  readonly deadLetters: Table<DeadLetterRow>;
  /** A random text that is made once for each store. */
  secret(name: string): Promise<string>;
}

/** Reads all metadata from the bucket. */
export async function loadMetadata(bucket: Bucket): Promise<Metadata> {
  let lastId = bucket.firstFreeId - 1;
  const ids = { next: () => (lastId += 1) };
  const tables = {
    stations: new Table<StationRow>('station', bucket, ids, (row) => row.name),
    tags: new Table<TagRow>('tag', bucket, ids, (row) => row.name),
    producers: new Table<ProducerRow>('producer', bucket, ids),
    consumers: new Table<ConsumerRow>('consumer', bucket, ids),
    users: new Table<UserRow>('user', bucket, ids, (row) => row.username),
    audit: new Table<AuditRow>('audit', bucket, ids),
    clusterSettings: new Table<ClusterSettingsRow>('config', bucket, ids),
    deadLetters: new Table<DeadLetterRow>('dls', bucket, ids, (row) => row.contentKey),
  };
  const keptSchemas = new Table<KeptSchema>('schema', bucket, ids, (row) => row.name);
  const keptVersions = new Table<KeptVersion>('version', bucket, ids);
  const schemas = new SchemaTable(keptSchemas, keptVersions);
  const secrets = new Table<SecretRow>('secret', bucket, ids, (row) => row.name);
  const byKind: Readonly<Record<string, { restore(row: never): void } | undefined>> = {
    station: tables.stations,
    schema: keptSchemas,
    version: keptVersions,
    tag: tables.tags,
    producer: tables.producers,
    consumer: tables.consumers,
    user: tables.users,
    audit: tables.audit,
    config: tables.clusterSettings,
    dls: tables.deadLetters,
    secret: secrets,
  };
  const rows = [...(await bucket.load())].map(([key, value]) => ({
    kind: key.slice(0, key.indexOf('.')),
    row: JSON.parse(value) as Row,
  }));
  // Ids rise with time: sorted, every table is in the order its rows were made.
  rows.sort((left, right) => left.row.id - right.row.id);
  // Rows that were moved here have ids of the bucket that they came from.
  lastId = Math.max(lastId, rows.at(-1)?.row.id ?? 0);
  for (const { kind, row } of rows) byKind[kind]?.restore(row as never);
  await schemas.restored();
  return {
    ...tables,
    schemas,
    secret: async (name) =>
      (secrets.find(name) ?? (await secrets.insert({ name, value: randomBytes(32).toString('base64url') })))
        .value,
  };
}
