import type { Construct } from 'constructs';
import { schemaFields } from '../model/schema-declaration';
import type { DataSourceMetaArguments } from './data-source';
import { MemphisDataSource, namePatternField } from './data-source';
import type { IResolvable } from './framework';

/** Which schema is looked up. */
export interface DataMemphisSchemaProps extends DataSourceMetaArguments {
  /** Name of the schema; case does not matter. A schema that does not exist is an error in the plan. */
  readonly name: string;
}

/** Looks one schema up on the broker, whoever manages it, with all of its versions. */
export class DataMemphisSchema extends MemphisDataSource {
  /** Type of the data source in Terraform. */
  static readonly tfResourceType = 'memphis_schema';

  constructor(scope: Construct, id: string, props: DataMemphisSchemaProps) {
    super(scope, id, props, {
      construct: 'DataMemphisSchema',
      terraformResourceType: DataMemphisSchema.tfResourceType,
      fields: { name: { ...schemaFields.name, change: { how: 'policy' } } },
      first: 'name',
    });
  }

  /** Name of the schema. */
  get name(): string {
    return this.getStringAttribute('name');
  }

  /** The broker's own identifier of the schema. */
  get uid(): string {
    return this.getStringAttribute('uid');
  }

  /** The language of the schema. */
  get type(): string {
    return this.getStringAttribute('type');
  }

  /** The content of the active version. */
  get content(): string {
    return this.getStringAttribute('content');
  }

  /** For protobuf: the message of the file that stations exchange. Null for other types. */
  get messageStructName(): string {
    return this.getStringAttribute('message_struct_name');
  }

  /** Number of the active version. */
  get version(): number {
    return this.getNumberAttribute('version');
  }

  /** All versions, the newest first: a list of `{ version, active, content, message_struct_name }`. */
  get versions(): IResolvable {
    return this.objects('versions');
  }

  /** The names of the stations that enforce the schema, sorted. */
  get stations(): string[] {
    return this.getListAttribute('stations');
  }
}

/** Which schemas are listed. */
export interface DataMemphisSchemasProps extends DataSourceMetaArguments {
  /**
   * Glob of the names to list: `*` stands for any characters, `?` for one, `{a,b}` for either. Case does not matter.
   * @default all schemas
   */
  readonly namePattern?: string;
}

/** Lists the schemas of the broker, whoever manages them. */
export class DataMemphisSchemas extends MemphisDataSource {
  /** Type of the data source in Terraform. */
  static readonly tfResourceType = 'memphis_schemas';

  constructor(scope: Construct, id: string, props: DataMemphisSchemasProps = {}) {
    super(scope, id, props, {
      construct: 'DataMemphisSchemas',
      terraformResourceType: DataMemphisSchemas.tfResourceType,
      fields: { namePattern: namePatternField },
      first: 'namePattern',
    });
  }

  /** The names of the schemas, sorted. */
  get names(): string[] {
    return this.getListAttribute('names');
  }

  /** The schemas, sorted by name: a list of `{ name, type, uid, version }`. */
  get schemas(): IResolvable {
    return this.objects('schemas');
  }
}
