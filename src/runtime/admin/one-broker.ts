import { BrokerMismatchError } from '../../model/errors';
import { internalName, parsePartitionStream, partitionStream } from '../../model/names';
import type { StreamInfo } from '../../model/stream';
import type { Admin, StationRow } from './port';

/** A station and its stream come into being in one request. */
export const SAME_CREATION_MS = 1_000;
/** No creation takes longer, so that a station and a stream that lie further apart have nothing to do with each other. */
const OTHER_CREATION_MS = 10_000;

/** The error for a REST API and a client port that belong to different brokers. */
export function notOneBroker(
  { facts }: Pick<Admin, 'facts'>,
  attempted: string,
  proof: string,
): BrokerMismatchError {
  return new BrokerMismatchError({
    attempted,
    found: `${facts.restAddress} and ${facts.address} are not the same broker: ${proof}; nothing was changed`,
    next: 'Set MEMPHIS_REST_URL to the REST API of the broker that MEMPHIS_HOST and MEMPHIS_PORT name',
  });
}

/**
 * Refuses two sides that are not one broker, before anything is read or changed on them.
 * @throws BrokerMismatchError
 */
export async function requireOneBroker(admin: Admin): Promise<void> {
  const [{ rows }, streams] = await Promise.all([admin.listNewestStations(), admin.listStreams()]);
  await isOneBroker(admin, rows, streams);
}

/**
 * Finds out whether both sides are one broker, by when their stations and streams were made and by a request that the one
 * side sees of the other.
 * @returns true when that is proven, false when it cannot be told
 * @throws BrokerMismatchError when they are two
 */
export async function isOneBroker(
  admin: Admin,
  rows: readonly StationRow[],
  streams: readonly StreamInfo[],
): Promise<boolean> {
  const proof = proofOfTwoBrokers(rows, streams);
  if (proof !== undefined) throw notOneBroker(admin, 'use the broker', proof);
  const there = new Set(streams.map(({ config }) => config.name));
  const usable = rows.filter(({ isNative, partitions }) => isNative && partitions.length > 0);
  // A broker waits long for the stream of a server that is down, so it had better be one that is there.
  const row =
    usable.find(({ name, partitions }) => there.has(partitionStream(name, partitions[0] ?? 0))) ?? usable[0];
  // What a real Memphis shows of its own requests is not documented: their absence proves nothing, and is waited for.
  if (row === undefined || !admin.facts.stock) return false;
  const isSeen = await admin.canSeeRest(row.name, row.partitions[0] ?? 0);
  if (isSeen === false)
    throw notOneBroker(
      admin,
      'use the broker',
      `what the REST API asks the streams of station "${row.name}" does not reach the client port`,
    );
  return isSeen === true;
}

/**
 * What proves that a REST API and a client port are those of two brokers: every broker has at least the station
 * `default`, and on none are all stations older or younger than their streams. Streams in memory come back with a restart;
 * they prove nothing, and neither does a single stream, which may have been restored.
 */
export function proofOfTwoBrokers(
  rows: readonly StationRow[],
  streams: readonly StreamInfo[],
): string | undefined {
  const withStreams = new Set(streams.map(({ config }) => parsePartitionStream(config.name)?.internal));
  const made = firstStreamsMade(streams);
  let nearest: { readonly name: string; readonly apartMs: number } | undefined;
  let count = 0;
  let missing = 0;
  for (const { name, isNative, createdAt } of rows) {
    if (!isNative || createdAt === undefined) continue;
    const ofStream = made.get(internalName(name));
    if (!withStreams.has(internalName(name))) missing += 1;
    const apartMs = Math.abs(Date.parse(createdAt) - (ofStream ?? NaN));
    if (Number.isNaN(apartMs)) continue;
    count += 1;
    if (nearest === undefined || apartMs < nearest.apartMs) nearest = { name, apartMs };
  }
  if (nearest === undefined || nearest.apartMs <= SAME_CREATION_MS) return undefined;
  const isCertain = nearest.apartMs > OTHER_CREATION_MS && (count > 1 || nearest.name === 'default');
  // Made within the same seconds, but the one side also lacks streams of the other.
  const isLikely = missing > 0;
  if (!isCertain && !isLikely) return undefined;
  return `station "${nearest.name}" and its stream were made ${(nearest.apartMs / 1000).toFixed(1)} s apart`;
}

/**
 * When the first streams of stations were made, in milliseconds since 1970, by the internal names of the stations. Streams in
 * memory come back with a restart, so they are left out.
 */
export function firstStreamsMade(streams: readonly StreamInfo[]): ReadonlyMap<string, number> {
  return new Map(
    streams.flatMap(({ config, created }) => {
      const parts = parsePartitionStream(config.name);
      const isUsable = created !== undefined && config.storage === 'file' && parts?.partition === 1;
      return isUsable ? [[parts.internal, Date.parse(created)] as const] : [];
    }),
  );
}
