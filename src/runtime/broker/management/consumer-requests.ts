import { lowerCase, nameProblem } from '../../../model/names';
import { removeGroup } from '../dead-letters/rows';
import { encodeJson } from '../go/json-encode';
import type { Decoded } from '../go/struct-decoder';
import { decodeLeniently } from '../go/struct-decoder';
import type { GroupSettings } from '../jetstream/durable';
import { placesOf, streamOf } from '../jetstream/stream-names';
import { schemaUpdateOf } from '../objects/broadcasts';
import type { BrokerContext } from '../objects/context';
import { findStation, writeAudit } from '../objects/context';
import { activeMembers, deleteGroup, putGroup } from '../objects/consumer-groups';
import { Refusal } from '../objects/errors';
import { checkInt4, checkStationName } from '../objects/stations';
import type { StationRow } from '../store/rows';
import type { ClientKind } from './client-requests';
import {
  decodeDestroyRequest,
  NEWEST_VERSION,
  PARTITIONED_VERSION,
  registrationOf,
  stationForClient,
} from './client-requests';
import { errorReplyText } from './reply-text';
import * as requests from './requests';
import type { Sender } from './sender';
import { actingUser } from './sender';

const consumerKind: ClientKind = {
  access: 'read',
  unknownUser: () => 'user does not exist',
  stationMissing:
    'This station does not exist, a default station can not be created automatically, please upgrade your SDK version',
  tooOld: 'to consume from this station please upgrade your SDK version',
  checkedName: (asked) => asked,
};

type ConsumerRequest = Decoded<typeof requests.createConsumerRequest>;

/**
 * `$memphis_consumer_creations`. Most refusals are a bare text, and then a real broker goes on and sends what it would
 * have sent after a success, too.
 */
export async function onConsumerCreation(
  context: BrokerContext,
  payload: Uint8Array,
  sender: Sender,
): Promise<string | readonly string[]> {
  const newest = decodeLeniently(requests.createConsumerRequest, payload);
  const older = decodeLeniently(requests.createConsumerRequestV1, payload);
  if (older.error !== undefined) return createOldest(context, payload, older.value.req_version, sender);
  const request: ConsumerRequest =
    newest.error === undefined && newest.value.req_version >= NEWEST_VERSION
      ? newest.value
      : { ...older.value, app_id: older.value.connection_id, sdk_lang: '' };
  checkStart(request);
  try {
    const station = await storeConsumer(context, request, sender);
    // A quirk of the oldest clients with a schema; only stations without partitions let them in.
    if (request.req_version < PARTITIONED_VERSION && station.schemaName !== '') return '';
    return successReply(context, station, station.partitions);
  } catch (error) {
    return [errorReplyText(context, error), afterRefusal(context, request.station_name)];
  }
}

/** A request with a wrong type in a newer field is read in the oldest form, which has no start options. */
async function createOldest(
  context: BrokerContext,
  payload: Uint8Array,
  version: number,
  sender: Sender,
): Promise<string> {
  const oldest = decodeLeniently(requests.createConsumerRequestV0, payload);
  if (oldest.error !== undefined) return encodeJson({ error: oldest.error.message });
  const request = {
    ...oldest.value,
    start_consume_from_sequence: 1,
    last_messages: -1,
    req_version: version,
    app_id: oldest.value.connection_id,
    sdk_lang: '',
  };
  await storeConsumer(context, request, sender);
  return '';
}

function checkStart({ start_consume_from_sequence: start, last_messages: last }: ConsumerRequest): void {
  if (start === 0) throw new Refusal('startConsumeFromSequence has to be a positive number');
  if (last < -1) throw new Refusal('min value for LastMessages is -1');
  if (start > 1 && last > -1) {
    throw new Refusal(
      "consumer creation options can't contain both startConsumeFromSequence and lastMessages",
    );
  }
}

