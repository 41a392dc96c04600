import { lowerCase } from '../../../model/names';
import { isJetStreamRefusal, jetStreamCodes } from '../../connection/jetstream-requests';
import { decodeLeniently, decodeStruct, exactInteger } from '../go/struct-decoder';
import type { BrokerContext } from '../objects/context';
import { findStation } from '../objects/context';
import { Refusal } from '../objects/errors';
import { activeVersion } from '../store/schema-table';
import {
  checkIdempotency,
  normaliseIdempotency,
  normaliseReplicas,
  normaliseRetention,
  normaliseStorage,
} from '../objects/station-settings';
import * as stations from '../objects/stations';
import * as requests from './requests';
import type { Sender } from './sender';
import { actingUser } from './sender';

/** `$memphis_station_creations`. An existing station, an unknown user and an unknown schema all look like success. */
export async function onStationCreation(
  context: BrokerContext,
  payload: Uint8Array,
  sender: Sender,
): Promise<string> {
  const request = decodeStruct(requests.createStationRequest, payload);
  stations.checkStationName(request.name);
  const name = lowerCase(request.name);
  const username = withoutTenant(
    actingUser(sender, request.username),
    (id) => `createStationDirect: Station ${name}: Tenant with id ${id} does not exist`,
  );
  if (findStation(context, name) !== undefined) return '';
  const user = context.metadata.users.find(username);
  if (user === undefined) return '';
  stations.checkMayCreate(user, name);
  checkPartitions(request.partitions_number, name);
  const schema = context.metadata.schemas.find(lowerCase(request.schema_name));
  if (schema === undefined && request.schema_name !== '') return '';

  const retention = normaliseRetention(request.retention_type, request.retention_value);
  const storageType = normaliseStorage(request.storage_type);
  const replicas = normaliseReplicas(request.replicas);
  const idempotencyWindowMs = normaliseIdempotency(request.idempotency_window_in_ms);
  checkIdempotency(idempotencyWindowMs, retention.type, retention.value);
  const dlsStation = lowerCase(request.dls_station);
  if (dlsStation !== '') await stations.ensureDlsStation(context, dlsStation, user);

  const station: stations.NewStation = {
    name,
    retentionType: retention.type,
    retentionValue: retention.value,
    storageType,
    replicas,
    idempotencyWindowMs,
    dlsPoison: request.dls_configuration.poison,
    dlsSchemaverse: request.dls_configuration.schemaverse,
    dlsStation,
    tieredStorageEnabled: request.tiered_storage_enabled,
    partitionsNumber: request.partitions_number,
    schema:
      schema === undefined || request.schema_name === ''
        ? undefined
        : { name: schema.name, versionNumber: activeVersion(schema)?.versionNumber ?? 0 },
    tags: undefined,
  };
  try {
    await stations.createStation(
      context,
      station,
      user,
      `Station ${name} has been created by user ${user.username}`,
    );
  } catch (error) {
    const { replicasNotSupported, noSuitablePeers } = jetStreamCodes;
    if (!isJetStreamRefusal(error, replicasNotSupported, noSuitablePeers)) throw error;
    throw new Refusal(
      'station can not be created, probably since replicas count is larger than the cluster size',
    );
  }
  return '';
}

/** The station that a creation touches; undefined when it may make a dead-letter station besides. */
export function stationInPayload(payload: Uint8Array): string | undefined {
  const { value } = decodeLeniently(requests.createStationRequest, payload);
  return value.dls_station === '' ? lowerCase(value.name) : undefined;
}

/** `$memphis_station_destructions`. The user need not exist, and its lists do not count, as on a real broker. */
export async function onStationDestruction(
  context: BrokerContext,
  payload: Uint8Array,
  sender: Sender,
): Promise<string> {
  const request = decodeStruct(requests.destroyStationRequest, payload);
  stations.checkStationName(request.station_name);
  const name = lowerCase(request.station_name);
  const username = withoutTenant(
    actingUser(sender, request.username),
    (id) => `removeStationDirectIntern: Station ${name}: Tenant with id ${id} does not exist`,
  );
  const station = findStation(context, name);
  if (station === undefined) throw new Refusal('Station  does not exist');
  const user = context.metadata.users.find(username);
  await stations.removeStation(context, station, user ?? { id: 0, username });
  return '';
}

/** A user name may end in the id of its account; there is one account, with id 1. */
function withoutTenant(username: string, unknown: (id: string) => string): string {
  const [, name, id] = /^(.*)\$([0-9]+)$/.exec(username) ?? [];
  if (name === undefined || id === undefined) return username;
  // It is a number: zeros in front of it do not count.
  if (Number(id) !== 1) throw new Refusal(unknown(BigInt(id).toString()));
  return name;
}

function checkPartitions(partitions: number, name: string): void {
  if (partitions === 0) throw new Refusal('you are using an old SDK, make sure to update your SDK');
  if (partitions < 0) {
    throw new Refusal(
      `cannot create station with ${exactInteger(partitions)} partitions (max:10000 min:1): Station -  ${name}, `,
    );
  }
}
