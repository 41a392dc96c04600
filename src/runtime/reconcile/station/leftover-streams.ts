import { setTimeout as delay } from 'node:timers/promises';
import { UnsafeRequestError } from '../../../model/errors';
import { plural, quotedNames } from '../../../model/error-text';
import type { CanonicalStation } from '../../../model/station';
import type { Admin, LedgerRecord, StreamInfo } from '../../admin';
import type { DeclaredOwner } from '../kind';
import { isOfRun } from '../made';
import { notOneBroker } from '../one-broker';
import { readPartitions, stored } from './live';
import { sameConfig, streamConfigOf } from './stream-config';

/** How many partitions a station has to have for some of its streams not to be looked for. */
const MOST_LOOKED_FOR = 64;

/** The streams under the names of a station's first partitions, whether or not there is such a station. */
export function streamsNamedAs(
  admin: Admin,
  { name, partitionsNumber }: CanonicalStation,
): Promise<StreamInfo[]> {
  return readPartitions(admin, name, 1, Math.min(partitionsNumber, MOST_LOOKED_FOR));
}

/** How often, and after how many milliseconds each time, a station that is being created is looked for. */
const LOOKS = 8;
const LOOK_PAUSE_MS = 250;

/** True as soon as the broker has a station of that name; false when it has none after two seconds. */
export async function appears(admin: Admin, name: string): Promise<boolean> {
  for (let looks = 0; looks < LOOKS; looks += 1) {
    if ((await admin.readStation(name)) !== undefined) return true;
    await delay(LOOK_PAUSE_MS);
  }
  return false;
}

/**
 * Updates the streams of an interrupted creation of the same declaration, so that the broker adopts them.
 * @param record what the ledger says of the name
 * @throws UnsafeRequestError for streams of another origin: the broker would silently adopt those of equal settings, and
 *   trips over others.
 */
export async function resumeStreams(
  admin: Admin,
  station: CanonicalStation,
  streams: readonly StreamInfo[],
  { owner }: DeclaredOwner,
  record: LedgerRecord | undefined,
): Promise<void> {
  const attempted = `create station "${station.name}"`;
  const isOwn = (stream: StreamInfo): boolean =>
    record?.owner === owner && isOfRun(record, stream.created) && stream.state.messages === 0;
  if (!streams.every(isOwn)) {
    if (record?.uid !== undefined)
      throw notOneBroker(
        admin,
        attempted,
        `the REST API does not know the station whose streams are at ${admin.facts.address}`,
      );
    throw orphansError(streams, attempted);
  }
  for (const { config } of streams) {
    const wanted = streamConfigOf(config, station, admin.facts);
    if (!sameConfig(config, wanted)) await admin.updateStream(wanted);
  }
}

function orphansError(orphans: readonly StreamInfo[], attempted: string): UnsafeRequestError {
  const held = stored({ streams: orphans });
  return new UnsafeRequestError({
    attempted,
    found: `there is no station of that name, but its ${orphans.length === 1 ? 'stream' : 'streams'} ${quotedNames(orphans.map(({ config }) => config.name))} with ${plural(held.messages, 'stored message')} ${orphans.length === 1 ? 'exists' : 'exist'}`,
    next: 'They are left from a station that was removed half-way. Save what is in them, delete these streams, and deploy again',
  });
}
