import { internalName } from '../../model/names';
import type { SchemaType } from '../../model/schema-type';
import type { CanonicalStation } from '../../model/station';
import type { Admin, LedgerRecord, StreamInfo } from '../admin';
import { inParallel } from '../admin/batch';
import type { ListedStation, Stored, WantedUser } from '../reconcile';
import { observe, stationKind, stored, userKind } from '../reconcile';

/** A station on the broker, with everything that bulk reads tell of it. */
export interface InventoryStation {
  /** External name. */
  readonly name: string;
  /** False for the stream of a plain NATS client, which Memphis shows as a station without partitions. */
  readonly isNative: boolean;
  readonly live: ListedStation;
  /** The fields of the model's table; where partitions differ from each other, those of the first. */
  readonly settings: CanonicalStation;
  readonly stored: Stored;
  /** Project, stack and construct path of the declaration that owns it; absent when none is recorded. */
  readonly owner?: string;
  /** Owner of the schema's enforcement. */
  readonly enforcementOwner?: string;
}

/** A schema on the broker. */
export interface InventorySchema {
  readonly name: string;
  readonly type: SchemaType;
  /** Number of the active version. */
  readonly version: number;
  /** External names of the stations that enforce it, sorted. */
  readonly stations: readonly string[];
  readonly owner?: string;
}

/** A user of the broker; root, whom every broker has, is not among them. */
export interface InventoryUser {
  readonly name: string;
  /** The fields of the model's table; there is no password. */
  readonly settings: WantedUser;
  readonly owner?: string;
}

/** What is on a broker. Everything is sorted by name. */
export interface Inventory {
  readonly stations: readonly InventoryStation[];
  readonly schemas: readonly InventorySchema[];
  readonly users: readonly InventoryUser[];
  /** Partition streams that belong to no station. */
  readonly orphans: readonly StreamInfo[];
}

/** Reads what is on a broker, in bulk: the number of requests does not grow with the number of stations up to 5,000. */
export async function takeInventory(admin: Admin): Promise<Inventory> {
  const [snapshot, listedUsers, stationOwners, schemaOwners, enforcementOwners, userOwners] =
    await Promise.all([
      observe(admin),
      admin.listUsers(),
      admin.ledger.list('station'),
      admin.ledger.list('schema'),
      admin.ledger.list('enforcement'),
      admin.ledger.list('user'),
    ]);
  const listed = await inParallel([...snapshot.stations.values()], (station) =>
    withOwnStream(admin, station),
  );
  const stations = listed.map((live): InventoryStation => {
    const { row } = live;
    const owner = ownerOf(stationOwners.get(row.name), row.id);
    const enforcementOwner = row.schemaName === '' ? undefined : enforcementOwners.get(row.name)?.owner;
    return {
      name: row.name,
      isNative: row.isNative,
      live,
      settings: stationKind.normalise(live),
      stored: stored(live),
      ...(owner === undefined ? {} : { owner }),
      ...(enforcementOwner === undefined ? {} : { enforcementOwner }),
    };
  });
  const enforcing = new Map<string, string[]>();
  for (const { row } of listed) {
    if (row.schemaName === '') continue;
    const names = enforcing.get(row.schemaName);
    if (names === undefined) enforcing.set(row.schemaName, [row.name]);
    else names.push(row.name);
  }
  const schemas = [...snapshot.schemas.values()].map((row): InventorySchema => {
    const owner = ownerOf(schemaOwners.get(row.name), row.id);
    return {
      name: row.name,
      type: row.type,
      version: row.activeVersionNumber,
      stations: (enforcing.get(row.name) ?? []).sort(),
      ...(owner === undefined ? {} : { owner }),
    };
  });
  const users = listedUsers.flatMap((row): InventoryUser[] => {
    if (row.type === 'root') return [];
    const owner = ownerOf(userOwners.get(row.name), row.id);
    const settings = userKind.normalise(row);
    return [{ name: row.name, settings, ...(owner === undefined ? {} : { owner }) }];
  });
  return {
    stations: stations.sort(byName),
    schemas: schemas.sort(byName),
    users: users.sort(byName),
    orphans: snapshot.orphans,
  };
}

/** The stream of a plain NATS client has the name of its station, and is in no list of partitions. */
async function withOwnStream(admin: Admin, station: ListedStation): Promise<ListedStation> {
  if (station.row.isNative || station.streams.length > 0) return station;
  const stream = await admin.readStream(internalName(station.row.name));
  return stream === undefined ? station : { ...station, streams: [stream] };
}

/** A record about another object of that name, which is gone, is nobody's. */
function ownerOf(record: LedgerRecord | undefined, id: number): string | undefined {
  return record?.uid === String(id) ? record.owner : undefined;
}

/** By code units, the same on every machine. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
