import type { Construct } from 'constructs';
import { userFields } from '../model/user';
import type { DataSourceMetaArguments } from './data-source';
import { MemphisDataSource } from './data-source';

/** Which user is looked up. */
export interface DataMemphisUserProps extends DataSourceMetaArguments {
  /** Name of the user; case does not matter. A user that does not exist is an error in the plan. */
  readonly name: string;
}

/** Looks one user up on the broker, whoever manages it. The broker does not return passwords. */
export class DataMemphisUser extends MemphisDataSource {
  /** Type of the data source in Terraform. */
  static readonly tfResourceType = 'memphis_user';

  constructor(scope: Construct, id: string, props: DataMemphisUserProps) {
    super(scope, id, props, {
      construct: 'DataMemphisUser',
      terraformResourceType: DataMemphisUser.tfResourceType,
      fields: { name: { ...userFields.name, change: { how: 'policy' } } },
      first: 'name',
    });
  }

  /** Name of the user. */
  get name(): string {
    return this.getStringAttribute('name');
  }

  /** The broker's own identifier of the user. */
  get uid(): string {
    return this.getStringAttribute('uid');
  }

  /** What the user is for: `application`, `management` or `root`. */
  get type(): string {
    return this.getStringAttribute('type');
  }

  /** Stations that the user may consume from, sorted; empty without limits. */
  get allowReadPermissions(): string[] {
    return this.getListAttribute('allow_read_permissions');
  }

  /** Stations that the user may produce to, sorted; empty without limits. */
  get allowWritePermissions(): string[] {
    return this.getListAttribute('allow_write_permissions');
  }

  /** Full name, in lower case; null when there is none. */
  get fullName(): string {
    return this.getStringAttribute('full_name');
  }

  /** Team, in lower case; null when there is none. */
  get team(): string {
    return this.getStringAttribute('team');
  }

  /** Position, in lower case; null when there is none. */
  get position(): string {
    return this.getStringAttribute('position');
  }

  /** Description, in lower case; null when there is none. */
  get description(): string {
    return this.getStringAttribute('description');
  }

  /** Name of the user who added it; null where the broker does not tell. */
  get createdBy(): string {
    return this.getStringAttribute('created_by');
  }

  /** When it was added, by the clock of the broker. */
  get createdAt(): string {
    return this.getStringAttribute('created_at');
  }
}
