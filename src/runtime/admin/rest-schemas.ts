import { creationBody } from '../../model/field';
import { externalName } from '../../model/names';
import type { CanonicalSchema } from '../../model/schema-declaration';
import { schemaFields, versionBody } from '../../model/schema-declaration';
import { schemaTypes } from '../../model/schema-type';
import {
  count,
  flag,
  listOf,
  nonEmptyListOf,
  nonEmptyText,
  nullable,
  object,
  oneOf,
  optional,
  text,
} from '../connection/shape';
import { shared } from './batch';
import type { SchemaDetails, SchemaRow } from './port';
import type { RestApi } from './rest';
import { RestRefusal } from './rest';

const schemaList = nullable(
  listOf(
    object({
      id: count,
      name: nonEmptyText,
      type: oneOf(...schemaTypes),
      active_version_number: count,
    }),
  ),
);

const schemaDetails = object({
  id: count,
  schema_name: nonEmptyText,
  type: oneOf(...schemaTypes),
  // There is no schema without a version.
  versions: nonEmptyListOf(
    object({
      version_number: count,
      active: flag,
      schema_content: text,
      message_struct_name: text,
      created_at: optional(text),
      created_by_username: optional(text),
    }),
  ),
  used_stations: optional(nullable(listOf(nonEmptyText))),
});

const createdSchema = object({ id: count, name: nonEmptyText });
const changedSchema = object({ id: count, schema_name: nonEmptyText });

export class RestSchemas {
  readonly list: () => Promise<SchemaRow[]>;

  readonly #rest: RestApi;

  constructor(rest: RestApi) {
    this.#rest = rest;

    this.list = shared(() => this.#readAll());
  }

  async #readAll(): Promise<SchemaRow[]> {
    const rows = await this.#rest.call({
      method: 'GET',
      path: '/schemas/getAllSchemas',
      attempted: 'list the schemas of the broker',
      reply: schemaList,
    });
    return (rows ?? []).map((row) => ({
      id: row.id,
      name: row.name,
      type: row.type,
      activeVersionNumber: row.active_version_number,
    }));
  }

  async read(name: string): Promise<SchemaDetails | undefined> {
    try {
      const found = await this.#rest.call({
        method: 'GET',
        path: '/schemas/getSchemaDetails',
        query: { schema_name: externalName(name) },
        attempted: `read schema "${name}"`,
        reply: schemaDetails,
      });
      return {
        id: found.id,
        name: found.schema_name,
        type: found.type,
        usedStations: found.used_stations ?? [],
        versions: found.versions.map((version) => ({
          versionNumber: version.version_number,
          active: version.active,
          content: version.schema_content,
          messageStructName: version.message_struct_name,
          creation: { by: version.created_by_username ?? '', at: version.created_at ?? '' },
        })),
      };
    } catch (error) {
      if (error instanceof RestRefusal && error.saysMissing('schema')) return undefined;
      throw error;
    }
  }

  async create(schema: CanonicalSchema): Promise<void> {
    await this.#rest.call({
      method: 'POST',
      path: '/schemas/createNewSchema',
      body: { ...creationBody(schemaFields, schema), tags: [] },
      attempted: `create schema "${schema.name}"`,
      reply: createdSchema,
    });
  }

  async createVersion(schema: CanonicalSchema): Promise<void> {
    await this.#rest.call({
      method: 'POST',
      path: '/schemas/createNewVersion',
      body: {
        schema_name: externalName(schema.name),
        ...versionBody(schema),
      },
      attempted: `store a new version of schema "${schema.name}"`,
      reply: changedSchema,
    });
  }

  async activateVersion(name: string, versionNumber: number): Promise<void> {
    await this.#rest.call({
      method: 'PUT',
      path: '/schemas/rollBackVersion',
      body: { schema_name: externalName(name), version_number: versionNumber },
      attempted: `make version ${versionNumber} of schema "${name}" the active one`,
      reply: changedSchema,
    });
  }

  async remove(name: string): Promise<void> {
    // Unknown names are ignored by the broker, so this may be repeated.
    await this.#rest.call({
      method: 'DELETE',
      path: '/schemas/removeSchema',
      body: { schema_names: [externalName(name)] },
      attempted: `remove schema "${name}"`,
      reply: object({}),
    });
  }
}
