import { ProtocolError } from '../../model/errors';
import { externalName } from '../../model/names';
import type { FieldType } from '../../model/field';
import type { CanonicalStation } from '../../model/station';
import { TAG_COLOR, brokerStationFields, stationCreationBody, stationRowValues } from '../../model/station';
import type { Shape, Shaped } from '../connection/shape';
import { count, flag, listOf, nonEmptyText, nullable, object, optional, text } from '../connection/shape';
import { shared } from './batch';
import type {
  DlsFlags,
  StationCreation,
  StationDetails,
  StationHistoryLine,
  StationListing,
  StationRow,
} from './port';
import type { RestApi } from './rest';
import { RestRefusal } from './rest';

/** The JSON of a value in a row, by the type of its field. */
const jsonOf: Readonly<Record<FieldType, Shape<unknown>>> = {
  text,
  choice: text,
  flag,
  // Counted by its items; null in very old rows.
  integer: nullable(listOf(count)),
  textSet: optional(nullable(listOf(object({ name: nonEmptyText })))),
};

/** The keys of a row that the model's table reads. A row of a list leaves flags out that are false. */
function tableKeys(form: 'listed' | 'single'): Record<string, Shape<unknown>> {
  const nested: Record<string, Record<string, Shape<unknown>>> = {};
  const shapes: Record<string, Shape<unknown>> = {};
  for (const [, field] of brokerStationFields) {
    if (field.read.from !== 'row') continue;
    const shape = jsonOf[field.type];
    const [key = '', inner] = field.read[form].split('.');
    if (inner !== undefined) nested[key] = { ...nested[key], [inner]: shape };
    else shapes[key] = form === 'listed' && field.type === 'flag' ? optional(shape) : shape;
  }
  for (const [key, inner] of Object.entries(nested)) shapes[key] = object(inner);
  return shapes;
}

/** What says which station it is. */
const identity = { id: count, name: nonEmptyText, partitions_list: nullable(listOf(count)), is_native: flag };

/** What the broker keeps of the creation of a station, whatever is changed on its streams later. */
const creation = {
  created_at: optional(text),
  created_by_username: optional(text),
  retention_type: optional(text),
  retention_value: optional(count),
  storage_type: optional(text),
  replicas: optional(count),
  idempotency_window_in_ms: optional(count),
};

/** The reply of `getStation`. It has no schema. */
const namedStation = object({ ...tableKeys('single'), ...identity, ...creation });

/** A row of `getAllStations`, the only read that has every property of a station that REST knows. */
const lightStation = object({
  ...tableKeys('listed'),
  ...identity,
  // Left out when the station enforces none.
  schema_name: optional(text),
  // The broker's spelling.
  schema_vesrion_number: optional(count),
  created_at: optional(text),
});

const stationList = nullable(listOf(lightStation));

/** What the overview of a station tells of its history; the rest of it is its traffic. */
const overviewReply = object({
  audit_logs: nullable(
    listOf(object({ message: text, created_by_username: optional(text), created_at: optional(text) })),
  ),
});

/** A created or an attached station. */
const stationReply = object({ id: count, name: nonEmptyText });
const flagsReply = object({ poison: flag, schemaverse: flag });
const tagsReply = nullable(listOf(object({ name: nonEmptyText })));
const useSchemaReply = object({ name: nonEmptyText, version_number: count });
const empty = object({});

/** The broker cuts this list (Memphis 1.4.4). A longer one is that of a broker which does not, such as the local one. */
const MAX_LISTED_STATIONS = 5000;

const LISTING = 'list the stations of the broker';

export class RestStations {
  readonly newest: () => Promise<StationListing>;

  readonly #rest: RestApi;

