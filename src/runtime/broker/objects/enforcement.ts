import type { SchemaRow, StationRow } from '../store/rows';
import type { BrokerContext } from './context';
import { activeVersion } from './schema-versions';

/** Attaches a schema to a station, in place of any other, and tells the clients. May be repeated. */
export async function attachSchema(
  { metadata, broadcasts }: BrokerContext,
  station: StationRow,
  schema: SchemaRow,
): Promise<void> {
  await metadata.stations.update(station.id, {
    schemaName: schema.name,
    schemaVersionNumber: activeVersion(schema)?.versionNumber ?? 0,
  });
  broadcasts.schemaAttached(station.name, schema);
}

/** Takes the schema from a station, whether it has one or not, and tells the clients. */
export async function detachSchema(
  { metadata, broadcasts }: BrokerContext,
  station: StationRow,
): Promise<void> {
  await metadata.stations.update(station.id, { schemaName: '', schemaVersionNumber: 0 });
  broadcasts.schemaDetached(station.name);
}
