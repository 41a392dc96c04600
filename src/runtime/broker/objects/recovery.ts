import { lowerCase, parsePartitionStream, partitionStream } from '../../../model/names';
import { allDeadLetters } from '../dead-letters/rows';
import type { StreamInfo } from '../jetstream/api';
import { partitionStreamConfig } from '../jetstream/partition-stream';
import type { BrokerContext } from './context';
import { removeStreamIfEmpty } from './station-streams';
import { creatorOf, removeStation, removeStationRow } from './stations';

/**
 * Puts right what a kill left half done, before anybody is served:
 * - a removal that had begun is finished;
 * - a station that lacks streams gets them (memory streams never survive);
 * - dead letters whose station, row or content is gone are forgotten;
 * - a station whose stream another NATS client made, and that is gone, goes, too;
 * - streams of a creation that did not get as far as the row are removed. Streams that hold a message or a consumer, or do
 *   not look like ours, are kept and reported.
 *
 * @param isFaithful leaves streams as they are, as a real broker does: they stay missing, or belong to nobody.
 */
export async function recover(context: BrokerContext, isFaithful = false): Promise<void> {
  const { metadata, jetstream, log } = context;
  for (const station of metadata.stations.all()) {
    if (station.isBeingRemoved !== true) continue;
    log(`station ${station.name}: finishing the removal that was interrupted`);
    await removeStation(context, station, creatorOf(station));
  }
  const streams = new Map((await jetstream.streams()).map((stream) => [stream.config.name, stream]));
  await recoverDeadLetters(context, streams);
  if (!isFaithful) await recoverStreams(context, streams);
}

async function recoverStreams(
  context: BrokerContext,
  streams: ReadonlyMap<string, StreamInfo>,
): Promise<void> {
  const { metadata, jetstream, log } = context;
  const inLowerCase = new Set([...streams.keys()].map(lowerCase));
  for (const station of metadata.stations.all()) {
    if (station.isNative !== false || inLowerCase.has(station.name)) continue;
    log(`station ${station.name} goes, because the stream that it stood for is gone`);
    await removeStationRow(context, station, creatorOf(station));
  }
  for (const station of metadata.stations.all()) {
    const missing = station.partitions.filter(
      (partition) => !streams.has(partitionStream(station.name, partition)),
    );
    if (missing.length === 0) continue;
    if (station.storageType !== 'memory')
      log(`station ${station.name}: making its missing streams again, empty`);
    for (const partition of missing) await jetstream.createStream(partitionStreamConfig(station, partition));
  }
  const owners = new Set(
    metadata.stations
      .all()
      .flatMap(({ name, partitions }) => partitions.map((partition) => partitionStream(name, partition))),
  );
  const known = new Set([...owners].map((name) => parsePartitionStream(name)?.internal));
  for (const [name, stream] of streams) {
    const place = parsePartitionStream(name);
    // A further stream of a station that exists was made on purpose.
    if (place === undefined || known.has(place.internal)) continue;
    if (isUntouched(stream)) await removeStreamIfEmpty(context, name);
    else
      log(
        `stream ${name} belongs to no station and is kept: it holds ${stream.state.messages} messages and ${stream.state.consumer_count} consumers`,
      );
  }
}

/** True for a stream just as station creation makes it. */
function isUntouched({ config, state }: StreamInfo): boolean {
  const subjects = config.subjects ?? [];
  return (
    state.messages === 0 &&
    state.consumer_count === 0 &&
    subjects.length === 1 &&
    subjects[0] === `${config.name}.>`
  );
}

async function recoverDeadLetters(
  context: BrokerContext,
  streams: ReadonlyMap<string, StreamInfo>,
): Promise<void> {
  const { metadata } = context;
  for (const row of metadata.deadLetters.all()) {
    const station = metadata.stations.get(row.stationId);
    const stream = station && streams.get(partitionStream(station.name, row.partition));
    // The server tells only of messages that it has.
    const isOver = row.groups.length === 0 && row.messageSeq < (stream?.state.first_seq ?? 0);
    if (station === undefined || (row.type === 'poison' && isOver)) await metadata.deadLetters.remove(row.id);
  }
  const letters = allDeadLetters(context).map(({ contentKey }) => contentKey);
  await context.deadLetterContents.removeAllBut(new Set(letters));
}
