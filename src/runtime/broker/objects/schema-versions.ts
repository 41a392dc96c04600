import type { SchemaRow, SchemaVersion } from '../store/rows';

/** The version that clients get. Every schema made over REST or NATS has one. */
export function activeVersion(schema: SchemaRow): SchemaVersion | undefined {
  return schema.versions.find((version) => version.isActive);
}

/** The version with the highest number. */
export function newestVersion(schema: SchemaRow): SchemaVersion | undefined {
  return schema.versions[schema.versions.length - 1];
}
