import type { Construct } from 'constructs';
import type { ClusterConfigDeclaration } from '../model/cluster-config';
import { clusterConfigFields } from '../model/cluster-config';
import { fieldNames } from '../model/field';
import { literalText } from './attributes';
import type { ImportableResource, TerraformMetaArguments, TerraformProvider } from './framework';
import { givenResourceProps } from './given-props';
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
export class ClusterConfig extends MemphisResource<ClusterConfigDeclaration> {
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
    const { props: given, problems } = givenResourceProps<ClusterConfigProps>(props, clusterConfigProps);
    const values = given as Readonly<Record<string, unknown>>;
    const kept = clusterConfigProps.names.filter((name) => values[name] !== undefined);
    super(scope, id, {
      terraformResourceType: ClusterConfig.tfResourceType,
      fields: clusterConfigFields,
      declaration: Object.fromEntries(kept.map((name) => [name, values[name]])),
      meta: given,
      problems,
    });
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
