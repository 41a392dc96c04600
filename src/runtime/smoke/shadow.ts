import { NotFoundError } from '../../model/errors';
import { partitionStream } from '../../model/names';
import { Retention } from '../../model/retention';
import { shadowStationName } from '../../model/smoke-test';
import type { CanonicalStation } from '../../model/station';
import { declaredStationFields } from '../../model/station';
import { Storage } from '../../model/storage';
import type { SmokeBroker } from './smoke-broker';

/** The temporary stations of one run. */
export interface ShadowStations {
  readonly station: string;
  /** Present when dead letters are looked for. */
  readonly dlsStation?: string;
}

/** Names of the temporary stations. They are recorded before they are made. */
export function shadowNames(runId: string, station: string, withDls: boolean): ShadowStations {
  return {
    station: shadowStationName(runId, station),
    ...(withDls ? { dlsStation: `smoke-${runId}-dead-letters` } : {}),
  };
}

/** Makes a station with the settings and the schema that another one has at this moment. */
export async function createShadow(
  broker: SmokeBroker,
  source: string,
  names: ShadowStations,
): Promise<string> {
  const admin = await broker.admin();
  const [details, row, stream] = await Promise.all([
    admin.readStation(source),
    broker.row(source),
    admin.readStream(partitionStream(source, 1)),
  ]);
  if (details === undefined || stream === undefined) {
    throw new NotFoundError({
      attempted: `read the settings of station "${source}"`,
      found: 'the station does not exist, or a plain NATS client made it',
      next: 'Deploy the station, or test it with target "live"',
    });
  }
  const values = Object.fromEntries(
    declaredStationFields.map(([name, { read }]) => [
      name,
      read.from === 'row'
        ? (details as unknown as Readonly<Record<string, unknown>>)[name]
        : read.read(stream.config, undefined),
    ]),
  ) as unknown as CanonicalStation;
  const { dlsStation } = names;
  // Real dead letters go to a station of people; those of a test have one of their own.
  if (dlsStation !== undefined) await admin.createStation(deadLetterStation(values, dlsStation));
  await admin.createStation({ ...values, name: names.station, dlsStation: dlsStation ?? '' });
  const schema = row?.schemaName ?? '';
  if (schema !== '') await admin.attachSchema(names.station, schema);
  return schema;
}

function deadLetterStation(station: CanonicalStation, name: string): CanonicalStation {
  return {
    ...station,
    name,
    retentionType: Retention.MAX_MESSAGE_AGE_SECONDS,
    retentionValue: 3600,
    storageType: Storage.MEMORY,
    idempotencyWindowMs: 120_000,
    partitionsNumber: 1,
    dlsStation: '',
  };
}
