import { partitionStream } from '../../../model/names';
import { isJetStreamRefusal, jetStreamCodes } from '../../connection/jetstream-requests';
import type { StationSettings } from '../jetstream/partition-stream';
import { partitionStreamConfig } from '../jetstream/partition-stream';
import { placesOf, streamOf } from '../jetstream/stream-names';
import type { StationRow } from '../store/rows';
import type { BrokerContext } from './context';

// Enough to keep the server busy without flooding it.
const IN_FLIGHT = 32;

/**
 * Creates the stream of every partition; streams that exist with the same configuration are adopted.
 * When one fails, the others are removed again, except those that hold messages.
 */
export async function createStreams(
  context: BrokerContext,
  settings: StationSettings,
  partitions: readonly number[],
): Promise<void> {
  const created: number[] = [];
  const create = async (partition: number): Promise<void> => {
    await context.jetstream.createStream(partitionStreamConfig(settings, partition));
    created.push(partition);
  };
  try {
    // The first alone: what is wrong with all of them shows there.
    for (let at = 0; at < partitions.length; at += at === 0 ? 1 : IN_FLIGHT) {
      const batch = partitions.slice(at, at === 0 ? 1 : at + IN_FLIGHT);
      const results = await Promise.allSettled(batch.map(create));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    }
  } catch (error) {
    for (const partition of created)
      await removeStreamIfEmpty(context, partitionStream(settings.name, partition));
    throw error;
  }
}

/** Deletes the streams of a station; a stream that cannot be deleted is only reported. */
export async function deleteStreams(context: BrokerContext, station: StationRow): Promise<void> {
  const places = placesOf(station);
  for (let at = 0; at < places.length; at += IN_FLIGHT) {
    await Promise.all(
      places.slice(at, at + IN_FLIGHT).map(async (partition) => {
        const name = streamOf(station, partition);
        try {
          await context.jetstream.deleteStream(name);
        } catch (error) {
          if (!isJetStreamRefusal(error)) throw error;
          if (error.apiCode !== jetStreamCodes.streamNotFound)
            context.log(`stream ${name} was not deleted: ${error.found}`);
        }
      }),
    );
  }
}

/** Removes a stream that holds no message. */
export async function removeStreamIfEmpty(context: BrokerContext, name: string): Promise<void> {
  try {
    const { state } = await context.jetstream.streamInfo(name);
    if (state.messages > 0) {
      context.log(`stream ${name} belongs to no station and is kept: it holds ${state.messages} messages`);
      return;
    }
    await context.jetstream.deleteStream(name);
  } catch (error) {
    if (!isJetStreamRefusal(error, jetStreamCodes.streamNotFound)) throw error;
  }
}
