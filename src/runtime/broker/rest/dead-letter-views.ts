import type { BrokerContext } from '../objects/context';
import { allHeaders, ownHeaders } from '../objects/messages';
import type { DeadLetterRow, StationRow } from '../store/rows';
import { groupStatistics, memberView } from './consumer-group-views';
import { panicked, ReplyError } from './reply';

const SHOWN_BYTES = 40;

/** An element of the lists in the overview of a station. */
export async function listedDeadLetter(context: BrokerContext, row: DeadLetterRow): Promise<object> {
  const content = await context.deadLetterContents.get(row.contentKey);
  return {
    message_seq: row.messageSeq,
    id: row.id,
    message: {
      time_sent: row.timeSent,
      size: row.size,
      data: content?.data.subarray(0, SHOWN_BYTES).toString('hex') ?? '',
      headers: content?.headers === undefined ? null : allHeaders(content.headers),
    },
  };
}

/** One dead letter with the groups that gave up on it. */
export async function deadLetterDetails(
  context: BrokerContext,
  station: StationRow,
  row: DeadLetterRow,
): Promise<Record<string, unknown>> {
  const { metadata } = context;
  const content = await context.deadLetterContents.get(row.contentKey);
  const isActive = metadata.producers
    .all()
    .some(
      (producer) => producer.stationId === station.id && producer.name === row.producer && producer.isActive,
    );
  return {
    id: row.id,
    station_name: station.name,
    schema_type: metadata.schemas.find(station.schemaName)?.type ?? '',
    message_seq: row.messageSeq,
    producer: { name: row.producer, is_active: isActive },
    poisoned_cgs: await Promise.all(row.groups.map((group) => poisonedGroup(context, station, row, group))),
    message: {
      time_sent: row.timeSent,
      size: row.size,
      data: content?.data.toString('hex') ?? '',
      headers: content?.headers === undefined ? null : ownHeaders(content.headers),
    },
    updated_at: row.updatedAt,
    validation_error: row.validationError,
  };
}

async function poisonedGroup(
  context: BrokerContext,
  station: StationRow,
  row: DeadLetterRow,
  group: string,
): Promise<object> {
  const members = context.metadata.consumers
    .all()
    .filter((member) => member.stationId === station.id && member.group === group);
  const [first] = members;
  // A real broker recovers from a panic here.
  if (first === undefined) throw new ReplyError(panicked);
  const statistics = await groupStatistics(context, station, [row.partition], group);
  return {
    cg_name: group,
    unprocessed_messages: statistics.unprocessed,
    max_ack_time_ms: first.maxAckTimeMs,
    in_process_messages: statistics.inProcess,
    total_poison_messages: -1,
    max_msg_deliveries: first.maxMsgDeliveries,
    cg_members: members.map((member) => memberView(member)),
    is_active: members.some((member) => member.isActive),
    is_deleted: false,
  };
}
