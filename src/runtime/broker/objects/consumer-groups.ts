import { isJetStreamRefusal, jetStreamCodes } from '../../connection/jetstream-requests';
import type { GroupSettings } from '../jetstream/durable';
import { durableConfig, durableName } from '../jetstream/durable';
import { placesOf, streamOf } from '../jetstream/stream-names';
import type { ConsumerRow, StationRow } from '../store/rows';
import type { BrokerContext } from './context';

/** The connected members of a group, oldest first. */
export function activeMembers(
  { metadata }: BrokerContext,
  station: StationRow,
  group: string,
): ConsumerRow[] {
  return metadata.consumers
    .all()
    .filter((row) => row.stationId === station.id && row.group === group && row.isActive);
}

/**
 * Makes the durable of a group on every partition, or changes it. A group with a connected member is changed only when
 * ack time or deliveries differ from what its oldest member asked for, and is not repaired when a durable is missing.
 */
export async function putGroup(
  context: BrokerContext,
  station: StationRow,
  group: string,
  settings: GroupSettings,
): Promise<void> {
  const [member] = activeMembers(context, station, group).filter(({ type }) => type === 'application');
  const isUnchanged =
    member?.maxAckTimeMs === settings.maxAckTimeMs && member.maxMsgDeliveries === settings.maxMsgDeliveries;
  if (isUnchanged) return;
  // A quirk that clients see: the last messages of the only partition give no durable at all, and success.
  if (settings.lastMessages > 0 && station.partitions.length === 1) return;
  const isNative = station.isNative !== false;
  // Another quirk: without partitions, the last messages are all messages.
  const wanted = isNative || settings.lastMessages <= 0 ? settings : { ...settings, lastMessages: -1 };
  for (const partition of placesOf(station)) {
    const stream = streamOf(station, partition);
    const lastSequence =
      wanted.lastMessages > 0 ? (await context.jetstream.streamInfo(stream)).state.last_seq : 0;
    const config = durableConfig(stream, group, wanted, lastSequence);
    await context.jetstream.putConsumer(stream, durableName(group), config);
  }
}

/** Deletes the durable of a group; one that is not there is no error. */
export async function deleteGroup(
  { jetstream }: BrokerContext,
  streams: readonly string[],
  group: string,
): Promise<void> {
  for (const stream of streams) {
    try {
      await jetstream.deleteConsumer(stream, durableName(group));
    } catch (error) {
      if (!isJetStreamRefusal(error, jetStreamCodes.consumerNotFound, jetStreamCodes.streamNotFound))
        throw error;
    }
  }
}
