import { UnsafeRequestError } from '../../model/errors';
import { fromInternalName, parsePartitionStream } from '../../model/names';
import { stationFields, stationRowValues } from '../../model/station';
import type { StreamInfo } from '../../model/stream';
import type { Admin, StationRow } from './port';

/** What the streams of a station show although it is read from the row where there is one. */
const shownByStreams = ['name', 'partitionsNumber'];

/** The fields of a station that the REST API alone tells. */
export const restOnlyStationFields: readonly string[] = Object.entries(stationFields).flatMap(
  ([name, field]) =>
    'read' in field && field.read.from === 'row' && !shownByStreams.includes(name) ? [name] : [],
);

/**
 * The same port where only the client port can be reached: stations as their streams and the ledger tell them, and no
 * schemas, users and settings. What `restOnlyStationFields` names is empty, and must not be compared with anything. It
 * reads only.
 */
export function streamsOnly(admin: Admin): Admin {
  const rows = async (): Promise<StationRow[]> => {
    const [streams, records] = await Promise.all([admin.listStreams(), admin.ledger.list('station')]);
    return rowsOf(streams, (name) => Number(records.get(name)?.uid ?? 0));
  };
  const unreadable = () =>
    Promise.reject(
      new UnsafeRequestError({
        attempted: 'ask the REST API',
        found: 'this run uses the client port alone',
        next: 'Run it without --streams-only',
      }),
    );
  return {
    ...admin,
    facts: { ...admin.facts, isWithoutRest: true },
    listStations: rows,
    listNewestStations: async () => ({ rows: await rows(), isComplete: true }),
    readStation: async (name) => (await rows()).find((row) => row.name === name),
    readStationHistory: () => Promise.resolve([]),
    listSchemas: () => Promise.resolve([]),
    readSchema: unreadable,
    listUsers: () => Promise.resolve([]),
    canSeeRest: () => Promise.resolve(undefined),
    readClusterSettings: unreadable,
  };
}

function rowsOf(streams: readonly StreamInfo[], idOf: (name: string) => number): StationRow[] {
  const last = new Map<string, number>();
  for (const { config } of streams) {
    const { internal, partition } = parsePartitionStream(config.name) ?? { internal: '', partition: 0 };
    if (partition > 0) last.set(internal, Math.max(partition, last.get(internal) ?? 0));
  }
  return [...last].map(([internal, count]) => {
    const name = fromInternalName(internal);
    const partitions = Array.from({ length: count }, (_, index) => index + 1);
    const values = stationRowValues({ name, partitions_list: partitions }, 'listed');
    return { ...values, id: idOf(name), partitions, isNative: true, schemaName: '', schemaVersionNumber: 0 };
  });
}
