import { parsePartitionStream, partitionStream, partitionSubject } from '../../../model/names';
import { isJetStreamError, jetStreamCodes } from '../jetstream/api';
import type { StationRow } from '../store/rows';
import type { BrokerContext } from './context';

/**
 * How many messages every station holds, by internal name. All streams of the form `<station>$<n>` count, also those
 * that are no partition of the station, as on a real broker.
 */
export async function countAllMessages({ jetstream }: BrokerContext): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { config, state } of await jetstream.streams()) {
    const owner = parsePartitionStream(config.name);
    if (owner !== undefined) counts.set(owner.internal, (counts.get(owner.internal) ?? 0) + state.messages);
  }
  return counts;
}

/** Messages of one partition; undefined when its stream is missing. */
export async function countMessages(
  { jetstream }: BrokerContext,
  station: StationRow,
  partition: number,
): Promise<number | undefined> {
  const stream = partitionStream(station.name, partition);
  try {
    const { state } = await jetstream.streamInfo(stream, partitionSubject(stream));
    return state.subjects?.[partitionSubject(stream)] ?? 0;
  } catch (error) {
    if (isJetStreamError(error, jetStreamCodes.streamNotFound)) return undefined;
    throw error;
  }
}
