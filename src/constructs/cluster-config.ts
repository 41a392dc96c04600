import type { Construct } from 'constructs';
import type { ClusterConfigDeclaration } from '../model/cluster-config';
import { clusterConfigFields } from '../model/cluster-config';
import { fieldNames } from '../model/field';
import { literalText } from './attributes';
import type { ImportableResource, TerraformMetaArguments, TerraformProvider } from './framework';
import { givenResourceProps } from './given-props';
import type { Inputs } from './inputs';
import { addInputs } from './inputs';
import { MemphisResource, brokerOf, importable, resourcesInStack } from './memphis-resource';
import { ownerOf } from './owner';

/** The settings of a broker; what is left out stays as it is. */
export interface ClusterConfigProps extends TerraformMetaArguments {
  /**
   * How long dead letters stay listed. A broker on which nobody has set it shows 0 and, unless its configuration file
   * sets it, never drops them.
   *
   * Must be a whole number 1 or more (hours).
   *
   * Changed in place.
   *
   * @default it stays as it is
   */
  readonly dlsRetentionHours?: number;

  /**
   * How long the logs of the broker are kept.
   *
   * Must be a whole number 1 or more (days).
   *
   * Changed in place.
   *
   * @default it stays as it is
   */
  readonly logsRetentionDays?: number;

  /**
   * How long producers and consumers that are gone stay listed. A broker on which nobody has set it shows 0.
   *
   * Must be a whole number 1 or more (hours).
   *
   * Changed in place.
   *
   * @default it stays as it is
   */
  readonly gcProducerConsumerRetentionHours?: number;

  /**
   * How often messages are moved to the second tier of storage.
   *
   * Must be a whole number from 5 to 3600 (seconds).
   *
   * Changed in place.
   *
   * @default it stays as it is
   */
  readonly tieredStorageTimeSec?: number;

  /**
   * The largest message that the broker takes.
   *
   * Must be a whole number 1 or more (MiB).
   *
   * Changed in place.
   *
   * @default it stays as it is
   */
  readonly maxMsgSizeMb?: number;

  /**
   * Host of the client port, as the UI shows it to people.
   *
   * Changed in place.
   *
   * @default it stays as it is
   */
  readonly brokerHost?: string;

  /**
   * Address of the UI, as the broker puts it into messages.
   *
   * Changed in place.
   *
   * @default it stays as it is
   */
  readonly uiHost?: string;

  /**
   * Address of the REST gateway, as the UI shows it to people.
   *
   * Changed in place.
   *
   * @default it stays as it is
   */
  readonly restGwHost?: string;
}

/** For each prop the value as given, such as `uiHostInput`, and `resetUiHost()`, which leaves it out. */
export interface ClusterConfig extends Inputs<Omit<ClusterConfigProps, keyof TerraformMetaArguments>> {}

/**
 * Settings of a broker as a whole: retentions, the size of messages, and the addresses that it shows. A broker has them
 * once, so one stack declares them. When the declaration goes, the broker keeps the values that it has.
 *
 * Import id: `settings`.
 *
 * @example
 * new ClusterConfig(this, 'settings', {
 *   dlsRetentionHours: 24,
 *   logsRetentionDays: 7,
 *   gcProducerConsumerRetentionHours: 48,
 * });
 */
export class ClusterConfig extends MemphisResource<ClusterConfigDeclaration, ClusterConfigProps> {
  /** Type of the resource in Terraform. */
  static readonly tfResourceType = 'memphis_cluster_config';

  /**
   * Writes the code that imports the settings, for `cdktf plan` and `cdktf import`.
   * @param importFromId `settings`
   */
  static generateConfigForImport(
    scope: Construct,
    importToId: string,
    importFromId: string,
    provider?: TerraformProvider,
  ): ImportableResource {
    return importable(ClusterConfig.tfResourceType, scope, importToId, importFromId, provider);
  }

  constructor(scope: Construct, id: string, props: ClusterConfigProps = {}) {
    super(scope, id, {
      terraformResourceType: ClusterConfig.tfResourceType,
      fields: clusterConfigFields,
      given: givenResourceProps<ClusterConfigProps>(props, clusterConfigProps),
      read: (given) => ({ declaration: givenFields(given) }),
    });
  }

  /** A reference to `dlsRetentionHours`. */
  get dlsRetentionHours(): number {
    return this.getNumberAttribute('dls_retention_hours');
  }
  set dlsRetentionHours(value: number) {
    this.change('dlsRetentionHours', value);
  }

  /** A reference to `logsRetentionDays`. */
  get logsRetentionDays(): number {
    return this.getNumberAttribute('logs_retention_days');
  }
  set logsRetentionDays(value: number) {
    this.change('logsRetentionDays', value);
  }

  /** A reference to `gcProducerConsumerRetentionHours`. */
  get gcProducerConsumerRetentionHours(): number {
    return this.getNumberAttribute('gc_producer_consumer_retention_hours');
  }
  set gcProducerConsumerRetentionHours(value: number) {
    this.change('gcProducerConsumerRetentionHours', value);
  }

  /** A reference to `tieredStorageTimeSec`. */
  get tieredStorageTimeSec(): number {
    return this.getNumberAttribute('tiered_storage_time_sec');
  }
  set tieredStorageTimeSec(value: number) {
    this.change('tieredStorageTimeSec', value);
  }

  /** A reference to `maxMsgSizeMb`. */
  get maxMsgSizeMb(): number {
    return this.getNumberAttribute('max_msg_size_mb');
  }
  set maxMsgSizeMb(value: number) {
    this.change('maxMsgSizeMb', value);
  }

  /** A reference to `brokerHost`. */
  get brokerHost(): string {
    return this.referenceTo('broker_host');
  }
  set brokerHost(value: string) {
    this.change('brokerHost', value);
  }

  /** A reference to `uiHost`. */
  get uiHost(): string {
    return this.referenceTo('ui_host');
  }
  set uiHost(value: string) {
    this.change('uiHost', value);
  }

  /** A reference to `restGwHost`. */
  get restGwHost(): string {
    return this.referenceTo('rest_gw_host');
  }
  set restGwHost(value: string) {
    this.change('restGwHost', value);
  }

  /** @internal */
  protected override renderedValues(): ClusterConfigDeclaration {
    return { ...this.declaration, owner: literalText(ownerOf(this)) };
  }

  /** @internal */
  protected override problemsInStack(): string[] {
    const all = resourcesInStack<ClusterConfig>(this, ClusterConfig.tfResourceType);
    const first = all.find((each) => brokerOf(each) === brokerOf(this));
    return first === undefined || first === this
      ? []
      : [
          `a broker has its settings once, and "${first.node.path}" declares them already; keep one of the two`,
        ];
  }
}

const clusterConfigProps = {
  construct: 'ClusterConfig',
  names: fieldNames(clusterConfigFields).filter((name) => name !== 'owner'),
  first: 'the settings',
};

addInputs(ClusterConfig.prototype, clusterConfigProps.names);

function givenFields(given: Partial<ClusterConfigProps>): ClusterConfigDeclaration {
  const values = given as Readonly<Record<string, unknown>>;
  const kept = clusterConfigProps.names.filter((name) => values[name] !== undefined);
  return Object.fromEntries(kept.map((name) => [name, values[name]]));
}
