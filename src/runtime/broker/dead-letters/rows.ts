import type { BrokerContext } from '../objects/context';
import { now } from '../objects/context';
import type { StationMessage } from '../objects/messages';
import type { DeadLetterRow, StationRow } from '../store/rows';

/** False for what only remembers that a message has been dealt with. */
function isShown({ type, groups }: DeadLetterRow): boolean {
  return type === 'schema' || groups.length > 0;
}

/** All dead letters, oldest first. */
export function allDeadLetters({ metadata }: BrokerContext): DeadLetterRow[] {
  return metadata.deadLetters.all().filter(isShown);
}

/** The dead letters of a station, oldest first. */
export function deadLettersOf(context: BrokerContext, station: StationRow): DeadLetterRow[] {
  return allDeadLetters(context).filter((row) => row.stationId === station.id);
}

export function findDeadLetter({ metadata }: BrokerContext, id: number): DeadLetterRow | undefined {
  const row = metadata.deadLetters.get(id);
  return row !== undefined && isShown(row) ? row : undefined;
}

/** How many dead letters every station has, by the id of the station. */
export function countDeadLetters(context: BrokerContext): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { stationId } of allDeadLetters(context))
    counts.set(stationId, (counts.get(stationId) ?? 0) + 1);
  return counts;
}

function poisonKey(station: StationRow, message: StationMessage): string {
  return `${station.id}.${message.partition}.${message.seq}`;
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
  const contentKey = poisonKey(station, message);
  const known = deadLetters.find(contentKey);
  if (known !== undefined && isShown(known)) {
    await deadLetters.update(known.id, { groups: withGroup(known.groups, group), updatedAt: now() });
    return;
  }
  if (known !== undefined) await deadLetters.remove(known.id);
  await context.deadLetterContents.put(contentKey, message);
  await deadLetters.insert({
    stationId: station.id,
    type: 'poison',
    contentKey,
    partition: message.partition,
    messageSeq: message.seq,
    groups: [group],
    toldFor: known?.toldFor ?? [],
    producer: message.headers?.get('$memphis_producedBy') ?? 'unknown',
    timeSent: message.time,
    size: message.size,
    updatedAt: now(),
    validationError,
  });
}

/** True when the server has told of this message for this group before. */
export function hasBeenTold(
  { metadata }: BrokerContext,
  station: StationRow,
  message: StationMessage,
  group: string,
): boolean {
  return metadata.deadLetters.find(poisonKey(station, message))?.toldFor.includes(group) === true;
}

/** Remembers what `hasBeenTold` tells. */
export async function setTold(
  { metadata }: BrokerContext,
  station: StationRow,
  message: StationMessage,
  group: string,
): Promise<void> {
  const contentKey = poisonKey(station, message);
  const known = metadata.deadLetters.find(contentKey);
  if (known !== undefined) {
    await metadata.deadLetters.update(known.id, { toldFor: withGroup(known.toldFor, group) });
    return;
  }
  await metadata.deadLetters.insert({
    stationId: station.id,
    type: 'poison',
    contentKey,
    partition: message.partition,
    messageSeq: message.seq,
    groups: [],
    toldFor: [group],
    producer: '',
    timeSent: '',
    size: 0,
    updatedAt: now(),
    validationError: '',
  });
}

function withGroup(groups: readonly string[], group: string): readonly string[] {
  return groups.includes(group) ? groups : [...groups, group];
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
    toldFor: [],
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
    if (row.toldFor.length === 0) await metadata.deadLetters.remove(row.id);
    else await metadata.deadLetters.update(row.id, { groups: [], validationError: '' });
    await deadLetterContents.remove(row.contentKey);
  }
}

/** Forgets everything about the dead letters of a station that goes. */
export async function forgetDeadLettersOf(context: BrokerContext, station: StationRow): Promise<void> {
  const { metadata, deadLetterContents } = context;
  for (const row of metadata.deadLetters.all()) {
    if (row.stationId !== station.id) continue;
    await metadata.deadLetters.remove(row.id);
    if (isShown(row)) await deadLetterContents.remove(row.contentKey);
  }
}

/**
 * A group has processed the message after all. The row goes when that group was the only one; then, as on a real broker,
 * whatever group is named.
 */
export async function acknowledge(context: BrokerContext, id: number, group: string): Promise<void> {
  const row = findDeadLetter(context, id);
  if (row === undefined) return;
  if (row.groups.length <= 1) await removeDeadLetters(context, [row]);
  else await context.metadata.deadLetters.update(id, { groups: withoutGroup(row.groups, group) });
}

/** A group is gone, and with it the rows that only it had. */
export async function removeGroup(context: BrokerContext, station: StationRow, group: string): Promise<void> {
  const { deadLetters } = context.metadata;
  for (const row of deadLetters.all()) {
    if (row.stationId !== station.id || row.type !== 'poison') continue;
    const groups = withoutGroup(row.groups, group);
    const toldFor = withoutGroup(row.toldFor, group);
    if (groups.length === row.groups.length && toldFor.length === row.toldFor.length) continue;
    await deadLetters.update(row.id, { groups, toldFor });
    if (groups.length === 0) await removeDeadLetters(context, [{ ...row, groups, toldFor }]);
  }
}

function withoutGroup(groups: readonly string[], group: string): readonly string[] {
  return groups.filter((name) => name !== group);
}

/** Removes dead letters that nothing has happened to for so many hours. */
export async function removeOldDeadLetters(context: BrokerContext, hours: number): Promise<void> {
  const limit = Date.now() - hours * 3_600_000;
  const old = allDeadLetters(context).filter((row) => Date.parse(row.updatedAt) < limit);
  await removeDeadLetters(context, old);
}
