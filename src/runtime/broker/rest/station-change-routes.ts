import { lowerCase, partitionSubject } from '../../../model/names';
import { deadLettersOf, removeDeadLetters } from '../dead-letters/rows';
import { bool, decodeLeniently, int, slice, string, struct } from '../go/struct-decoder';
import { isJetStreamRefusal } from '../../connection/jetstream-requests';
import { placesOf, streamOf } from '../jetstream/stream-names';
import type { BrokerContext } from '../objects/context';
import { findStation } from '../objects/context';
import { attachSchema, detachSchema } from '../objects/enforcement';
import { Refusal } from '../objects/errors';
import { activeVersion } from '../store/schema-table';
import { checkStationName, ensureDlsStation } from '../objects/stations';
import { bindBody } from './binding';
import type { Reply } from './reply';
import { ok, panicked, serverError } from './reply';
import type { Call, Route } from './route';
import { ALL_PARTITIONS, changes } from './route';
import { attachedSchema } from './schema-views';
import { existingStation } from './station-routes';
import { createdStation } from './station-views';

/** What can be changed about a station that exists. */
export const stationChangeRoutes: readonly Route[] = [
  changes('PUT', '/stations/updateDlsConfig', updateDlsConfig, stationOfDlsConfig),
  changes('POST', '/stations/attachDlsStation', attachDlsStation),
  changes('DELETE', '/stations/detachDlsStation', detachDlsStation),
  changes('POST', '/stations/useSchema', useSchema),
  changes('DELETE', '/stations/removeSchemaFromStation', removeSchemaFromStation),
  changes('DELETE', '/stations/purgeStation', purgeStation),
  changes('DELETE', '/stations/removeMessages', removeMessages),
];

const dlsConfigRequest = struct('models.UpdateDlsConfigSchema', {
  station_name: string,
  poison: bool,
  schemaverse: bool,
});

/** The station whose flags are set. */
function stationOfDlsConfig(body: Uint8Array): string | undefined {
  const { value, error } = decodeLeniently(dlsConfigRequest, body);
  return error === undefined ? lowerCase(value.station_name) : undefined;
}

/** A flag that is not sent counts as false. */
async function updateDlsConfig({ context, body }: Call): Promise<Reply> {
  const request = bindBody(dlsConfigRequest, { station_name: { required: true } }, body);
  checkStationName(request.station_name);
  const station = existingStation(context, request.station_name);
  const { poison, schemaverse } = request;
  await context.metadata.stations.update(station.id, { dlsPoison: poison, dlsSchemaverse: schemaverse });
  context.broadcasts.schemaverseToDls(station.name, station.dlsSchemaverse);
  return ok({ poison, schemaverse });
}

const dlsStationRequest = struct('models.AttachDlsStationSchema', {
  name: string,
  station_names: slice(string),
});

/** Names of stations are taken as sent; those that do not exist are passed over. */
async function attachDlsStation({ context, user, body }: Call): Promise<Reply> {
  const request = bindBody(
    dlsStationRequest,
    { name: { required: true, max: 128 }, station_names: { required: true } },
    body,
  );
  const before = await ensureDlsStation(context, request.name, user);
  await setDlsStation(context, request.station_names ?? [], lowerCase(request.name));
  return ok(createdStation(before));
}

async function detachDlsStation({ context, body }: Call): Promise<Reply> {
  const request = bindBody(
    dlsStationRequest,
    { name: { required: true, max: 128 }, station_names: { required: true } },
    body,
  );
  await setDlsStation(context, request.station_names ?? [], '');
  return ok({});
}

async function setDlsStation(
  { metadata }: BrokerContext,
  names: readonly string[],
  dlsStation: string,
): Promise<void> {
  for (const name of names) {
    const station = metadata.stations.find(name);
    if (station !== undefined) await metadata.stations.update(station.id, { dlsStation });
  }
}

const useSchemaRequest = struct('models.UseSchema', { station_names: slice(string), schema_name: string });

/** Stops at the first station that does not exist; those before it keep the schema. */
async function useSchema({ context, user, body }: Call): Promise<Reply> {
  const request = bindBody(
    useSchemaRequest,
    { station_names: { required: true }, schema_name: { required: true } },
    body,
  );
  const name = lowerCase(request.schema_name);
  const schema = context.metadata.schemas.find(name);
  if (schema === undefined) throw new Refusal(`Schema ${name} does not exist`);
  for (const stationName of request.station_names ?? []) {
    checkStationName(stationName);
    const station = findStation(context, stationName);
    if (station === undefined) throw new Refusal('Station  does not exist');
    await attachSchema(context, station, schema, user);
  }
  return ok(attachedSchema(schema, activeVersion(schema)?.versionNumber ?? 0));
}

const removeSchemaRequest = struct('models.RemoveSchemaFromStation', { station_name: string });

/** A real broker looks the connection token up as a user here, so that it fails for every station when there is one. */
async function removeSchemaFromStation({ context, body }: Call): Promise<Reply> {
  const request = bindBody(removeSchemaRequest, { station_name: { required: true } }, body);
  checkStationName(request.station_name);
  const station = findStation(context, request.station_name);
  if (station === undefined) throw new Refusal(`Station ${request.station_name} does not exist`);
  if (context.mode.connectionToken !== '') return serverError;
  await detachSchema(context, station);
  return ok({});
}

const purgeRequest = struct('models.PurgeStationSchema', {
  station_name: string,
  purge_station: bool,
  purge_dls: bool,
  partitions_list: slice(int),
});

async function purgeStation({ context, body }: Call): Promise<Reply> {
  const request = bindBody(purgeRequest, { station_name: { required: true } }, body);
  const station = existingStation(context, request.station_name);
  const [first, ...others] = request.partitions_list ?? [];
  if (first === undefined) return panicked;
  const partitions = first === ALL_PARTITIONS ? placesOf(station) : [first, ...others];
  if (request.purge_station) {
    for (const partition of partitions) {
      const stream = streamOf(station, partition);
      await unlessRefused(context, context.jetstream.purgeStream(stream, partitionSubject(stream)));
    }
  }
  if (request.purge_dls) {
    const meant = deadLettersOf(context, station).filter(
      (row) => first === ALL_PARTITIONS || partitions.includes(row.partition),
    );
    await removeDeadLetters(context, meant);
  }
  return ok({});
}

const removeMessagesRequest = struct('models.RemoveMessagesSchema', {
  station_name: string,
  messages: slice(struct('models.MessageToDelete', { message_seq: int, partition_number: int })),
});

async function removeMessages({ context, body }: Call): Promise<Reply> {
  const request = bindBody(
    removeMessagesRequest,
    { station_name: { required: true }, messages: { required: true } },
    body,
  );
  const station = existingStation(context, request.station_name);
  for (const { message_seq: seq, partition_number: partition } of request.messages ?? []) {
    await unlessRefused(context, context.jetstream.deleteMessage(streamOf(station, partition), seq));
  }
  return ok({});
}

/** Messages and partitions that are gone already are no reason to fail. */
async function unlessRefused({ log }: BrokerContext, done: Promise<void>): Promise<void> {
  try {
    await done;
  } catch (error) {
    if (!isJetStreamRefusal(error)) throw error;
    log(`passed over: ${error.found}`);
  }
}
