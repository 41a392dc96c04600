import { internalName, lowerCase } from '../../../model/names';
import { countDeadLetters } from '../dead-letters/rows';
import { bool, decodeLeniently, int, int64, slice, string, struct, exactInteger } from '../go/struct-decoder';
import type { BrokerContext } from '../objects/context';
import { findStation } from '../objects/context';
import { Refusal, ServerFailure } from '../objects/errors';
import { countAllMessages } from '../objects/message-counts';
import { activeVersion } from '../store/schema-table';
import {
  checkIdempotency,
  normaliseIdempotency,
  normaliseReplicas,
  normaliseRetention,
  normaliseStorage,
} from '../objects/station-settings';
import * as stations from '../objects/stations';
import type { StationRow, UserRow } from '../store/rows';
import { bindBody, bindQuery } from './binding';
import type { Reply } from './reply';
import { ok } from './reply';
import type { Call, Route } from './route';
import { changes, reads } from './route';
import type { StationCounts } from './station-views';
import { createdStation, lightStation, stationView, stationDetails } from './station-views';
import { tagRequest } from './tag-routes';

/** Reading, creating and removing stations. */
export const stationRoutes: readonly Route[] = [
  reads('/stations/getAllStations', async ({ context }) =>
    ok(await newestFirst(context, (station, count) => lightStation(context, station, count))),
  ),
  reads('/stations/getStations', async ({ context }) =>
    ok({
      stations: await newestFirst(context, (station, count) => stationView(context, station, count)),
    }),
  ),
  reads('/stations/getStation', getStation),
  changes('POST', '/stations/createStation', postCreateStation, stationInBody),
  changes('DELETE', '/stations/removeStation', deleteStations),
];

/** A real broker cuts its lists there. */
const GREATEST_NUMBER_OF_LISTED = 5000;

async function newestFirst(
  context: BrokerContext,
  view: (station: StationRow, count: StationCounts) => object,
): Promise<object[]> {
  const counts = await countAllMessages(context);
  const letters = countDeadLetters(context);
  return context.metadata.stations
    .all()
    .slice(context.mode.cutsListings ? -GREATEST_NUMBER_OF_LISTED : 0)
    .reverse()
    .map((station) =>
      view(station, {
        messages: counts.get(internalName(station.name)) ?? 0,
        deadLetters: letters.get(station.id) ?? 0,
      }),
    );
}

function getStation({ context, query }: Call): Reply {
  const { station_name: name } = bindQuery(
    { station_name: 'text' },
    { station_name: { required: true } },
    query,
  );
  return ok(stationDetails(context, existingStation(context, name)));
}

/** @throws Refusal naming the station as it is looked up. */
export function existingStation(context: BrokerContext, name: string): StationRow {
  const station = findStation(context, name);
  if (station === undefined) throw new Refusal(`Station ${lowerCase(name)} does not exist`);
  return station;
}

const createStationBody = struct('models.CreateStationSchema', {
  name: string,
  retention_type: string,
  retention_value: int,
  replicas: int,
  storage_type: string,
  tags: slice(tagRequest),
  schema_name: string,
  idempotency_window_in_ms: int64,
  dls_configuration: struct('models.DlsConfiguration', { poison: bool, schemaverse: bool }),
  tiered_storage_enabled: bool,
  partitions_number: int,
  dls_station: string,
});

/** The station that a creation touches; undefined when it may make a dead-letter station besides. */
function stationInBody(body: Uint8Array): string | undefined {
  const { value, error } = decodeLeniently(createStationBody, body);
  if (error !== undefined) return undefined;
  const { dls_station: dlsStation, name } = value;
  return dlsStation === '' ? lowerCase(name) : undefined;
}

async function postCreateStation({ context, user, body }: Call): Promise<Reply> {
  const request = bindBody(createStationBody, { name: { required: true, max: 128 } }, body);
  stations.checkStationName(request.name);
  const name = lowerCase(request.name);
  if (request.partitions_number < 1) {
    throw new Refusal(
      `cannot create station with ${exactInteger(request.partitions_number)} replicas (max:10000 min:1): Station ${name}`,
    );
  }
  if (findStation(context, name) !== undefined) throw new Refusal(`Station ${name} already exists`);
  const schema = schemaOf(context, lowerCase(request.schema_name));
  const retention = normaliseRetention(request.retention_type, request.retention_value);
  const storageType = normaliseStorage(request.storage_type);
  const replicas = normaliseReplicas(request.replicas);
  // Before the default window is put in, and only against a retention type that was sent.
  checkIdempotency(request.idempotency_window_in_ms, request.retention_type, retention.value);
  if (request.dls_station !== '') await ensureDlsStationOrReply(context, request.dls_station, user);
  const station = await stations.createStation(
    context,
    {
      name,
      retentionType: retention.type,
      retentionValue: retention.value,
      storageType,
      replicas,
      idempotencyWindowMs: normaliseIdempotency(request.idempotency_window_in_ms),
      dlsPoison: request.dls_configuration.poison,
      dlsSchemaverse: request.dls_configuration.schemaverse,
      // As sent: the station is made in lower case, so that another spelling never finds it.
      dlsStation: request.dls_station,
      tieredStorageEnabled: request.tiered_storage_enabled,
      partitionsNumber: request.partitions_number,
      schema,
      tags: request.tags,
    },
    user,
    `Station ${name} has been created by ${user.username}`,
  );
  return ok(createdStation(station));
}

function schemaOf(
  { metadata }: BrokerContext,
  name: string,
): { readonly name: string; readonly versionNumber: number } | undefined {
  if (name === '') return undefined;
  const schema = metadata.schemas.find(name);
  if (schema === undefined) throw new Refusal(`Schema ${name} does not exist`);
  return { name, versionNumber: activeVersion(schema)?.versionNumber ?? 0 };
}

/** Over REST an illegal name of a dead-letter station is a server error. */
async function ensureDlsStationOrReply(context: BrokerContext, name: string, user: UserRow): Promise<void> {
  try {
    await stations.ensureDlsStation(context, name, user);
  } catch (error) {
    throw error instanceof Refusal ? new ServerFailure(error.message) : error;
  }
}

const removeStationsBody = struct('models.RemoveStationSchema', { station_names: slice(string) });

/** All streams go first, then all rows: a name in the middle that does not exist leaves rows without streams. */
async function deleteStations({ context, user, body }: Call): Promise<Reply> {
  const { station_names: names = [] } = bindBody(
    removeStationsBody,
    { station_names: { required: true } },
    body,
  );
  const removed: (readonly [string, StationRow])[] = [];
  for (const name of names) {
    stations.checkStationName(name);
    const station = findStation(context, name);
    if (station === undefined) throw new Refusal(`Station ${name} does not exist`);
    await stations.removeStationStreams(context, station);
    removed.push([name, station]);
  }
  for (const [name, station] of removed) {
    // The history keeps the name as it was sent.
    await stations.removeStationRow(context, station, user, name);
    context.broadcasts.stationRemoved(station.name);
  }
  return ok({});
}
