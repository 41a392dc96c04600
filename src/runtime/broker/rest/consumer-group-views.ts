import type { ConsumerInfo } from '../jetstream/api';
import { isJetStreamRefusal, jetStreamCodes } from '../../connection/jetstream-requests';
import { durableName } from '../jetstream/durable';
import { streamOf } from '../jetstream/stream-names';
import type { BrokerContext } from '../objects/context';
import type { ConsumerRow, StationRow } from '../store/rows';

/** What clients of now send; older ones could be updated. */
export const NEWEST_CLIENT_VERSION = 4;

/** A consumer group as the overview of its station shows it. `members`: newest first. */
export async function groupView(
  context: BrokerContext,
  station: StationRow,
  partitions: readonly number[],
  members: readonly ConsumerRow[],
  poisonMessages: (group: string) => number,
): Promise<object> {
  const newest = members[0];
  const group = newest?.group ?? '';
  const { unprocessed, inProcess } = await groupStatistics(context, station, partitions, group);
  const active = members.filter(({ isActive }) => isActive);
  return {
    name: group,
    unprocessed_messages: unprocessed,
    poison_messages: poisonMessages(group),
    is_active: active.length > 0,
    in_process_messages: inProcess,
    max_ack_time_ms: newest?.maxAckTimeMs ?? 0,
    max_msg_deliveries: newest?.maxMsgDeliveries ?? 0,
    connected_consumers: active.map((row) => memberView(row)),
    disconnected_consumers: members.filter(({ isActive }) => !isActive).map((row) => memberView(row)),
    deleted_consumers: [],
    last_status_change_date: newest?.updatedAt ?? '',
    partitions_list: newest?.partitions ?? [],
    sdk_language: newest?.sdk ?? '',
    update_available: active.some(({ version }) => version < NEWEST_CLIENT_VERSION),
  };
}

export function memberView(row: ConsumerRow): object {
  return {
    name: row.name,
    // The spelling is the broker's.
    Connection_id: row.connectionId,
    is_active: row.isActive,
    max_msg_deliveries: row.maxMsgDeliveries,
    max_ack_time_ms: row.maxAckTimeMs,
    partitions_list: row.partitions,
    count: 1,
  };
}

/** How far a group is, over some partitions; durables that are missing count as nothing. */
export async function groupStatistics(
  context: BrokerContext,
  station: StationRow,
  partitions: readonly number[],
  group: string,
): Promise<{ readonly unprocessed: number; readonly inProcess: number }> {
  const infos = await Promise.all(
    partitions.map((partition) => groupInfo(context, station, partition, group)),
  );
  const sum = (valueOf: (info: ConsumerInfo) => number): number =>
    infos.reduce((total, info) => total + (info === undefined ? 0 : valueOf(info)), 0);
  return { unprocessed: sum((info) => info.num_pending), inProcess: sum((info) => info.num_ack_pending) };
}

async function groupInfo(
  { jetstream }: BrokerContext,
  station: StationRow,
  partition: number,
  group: string,
): Promise<ConsumerInfo | undefined> {
  try {
    return await jetstream.consumerInfo(streamOf(station, partition), durableName(group));
  } catch (error) {
    if (isJetStreamRefusal(error, jetStreamCodes.consumerNotFound, jetStreamCodes.streamNotFound))
      return undefined;
    throw error;
  }
}
