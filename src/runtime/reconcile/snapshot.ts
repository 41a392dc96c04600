import { internalName, parsePartitionStream } from '../../model/names';
import type { Admin, SchemaRow, StationRow, StreamInfo } from '../admin';
import { completeRows } from '../admin/all-stations';
import { refuseTwoBrokers } from './one-broker';
import type { LiveStation } from './station/live';
import { liveStation, splitStreams } from './station/live';

/** A station with what only the list of all stations shows of it. */
export interface ListedStation extends LiveStation {
  readonly row: StationRow;
}

/** Everything on a broker, read in bulk. */
export interface Snapshot {
  /** By internal name. */
  readonly stations: ReadonlyMap<string, ListedStation>;
  /** Partition streams that belong to no station. */
  readonly orphans: readonly StreamInfo[];
  /** By name. */
  readonly schemas: ReadonlyMap<string, SchemaRow>;
}

/**
 * The same snapshot with one stream as it is now.
 * @returns undefined when the stream is not one that a station of the snapshot has
 */
export function withStream(snapshot: Snapshot, stream: StreamInfo): Snapshot | undefined {
  const internal = parsePartitionStream(stream.config.name)?.internal ?? '';
  const station = snapshot.stations.get(internal);
  const index = station?.streams.findIndex(({ config }) => config.name === stream.config.name) ?? -1;
  if (station === undefined || index === -1) return undefined;
  const current = { ...liveStation(station.row, station.streams.with(index, stream)), row: station.row };
  return { ...snapshot, stations: new Map(snapshot.stations).set(internal, current) };
}

/**
 * Reads everything once: the streams in pages of 256, the stations and the schemas in one request each, whatever the
 * number of objects a plan looks at. Stations that the broker leaves out of its list are read one by one.
 */
export async function observe(admin: Admin): Promise<Snapshot> {
  const [streams, listing, schemas] = await Promise.all([
    admin.listStreams(),
    admin.listNewestStations(),
    admin.listSchemas(),
  ]);
  return snapshotOf(admin, streams, await completeRows(admin, listing, streams, schemas), schemas);
}

async function snapshotOf(
  admin: Admin,
  streams: readonly StreamInfo[],
  rows: readonly StationRow[],
  schemas: readonly SchemaRow[],
): Promise<Snapshot> {
  const byStation = new Map<string, StreamInfo[]>();
  for (const stream of streams) {
    const internal = parsePartitionStream(stream.config.name)?.internal ?? '';
    const siblings = byStation.get(internal);
    if (siblings === undefined) byStation.set(internal, [stream]);
    else siblings.push(stream);
  }
  const stations = new Map<string, ListedStation>();
  const orphans: StreamInfo[] = [];
  for (const row of rows) {
    const internal = internalName(row.name);
    const { own, extra } = splitStreams(row, byStation.get(internal) ?? []);
    stations.set(internal, { ...liveStation(row, own), row });
    orphans.push(...extra);
    byStation.delete(internal);
  }
  for (const left of byStation.values()) orphans.push(...left);
  await refuseTwoBrokers(admin, stations, orphans);
  return { stations, orphans, schemas: new Map(schemas.map((schema) => [schema.name, schema])) };
}
