import { BrokerRefusedError } from '../../model/errors';
import { creationBody } from '../../model/field';
import { externalName } from '../../model/names';
import type { CanonicalSchema } from '../../model/schema-declaration';
import { schemaFields, versionBody } from '../../model/schema-declaration';
import type { SchemaType } from '../../schema';
import { shared } from './batch';
import type { SchemaDetails, SchemaRow } from './port';
import type { RestApi } from './rest';

interface ListedSchema {
  readonly id: number;
  readonly name: string;
  readonly type: SchemaType;
  readonly active_version_number: number;
}

interface DetailedSchema {
  readonly id: number;
  readonly schema_name: string;
  readonly type: SchemaType;
  readonly versions?: readonly {
    readonly version_number: number;
    readonly active: boolean;
    readonly schema_content: string;
    readonly message_struct_name: string;
  }[];
  readonly used_stations?: readonly string[] | null;
}

export class RestSchemas {
  readonly list: () => Promise<SchemaRow[]>;

  constructor(private readonly rest: RestApi) {
    this.list = shared(() => this.readAll());
  }

  private async readAll(): Promise<SchemaRow[]> {
    const rows = await this.rest.call<ListedSchema[] | null>({
      method: 'GET',
      path: '/schemas/getAllSchemas',
      attempted: 'list the schemas of the broker',
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
      const found = await this.rest.call<DetailedSchema>({
        method: 'GET',
        path: '/schemas/getSchemaDetails',
        query: { schema_name: externalName(name) },
        attempted: `read schema "${name}"`,
      });
      return {
        id: found.id,
        name: found.schema_name,
        type: found.type,
        usedStations: found.used_stations ?? [],
        versions: (found.versions ?? []).map((version) => ({
          versionNumber: version.version_number,
          active: version.active,
          content: version.schema_content,
          messageStructName: version.message_struct_name,
        })),
      };
    } catch (error) {
      if (error instanceof BrokerRefusedError && error.found.includes('does not exist')) return undefined;
      throw error;
    }
  }

  async create(schema: CanonicalSchema): Promise<void> {
    await this.rest.call({
      method: 'POST',
      path: '/schemas/createNewSchema',
      body: { ...creationBody(schemaFields, schema), tags: [] },
      attempted: `create schema "${schema.name}"`,
    });
  }

  async createVersion(schema: CanonicalSchema): Promise<void> {
    await this.rest.call({
      method: 'POST',
      path: '/schemas/createNewVersion',
      body: {
        schema_name: externalName(schema.name),
        ...versionBody(schema),
      },
      attempted: `store a new version of schema "${schema.name}"`,
    });
  }

  async activateVersion(name: string, versionNumber: number): Promise<void> {
    await this.rest.call({
      method: 'PUT',
      path: '/schemas/rollBackVersion',
      body: { schema_name: externalName(name), version_number: versionNumber },
      attempted: `make version ${versionNumber} of schema "${name}" the active one`,
    });
  }

  async remove(name: string): Promise<void> {
    // Unknown names are ignored by the broker, so this may be repeated.
    await this.rest.call({
      method: 'DELETE',
      path: '/schemas/removeSchema',
      body: { schema_names: [externalName(name)] },
      attempted: `remove schema "${name}"`,
    });
  }
}
