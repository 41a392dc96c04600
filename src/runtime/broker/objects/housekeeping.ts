import { errorText } from '../../../model/errors';
import { removeOldDeadLetters } from '../dead-letters/rows';
import { streamOf } from '../jetstream/stream-names';
import type { ConsumerRow, ProducerRow } from '../store/rows';
import type { Table } from '../store/table';
import type { BrokerContext } from './context';
import { creatorOf, removeStationRow } from './stations';

const PERIOD_MS = 120_000;
const HOUR_MS = 3_600_000;
// As on a real broker, which keeps them for ever unless members are collected; a store should not grow for ever.
const HISTORY_HOURS = 72;

/**
 * Removes what is too old, now and then.
 * @param staleStationsAfterMs when stations go that lack a stream; undefined: never, as they got it again at the start.
 * @returns what ends it.
 */
export function startHousekeeping(context: BrokerContext, staleStationsAfterMs?: number): () => void {
  const remove = (what: string, removal: () => Promise<void>): void => {
    context.changes
      .run(removal)
      .catch((error: unknown) => context.log(`${what} not removed: ${errorText(error)}`));
  };
  const timer = setInterval(
    () => remove('what is too old was', () => removeWhatIsTooOld(context)),
    PERIOD_MS,
  );
  timer.unref();
  const stale =
    staleStationsAfterMs === undefined
      ? undefined
      : setTimeout(
          () => remove('stations that lack a stream were', () => removeStaleStations(context)),
          staleStationsAfterMs,
        );
  stale?.unref();
  return () => {
    clearInterval(timer);
    clearTimeout(stale);
  };
}

/** Removes the rows of stations that lack a stream. The streams that they have stay, and belong to nobody. */
async function removeStaleStations(context: BrokerContext): Promise<void> {
  const { jetstream, metadata, log } = context;
  const streams = new Set((await jetstream.streams()).map(({ config }) => config.name));
  for (const station of metadata.stations.all()) {
    const missing = station.partitions.find((partition) => !streams.has(streamOf(station, partition)));
    if (missing === undefined) continue;
    log(`station ${station.name} goes, because partition ${missing} has no stream`);
    await removeStationRow(context, station, creatorOf(station));
  }
}

/** Dead letters and members that are gone have no age limit until one is set with editClusterConfig. */
export async function removeWhatIsTooOld(context: BrokerContext): Promise<void> {
  const { metadata } = context;
  const [settings] = metadata.clusterSettings.all();
  if (settings !== undefined && settings.dlsRetentionHours > 0) {
    await removeOldDeadLetters(context, settings.dlsRetentionHours);
  }
  if (settings !== undefined && settings.gcRetentionHours > 0) {
    const limit = Date.now() - settings.gcRetentionHours * HOUR_MS;
    await removeGone(metadata.producers, limit, () => false);
    // The last row of a group stays: it is what the group is known by.
    await removeGone(
      metadata.consumers,
      limit,
      (row) => metadata.consumers.all().filter(({ group }) => group === row.group).length === 1,
    );
  }
  const limit = Date.now() - HISTORY_HOURS * HOUR_MS;
  for (const row of metadata.audit.all()) {
    if (Date.parse(row.createdAt) < limit) await metadata.audit.remove(row.id);
  }
}

async function removeGone<Client extends ProducerRow | ConsumerRow>(
  table: Table<Client>,
  limit: number,
  isKept: (row: Client) => boolean,
): Promise<void> {
  for (const row of table.all()) {
    if (!row.isActive && Date.parse(row.updatedAt) < limit && !isKept(row)) await table.remove(row.id);
  }
}
