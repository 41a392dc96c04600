import type { Construct } from 'constructs';
import type { DataSourceMetaArguments } from './data-source';
import { MemphisDataSource } from './data-source';
import type { IResolvable } from './framework';

/** The broker that the provider is connected to, and how much it holds. */
export class DataMemphisCluster extends MemphisDataSource {
  /** Type of the data source in Terraform. */
  static readonly tfResourceType = 'memphis_cluster';

  constructor(scope: Construct, id: string, props: DataSourceMetaArguments = {}) {
    super(scope, id, props, {
      construct: 'DataMemphisCluster',
      terraformResourceType: DataMemphisCluster.tfResourceType,
      fields: {},
      first: 'provider',
    });
  }

  /** Host and port for clients. */
  get address(): string {
    return this.getStringAttribute('address');
  }

  /** Address of the REST API. */
  get restUrl(): string {
    return this.getStringAttribute('rest_url');
  }

  /** Version of the NATS server in the broker. */
  get natsVersion(): string {
    return this.getStringAttribute('nats_version');
  }

  /** True when several servers form the broker, so that streams may have replicas. */
  get clustered(): IResolvable {
    return this.getBooleanAttribute('clustered');
  }

  /** How many stations the broker has. */
  get stations(): number {
    return this.getNumberAttribute('stations');
  }

  /** How many schemas the broker has. */
  get schemas(): number {
    return this.getNumberAttribute('schemas');
  }

  /** How many messages its stations store. */
  get messages(): number {
    return this.getNumberAttribute('messages');
  }

  /** How many bytes these messages take. */
  get bytes(): number {
    return this.getNumberAttribute('bytes');
  }
}