async function storeConsumer(
  context: BrokerContext,
  request: ConsumerRequest,
  sender: Sender,
): Promise<StationRow> {
  const name = lowerCase(request.name);
  const group = request.consumers_group === '' ? name : lowerCase(request.consumers_group);
  const problem = nameProblem('Consumer', name) ?? nameProblem('Consumer', group);
  if (problem !== undefined) throw new Refusal(problem);
  const type = lowerCase(request.consumer_type);
  if (type !== 'application' && type !== 'connector') {
    throw new Refusal(`consumer type has to be one of the following application/connector and not ${type}`);
  }
  checkStationName(request.station_name);
  const { station, user } = await stationForClient(context, consumerKind, request, sender);
  const settings = {
    maxAckTimeMs: request.max_ack_time_ms,
    maxMsgDeliveries: request.max_msg_deliveries,
    startConsumeFromSequence: request.start_consume_from_sequence,
    lastMessages: request.last_messages,
  };
  if (request.req_version === VERSION_WITH_FIXED_START) checkSameStart(context, station, group, settings);
  await putGroup(context, station, group, settings);
  checkColumns(settings);
  await context.metadata.consumers.insert({
    name,
    type,
    ...registrationOf(context, station, request),
    group,
    partitions: station.partitions,
    ...settings,
  });
  await writeAudit(context, station.name, `Consumer ${name} connected`, user);
  return station;
}

/** Newer clients may say another start than the group has; then theirs does not count. */
const VERSION_WITH_FIXED_START = 1;

function checkSameStart(
  context: BrokerContext,
  station: StationRow,
  group: string,
  { startConsumeFromSequence, lastMessages }: GroupSettings,
): void {
  const [member] = activeMembers(context, station, group).filter(({ type }) => type === 'application');
  if (member === undefined) return;
  if (member.startConsumeFromSequence !== startConsumeFromSequence || member.lastMessages !== lastMessages) {
    throw new Refusal(
      'consumer already exists with different uneditable configuration parameters (StartConsumeFromSequence/LastMessages)',
    );
  }
}

/** The durables have been made when the database refuses, as on a real broker. */
function checkColumns(settings: GroupSettings): void {
  checkInt4(4, settings.maxAckTimeMs);
  checkInt4(7, settings.maxMsgDeliveries);
  checkInt4(8, settings.startConsumeFromSequence, 16);
  checkInt4(9, settings.lastMessages);
}

function successReply(context: BrokerContext, station: StationRow, partitions: readonly number[]): string {
  return encodeJson({
    schema_update: schemaUpdateOf(context.metadata.schemas.find(station.schemaName)),
    partitions_update: { partitions_list: partitions },
    error: '',
  });
}

/** The second message that follows a refusal on the same inbox. */
function afterRefusal(context: BrokerContext, stationName: string): string {
  const problem = nameProblem('Station', stationName);
  if (problem !== undefined) return encodeJson({ error: problem });
  const station = findStation(context, stationName);
  if (station === undefined)
    return encodeJson({ error: `[tenant: ${context.mode.tenant}]Station  does not exist` });
  return successReply(context, station, []);
}

/** `$memphis_consumer_destructions`: one member; the durable goes with the last connected one. */
export async function onConsumerDestruction(
  context: BrokerContext,
  payload: Uint8Array,
  sender: Sender,
): Promise<string> {
  const request = decodeDestroyRequest(
    requests.destroyConsumerRequest,
    requests.destroyConsumerRequestV0,
    payload,
    sender,
  );
  checkStationName(request.station_name);
  const station = findStation(context, request.station_name);
  const name = lowerCase(request.name);
  const { consumers } = context.metadata;
  const row = consumers
    .all()
    .find(
      (consumer) =>
        consumer.stationId === station?.id &&
        consumer.name === name &&
        (request.connection_id === undefined || consumer.connectionId === request.connection_id),
    );
  if (station === undefined || row === undefined) {
    throw new Refusal(`Consumer ${request.name} at station ${request.station_name} does not exist`);
  }
  await consumers.remove(row.id);
  if (activeMembers(context, station, row.group).length > 0) return '';
  await deleteGroup(
    context,
    (station.isNative === false ? placesOf(station) : row.partitions).map((place) =>
      streamOf(station, place),
    ),
    row.group,
  );
  await removeGroup(context, station, row.group);
  const username = actingUser(sender, request.username);
  const user = context.metadata.users.find(username) ?? { id: 0, username };
  await writeAudit(context, station.name, `Consumer ${name} has been destroyed`, user);
  return '';
}
