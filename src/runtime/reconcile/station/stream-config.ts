import type { CanonicalStation } from '../../../model/station';
import { brokerStationFields } from '../../../model/station';
import type { StreamConfig } from '../../../model/stream';
import type { BrokerFacts } from '../../admin';

/**
 * The whole configuration of a partition stream after a change: what it is now, with everything that the declaration
 * decides put in. A field that an update leaves out falls back to the server's default, so all of it is sent.
 */
export function streamConfigOf(
  current: StreamConfig,
  station: CanonicalStation,
  { stock }: Pick<BrokerFacts, 'stock'>,
): StreamConfig {
  const values = station as unknown as Readonly<Record<string, unknown>>;
  let config = current;
  for (const [name, field] of brokerStationFields) {
    if (!('update' in field) || field.update.by !== 'stream') continue;
    config = field.update.write(config, values[name], { station: values, stock });
  }
  return config;
}

/** True when the server would see no difference between the two. */
export function sameConfig(a: StreamConfig, b: StreamConfig): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => JSON.stringify(a[key] ?? null) === JSON.stringify(b[key] ?? null));
}
