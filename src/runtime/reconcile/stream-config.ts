import { Retention } from '../../model/retention';
import type { CanonicalStation } from '../../model/station';
import type { BrokerFacts, StreamConfig } from '../admin';
import { NANOSECONDS_PER_MILLISECOND, NANOSECONDS_PER_SECOND } from '../../model/stream';
import { withTieredStorage } from '../../model/tiered-storage';
import { openSubjects } from './live';

/**
 * The whole configuration of a partition stream after a change: what it is now, with everything that the declaration
 * decides put in. A field that an update leaves out falls back to the server's default, so all of it is sent.
 */
export function streamConfigOf(
  current: StreamConfig,
  station: CanonicalStation,
  facts: BrokerFacts,
): StreamConfig {
  const changed: StreamConfig = {
    ...current,
    subjects: openSubjects(current.name),
    retention: station.retentionType === Retention.ACK_BASED ? 'interest' : 'limits',
    max_age: limit(station, Retention.MAX_MESSAGE_AGE_SECONDS, NANOSECONDS_PER_SECOND, 0),
    max_msgs: limit(station, Retention.MESSAGES, 1, -1),
    max_bytes: limit(station, Retention.BYTES, 1, -1),
    duplicate_window: station.idempotencyWindowMs * NANOSECONDS_PER_MILLISECOND,
    num_replicas: station.replicas,
  };
  return withTieredStorage(changed, station.tieredStorageEnabled, facts.stock);
}

function limit(station: CanonicalStation, type: Retention, unit: number, unlimited: number): number {
  return station.retentionType === type ? station.retentionValue * unit : unlimited;
}

/** True when the server would see no difference between the two. */
export function sameConfig(a: StreamConfig, b: StreamConfig): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => JSON.stringify(a[key] ?? null) === JSON.stringify(b[key] ?? null));
}
