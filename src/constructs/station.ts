import type { Construct } from 'constructs';
import { Duration } from '../model/duration';
import { fieldNames } from '../model/field';
import { Retention } from '../model/retention';
import { Size } from '../model/size';
import type { StationDeclaration } from '../model/station';
import { stationFields, stationRules } from '../model/station';
import { ForeignObject } from './foreign-object';
import type { IResolvable, TerraformMetaArguments, TerraformProvider } from './framework';
import { givenResourceProps } from './given-props';
import type { ImportableResource } from './framework';
import { limitUnitProblems } from './limit-unit';
import { instanceProblems } from './instances';
import { brokerOf, importable, isMemphisResource } from './memphis-resource';
import type { ISchema, IStation } from './named-object';
import { NamedObject, namedInStack, optionalReferenceProblems, plainName, referenceTo } from './named-object';
import type { SchemaEnforcementProps } from './schema-enforcement';
import { SchemaEnforcement, enforcementsOf } from './schema-enforcement';
import type { StationProps, StationSettings } from './station-props';
import type { Inputs } from './inputs';
import { addInputs } from './inputs';
import type { ReadProps } from './memphis-resource';
import type { Storage } from '../model/storage';

/** The props of a station, each on its own: which retention goes with which limit is checked at synth. */
export type StationInputs = Omit<StationSettings, keyof TerraformMetaArguments> & {
  readonly retentionType?: Retention;
  readonly retentionValue?: number | Duration | Size;
};

/** For each prop the value as given, such as `tagsInput`, and `resetTags()`, which leaves it out. */
export interface Station extends Inputs<Omit<StationInputs, 'schemaName'>> {}

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
export class Station extends NamedObject<StationDeclaration, StationInputs> implements IStation {
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

