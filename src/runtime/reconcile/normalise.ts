import { externalName } from '../../model/names';
import { Retention } from '../../model/retention';
import type { CanonicalStation } from '../../model/station';
import { DEFAULT_TAG } from '../../model/station';
import { Storage } from '../../model/storage';
import type { StreamConfig } from '../admin';
import { NANOSECONDS_PER_MILLISECOND, NANOSECONDS_PER_SECOND } from '../../model/stream';
import { readTieredStorage } from '../../model/tiered-storage';
import type { LiveStation } from './live';

/**
 * The canonical form of a live station. Partitions may differ from each other, since somebody can change one of them by
 * hand: a field then shows the value of the first partition that is not as expected, so that no difference hides.
 * @param expected what the station should be, if that is known.
 */
export function normaliseStation(live: LiveStation, expected?: CanonicalStation): CanonicalStation {
  const configs = live.streams.map((stream) => stream.config);
  const retention = firstUnlike(
    configs.map((config) => retentionOf(config, expected)),
    (found) => found.type === expected?.retentionType && found.value === expected.retentionValue,
  ) ?? {
    type: expected?.retentionType ?? Retention.MAX_MESSAGE_AGE_SECONDS,
    value: expected?.retentionValue ?? 0,
  };
  const field = <T>(read: (config: StreamConfig) => T, wanted: T | undefined, fallback: T): T =>
    firstUnlike(configs.map(read), (found) => found === wanted) ?? wanted ?? fallback;
  return {
    name: externalName(live.row.name),
    retentionType: retention.type,
    retentionValue: retention.value,
    storageType: field(
      (config) => (config.storage === 'memory' ? Storage.MEMORY : Storage.DISK),
      expected?.storageType,
      Storage.DISK,
    ),
    replicas: field((config) => config.num_replicas, expected?.replicas, 1),
    partitionsNumber: live.row.partitions.length,
    idempotencyWindowMs: field(
      (config) => config.duplicate_window / NANOSECONDS_PER_MILLISECOND,
      expected?.idempotencyWindowMs,
      0,
    ),
    sendPoisonMsgToDls: live.row.sendPoisonMsgToDls,
    sendSchemaFailedMsgToDls: live.row.sendSchemaFailedMsgToDls,
    dlsStation: live.row.dlsStation,
    tieredStorageEnabled: field(readTieredStorage, expected?.tieredStorageEnabled, false),
    tags: live.row.tags.length === 0 ? [DEFAULT_TAG] : live.row.tags,
  };
}

/** The first value that is not as wanted; if all are, the first one. */
function firstUnlike<T>(values: readonly T[], asWanted: (value: T) => boolean): T | undefined {
  return values.find((value) => !asWanted(value)) ?? values[0];
}

interface RetentionOf {
  readonly type: Retention;
  readonly value: number;
}

/**
 * The retention of a stream. By hand a stream can get several limits at once: then the one that was not expected is
 * shown. A stream without any limit reads as the age of 0, which no declaration can have.
 */
function retentionOf(config: StreamConfig, expected: CanonicalStation | undefined): RetentionOf {
  if (config.retention === 'interest') return { type: Retention.ACK_BASED, value: 0 };
  const limits: RetentionOf[] = [];
  if (config.max_age > 0) {
    limits.push({ type: Retention.MAX_MESSAGE_AGE_SECONDS, value: config.max_age / NANOSECONDS_PER_SECOND });
  }
  if (config.max_msgs > 0) limits.push({ type: Retention.MESSAGES, value: config.max_msgs });
  if (config.max_bytes > 0) limits.push({ type: Retention.BYTES, value: config.max_bytes });
  return (
    firstUnlike(
      limits,
      (limit) => limit.type === expected?.retentionType && limit.value === expected.retentionValue,
    ) ?? {
      type: Retention.MAX_MESSAGE_AGE_SECONDS,
      value: 0,
    }
  );
}
