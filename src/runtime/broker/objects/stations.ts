import { lowerCase, nameProblem } from '../../../model/names';
import { forgetDeadLettersOf } from '../dead-letters/rows';
import { exactInteger } from '../go/struct-decoder';
import type { StationRow, UserRow } from '../store/rows';
import type { BrokerContext } from './context';
import { now, writeAudit } from './context';
import { Refusal, ServerFailure } from './errors';
import { checkAccess } from './permissions';
import { createStreams, deleteStreams } from './station-streams';
import { DEFAULT_IDEMPOTENCY_MS } from './station-settings';
import type { NamedTag } from './tags';
import { tagsForNew } from './tags';

/** A station about to be made; every value is normalised. */
export interface NewStation {
  /** External name. */
  readonly name: string;
  readonly retentionType: string;
  readonly retentionValue: number;
  readonly storageType: string;
  readonly replicas: number;
  readonly idempotencyWindowMs: number;
  readonly dlsPoison: boolean;
  readonly dlsSchemaverse: boolean;
  readonly dlsStation: string;
  readonly tieredStorageEnabled: boolean;
  /** 0: it stands for a stream that a client of plain NATS made. */
  readonly partitionsNumber: number;
  readonly schema: { readonly name: string; readonly versionNumber: number } | undefined;
  /** undefined or empty: the default tag. */
  readonly tags: readonly NamedTag[] | undefined;
}

const GREATEST_INT4 = 2_147_483_647;
const LEAST_INT4 = -2_147_483_648;

/**
 * Creates the streams and the row of a station.
 * @param audit the line in the history of the station.
 */
export async function createStation(
  context: BrokerContext,
  station: NewStation,
  user: UserRow,
  audit: string,
): Promise<StationRow> {
  await createStreams(context, station, newPartitionNumbers(station));
  return insertStation(context, station, user, audit);
}

function newPartitionNumbers({ partitionsNumber }: NewStation): number[] {
  return Array.from({ length: partitionsNumber }, (_, index) => index + 1);
}

/**
 * Creates the row of a station whose streams there are.
 * @param audit the line in the history of the station.
 */
export async function insertStation(
  context: BrokerContext,
  station: NewStation,
  user: UserRow,
  audit: string,
): Promise<StationRow> {
  const { schema, tags, partitionsNumber, ...settings } = station;
  // From here on a refusal leaves the streams behind, as on a real broker, where the database refuses.
  if (context.metadata.stations.find(station.name) !== undefined) {
    throw new ServerFailure(`Station${station.name} already exists`);
  }
  checkInt4(2, station.retentionValue);
  // Tags that the database refuses do not undo the station, as on a real broker.
  const tagIds = await tagsForNew(context, tags).catch((error: unknown) => ({ refused: error }));
  const inserted = context.metadata.stations.insert({
    ...settings,
    createdBy: user.id,
    createdByUsername: user.username,
    createdAt: now(),
    schemaName: schema?.name ?? '',
    schemaVersionNumber: schema?.versionNumber ?? 0,
    partitions: newPartitionNumbers(station),
    ...(partitionsNumber === 0 ? { isNative: false } : {}),
    tags: 'refused' in tagIds ? [] : tagIds,
  });
  if ('refused' in tagIds) {
    await inserted;
    throw tagIds.refused;
  }
  const [row] = await Promise.all([inserted, writeAudit(context, station.name, audit, user)]);
  await context.serverUsers.stationsChanged();
  return row;
}

/** Over NATS only: REST calls are never restricted by lists. @throws Refusal */
export function checkMayCreate(user: UserRow, name: string): void {
  checkAccess(user, 'write', name, `user ${user.username} is not allowed to create station ${name}`);
}

/**
 * What the database says of a number that does not fit its column.
 * @param argument its place among the values of the new row.
 * @param base in which Go shows a number of its type: 16 for unsigned ones.
 */
