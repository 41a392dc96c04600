import type { Construct } from 'constructs';
import type { FieldFacts } from '../model/field';
import { stationFields } from '../model/station';
import type { DataSourceMetaArguments } from './data-source';
import { MemphisDataSource, namePatternField } from './data-source';
import type { IResolvable } from './framework';

/** Which station is looked up. */
export interface DataMemphisStationProps extends DataSourceMetaArguments {
  /** Name of the station; case does not matter. A station that does not exist is an error in the plan. */
  readonly name: string;
}

/**
 * Looks one station up on the broker, whoever manages it: its settings, and what it holds now.
 *
 * @example
 * const orders = new DataMemphisStation(this, 'orders', { name: 'orders' });
 * new TerraformOutput(this, 'backlog', { value: orders.consumerGroups });
 */
export class DataMemphisStation extends MemphisDataSource {
  /** Type of the data source in Terraform. */
  static readonly tfResourceType = 'memphis_station';

  constructor(scope: Construct, id: string, props: DataMemphisStationProps) {
    super(scope, id, props, {
      construct: 'DataMemphisStation',
      terraformResourceType: DataMemphisStation.tfResourceType,
      fields: { name: { ...stationFields.name, change: { how: 'policy' } } },
      first: 'name',
    });
  }

  /** Name of the station. */
  get name(): string {
    return this.getStringAttribute('name');
  }

  /** The broker's own identifier of the station. */
  get uid(): string {
    return this.getStringAttribute('uid');
  }

  /** What makes the station drop messages, in the broker's word. */
  get retentionType(): string {
    return this.getStringAttribute('retention_type');
  }

  /** The limit of the retention; its unit depends on `retentionType`. Null with ACK_BASED. */
  get retentionValue(): number {
    return this.getNumberAttribute('retention_value');
  }

  /** Where messages are kept, in the broker's word. */
  get storageType(): string {
    return this.getStringAttribute('storage_type');
  }

  /** Number of copies of each message. */
  get replicas(): number {
    return this.getNumberAttribute('replicas');
  }

  /** Number of partitions. */
  get partitionsNumber(): number {
    return this.getNumberAttribute('partitions_number');
  }

  /** The time in which a repeated message id counts as a duplicate, in milliseconds. */
  get idempotencyWindowMs(): number {
    return this.getNumberAttribute('idempotency_window_ms');
  }

  /** Name of the station that gets the dead letters; null when there is none. */
  get dlsStation(): string {
    return this.getStringAttribute('dls_station');
  }

  /** Name of the schema that the station enforces; null when it enforces none. */
  get schemaName(): string {
    return this.getStringAttribute('schema_name');
  }

  /** The tags of the station. */
  get tags(): string[] {
    return this.getListAttribute('tags');
  }

  /** How many messages all partitions store. */
  get messages(): number {
    return this.getNumberAttribute('messages');
  }

  /** How many bytes these messages take. */
  get bytes(): number {
    return this.getNumberAttribute('bytes');
  }

  /** True while every partition exists and accepts messages. */
  get intact(): IResolvable {
    return this.getBooleanAttribute('intact');
  }

  /** What each partition stores: a list of `{ number, messages, bytes }`. */
  get partitions(): IResolvable {
    return this.objects('partitions');
  }

  /** The consumer groups: a list of `{ name, backlog }`; the backlog is what a group has not acknowledged. */
  get consumerGroups(): IResolvable {
    return this.objects('consumer_groups');
  }
}

/** Which stations are listed. */
export interface DataMemphisStationsProps extends DataSourceMetaArguments {
  /**
   * Glob of the names to list: `*` stands for any characters, `?` for one, `{a,b}` for either. Case does not matter.
   * @default all stations
   */
  readonly namePattern?: string;

  /**
   * Lists only stations with this tag.
   * @default stations with any tags
   */
  readonly tag?: string;
}

const tag: FieldFacts<string> = {
  type: 'text',
  description: 'Lists only stations with this tag.',
  change: { how: 'policy' },
};

/** Lists the stations of the broker, whoever manages them. */
export class DataMemphisStations extends MemphisDataSource {
  /** Type of the data source in Terraform. */
  static readonly tfResourceType = 'memphis_stations';

  constructor(scope: Construct, id: string, props: DataMemphisStationsProps = {}) {
    super(scope, id, props, {
      construct: 'DataMemphisStations',
      terraformResourceType: DataMemphisStations.tfResourceType,
      fields: { namePattern: namePatternField, tag },
      first: 'namePattern',
    });
  }

  /** The names of the stations, sorted. */
  get names(): string[] {
    return this.getListAttribute('names');
  }

  /** The stations, sorted by name: a list of objects with their settings, `messages`, `bytes` and `consumer_groups`. */
  get stations(): IResolvable {
    return this.objects('stations');
  }
}
