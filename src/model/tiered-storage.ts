import type { StreamConfig } from './stream';

/**
 * The tiered-storage flag of a stream. A Memphis broker has a key of its own for it; a stock server of 2.12 or later
 * refuses unknown keys, so there the flag lives in the stream's metadata.
 */
const METADATA_KEY = 'memphis.tiered';

export function readTieredStorage(config: StreamConfig): boolean {
  return config.tiered_storage_enabled === true || config.metadata?.[METADATA_KEY] === 'true';
}

/** The configuration with the flag set as wanted, in the way the server understands. */
export function withTieredStorage(
  config: StreamConfig,
  enabled: boolean,
  stockServer: boolean,
): StreamConfig {
  if (!stockServer) return { ...config, tiered_storage_enabled: enabled };
  const metadata = new Map(Object.entries(config.metadata ?? {}));
  if (enabled) metadata.set(METADATA_KEY, 'true');
  else metadata.delete(METADATA_KEY);
  const { tiered_storage_enabled, metadata: previous, ...rest } = config;
  if (metadata.size === 0 && previous === undefined) return rest;
  return { ...rest, metadata: Object.fromEntries(metadata) };
}
