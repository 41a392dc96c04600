import type { BrokerContext } from '../objects/context';
import { activeVersion } from '../store/schema-table';
import { tagsOf } from '../objects/tags';
import type { SchemaRow, SchemaVersion } from '../store/rows';

/** A schema with its versions, newest first. */
export function schemaDetails(
  context: BrokerContext,
  schema: SchemaRow,
  isShown: (version: SchemaVersion) => boolean = () => true,
): object {
  return {
    id: schema.id,
    schema_name: schema.name,
    type: schema.type,
    versions: schema.versions
      .filter(isShown)
      .map((version) => ({
        id: version.id,
        version_number: version.versionNumber,
        active: version.isActive,
        created_by: version.createdBy,
        created_by_username: version.createdByUsername,
        created_at: version.createdAt,
        schema_content: version.content,
        schema_id: schema.id,
        message_struct_name: version.messageStructName,
        descriptor: version.descriptor,
        tenant_name: context.mode.tenant,
      }))
      .reverse(),
    used_stations: context.metadata.stations
      .all()
      .flatMap((station) => (station.schemaName === schema.name ? [station.name] : []))
      .reverse(),
    tags: tagsOf(context, schema),
    created_by_username: schema.createdByUsername,
  };
}

/** A schema as the calls about one station show it. */
export function attachedSchema(schema: SchemaRow, versionNumber: number): object {
  return {
    name: schema.name,
    schema_type: schema.type,
    version_number: versionNumber,
    updates_available: versionNumber !== activeVersion(schema)?.versionNumber,
  };
}