export function checkInt4(argument: number, value: number, base: 10 | 16 = 10): void {
  if (value >= LEAST_INT4 && value <= GREATEST_INT4) return;
  const digits = exactInteger(value).toString();
  const shown = base === 10 ? digits : `0x${exactInteger(value).toString(base)}`;
  const relation = value > GREATEST_INT4 ? 'greater than maximum' : 'less than minimum';
  // The driver of the database first makes a signed number of it.
  const type = value >= 2 ** 63 && base === 16 ? 'int64' : 'int4';
  throw new ServerFailure(
    `failed to encode args[${argument}]: unable to encode ${shown} into binary format for int4 (OID 23): ${digits} is ${relation} value for ${type}`,
  );
}

/** Creates the station that producers, consumers and dead-letter settings get when they name one that is not there. */
export async function createDefaultStation(
  context: BrokerContext,
  name: string,
  user: UserRow,
): Promise<StationRow> {
  const station: NewStation = {
    name: lowerCase(name),
    retentionType: 'message_age_sec',
    retentionValue: 3600,
    storageType: 'file',
    replicas: 1,
    idempotencyWindowMs: DEFAULT_IDEMPOTENCY_MS,
    dlsPoison: true,
    dlsSchemaverse: true,
    dlsStation: '',
    tieredStorageEnabled: false,
    partitionsNumber: 1,
    schema: undefined,
    tags: undefined,
  };
  checkMayCreate(user, station.name);
  return createStation(
    context,
    station,
    user,
    `Station ${station.name} has been created by user ${user.username}`,
  );
}

/** Makes sure that a dead-letter station exists. @throws Refusal for an illegal name. */
export async function ensureDlsStation(
  context: BrokerContext,
  name: string,
  user: UserRow,
): Promise<StationRow> {
  checkStationName(name);
  return context.metadata.stations.find(lowerCase(name)) ?? createDefaultStation(context, name, user);
}

/** @throws Refusal with the broker's words for an illegal name. */
export function checkStationName(name: string): void {
  const problem = nameProblem('Station', name);
  if (problem !== undefined) throw new Refusal(problem);
}

/** Removes a station with everything that belongs to it. */
export async function removeStation(
  context: BrokerContext,
  station: StationRow,
  user: Pick<UserRow, 'id' | 'username'>,
): Promise<void> {
  await removeStationStreams(context, station);
  await removeStationRow(context, station, user);
}

/** Whom the history names when the broker removes a station on its own. */
export function creatorOf(station: StationRow): Pick<UserRow, 'id' | 'username'> {
  return { id: station.createdBy, username: station.createdByUsername };
}

/** The first half of a removal: the streams. What follows is finished at the next start if it does not happen now. */
export async function removeStationStreams(context: BrokerContext, station: StationRow): Promise<void> {
  await context.metadata.stations.update(station.id, { isBeingRemoved: true });
  await deleteStreams(context, station);
}

/**
 * The second half of a removal: the row and all that refers to it.
 * @param auditName under which the last line of its history is kept.
 */
export async function removeStationRow(
  context: BrokerContext,
  station: StationRow,
  user: Pick<UserRow, 'id' | 'username'>,
  auditName = station.name,
): Promise<void> {
  const { metadata } = context;
  const changed: Promise<unknown>[] = [forgetDeadLettersOf(context, station)];
  for (const table of [metadata.producers, metadata.consumers]) {
    for (const row of table.all()) if (row.stationId === station.id) changed.push(table.remove(row.id));
  }
  for (const row of metadata.audit.all()) {
    if (row.stationName === station.name) changed.push(metadata.audit.remove(row.id));
  }
  for (const other of metadata.stations.all()) {
    if (other.dlsStation === station.name)
      changed.push(metadata.stations.update(other.id, { dlsStation: '' }));
  }
  await Promise.all(changed);
  // Last: a removal that is interrupted before is finished at the next start.
  await metadata.stations.remove(station.id);
  await context.serverUsers.stationsChanged();
  await writeAudit(
    context,
    auditName,
    `Station ${station.name} has been deleted by user ${user.username}`,
    user,
  );
}
