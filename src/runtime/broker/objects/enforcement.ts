import { internalName } from '../../../model/names';
import type { SchemaRow, StationRow, UserRow } from '../store/rows';
import type { BrokerContext } from './context';
import { writeAudit } from './context';
import { activeVersion } from '../store/schema-table';

/**
 * Attaches a schema to a station, in place of any other, and tells the clients. May be repeated.
 * @param by whom the history names; undefined for what the broker does on its own.
 */
export async function attachSchema(
  context: BrokerContext,
  station: StationRow,
  schema: SchemaRow,
  by: Pick<UserRow, 'id' | 'username'> | undefined,
): Promise<void> {
  const { metadata, broadcasts } = context;
  await metadata.stations.update(station.id, {
    schemaName: schema.name,
    schemaVersionNumber: activeVersion(schema)?.versionNumber ?? 0,
  });
  // Under its internal name: the history of a station with a dot in its name never shows it, as on a real broker.
  if (by !== undefined) {
    const line = `Schema ${schema.name} has been attached to station ${station.name} by user ${by.username}`;
    await writeAudit(context, internalName(station.name), line, by);
  }
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
