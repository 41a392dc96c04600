import type { BrokerContext } from '../objects/context';
import { tagsOf } from '../objects/tags';
import type { StationRow } from '../store/rows';

/** A station in the three shapes that the REST API has for it. Keys, their order and their spelling are the broker's. */

const ZERO_TIME = '0001-01-01T00:00:00Z';

/** What a station holds. */
export interface StationCounts {
  readonly messages: number;
  readonly deadLetters: number;
}

/** What reads call the storage that requests call `file`. */
function storageWord(storageType: string): string {
  return storageType === 'file' ? 'disk' : storageType;
}

/** A key that is left out when the value is the zero value. */
function unlessZero<Value>(key: string, value: Value): Record<string, Value> {
  return value === '' || value === 0 || value === false ? {} : { [key]: value };
}

/** An element of `getAllStations`. */
export function lightStation(context: BrokerContext, station: StationRow, count: StationCounts): object {
  const tags = tagsOf(context, station);
  return {
    id: station.id,
    name: station.name,
    retention_type: station.retentionType,
    ...unlessZero('retention_value', station.retentionValue),
    storage_type: station.storageType,
    replicas: station.replicas,
    created_by: station.createdBy,
    created_by_username: station.createdByUsername,
    created_at: station.createdAt,
    updated_at: station.createdAt,
    total_messages: count.messages,
    ...unlessZero('schema_name', station.schemaName),
    ...unlessZero('schema_vesrion_number', station.schemaVersionNumber),
    ...(tags.length === 0 ? {} : { tags }),
    ...unlessZero('idempotency_window_in_ms', station.idempotencyWindowMs),
    is_native: station.isNative !== false,
    ...unlessZero('dls_configuration_poison', station.dlsPoison),
    ...unlessZero('dls_configuration_schemaverse', station.dlsSchemaverse),
    has_dls_messages: count.deadLetters > 0,
    activity: false,
    tenant_name: context.mode.tenant,
    resend_disabled: context.resending.isRunning(station),
    partitions_list: station.partitions,
    version: 2,
    dls_station: station.dlsStation,
    functions_lock_held: false,
    functions_locked_at: station.createdAt,
  };
}

/** An element of `getStations`. */
export function stationView(context: BrokerContext, station: StationRow, count: StationCounts): object {
  return {
    station: {
      id: station.id,
      name: station.name,
      retention_type: station.retentionType,
      retention_value: station.retentionValue,
      storage_type: storageWord(station.storageType),
      replicas: station.replicas,
      created_by_username: station.createdByUsername,
      created_at: station.createdAt,
      updated_at: ZERO_TIME,
      ...unlessZero('schema_name', station.schemaName),
      is_native: station.isNative !== false,
      tiered_storage_enabled: false,
      tenant_name: '',
      resend_disabled: context.resending.isRunning(station),
      partitions_list: station.partitions,
      version: 2,
      dls_station: '',
      functions_lock_held: false,
      functions_locked_at: ZERO_TIME,
    },
    total_messages: count.messages,
    posion_messages: count.deadLetters,
    tags: tagsOf(context, station),
    has_dls_messages: count.deadLetters > 0,
    activity: false,
  };
}

/** The reply of `getStation`. */
export function stationDetails(context: BrokerContext, station: StationRow): object {
  return {
    id: station.id,
    name: station.name,
    retention_type: station.retentionType,
    retention_value: station.retentionValue,
    storage_type: storageWord(station.storageType),
    replicas: station.replicas,
    created_by: station.createdBy,
    created_by_username: station.createdByUsername,
    created_at: station.createdAt,
    last_update: station.createdAt,
    is_deleted: false,
    tags: tagsOf(context, station),
    idempotency_window_in_ms: station.idempotencyWindowMs,
    is_native: station.isNative !== false,
    dls_configuration: { poison: station.dlsPoison, schemaverse: station.dlsSchemaverse },
    // Without S3 every read says no; the streams tell what was asked for.
    tiered_storage_enabled: false,
    resend_disabled: context.resending.isRunning(station),
    partitions_list: station.partitions,
    partitions_number: station.partitions.length,
    dls_station: station.dlsStation,
    functions_lock_held: false,
    functions_locked_at: station.createdAt,
  };
}

/** The reply of the calls that make a station. */
export function createdStation(station: StationRow): object {
  return {
    created_at: station.createdAt,
    created_by_username: station.createdByUsername,
    dls_configuration_poison: station.dlsPoison,
    dls_configuration_schemaverse: station.dlsSchemaverse,
    dls_station: station.dlsStation,
    id: station.id,
    idempotency_window_in_ms: station.idempotencyWindowMs,
    is_deleted: false,
    last_update: station.createdAt,
    name: station.name,
    replicas: station.replicas,
    resend_disabled: false,
    retention_type: station.retentionType,
    retention_value: station.retentionValue,
    schema_name: station.schemaName,
    schema_version_number: station.schemaVersionNumber,
    storage_type: storageWord(station.storageType),
    tiered_storage_enabled: station.tieredStorageEnabled,
  };
}
