import type { BrokerContext } from '../objects/context';
import { now } from '../objects/context';
import type { StationMessage } from '../objects/messages';
import type { DeadLetterRow, StationRow } from '../store/rows';

/** The dead letters of a station, oldest first. */
export function deadLettersOf({ metadata }: BrokerContext, station: StationRow): DeadLetterRow[] {
  return metadata.deadLetters.all().filter((row) => row.stationId === station.id);
}

/** How many dead letters every station has, by the id of the station. */
export function countDeadLetters({ metadata }: BrokerContext): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { stationId } of metadata.deadLetters.all())
    counts.set(stationId, (counts.get(stationId) ?? 0) + 1);
  return counts;
}

/** Notes that a group gave up on a message. Other groups may have done so before. May be repeated. */
export async function addPoison(
  context: BrokerContext,
  station: StationRow,
  message: StationMessage,
  group: string,
  validationError: string,
): Promise<void> {
  const { deadLetters } = context.metadata;
  const contentKey = `${station.id}.${message.partition}.${message.seq}`;
  const known = deadLetters.find(contentKey);
  if (known !== undefined) {
    const groups = known.groups.includes(group) ? known.groups : [...known.groups, group];
    await deadLetters.update(known.id, { groups, updatedAt: now() });
    return;
  }
  await context.deadLetterContents.put(contentKey, message);
  await deadLetters.insert({
    stationId: station.id,
    type: 'poison',
    contentKey,
    partition: message.partition,
    messageSeq: message.seq,
    groups: [group],
    producer: message.headers?.get('$memphis_producedBy') ?? 'unknown',
    timeSent: message.time,
    size: message.size,
    updatedAt: now(),
    validationError,
  });
}

/** A message that its producer refused. */
export interface RefusedMessage {
  readonly partition: number;
  readonly producer: string;
  readonly data: Buffer;
  readonly headers: ReadonlyMap<string, string> | undefined;
  readonly validationError: string;
}

/**
 * Keeps a message that its producer refused.
 * @param number tells it apart from all others; the same number again changes nothing.
 */
export async function addRefused(
  context: BrokerContext,
  station: StationRow,
  message: RefusedMessage,
  number: number,
): Promise<void> {
  const { deadLetters } = context.metadata;
  const contentKey = `${station.id}.schema.${number}`;
  if (deadLetters.find(contentKey) !== undefined) return;
  await context.deadLetterContents.put(contentKey, message);
  await deadLetters.insert({
    stationId: station.id,
    type: 'schema',
    contentKey,
    partition: message.partition,
    messageSeq: 0,
    groups: [],
    producer: message.producer,
    timeSent: now(),
    size: sizeWithoutMemphis(message),
    updatedAt: now(),
    validationError: message.validationError,
  });
}

/** How a real broker counts these: data, and the headers that are not its own. */
function sizeWithoutMemphis({ data, headers }: RefusedMessage): number {
  const own = [...(headers ?? [])].filter(([name]) => !name.startsWith('$memphis'));
  return own.reduce((size, [name, value]) => size + Buffer.byteLength(`${name}: ${value}\r\n`), data.length);
}

/** Removes dead letters with their contents. */
export async function removeDeadLetters(
  { metadata, deadLetterContents }: BrokerContext,
  rows: readonly DeadLetterRow[],
): Promise<void> {
  for (const row of rows) {
    await metadata.deadLetters.remove(row.id);
    await deadLetterContents.remove(row.contentKey);
  }
}

/**
 * A group has processed the message after all. The row goes when that group was the only one; then, as on a real broker,
 * whatever group is named.
 */
export async function acknowledge(context: BrokerContext, id: number, group: string): Promise<void> {
  const row = context.metadata.deadLetters.get(id);
  if (row === undefined) return;
  if (row.groups.length <= 1) await removeDeadLetters(context, [row]);
  else await withoutGroup(context, row, group);
}

/** A group is gone, and with it the rows that only it had. */
export async function removeGroup(context: BrokerContext, station: StationRow, group: string): Promise<void> {
  for (const row of deadLettersOf(context, station)) {
    if (!row.groups.includes(group)) continue;
    if (row.groups.length === 1) await removeDeadLetters(context, [row]);
    else await withoutGroup(context, row, group);
  }
}

async function withoutGroup({ metadata }: BrokerContext, row: DeadLetterRow, group: string): Promise<void> {
  if (!row.groups.includes(group)) return;
  await metadata.deadLetters.update(row.id, { groups: row.groups.filter((name) => name !== group) });
}

/** Removes dead letters that nothing has happened to for so many hours. */
export async function removeOldDeadLetters(context: BrokerContext, hours: number): Promise<void> {
  const limit = Date.now() - hours * 3_600_000;
  const old = context.metadata.deadLetters.all().filter((row) => Date.parse(row.updatedAt) < limit);
  await removeDeadLetters(context, old);
}
