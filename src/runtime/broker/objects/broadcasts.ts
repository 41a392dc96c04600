import type { NatsConnection } from 'nats';

import { internalName } from '../../../model/names';
import { encodeJson } from '../go/json-encode';
import type { SchemaRow } from '../store/rows';
import { activeVersion } from '../store/schema-table';

/** The schema of a station as clients get it. */
export interface SchemaUpdate {
  readonly schema_name: string;
  readonly active_version: {
    readonly version_number: number;
    readonly descriptor: string;
    readonly schema_content: string;
    readonly message_struct_name: string;
  };
  readonly type: string;
}

/** What clients get for a station without a schema. */
export const noSchema: SchemaUpdate = {
  schema_name: '',
  active_version: { version_number: 0, descriptor: '', schema_content: '', message_struct_name: '' },
  type: '',
};

/** The schema with the version that is active now, whatever was active when it was attached. */
export function schemaUpdateOf(schema: SchemaRow | undefined): SchemaUpdate {
  const version = schema && activeVersion(schema);
  if (schema === undefined || version === undefined) return noSchema;
  return {
    schema_name: schema.name,
    active_version: {
      version_number: version.versionNumber,
      descriptor: version.descriptor,
      schema_content: version.content,
      message_struct_name: version.messageStructName,
    },
    type: schema.type,
  };
}

const ATTACHED = 1;
const DETACHED = 2;

/** Messages that the broker sends to connected clients on its own. */
export class Broadcasts {
  readonly #connection: NatsConnection;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
  }

  schemaAttached(station: string, schema: SchemaRow): void {
    this.#schemaUpdate(station, ATTACHED, schemaUpdateOf(schema));
  }

  schemaDetached(station: string): void {
    this.#schemaUpdate(station, DETACHED, noSchema);
  }

  stationRemoved(station: string): void {
    this.#clientsUpdate(station, 'remove_station', null);
  }

  /** The real broker sends the flag as it was before the change; clients are used to it. */
  schemaverseToDls(station: string, before: boolean): void {
    this.#clientsUpdate(station, 'schemaverse_to_dls', before);
  }

  /** Greets a native client. There is no Slack integration, so there are no notifications. */
  clientConnected(connectionId: string): void {
    this.#publish(`$memphis_configurations_updates.init.${connectionId}`, { notifications: false });
  }

  #schemaUpdate(station: string, updateType: number, init: SchemaUpdate): void {
    this.#publish(`$memphis_schema_updates_${internalName(station)}`, { UpdateType: updateType, init });
  }

  #clientsUpdate(station: string, type: string, update: boolean | null): void {
    this.#publish('$memphis_sdk_clients_updates', { station_name: internalName(station), type, update });
  }

  #publish(subject: string, payload: object): void {
    this.#connection.publish(subject, encodeJson(payload));
  }
}