  constructor(rest: RestApi) {
    this.#rest = rest;

    this.newest = shared(() => this.#readAll());
  }

  async list(): Promise<readonly StationRow[]> {
    const { rows, isComplete } = await this.newest();
    if (isComplete) return rows;
    throw new ProtocolError({
      attempted: LISTING,
      found: `the broker shows only the newest ${MAX_LISTED_STATIONS} stations, and there are at least that many`,
      next: 'Nothing can be planned safely from a part of the list; use a broker with fewer stations',
    });
  }

  async #readAll(): Promise<StationListing> {
    const rows = await this.#rest.call({
      method: 'GET',
      path: '/stations/getAllStations',
      attempted: LISTING,
      reply: stationList,
    });
    return { rows: (rows ?? []).map(toRow), isComplete: rows?.length !== MAX_LISTED_STATIONS };
  }

  /** @returns undefined when there is no such station. */
  async read(name: string): Promise<StationDetails | undefined> {
    try {
      const station = await this.#rest.call({
        method: 'GET',
        path: '/stations/getStation',
        query: { station_name: externalName(name) },
        attempted: `read station "${name}"`,
        reply: namedStation,
      });
      return { ...toDetails(station, 'single'), creation: creationIn(station) };
    } catch (error) {
      if (error instanceof RestRefusal && error.saysMissing('station')) return undefined;
      throw error;
    }
  }

  /** @returns the newest line first; nothing when there is no such station, or one of its streams is gone. */
  async readHistory(name: string, partition: number): Promise<StationHistoryLine[]> {
    try {
      const { audit_logs: lines } = await this.#rest.call({
        method: 'GET',
        path: '/monitoring/getStationOverviewData',
        // The overview holds up to 1,000 messages: those of one partition are enough.
        query: { station_name: externalName(name), partition_number: partition },
        attempted: `read the history of station "${name}"`,
        reply: overviewReply,
      });
      const all = (lines ?? []).map(({ message, created_by_username: by = '', created_at: at = '' }) => ({
        what: message,
        by,
        at,
      }));
      // The broker promises no order.
      return all.sort((a, b) => msOf(b.at) - msOf(a.at));
    } catch (error) {
      if (error instanceof RestRefusal && error.status === 406) return [];
      throw error;
    }
  }

  async create(station: CanonicalStation): Promise<number> {
    const { id } = await this.#rest.call({
      method: 'POST',
      path: '/stations/createStation',
      attempted: `create station "${station.name}"`,
      reply: stationReply,
      body: stationCreationBody(station),
    });
    return id;
  }

  async remove(name: string): Promise<void> {
    await this.#doneWhenMissing(
      this.#rest.call({
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
    await this.#rest.call({
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
    await this.#rest.call({
      method: 'POST',
      path: '/stations/attachDlsStation',
      body: { name: externalName(dlsStation), station_names: [externalName(station)] },
      attempted: `make "${dlsStation}" the dead-letter station of station "${station}"`,
      reply: stationReply,
    });
  }

  async detachDlsStation(station: string, dlsStation: string): Promise<void> {
    await this.#rest.call({
      method: 'DELETE',
      path: '/stations/detachDlsStation',
      body: { name: externalName(dlsStation), station_names: [externalName(station)] },
      attempted: `take the dead-letter station away from station "${station}"`,
      reply: empty,
    });
  }

  async addTags(station: string, tags: readonly string[]): Promise<void> {
    await this.#rest.call({
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
    await this.#rest.call({
      method: 'DELETE',
      path: '/tags/removeTag',
      body: { name: tag, entity_type: 'station', entity_name: externalName(station) },
      attempted: `remove tag "${tag}" from station "${station}"`,
      reply: tagsReply,
    });
  }

  async attachSchema(station: string, schema: string): Promise<string> {
    const enforced = await this.#rest.call({
      method: 'POST',
      path: '/stations/useSchema',
      body: { station_names: [externalName(station)], schema_name: externalName(schema) },
      attempted: `enforce schema "${schema}" on station "${station}"`,
      reply: useSchemaReply,
    });
    return enforced.name;
  }

  async detachSchema(station: string): Promise<void> {
    await this.#doneWhenMissing(
      this.#rest.call({
        method: 'DELETE',
        path: '/stations/removeSchemaFromStation',
        body: { station_name: externalName(station) },
        attempted: `detach the schema of station "${station}"`,
        reply: empty,
      }),
    );
  }

  async #doneWhenMissing(removal: Promise<unknown>): Promise<void> {
    try {
      await removal;
    } catch (error) {
      if (error instanceof RestRefusal && error.saysMissing('station')) return;
      throw error;
    }
  }
}

/** A time that cannot be read counts as the oldest. */
function msOf(at: string): number {
  return Date.parse(at) || 0;
}

function toRow(row: Shaped<typeof lightStation>): StationRow {
  return {
    ...toDetails(row, 'listed'),
    schemaName: row.schema_name ?? '',
    schemaVersionNumber: row.schema_vesrion_number ?? 0,
    createdAt: row.created_at,
  };
}

type Identity = { readonly [K in keyof typeof identity]: Shaped<(typeof identity)[K]> };

type Creation = { readonly [K in keyof typeof creation]: Shaped<(typeof creation)[K]> };

/** What is missing fits nothing. */
function creationIn(station: Creation): StationCreation {
  return {
    by: station.created_by_username ?? '',
    at: station.created_at ?? '',
    retentionType: station.retention_type ?? '',
    retentionValue: station.retention_value ?? 0,
    storageType: station.storage_type ?? '',
    replicas: station.replicas ?? 0,
    idempotencyWindowMs: station.idempotency_window_in_ms ?? 0,
  };
}

function toDetails(station: Identity, form: 'listed' | 'single'): StationDetails {
  return {
    ...stationRowValues(station, form),
    id: station.id,
    partitions: station.partitions_list ?? [],
    isNative: station.is_native,
  };
}
