import { setTimeout as delay } from 'node:timers/promises';
import { quotedNames } from '../../../../model/error-text';
import { TimeoutError, UnsafeRequestError } from '../../../../model/errors';
import { internalName, parsePartitionStream } from '../../../../model/names';
import type { Admin, StreamConfig, StreamInfo } from '../../../admin';
import { NANOSECONDS_PER_SECOND } from '../../../../model/stream';
import { inParallel } from '../../../admin/batch';

/**
 * The stream that keeps what goes into one partition of the new station, or the snapshot of an old partition. Memphis shows
 * no stream whose name begins like this.
 */
export function copyName(station: string, partition: number): string {
  return `$memphis_cdk_carry_${partition}_${internalName(station)}`;
}

/**
 * The configuration of a copy: on disk, without limits. It remembers message ids longer than any station does, so that
 * every message that a station could drop as a repetition is missed here, before anything is removed.
 */
export function copyConfig(name: string, like: StreamConfig): StreamConfig {
  return {
    name,
    retention: 'limits',
    storage: 'file',
    discard: 'old',
    max_age: 0,
    max_msgs: -1,
    max_bytes: -1,
    num_replicas: like.num_replicas,
    duplicate_window: LONGEST_WINDOW_S * NANOSECONDS_PER_SECOND,
  };
}

const LONGEST_WINDOW_S = 86_400;

/**
 * Removes the copies of a station's messages; those that are gone do not matter.
 * @param partitions of the old station: there is at most one copy for each
 */
export async function deleteCopies(admin: Admin, station: string, partitions: number): Promise<void> {
  const numbers = Array.from({ length: partitions }, (_, index) => index + 1);
  await inParallel(numbers, (partition) => admin.deleteStream(copyName(station, partition)));
}

/**
 * Refuses copies that no record tells of: they may hold the only copy of messages.
 * @throws UnsafeRequestError
 */
export async function refuseForeignCopies(
  admin: Admin,
  station: string,
  partitions: number,
  attempted: string,
): Promise<void> {
  const names = Array.from({ length: partitions }, (_, index) => copyName(station, index + 1));
  const found = await inParallel(names, (name) => admin.readStream(name));
  const there = found.flatMap((stream) => (stream === undefined ? [] : [stream.config.name]));
  if (there.length === 0) return;
  throw new UnsafeRequestError({
    attempted,
    found: `the broker has copies of an earlier run that the ledger does not know: ${quotedNames(there)}; nothing was changed`,
    next: 'Check what is in these streams, delete them, and deploy again',
  });
}

/** The partition number of a stream of a station. */
export function partitionOf({ config }: Pick<StreamInfo, 'config'>): number {
  return parsePartitionStream(config.name)?.partition ?? 0;
}

const LOOK_PAUSE_MS = 25;
/** How long nothing may be left to copy before it counts as the end, although fewer messages came than were expected. */
const SETTLED_MS = 1_000;
/** How long nothing at all may happen. */
const STALLED_MS = 30_000;

/**
 * Waits until a stream has copied what its sources hold: until it has as many messages as expected, or until the server
 * says for a while that nothing is left.
 */
export async function caughtUp(
  admin: Admin,
  stream: string,
  expected: number,
  attempted: string,
): Promise<StreamInfo> {
  let last = -1;
  let changedAt = performance.now();
  for (let pause = LOOK_PAUSE_MS; ; pause = Math.min(pause * 2, 200)) {
    const info = await admin.readStream(stream);
    const sequence = info?.state.last_seq ?? -1;
    if (sequence !== last) changedAt = performance.now();
    last = sequence;
    const idle = performance.now() - changedAt;
    if (info !== undefined) {
      const isIdle = (info.sources ?? []).every(({ lag, active }) => lag === 0 && active >= 0);
      if (isIdle && (sequence >= expected || idle >= SETTLED_MS)) return info;
    }
    if (idle >= STALLED_MS) {
      throw new TimeoutError({
        attempted,
        found: `the broker copied nothing for ${STALLED_MS / 1000} s (${sequence} of ${expected} messages in stream "${stream}")`,
        next: 'Check the health of the broker and deploy again',
      });
    }
    await delay(pause);
  }
}
