import type { Construct } from 'constructs';
import type { SchemaEnforcementDeclaration } from '../model/schema-enforcement';
import { schemaEnforcementFields } from '../model/schema-enforcement';
import { literalText } from './attributes';
import { TerraformStack, isUnresolved, prepareAtSynth } from './framework';
import type { IResolvable, TerraformMetaArguments, TerraformProvider } from './framework';
import type { ImportableResource } from './framework';
import { instanceProblems, isRepeated, isSameRepeated, repetitionOf } from './instances';
import type { Inputs } from './inputs';
import { addInputs } from './inputs';
import type { ReadProps } from './memphis-resource';
import { MemphisResource, brokerOf, importable, isMemphisResource } from './memphis-resource';
import type { ISchema, IStation, NamedReference } from './named-object';
import { givenResourceProps } from './given-props';
import { namedInStack, plainName, referenceProblems, referenceTo } from './named-object';
import { resourcesNamed } from './names-in-stack';
import { ownerOf } from './owner';

/** What to enforce, and where. */
export interface SchemaEnforcementProps extends TerraformMetaArguments {
  /**
   * The station whose messages must fit the schema: a construct, or the name of a station. A name that this stack
   * declares is the same as the construct: the station is created first.
   *
   * Changing it replaces the enforcement: the old station accepts everything again.
   */
  readonly station: IStation | string;

  /**
   * The schema: a construct, or the name of a schema. A name that this stack declares is the same as the construct:
   * the schema is created first.
   *
   * Changing it hands the new schema to the producers that are connected, at once.
   */
  readonly schema: ISchema | string;

  /**
   * Allows this declaration to replace another schema that the station enforces, unless another declaration owns
   * that enforcement.
   *
   * @default false
   */
  readonly adoptExisting?: boolean | IResolvable;
}

/** For each prop the value as given, such as `adoptExistingInput`, and `resetAdoptExisting()`, which leaves it out. */
export interface SchemaEnforcement extends Inputs<EnforcementInputs> {}

/**
 * The enforcement of a schema by a station: producers check each message against the schema before they send it.
 * It alone owns the attachment. A station has one schema at most, and the plan refuses to replace another one
 * without `adoptExisting`.
 *
 * Import id: the name of the station.
 */
export class SchemaEnforcement extends MemphisResource<SchemaEnforcementDeclaration, EnforcementInputs> {
  /** Type of the resource in Terraform. */
  static readonly tfResourceType = 'memphis_schema_enforcement';

  /**
   * Writes the code that imports an existing enforcement, for `cdktf plan` and `cdktf import`.
   * @param importFromId name of the station
   */
  static generateConfigForImport(
    scope: Construct,
    importToId: string,
    importFromId: string,
    provider?: TerraformProvider,
  ): ImportableResource {
    return importable(SchemaEnforcement.tfResourceType, scope, importToId, importFromId, provider);
  }

  /** The provider that the enforcement took over from its station. undefined: one was given. */
  readonly #takenOver: Pick<TerraformMetaArguments, 'provider'> | undefined;

  constructor(scope: Construct, id: string, props: SchemaEnforcementProps) {
    const given = givenResourceProps<EnforcementInputs & TerraformMetaArguments>(props, enforcementProps);
    const { station, schema: _schema, adoptExisting: _adoptExisting, ...meta } = given.props;
    const usable = usableReference('station', station);
    super(scope, id, {
      terraformResourceType: SchemaEnforcement.tfResourceType,
      fields: schemaEnforcementFields,
      given: {
        ...given,
        props: { ...providerOf(usable), ...repetitionFor(usable, scope, meta), ...given.props },
      },
      read: readProps,
    });
    this.#takenOver = meta.provider === undefined ? providerOf(usable) : undefined;
    // A station that this stack declares later is found by its name when the tree is complete.
    prepareAtSynth(this, () => {
      this.#repeatLike(this.#station());
      this.#followProvider();
    });
  }

  /** An Aspect may have moved the station to another broker. */
  #followProvider(): void {
    if (this.#takenOver === undefined || this.provider !== this.#takenOver.provider) return;
    Object.assign(this, providerOf(usableReference('station', this.given('station'))));
  }

  /** The station, as given. */
  get station(): IStation | string {
    return this.given('station') ?? NAMELESS;
  }
  set station(value: IStation | string) {
    this.change('station', value);
  }

  /** The schema, as given. */
  get schema(): ISchema | string {
    return this.given('schema') ?? NAMELESS;
  }
  set schema(value: ISchema | string) {
    this.change('schema', value);
  }

  /** Whether the declaration may replace another schema; false unless it is given. */
  get adoptExisting(): boolean | IResolvable {
    return this.given('adoptExisting') ?? false;
  }
  set adoptExisting(value: boolean | IResolvable) {
    this.change('adoptExisting', value);
  }

