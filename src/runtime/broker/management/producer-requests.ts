import { lowerCase, nameProblem } from '../../../model/names';
import { encodeJson } from '../go/json-encode';
import type { Decoded } from '../go/struct-decoder';
import { decodeLeniently } from '../go/struct-decoder';
import { noSchema, schemaUpdateOf } from '../objects/broadcasts';
import type { BrokerContext } from '../objects/context';
import { findStation, writeAudit } from '../objects/context';
import { Refusal, ServerFailure } from '../objects/errors';
import { checkStationName } from '../objects/stations';
import type { StationRow } from '../store/rows';
import type { ClientKind } from './client-requests';
import { decodeDestroyRequest, NEWEST_VERSION, registrationOf, stationForClient } from './client-requests';
import { errorReplyText } from './reply-text';
import * as requests from './requests';
import type { Sender } from './sender';
import { actingUser } from './sender';

const producerKind: ClientKind = {
  access: 'write',
  unknownUser: (username) => `User ${username} does not exist`,
  stationMissing:
    'this station does not exist, a default station can not be created automatically, please upgrade your SDK version',
  tooOld: 'to produce to this station please upgrade your SDK version',
  checkedName: (_asked, station) => station.name,
};

type ProducerRequest = Decoded<typeof requests.createProducerRequest>;

/** `$memphis_producer_creations` */
export async function onProducerCreation(
  context: BrokerContext,
  payload: Uint8Array,
  sender: Sender,
): Promise<string> {
  const read = readRequest(payload);
  if ('oldest' in read) {
    // The oldest clients get a bare text.
    await storeProducer(context, read.oldest, sender);
    return '';
  }
  try {
    if ('error' in read) throw read.error;
    const station = await storeProducer(context, read.request, sender);
    return encodeJson({
      schema_update: schemaUpdateOf(context.metadata.schemas.find(station.schemaName)),
      partitions_update: { partitions_list: station.partitions },
      schemaverse_to_dls: station.dlsSchemaverse,
      send_notification: false,
      station_version: 2,
      station_partitions_first_functions: {},
      error: '',
    });
  } catch (error) {
    return encodeJson({
      schema_update: noSchema,
      partitions_update: { partitions_list: null },
      schemaverse_to_dls: false,
      send_notification: false,
      station_version: 0,
      station_partitions_first_functions: null,
      error: errorReplyText(context, error),
    });
  }
}

/**
 * Reads a request in the newest form that fits it: a client that is older, or sends a wrong type in a newer field, is
 * read in an older form, without the fields of the newer ones.
 */
function readRequest(
  payload: Uint8Array,
): { readonly request: ProducerRequest } | { readonly oldest: ProducerRequest } | { readonly error: Error } {
  const newest = decodeLeniently(requests.createProducerRequest, payload);
  if (newest.error === undefined && newest.value.req_version >= NEWEST_VERSION)
    return { request: newest.value };
  const older = decodeLeniently(requests.createProducerRequestV1, payload);
  if (older.error === undefined) {
    return { request: { ...older.value, app_id: older.value.connection_id, sdk_lang: '' } };
  }
  const oldest = decodeLeniently(requests.createProducerRequestV0, payload);
  if (oldest.error !== undefined) return { error: oldest.error };
  return { oldest: { ...oldest.value, req_version: 0, app_id: oldest.value.connection_id, sdk_lang: '' } };
}

async function storeProducer(
  context: BrokerContext,
  request: ProducerRequest,
  sender: Sender,
): Promise<StationRow> {
  checkStationName(request.station_name);
  const problem = nameProblem('Producer', request.name);
  if (problem !== undefined) throw new Refusal(problem);
  const type = lowerCase(request.producer_type);
  if (type !== 'application' && type !== 'connector') {
    throw new Refusal('producer type has to be one of the following application/connector');
  }
  const { station, user } = await stationForClient(context, producerKind, request, sender);
  const name = lowerCase(request.name);
  await context.metadata.producers.insert({
    name,
    type,
    ...registrationOf(context, station, request),
  });
  await writeAudit(context, station.name, `Producer ${name} connected`, user);
  return station;
}

/** `$memphis_producer_destructions`. It succeeds whether there is such a producer or not. */
export async function onProducerDestruction(
  context: BrokerContext,
  payload: Uint8Array,
  sender: Sender,
): Promise<string> {
  const request = decodeDestroyRequest(
    requests.destroyProducerRequest,
    requests.destroyProducerRequestV0,
    payload,
    sender,
  );
  checkStationName(request.station_name);
  const station = findStation(context, request.station_name);
  if (station === undefined) return '';
  const name = lowerCase(request.name);
  const { producers } = context.metadata;
  const meant = producers.all().filter((row) => row.stationId === station.id && row.name === name);
  const { connection_id: connectionId } = request;
  // What the database says when a real broker asks it for no connection at all.
  if (sender.connection === '' && connectionId === '') {
    throw new ServerFailure('ERROR: syntax error at or near "LIMIT" (SQLSTATE 42601)');
  }
  const destroyed =
    connectionId === undefined ? meant.slice(-1) : meant.filter((row) => row.connectionId === connectionId);
  for (const row of destroyed) await producers.remove(row.id);
  const username = actingUser(sender, request.username);
  const user = context.metadata.users.find(username) ?? { id: 0, username };
  await writeAudit(context, station.name, `Producer ${name} has been destroyed`, user);
  return '';
}