  constructor(scope: Construct, id: string, props: StationProps) {
    const given = givenResourceProps<StationInputs>(props, stationProps);
    super(scope, id, {
      terraformResourceType: Station.tfResourceType,
      fields: stationFields,
      rules: stationRules,
      given,
      read: readProps,
    });
    const { schemaName } = given.props;
    if (schemaName !== undefined && schemaNameProblems(schemaName).length === 0) this.enforce(schemaName);
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
  set retentionType(value: Retention) {
    this.change('retentionType', value);
  }

  /** A reference to the limit of the retention; its unit depends on `retentionType`. */
  get retentionValue(): number {
    return this.getNumberAttribute('retention_value');
  }
  set retentionValue(value: number | Duration | Size) {
    this.change('retentionValue', value);
  }

  /** A reference to where messages are kept, in the broker's word. */
  get storageType(): string {
    return this.referenceTo('storage_type');
  }
  set storageType(value: Storage) {
    this.change('storageType', value);
  }

  /** A reference to the declared number of copies. */
  get replicas(): number {
    return this.getNumberAttribute('replicas');
  }
  set replicas(value: number) {
    this.change('replicas', value);
  }

  /** A reference to the number of partitions. */
  get partitionsNumber(): number {
    return this.getNumberAttribute('partitions_number');
  }
  set partitionsNumber(value: number) {
    this.change('partitionsNumber', value);
  }

  /** A reference to the idempotency window, in milliseconds. */
  get idempotencyWindowMs(): number {
    return this.getNumberAttribute('idempotency_window_ms');
  }
  set idempotencyWindowMs(value: number | Duration) {
    this.change('idempotencyWindowMs', value);
  }

  /** A reference to whether unacknowledged messages are recorded as dead letters. */
  get sendPoisonMsgToDls(): IResolvable {
    return this.getBooleanAttribute('send_poison_msg_to_dls');
  }
  set sendPoisonMsgToDls(value: boolean | IResolvable) {
    this.change('sendPoisonMsgToDls', value);
  }

  /** A reference to whether messages that break the schema are recorded as dead letters. */
  get sendSchemaFailedMsgToDls(): IResolvable {
    return this.getBooleanAttribute('send_schema_failed_msg_to_dls');
  }
  set sendSchemaFailedMsgToDls(value: boolean | IResolvable) {
    this.change('sendSchemaFailedMsgToDls', value);
  }

  /** A reference to the name of the station that gets a copy of each dead letter. */
  get dlsStation(): string {
    return this.referenceTo('dls_station');
  }
  set dlsStation(value: IStation | string) {
    this.change('dlsStation', value);
  }

  /** A reference to whether dropped messages are moved to a second tier. */
  get tieredStorageEnabled(): IResolvable {
    return this.getBooleanAttribute('tiered_storage_enabled');
  }
  set tieredStorageEnabled(value: boolean | IResolvable) {
    this.change('tieredStorageEnabled', value);
  }

  /** A reference to the tags. */
  get tags(): string[] {
    return this.getListAttribute('tags');
  }
  set tags(value: readonly string[]) {
    this.change('tags', value);
  }

  /** A reference to whether the station is protected against being destroyed or replaced. */
  get deletionProtection(): IResolvable {
    return this.getBooleanAttribute('deletion_protection');
  }
  set deletionProtection(value: boolean | IResolvable) {
    this.change('deletionProtection', value);
  }

  /** A reference to whether operations that drop messages are permitted. */
  get allowMessageLoss(): IResolvable {
    return this.getBooleanAttribute('allow_message_loss');
  }
  set allowMessageLoss(value: boolean | IResolvable) {
    this.change('allowMessageLoss', value);
  }

  /** Whether the declaration may adopt an existing station; false unless it is given. */
  get adoptExisting(): boolean | IResolvable {
    return this.given('adoptExisting') ?? false;
  }
  set adoptExisting(value: boolean | IResolvable) {
    this.change('adoptExisting', value);
  }

  /** What a change does that the broker cannot make in place. */
  get onReplace(): 'recreate' | 'carryMessages' {
    return this.given('onReplace') ?? 'recreate';
  }
  set onReplace(value: 'recreate' | 'carryMessages') {
    this.change('onReplace', value);
  }

  /** The former name of the station; undefined when none is given. */
  get moveFrom(): string | undefined {
    return this.given('moveFrom');
  }
  set moveFrom(value: string | undefined) {
    this.change('moveFrom', value);
  }

  /** A reference to whether every partition exists and takes messages; false after an operation that broke off. */
  get intact(): IResolvable {
    return this.getBooleanAttribute('intact');
  }

  /** @internal */
  protected override problemsOfProps(): string[] {
    return [...super.problemsOfProps(), ...limitUnitProblems(this)];
  }

  /** @internal The enforcements that this stack declares for the station. */
  get enforcements(): SchemaEnforcement[] {
    return enforcementsOf(this, brokerOf(this), this.declaration.name);
  }

  /** @internal */
  protected override renderedValues(): Partial<StationDeclaration> {
    const values = super.renderedValues();
    const deadLetters = this.#givenDeadLetters;
    if (deadLetters === undefined) return values;
    const declared = this.#deadLetterStation;
    if (declared !== undefined) return { ...values, dlsStation: referenceTo(declared, 'name') };
    return { ...values, dlsStation: typeof deadLetters === 'string' ? deadLetters : deadLetters.name };
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

  get #givenDeadLetters(): IStation | string | undefined {
    return usableDeadLetters(this.given('dlsStation'));
  }

  /** The station that gets the dead letters of this one, when this stack declares it. */
  get #deadLetterStation(): Station | undefined {
    const deadLetters = this.#givenDeadLetters;
    if (deadLetters === undefined) return undefined;
    if (isMemphisResource(deadLetters)) return deadLetters as unknown as Station;
    const name = plainName(deadLetters);
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

addInputs(
  Station.prototype,
  stationProps.names.filter((name) => name !== 'schemaName'),
);

function readProps(given: Partial<StationInputs>): ReadProps<StationDeclaration> {
  const { dlsStation, schemaName } = given;
  return {
    declaration: declarationOf(given, usableDeadLetters(dlsStation)),
    problems: [...deadLettersProblems(dlsStation), ...schemaNameProblems(schemaName)],
  };
}

const deadLettersProblems = (given: unknown): string[] =>
  optionalReferenceProblems('dlsStation', given, 'station');

const schemaNameProblems = (given: unknown): string[] =>
  optionalReferenceProblems('schemaName', given, 'schema');

function usableDeadLetters(given: IStation | string | undefined): IStation | string | undefined {
  return deadLettersProblems(given).length === 0 ? given : undefined;
}

function declarationOf(
  props: Partial<StationInputs>,
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
export function plainQuantities(props: Partial<StationInputs>): Record<string, unknown> {
  const { idempotencyWindowMs: window, retentionType = Retention.MAX_MESSAGE_AGE_SECONDS } = props;
  const limit: unknown = props.retentionValue;
  const plain: Record<string, unknown> = {};
  if (Duration.isDuration(window)) plain.idempotencyWindowMs = window.toMilliseconds();
  if (Duration.isDuration(limit) && retentionType === Retention.MAX_MESSAGE_AGE_SECONDS)
    plain.retentionValue = limit.toSeconds();
  if (Size.isSize(limit) && retentionType === Retention.BYTES) plain.retentionValue = limit.toBytes();
  return plain;
}