  /** Each instance of a station has an enforcement of its own. */
  #repeatLike(station: NamedReference): void {
    if (isRepeated(this) || !isMemphisResource(station)) return;
    if (TerraformStack.of(station) === TerraformStack.of(this)) Object.assign(this, repetitionOf(station));
  }

  /** A reference to the name of the station, known once the schema is attached. */
  get stationName(): string {
    return this.referenceTo('station_name');
  }

  /** A reference to the name of the schema, known once it is attached. */
  get schemaName(): string {
    return this.referenceTo('schema_name');
  }

  /** @internal */
  protected override renderedValues(): SchemaEnforcementDeclaration {
    const { adoptExisting } = this.declaration;
    return {
      stationName: referenceTo(this.#station(), 'name'),
      schemaName: referenceTo(this.#schema(), 'name'),
      ...(adoptExisting === undefined ? {} : { adoptExisting }),
      owner: literalText(ownerOf(this)),
    };
  }

  /** @internal The ids make Terraform attach the schema again after the station or the schema has been replaced. */
  protected override computedInputs(): Record<string, string> {
    const [stationUid, schemaUid] = [referenceTo(this.#station(), 'uid'), referenceTo(this.#schema(), 'uid')];
    return {
      ...(stationUid === undefined ? {} : { station_uid: stationUid }),
      ...(schemaUid === undefined ? {} : { schema_uid: schemaUid }),
    };
  }

  /** @internal */
  protected override problemsInStack(): string[] {
    const stationName = this.plainStationName;
    if (typeof stationName !== 'string' || stationName === '') return [];
    const problems = Object.entries({ station: this.#station(), schema: this.#schema() }).flatMap(
      ([prop, object]) => (isMemphisResource(object) ? instanceProblems(prop, object, this) : []),
    );
    const first = enforcementsOf(this, brokerOf(this), stationName).find(
      (other) => !isUnresolved(stationName) || isSameRepeated(other, this),
    );
    if (first === undefined || first === this) return problems;
    return [
      ...problems,
      `station ${JSON.stringify(stationName)} gets a schema here and at "${first.node.path}", but a station has one` +
        ` schema; keep one of: schemaName of the station, station.enforce(), SchemaEnforcement`,
    ];
  }

  /** @internal The name of the station to compare and to show. */
  get plainStationName(): string {
    return plainName(this.#station());
  }

  /** @internal The schema: a construct where this stack declares it. */
  get enforcedSchema(): NamedReference {
    return this.#schema();
  }

  #station(): NamedReference {
    return this.#resolved(usableReference('station', this.given('station')) ?? NAMELESS, 'memphis_station');
  }

  #schema(): NamedReference {
    return this.#resolved(usableReference('schema', this.given('schema')) ?? NAMELESS, 'memphis_schema');
  }

  #resolved(given: NamedReference | string, type: string): NamedReference {
    if (typeof given !== 'string') return given;
    return namedInStack(this, type, brokerOf(this), given) ?? { name: given };
  }
}

/** The props of an enforcement. */
type EnforcementInputs = Omit<SchemaEnforcementProps, keyof TerraformMetaArguments>;

function readProps(given: Partial<EnforcementInputs>): ReadProps<SchemaEnforcementDeclaration> {
  const { station, schema, adoptExisting } = given;
  const usable = {
    station: usableReference('station', station),
    schema: usableReference('schema', schema),
  };
  return {
    declaration: {
      ...(usable.station === undefined ? {} : { stationName: plainName(usable.station) }),
      ...(usable.schema === undefined ? {} : { schemaName: plainName(usable.schema) }),
      ...(adoptExisting === undefined ? {} : { adoptExisting: adoptExisting as boolean }),
    } as SchemaEnforcementDeclaration,
    problems: [
      ...referenceProblems('station', station, 'station'),
      ...referenceProblems('schema', schema, 'schema'),
    ],
    // A construct without a name says so itself.
    explained: ['stationName', 'schemaName'],
  };
}

function usableReference<R extends IStation | ISchema | string>(
  prop: 'station' | 'schema',
  given: R | undefined,
): R | undefined {
  return referenceProblems(prop, given, prop).length === 0 ? given : undefined;
}

const enforcementProps = {
  construct: 'SchemaEnforcement',
  names: ['station', 'schema', 'adoptExisting'],
  first: 'station and schema',
};

addInputs(SchemaEnforcement.prototype, enforcementProps.names);

/** Stands in for what is missing, which is a problem that ends synth. */
const NAMELESS = '';

/** An enforcement is on the broker of its station, unless it says otherwise. */
function providerOf(station: IStation | string | undefined): Pick<TerraformMetaArguments, 'provider'> {
  const provider = isMemphisResource(station) ? station.provider : undefined;
  return provider === undefined ? {} : { provider };
}

/** An enforcement that a station with `forEach` or `count` gets repeats like it, unless it says otherwise. */
function repetitionFor(
  station: IStation | string | undefined,
  scope: Construct,
  meta: TerraformMetaArguments,
): TerraformMetaArguments {
  if (isRepeated(meta) || !isMemphisResource(station)) return {};
  return TerraformStack.of(station) === TerraformStack.of(scope) ? repetitionOf(station) : {};
}

/** All enforcements that a construct's stack declares for a station on a broker. */
export function enforcementsOf(of: Construct, broker: string, stationName: string): SchemaEnforcement[] {
  const nameOf = (enforcement: SchemaEnforcement): unknown => enforcement.plainStationName;
  return resourcesNamed(of, SchemaEnforcement.tfResourceType, stationName, nameOf).filter(
    (enforcement) => brokerOf(enforcement) === broker,
  );
}
