import { deadLettersOf } from '../dead-letters/rows';
import { placesOf, streamOf } from '../jetstream/stream-names';
import type { BrokerContext } from '../objects/context';
import { countMessages } from '../objects/message-counts';
import type { StationMessage } from '../objects/messages';
import { newestMessages, ownHeaders } from '../objects/messages';
import { tagsOf } from '../objects/tags';
import type { DeadLetterRow, ProducerRow, StationRow } from '../store/rows';
import { groupView, NEWEST_CLIENT_VERSION } from './consumer-group-views';
import { listedDeadLetter } from './dead-letter-views';
import { attachedSchema } from './schema-views';

const GREATEST_NUMBER_OF_MESSAGES = 1000;
const GREATEST_NUMBER_OF_DEAD_LETTERS = 1000;
const SHOWN_BYTES = 40;

/** The traffic of a station, as its page in a user interface shows it; undefined when a partition stream is missing. */
export async function stationOverview(
  context: BrokerContext,
  station: StationRow,
  partitions: readonly number[],
): Promise<object | undefined> {
  const { metadata } = context;
  const counts = new Map(
    await Promise.all(
      placesOf(station).map(
        async (partition) => [partition, await countMessages(context, station, partition)] as const,
      ),
    ),
  );
  if ([...counts.values()].includes(undefined)) return undefined;
  const messages: StationMessage[] = [];
  for (const partition of partitions) {
    const limit = GREATEST_NUMBER_OF_MESSAGES - messages.length;
    if (limit > 0) messages.push(...(await newestMessages(context, station, partition, limit)));
  }
  const producers = grouped(metadata.producers.all(), station, (row) => row.name);
  const groups = grouped(metadata.consumers.all(), station, (row) => row.group);
  const schema = station.schemaName === '' ? undefined : metadata.schemas.find(station.schemaName);
  const letters = deadLettersOf(context, station);
  const poisonedBy = (group: string): number => letters.filter((row) => row.groups.includes(group)).length;
  const groupViews = await Promise.all(
    groups.map((members) => groupView(context, station, partitions, members, poisonedBy)),
  );
  const listed = letters.slice(-GREATEST_NUMBER_OF_DEAD_LETTERS);
  const ofType = (type: DeadLetterRow['type']): Promise<object[]> =>
    Promise.all(listed.filter((row) => row.type === type).map((row) => listedDeadLetter(context, row)));
  const isConnected = (rows: readonly ProducerRow[]): boolean => rows.some(({ isActive }) => isActive);
  return {
    act_as_dls_station_in_stations: metadata.stations
      .all()
      .flatMap((other) => (other.dlsStation === station.name ? [other.name] : [])),
    audit_logs: metadata.audit
      .all()
      .filter((row) => row.stationName === station.name)
      .map((row) => ({
        id: row.id,
        station_name: row.stationName,
        message: row.message,
        created_by: row.createdBy,
        created_by_username: row.createdByUsername,
        created_at: row.createdAt,
        tenant_name: context.mode.tenant,
      }))
      .reverse(),
    average_message_size: await averageSize(context, station, partitions),
    connected_cgs: groupViews.filter((_, index) => isConnected(groups[index] ?? [])),
    connected_producers: producers.filter(isConnected).map((rows) => producerView(station, rows)),
    created_by_username: station.createdByUsername,
    deleted_cgs: [],
    deleted_producers: [],
    disconnected_cgs: groupViews.filter((_, index) => !isConnected(groups[index] ?? [])),
    disconnected_producers: producers
      .filter((rows) => !isConnected(rows))
      .map((rows) => producerView(station, rows)),
    dls_configuration_poison: station.dlsPoison,
    dls_configuration_schemaverse: station.dlsSchemaverse,
    followers: [],
    functions_enabled: true,
    functions_failed_messages: [],
    idempotency_window_in_ms: station.idempotencyWindowMs,
    leader: 'memphis-0',
    max_amount_of_allowed_producers: -1,
    messages: messages.map(messageView),
    poison_messages: await ofType('poison'),
    resend_disabled: context.resending.isRunning(station),
    schema: schema === undefined ? {} : attachedSchema(schema, station.schemaVersionNumber),
    schema_failed_messages: await ofType('schema'),
    sink_connectors: [],
    source_connectors: [],
    tags: tagsOf(context, station),
    tiered_storage_enabled: false,
    total_dls_messages: letters.length,
    total_messages: partitions.reduce((total, partition) => total + (counts.get(partition) ?? 0), 0),
  };
}

/** Rows of one station with one name, newest name first. */
function grouped<Client extends ProducerRow>(
  rows: readonly Client[],
  station: StationRow,
  nameOf: (row: Client) => string,
): Client[][] {
  const groups = new Map<string, Client[]>();
  for (const row of [...rows].reverse()) {
    if (row.stationId !== station.id) continue;
    const group = groups.get(nameOf(row));
    if (group === undefined) groups.set(nameOf(row), [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

function producerView(station: StationRow, rows: readonly ProducerRow[]): object {
  const newest = rows[0];
  const active = rows.filter(({ isActive }) => isActive);
  return {
    id: newest?.id ?? 0,
    name: newest?.name ?? '',
    updated_at: newest?.updatedAt ?? '',
    station_name: station.name,
    is_active: active.length > 0,
    connected_producers_count: active.length,
    disconnected_producers_count: rows.length - active.length,
    sdk_language: newest?.sdk ?? '',
    update_available: active.some(({ version }) => version < NEWEST_CLIENT_VERSION),
  };
}

/** Bytes on disk for each message, rounded down. */
async function averageSize(
  { jetstream }: BrokerContext,
  station: StationRow,
  partitions: readonly number[],
): Promise<number> {
  const states = await Promise.all(
    partitions.map(async (partition) => (await jetstream.streamInfo(streamOf(station, partition))).state),
  );
  const messages = states.reduce((total, state) => total + state.messages, 0);
  const bytes = states.reduce((total, state) => total + state.bytes, 0);
  return messages === 0 ? 0 : Math.floor(bytes / messages);
}

function messageView(message: StationMessage): object {
  return {
    message_seq: message.seq,
    produced_by: message.headers?.get('$memphis_producedBy') ?? '',
    data: message.data.subarray(0, SHOWN_BYTES).toString('hex'),
    created_at: message.time,
    connection_id: message.headers?.get('$memphis_connectionId') ?? '',
    size: message.size,
    headers: ownHeaders(message.headers),
    partition: message.partition,
  };
}
