import { BrokerRefusedError, ProtocolError } from '../../model/errors';
import { externalName } from '../../model/names';
import { shared } from './batch';
import type { DlsFlags, StationCreation, StationDetails, StationRow } from './port';
import type { RestApi } from './rest';

/** What `getStation` and the rows of `getAllStations` have in common. */
interface ShownStation {
  readonly id?: number;
  readonly name?: string;
  /** null in very old rows. */
  readonly partitions_list?: readonly number[] | null;
  readonly is_native?: boolean;
  readonly dls_station?: string;
  readonly tags?: readonly { readonly name: string }[] | null;
}

/** The reply of `getStation`. It has no schema. */
interface NamedStation extends ShownStation {
  readonly dls_configuration?: { readonly poison?: boolean; readonly schemaverse?: boolean };
}

/** A row of `getAllStations`, the only read that has every property of a station that REST knows. */
interface LightStation extends ShownStation {
  readonly schema_name?: string;
  /** The broker's spelling. */
  readonly schema_vesrion_number?: number;
  readonly dls_configuration_poison?: boolean;
  readonly dls_configuration_schemaverse?: boolean;
}

/** The broker cuts this list (Memphis 1.4.4). */
const MAX_LISTED_STATIONS = 5000;

export class RestStations {
  readonly list: () => Promise<StationRow[]>;

  constructor(private readonly rest: RestApi) {
    this.list = shared(() => this.readAll());
  }

  private async readAll(): Promise<StationRow[]> {
    const attempted = 'list the stations of the broker';
    const rows = await this.rest.call<LightStation[] | null>({
      method: 'GET',
      path: '/stations/getAllStations',
      attempted,
    });
    if (rows !== null && rows.length >= MAX_LISTED_STATIONS) {
      throw new ProtocolError({
        attempted,
        found: `the broker shows only the newest ${MAX_LISTED_STATIONS} stations, and there are at least that many`,
        next: 'Nothing can be planned safely from a part of the list; use a broker with fewer stations',
      });
    }
    return (rows ?? []).map((row) => toRow(row, attempted));
  }

  /** @returns undefined when there is no such station. */
  async read(name: string): Promise<StationDetails | undefined> {
    const attempted = `read station "${name}"`;
    try {
      const station = await this.rest.call<NamedStation>({
        method: 'GET',
        path: '/stations/getStation',
        query: { station_name: externalName(name) },
        attempted,
      });
      const flags = station.dls_configuration;
      return toDetails(station, flags?.poison === true, flags?.schemaverse === true, attempted);
    } catch (error) {
      if (error instanceof BrokerRefusedError && error.found.includes('does not exist')) return undefined;
      throw error;
    }
  }

  async create(station: StationCreation): Promise<void> {
    await this.rest.call({
      method: 'POST',
      path: '/stations/createStation',
      attempted: `create station "${station.name}"`,
      body: {
        name: station.name,
        retention_type: station.retentionType,
        retention_value: station.retentionValue,
        storage_type: station.storageType,
        replicas: station.replicas,
        partitions_number: station.partitionsNumber,
        idempotency_window_in_ms: station.idempotencyWindowMs,
        dls_configuration: {
          poison: station.sendPoisonMsgToDls,
          schemaverse: station.sendSchemaFailedMsgToDls,
        },
        dls_station: station.dlsStation,
        tiered_storage_enabled: station.tieredStorageEnabled,
        // Names must be lower case here: another spelling of a known tag fails after the station was made.
        ...(station.tags.length === 0
          ? {}
          : { tags: station.tags.map((name) => ({ name, color: TAG_COLOR })) }),
      },
    });
  }

  async remove(name: string): Promise<void> {
    await this.doneWhenMissing(
      this.rest.call({
        method: 'DELETE',
        path: '/stations/removeStation',
        body: { station_names: [externalName(name)] },
        attempted: `remove station "${name}"`,
      }),
    );
  }

