import { internalName, parsePartitionStream, partitionSubject } from '../../../model/names';
import { isJetStreamRefusal, jetStreamCodes } from '../../connection/jetstream-requests';
import { streamOf } from '../jetstream/stream-names';
import type { StationRow } from '../store/rows';
import type { BrokerContext } from './context';

/**
 * How many messages every station holds, by internal name. All streams of the form `<station>$<n>` count, also those
 * that are no partition of the station, as on a real broker.
 */
export async function countAllMessages({ jetstream, metadata }: BrokerContext): Promise<Map<string, number>> {
  const foreign = new Set(
    metadata.stations.all().flatMap(({ name, isNative }) => (isNative === false ? [internalName(name)] : [])),
  );
  const counts = new Map<string, number>();
  for (const { config, state } of await jetstream.streams()) {
    const owner =
      parsePartitionStream(config.name)?.internal ?? (foreign.has(config.name) ? config.name : undefined);
    if (owner !== undefined) counts.set(owner, (counts.get(owner) ?? 0) + state.messages);
  }
  return counts;
}

/** Messages of one partition; undefined when its stream is missing. */
export async function countMessages(
  { jetstream }: BrokerContext,
  station: StationRow,
  partition: number,
): Promise<number | undefined> {
  const stream = streamOf(station, partition);
  try {
    // Other NATS clients have subjects of their own.
    if (station.isNative === false) return (await jetstream.streamInfo(stream)).state.messages;
    const { state } = await jetstream.streamInfo(stream, partitionSubject(stream));
    return state.subjects?.[partitionSubject(stream)] ?? 0;
  } catch (error) {
    if (isJetStreamRefusal(error, jetStreamCodes.streamNotFound)) return undefined;
    throw error;
  }
}
