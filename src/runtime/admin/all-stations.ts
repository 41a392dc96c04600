import { fromInternalName, internalName, parsePartitionStream } from '../../model/names';
import type { StreamInfo } from '../../model/stream';
import { inParallel } from './batch';
import type { Admin, SchemaRow, StationListing, StationRow } from './port';

/**
 * The rows of all stations, also of a broker with more stations than it lists (Memphis 1.4.4 shows the newest 5,000).
 * Those that the list leaves out have streams: each of them is read by its name, and which schema it enforces from the
 * schemas. A row that cannot be read is an error, so that no station is ever taken for one that is gone.
 */
export async function allStations(admin: Admin): Promise<readonly StationRow[]> {
  const listing = await admin.listNewestStations();
  if (listing.isComplete) return listing.rows;
  const [streams, schemas] = await Promise.all([admin.listStreams(), admin.listSchemas()]);
  return completeRows(admin, listing, streams, schemas);
}

/** The rows of a listing, and of the stations that it leaves out. */
export async function completeRows(
  admin: Admin,
  { rows, isComplete }: StationListing,
  streams: readonly StreamInfo[],
  schemas: readonly SchemaRow[],
): Promise<readonly StationRow[]> {
  if (isComplete) return rows;
  const listed = new Set(rows.map(({ name }) => internalName(name)));
  const withStreams = streams.map(({ config }) => parsePartitionStream(config.name)?.internal ?? '');
  const names = [...new Set(withStreams)].filter((internal) => !listed.has(internal)).map(fromInternalName);
  const [stations, details] = await Promise.all([
    inParallel(names, (name) => admin.readStation(name)),
    inParallel(schemas, ({ name }) => admin.readSchema(name)),
  ]);
  const schemaOf = new Map(
    details.flatMap((schema) => (schema?.usedStations ?? []).map((station) => [station, schema?.name])),
  );
  const unlisted = stations.flatMap((station) =>
    // Which version of its schema the station has stands only in the list.
    station === undefined
      ? []
      : [{ ...station, schemaName: schemaOf.get(station.name) ?? '', schemaVersionNumber: 0 }],
  );
  return [...rows, ...unlisted];
}
