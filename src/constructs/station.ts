import type { Construct } from 'constructs';
import { Duration } from '../model/duration';
import { fieldNames } from '../model/field';
import { Retention } from '../model/retention';
import { Size } from '../model/size';
import type { StationDeclaration } from '../model/station';
import { stationFields, stationRules } from '../model/station';
import { ForeignObject } from './foreign-object';
import type { IResolvable, TerraformProvider } from './framework';
import { givenResourceProps } from './given-props';
import type { ImportableResource } from './framework';
import { instanceProblems, instanceReference } from './instances';
import { brokerOf, importable, isMemphisResource } from './memphis-resource';
import type { ISchema, IStation } from './named-object';
import { NamedObject, namedInStack, optionalReferenceProblems, plainName } from './named-object';
import type { SchemaEnforcementProps } from './schema-enforcement';
import { SchemaEnforcement, enforcementsOf } from './schema-enforcement';
import type { StationProps } from './station-props';

/**
 * A station on a Memphis broker.
 *
 * Import id: the name of the station.
 *
 * @example
 * const deadLetters = new Station(this, 'dead-letters', { name: 'orders-dead-letters' });
 * const orders = new Station(this, 'orders', { name: 'orders', partitionsNumber: 3, dlsStation: deadLetters });
 * orders.enforce(new Schema(this, 'order', { name: 'order', file: 'order.schema.json' }));
 */
export class Station extends NamedObject<StationDeclaration> implements IStation {
  /** Type of the resource in Terraform. */
  static readonly tfResourceType = 'memphis_station';

  /**
   * A station that is managed elsewhere, to be named in dead-letter settings, enforcements and smoke tests. Nothing is
   * rendered for it, and this stack never changes or removes it.
   * @param name the name on the broker
   */
  static fromName(scope: Construct, id: string, name: string): IStation {
    return new ForeignObject(scope, id, 'Station', name);
  }

  /**
   * Writes the code that imports an existing station, for `cdktf plan` and `cdktf import`.
   * @param importFromId name of the station
   */
  static generateConfigForImport(
    scope: Construct,
    importToId: string,
    importFromId: string,
    provider?: TerraformProvider,
  ): ImportableResource {
    return importable(Station.tfResourceType, scope, importToId, importFromId, provider);
  }

  readonly #deadLetters: IStation | string | undefined;

  constructor(scope: Construct, id: string, props: StationProps) {
    const { props: given, problems } = givenResourceProps<StationProps>(props, stationProps);
    const dlsProblems = optionalReferenceProblems('dlsStation', given.dlsStation, 'station');
    const schemaProblems = optionalReferenceProblems('schemaName', given.schemaName, 'schema');
    const deadLetters = dlsProblems.length === 0 ? given.dlsStation : undefined;
    super(scope, id, {
      terraformResourceType: Station.tfResourceType,
      fields: stationFields,
      rules: stationRules,
      declaration: declarationOf(given, deadLetters),
      meta: given,
      problems: [...problems, ...dlsProblems, ...schemaProblems],
    });
    this.#deadLetters = deadLetters;
    if (given.schemaName !== undefined && schemaProblems.length === 0) this.enforce(given.schemaName);
  }

  /**
   * Makes producers check every message against a schema. A second one for the same station, or one beside
   * `schemaName`, is an error at synth.
   * @param schema a construct, or the name of a schema
   */
  enforce(
    schema: ISchema | string,
    options: Pick<SchemaEnforcementProps, 'adoptExisting'> = {},
  ): SchemaEnforcement {
    // A second enforcement gets an id of its own, so that synth can report it together with all other problems.
    const siblings = this.node.children.filter((child) => child.node.id.startsWith('enforcement')).length;
    const id = siblings === 0 ? 'enforcement' : `enforcement-${siblings + 1}`;
    return new SchemaEnforcement(this, id, { ...options, station: this, schema });
  }

  /** A reference to what makes the station drop messages, in the broker's word. */
  get retentionType(): string {
    return this.referenceTo('retention_type');
  }

  /** A reference to the limit of the retention; its unit depends on `retentionType`. */
  get retentionValue(): number {
    return this.getNumberAttribute('retention_value');
  }

  /** A reference to where messages are kept, in the broker's word. */
  get storageType(): string {
    return this.referenceTo('storage_type');
  }

  /** A reference to the declared number of copies. */
  get replicas(): number {
    return this.getNumberAttribute('replicas');
  }

  /** A reference to the number of partitions. */
  get partitionsNumber(): number {
    return this.getNumberAttribute('partitions_number');
  }

  /** A reference to the idempotency window, in milliseconds. */
  get idempotencyWindowMs(): number {
    return this.getNumberAttribute('idempotency_window_ms');
  }

  /** A reference to whether unacknowledged messages are recorded as dead letters. */
  get sendPoisonMsgToDls(): IResolvable {
    return this.getBooleanAttribute('send_poison_msg_to_dls');
  }