  async setDlsConfiguration(station: string, flags: DlsFlags): Promise<void> {
    // Both flags always: one that is left out counts as false.
    await this.rest.call({
      method: 'PUT',
      path: '/stations/updateDlsConfig',
      body: {
        station_name: externalName(station),
        poison: flags.sendPoisonMsgToDls,
        schemaverse: flags.sendSchemaFailedMsgToDls,
      },
      attempted: `set the dead-letter flags of station "${station}"`,
    });
  }

  async attachDlsStation(station: string, dlsStation: string): Promise<void> {
    await this.rest.call({
      method: 'POST',
      path: '/stations/attachDlsStation',
      body: { name: externalName(dlsStation), station_names: [externalName(station)] },
      attempted: `make "${dlsStation}" the dead-letter station of station "${station}"`,
    });
  }

  async detachDlsStation(station: string, dlsStation: string): Promise<void> {
    await this.rest.call({
      method: 'DELETE',
      path: '/stations/detachDlsStation',
      body: { name: externalName(dlsStation), station_names: [externalName(station)] },
      attempted: `take the dead-letter station away from station "${station}"`,
    });
  }

  async addTags(station: string, tags: readonly string[]): Promise<void> {
    await this.rest.call({
      method: 'PUT',
      path: '/tags/updateTagsForEntity',
      body: {
        tags_to_add: tags.map((name) => ({ name, color: TAG_COLOR })),
        // Names listed here would be attached, not removed.
        tags_to_remove: [],
        entity_type: 'station',
        entity_name: externalName(station),
      },
      attempted: `add tags to station "${station}"`,
    });
  }

  async removeTag(station: string, tag: string): Promise<void> {
    await this.rest.call({
      method: 'DELETE',
      path: '/tags/removeTag',
      body: { name: tag, entity_type: 'station', entity_name: externalName(station) },
      attempted: `remove tag "${tag}" from station "${station}"`,
    });
  }

  async attachSchema(station: string, schema: string): Promise<void> {
    await this.rest.call({
      method: 'POST',
      path: '/stations/useSchema',
      body: { station_names: [externalName(station)], schema_name: externalName(schema) },
      attempted: `enforce schema "${schema}" on station "${station}"`,
    });
  }

  async detachSchema(station: string): Promise<void> {
    await this.doneWhenMissing(
      this.rest.call({
        method: 'DELETE',
        path: '/stations/removeSchemaFromStation',
        body: { station_name: externalName(station) },
        attempted: `detach the schema of station "${station}"`,
      }),
    );
  }

  private async doneWhenMissing(removal: Promise<unknown>): Promise<void> {
    try {
      await removal;
    } catch (error) {
      if (error instanceof BrokerRefusedError && error.found.includes('does not exist')) return;
      throw error;
    }
  }
}

/** The broker's own colour for tags that are made without one. */
const TAG_COLOR = '101, 87, 255';

function toRow(row: LightStation, attempted: string): StationRow {
  const { dls_configuration_poison: poison, dls_configuration_schemaverse: schemaverse } = row;
  return {
    ...toDetails(row, poison === true, schemaverse === true, attempted),
    schemaName: row.schema_name ?? '',
    schemaVersionNumber: row.schema_vesrion_number ?? 0,
  };
}

function toDetails(
  station: ShownStation,
  sendPoisonMsgToDls: boolean,
  sendSchemaFailedMsgToDls: boolean,
  attempted: string,
): StationDetails {
  if (station.name === undefined || station.id === undefined) {
    throw new ProtocolError({ attempted, found: 'a station in the answer has no name or no id' });
  }
  return {
    id: station.id,
    name: station.name,
    partitions: station.partitions_list ?? [],
    isNative: station.is_native === true,
    sendPoisonMsgToDls,
    sendSchemaFailedMsgToDls,
    dlsStation: station.dls_station ?? '',
    tags: [...new Set((station.tags ?? []).map((tag) => tag.name))].sort(),
  };
}
