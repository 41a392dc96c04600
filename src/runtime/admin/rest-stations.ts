import { ProtocolError } from '../../model/errors';
import { externalName } from '../../model/names';
import type { Shaped } from '../connection/shape';
import { count, flag, listOf, nonEmptyText, nullable, object, optional, text } from '../connection/shape';
import { shared } from './batch';
import type { DlsFlags, StationCreation, StationDetails, StationRow } from './port';
import type { RestApi } from './rest';
import { RestRefusal } from './rest';

/** What `getStation` and the rows of `getAllStations` have in common. */
const shownStation = {
  id: count,
  name: nonEmptyText,
  // null in very old rows
  partitions_list: nullable(listOf(count)),
  is_native: flag,
  dls_station: text,
  tags: optional(nullable(listOf(object({ name: nonEmptyText })))),
};

/** The reply of `getStation`. It has no schema. */
const namedStation = object({
  ...shownStation,
  dls_configuration: object({ poison: flag, schemaverse: flag }),
});

/** A row of `getAllStations`, the only read that has every property of a station that REST knows. */
const lightStation = object({
  ...shownStation,
  // Left out when the station enforces none.
  schema_name: optional(text),
  // The broker's spelling.
  schema_vesrion_number: optional(count),
  // Left out when false.
  dls_configuration_poison: optional(flag),
  dls_configuration_schemaverse: optional(flag),
});

const stationList = nullable(listOf(lightStation));

/** A created or an attached station. */
const stationReply = object({ id: count, name: nonEmptyText });
const flagsReply = object({ poison: flag, schemaverse: flag });
const tagsReply = nullable(listOf(object({ name: nonEmptyText })));
const useSchemaReply = object({ name: nonEmptyText, version_number: count });
const empty = object({});

/** The broker cuts this list (Memphis 1.4.4). */
const MAX_LISTED_STATIONS = 5000;

export class RestStations {
  readonly list: () => Promise<StationRow[]>;

  constructor(private readonly rest: RestApi) {
    this.list = shared(() => this.readAll());
  }

  private async readAll(): Promise<StationRow[]> {
    const attempted = 'list the stations of the broker';
    const rows = await this.rest.call({
      method: 'GET',
      path: '/stations/getAllStations',
      attempted,
      reply: stationList,
    });
    if (rows !== null && rows.length >= MAX_LISTED_STATIONS) {
      throw new ProtocolError({
        attempted,
        found: `the broker shows only the newest ${MAX_LISTED_STATIONS} stations, and there are at least that many`,
        next: 'Nothing can be planned safely from a part of the list; use a broker with fewer stations',
      });
    }
    return (rows ?? []).map(toRow);
  }

  /** @returns undefined when there is no such station. */
  async read(name: string): Promise<StationDetails | undefined> {
    try {
      const station = await this.rest.call({
        method: 'GET',
        path: '/stations/getStation',
        query: { station_name: externalName(name) },
        attempted: `read station "${name}"`,
        reply: namedStation,
      });
      const { poison, schemaverse } = station.dls_configuration;
      return toDetails(station, poison, schemaverse);
    } catch (error) {
      if (error instanceof RestRefusal && error.saysMissing('station')) return undefined;
      throw error;
    }
  }

  async create(station: StationCreation): Promise<void> {
    await this.rest.call({
      method: 'POST',
      path: '/stations/createStation',
      attempted: `create station "${station.name}"`,
      reply: stationReply,
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
        reply: empty,
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
      reply: flagsReply,
    });
  }

  async attachDlsStation(station: string, dlsStation: string): Promise<void> {
    await this.rest.call({
      method: 'POST',
      path: '/stations/attachDlsStation',
      body: { name: externalName(dlsStation), station_names: [externalName(station)] },
      attempted: `make "${dlsStation}" the dead-letter station of station "${station}"`,
      reply: stationReply,
    });
  }

  async detachDlsStation(station: string, dlsStation: string): Promise<void> {
    await this.rest.call({
      method: 'DELETE',
      path: '/stations/detachDlsStation',
      body: { name: externalName(dlsStation), station_names: [externalName(station)] },
      attempted: `take the dead-letter station away from station "${station}"`,
      reply: empty,
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
      reply: tagsReply,
    });
  }

  async removeTag(station: string, tag: string): Promise<void> {
    await this.rest.call({
      method: 'DELETE',
      path: '/tags/removeTag',
      body: { name: tag, entity_type: 'station', entity_name: externalName(station) },
      attempted: `remove tag "${tag}" from station "${station}"`,
      reply: tagsReply,
    });
  }

  async attachSchema(station: string, schema: string): Promise<void> {
    await this.rest.call({
      method: 'POST',
      path: '/stations/useSchema',
      body: { station_names: [externalName(station)], schema_name: externalName(schema) },
      attempted: `enforce schema "${schema}" on station "${station}"`,
      reply: useSchemaReply,
    });
  }

  async detachSchema(station: string): Promise<void> {
    await this.doneWhenMissing(
      this.rest.call({
        method: 'DELETE',
        path: '/stations/removeSchemaFromStation',
        body: { station_name: externalName(station) },
        attempted: `detach the schema of station "${station}"`,
        reply: empty,
      }),
    );
  }

  private async doneWhenMissing(removal: Promise<unknown>): Promise<void> {
    try {
      await removal;
    } catch (error) {
      if (error instanceof RestRefusal && error.saysMissing('station')) return;
      throw error;
    }
  }
}

/** The broker's own colour for tags that are made without one. */
const TAG_COLOR = '101, 87, 255';

function toRow(row: Shaped<typeof lightStation>): StationRow {
  const { dls_configuration_poison = false, dls_configuration_schemaverse = false } = row;
  return {
    ...toDetails(row, dls_configuration_poison, dls_configuration_schemaverse),
    schemaName: row.schema_name ?? '',
    schemaVersionNumber: row.schema_vesrion_number ?? 0,
  };
}

function toDetails(
  station: Pick<Shaped<typeof namedStation>, keyof typeof shownStation>,
  sendPoisonMsgToDls: boolean,
  sendSchemaFailedMsgToDls: boolean,
): StationDetails {
  return {
    id: station.id,
    name: station.name,
    partitions: station.partitions_list ?? [],
    isNative: station.is_native,
    sendPoisonMsgToDls,
    sendSchemaFailedMsgToDls,
    dlsStation: station.dls_station,
    tags: [...new Set((station.tags ?? []).map((tag) => tag.name))].sort(),
  };
}
