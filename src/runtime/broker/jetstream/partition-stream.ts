import { partitionStream } from '../../../model/names';
import type { WireConfig } from './api';

/** What the streams of a station depend on. */
export interface StationSettings {
  readonly name: string;
  readonly retentionType: string;
  readonly retentionValue: number;
  readonly storageType: string;
  readonly replicas: number;
  readonly idempotencyWindowMs: number;
  readonly tieredStorageEnabled: boolean;
}

/** Where the flag lives on a stock server, which knows no such field in a stream and from 2.12 on refuses it. */
export const TIERED_METADATA_KEY = 'memphis.tiered';

// The greatest number that is one of JavaScript and one of the server, which reads 64 bits.
const GREATEST_LIMIT = 2 ** 63 - 1024;

/** The configuration of the stream of one partition, as Memphis 1.4.4 sends it. */
export function partitionStreamConfig(
  station: StationSettings,
  partition: number,
): WireConfig & { readonly name: string } {
  const name = partitionStream(station.name, partition);
  const limit = (type: string): number =>
    station.retentionType === type ? Math.min(station.retentionValue, GREATEST_LIMIT) : -1;
  return {
    name,
    subjects: [`${name}.>`],
    retention: station.retentionType === 'ack_based' ? 'interest' : 'limits',
    max_consumers: -1,
    max_msgs: limit('messages'),
    max_bytes: limit('bytes'),
    max_age:
      station.retentionType === 'message_age_sec' ? nanoseconds(station.retentionValue, 1_000_000_000n) : 0,
    max_msgs_per_subject: -1,
    discard: 'old',
    storage: station.storageType,
    num_replicas: station.replicas,
    duplicate_window: nanoseconds(station.idempotencyWindowMs, 1_000_000n),
    ...(station.tieredStorageEnabled ? { metadata: { [TIERED_METADATA_KEY]: 'true' } } : {}),
  };
}

/** Go multiplies in 64 bits, so that a time of more than 292 years comes out negative; the server then refuses it. */
function nanoseconds(value: number, factor: bigint): number {
  return Number(BigInt.asIntN(64, BigInt(value) * factor));
}