  /** A reference to whether messages that break the schema are recorded as dead letters. */
  get sendSchemaFailedMsgToDls(): IResolvable {
    return this.getBooleanAttribute('send_schema_failed_msg_to_dls');
  }

  /** A reference to the name of the station that gets a copy of each dead letter. */
  get dlsStation(): string {
    return this.referenceTo('dls_station');
  }

  /** A reference to whether dropped messages are moved to a second tier. */
  get tieredStorageEnabled(): IResolvable {
    return this.getBooleanAttribute('tiered_storage_enabled');
  }

  /** A reference to the tags. */
  get tags(): string[] {
    return this.getListAttribute('tags');
  }

  /** A reference to whether the station is protected against being destroyed or replaced. */
  get deletionProtection(): IResolvable {
    return this.getBooleanAttribute('deletion_protection');
  }

  /** A reference to whether operations that drop messages are permitted. */
  get allowMessageLoss(): IResolvable {
    return this.getBooleanAttribute('allow_message_loss');
  }

  /** A reference to whether every partition exists and takes messages; false after an operation that broke off. */
  get intact(): IResolvable {
    return this.getBooleanAttribute('intact');
  }

  /** @internal The enforcements that this stack declares for the station. */
  get enforcements(): SchemaEnforcement[] {
    return enforcementsOf(this, brokerOf(this), this.declaration.name);
  }

  /** @internal */
  protected override renderedValues(): Partial<StationDeclaration> {
    const values = super.renderedValues();
    if (this.#deadLetters === undefined) return values;
    const declared = this.#deadLetterStation;
    const reference = declared === undefined ? undefined : instanceReference(declared, 'name');
    const given = typeof this.#deadLetters === 'string' ? this.#deadLetters : this.#deadLetters.name;
    return { ...values, dlsStation: reference ?? declared?.name ?? given };
  }

  /** @internal */
  protected override problemsInStack(): string[] {
    const declared = this.#deadLetterStation;
    return [
      ...super.problemsInStack(),
      ...(declared === undefined ? [] : instanceProblems('dlsStation', declared, this)),
      ...this.#circleProblems(),
    ];
  }

  /** The station that gets the dead letters of this one, when this stack declares it. */
  get #deadLetterStation(): Station | undefined {
    if (this.#deadLetters === undefined) return undefined;
    if (isMemphisResource(this.#deadLetters)) return this.#deadLetters as unknown as Station;
    const name = plainName(this.#deadLetters);
    const found = namedInStack(this, Station.tfResourceType, brokerOf(this), name);
    return found === this ? undefined : (found as Station | undefined);
  }

  /** A circle can never be created, since each station in it must exist before another; its first one reports it. */
  #circleProblems(): string[] {
    const path: Station[] = [this];
    for (let next = this.#deadLetterStation; next !== this; next = next.#deadLetterStation) {
      if (next === undefined || path.includes(next)) return [];
      path.push(next);
    }
    const inOrder = [...path].sort((a, b) => (a.node.path < b.node.path ? -1 : 1));
    if (inOrder[0] !== this) return [];
    const names = [...path, this].map((station) => JSON.stringify(station.declaration.name));
    return [
      `dlsStation forms a circle: ${names.join(' -> ')}; a dead-letter station must exist first, so leave` +
        ` dlsStation out of one of them`,
    ];
  }
}

/** The owner is filled in here. */
const stationProps = {
  construct: 'Station',
  names: [...fieldNames(stationFields).filter((name) => name !== 'owner'), 'schemaName'],
  first: 'name',
};

function declarationOf(
  props: Partial<StationProps>,
  deadLetters: IStation | string | undefined,
): StationDeclaration {
  const given: Readonly<Record<string, unknown>> = {
    ...props,
    ...plainQuantities(props),
    owner: undefined,
    dlsStation: deadLetters === undefined ? undefined : plainName(deadLetters),
  };
  const values = fieldNames(stationFields).flatMap((name) =>
    given[name] === undefined ? [] : [[name, given[name]] as const],
  );
  return Object.fromEntries(values) as unknown as StationDeclaration;
}

/** Typed durations and sizes as the plain numbers of the model; one of the wrong kind stays, and is reported as no number. */
export function plainQuantities(props: Partial<StationProps>): Record<string, unknown> {
  const { idempotencyWindowMs: window, retentionType = Retention.MAX_MESSAGE_AGE_SECONDS } = props;
  const limit: unknown = props.retentionValue;
  const plain: Record<string, unknown> = {};
  if (Duration.isDuration(window)) plain.idempotencyWindowMs = window.toMilliseconds();
  if (Duration.isDuration(limit) && retentionType === Retention.MAX_MESSAGE_AGE_SECONDS)
    plain.retentionValue = limit.toSeconds();
  if (Size.isSize(limit) && retentionType === Retention.BYTES) plain.retentionValue = limit.toBytes();
  return plain;
}
