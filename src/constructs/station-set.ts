import { Construct } from 'constructs';
import { fieldNames } from '../model/field';
import { externalName } from '../model/names';
import { stationFields, stationRules } from '../model/station';
import type { StationDeclaration } from '../model/station';
import {
  optionsOfMember,
  revocableOptions,
  stationOptionFields,
  stationOptionNames,
} from '../model/station-set';
import type { StationOptions as DeclaredOptions } from '../model/station-set';
import { fieldProblem, problemsOf } from '../model/validation';
import { literalText, renderedAttributes } from './attributes';
import type { ImportableResource, TerraformMetaArguments, TerraformProvider } from './framework';
import type { Settable } from './inputs';
import { addSettable } from './inputs';
import { isUnresolved } from './framework';
import { instanceProblems, instanceReference, isRepeated } from './instances';
import { limitUnitProblems } from './limit-unit';
import { givenResourceProps } from './given-props';
import { nullProblems, releaseProblems, stationsOf } from './given-stations';
import {
  MemphisResource,
  brokerOf,
  importable,
  isMemphisResource,
  resourcesInStack,
} from './memphis-resource';
import type { ISchema, IStation } from './named-object';
import { namedInStack, plainName, referenceProblems, referenceTo, sameName } from './named-object';
import { ownerOf } from './owner';
import { plainQuantities } from './station';
import type { StationOptions, StationSetProps } from './station-set-props';

/** The props of a set. */
type StationSetInputs = Omit<StationSetProps, keyof TerraformMetaArguments>;

/** Each prop as a property to set, such as `tags`, with `tagsInput`, and `resetTags()`, which leaves it out. */
export interface StationSet extends Settable<StationSetInputs> {}

/**
 * Any number of like stations as one resource: what they have in common, and what differs for some of them. Terraform
 * handles the set in one step, so that a thousand stations deploy many times as fast as a thousand `Station`s. Each station
 * is planned, protected, owned and compared with the broker on its own.
 *
 * Import id: the names of the stations, or globs of them, separated by commas.
 *
 * @example
 * new StationSet(this, 'events', {
 *   retentionValue: Duration.days(7),
 *   stations: { orders: {}, payments: { partitionsNumber: 3 }, audit: { deletionProtection: true } },
 * });
 */
export class StationSet extends MemphisResource<DeclaredOptions, StationSetInputs> {
  /** Type of the resource in Terraform. */
  static readonly tfResourceType = 'memphis_station_set';

  /**
   * Writes the code that imports existing stations, for `cdktf plan` and `cdktf import`.
   * @param importFromId names or globs of the stations, separated by commas
   */
  static generateConfigForImport(
    scope: Construct,
    importToId: string,
    importFromId: string,
    provider?: TerraformProvider,
  ): ImportableResource {
    return importable(StationSet.tfResourceType, scope, importToId, importFromId, provider);
  }

  readonly #members = new Map<string, IStation>();

  constructor(scope: Construct, id: string, props: StationSetProps) {
    super(scope, id, {
      terraformResourceType: StationSet.tfResourceType,
      fields: stationOptionFields,
      given: givenResourceProps<StationSetInputs>(props, setProps),
      read: (given) => ({
        declaration: declaredOptions(given),
        problems: [
          ...nullProblems(given),
          ...releaseProblems(given.release),
          ...stationsOf(given.stations).problems,
        ],
      }),
    });
  }

  /** @internal */
  protected override problemsOfProps(): string[] {
    return [...super.problemsOfProps(), ...limitUnitProblems(this)];
  }

  /** The stations, each with what differs for it. */
  get #stations(): ReadonlyMap<string, StationOptions> {
    const given = this.given('stations');
    const read =
      this.#read !== undefined && this.#read.given === given
        ? this.#read
        : { given, stations: stationsOf(given).stations };
    this.#read = read;
    return read.stations;
  }
  #read: { readonly given: unknown; readonly stations: ReadonlyMap<string, StationOptions> } | undefined;

  get #common(): StationOptions {
    return Object.fromEntries(
      stationOptionNames.flatMap((name) => {
        const value: unknown = this.given(name);
        return value === undefined || value === null ? [] : [[name, value]];
      }),
    );
  }

  get #release(): readonly string[] {
    const release = this.given('release');
    return releaseProblems(release).length === 0 ? (release ?? []) : [];
  }

  /** The names of the stations, as they are declared. */
  get stationNames(): string[] {
    return [...this.#stations.keys()];
  }

  /**
   * One station of the set, to be named in dead-letter settings, enforcements and smoke tests. Using it makes Terraform
   * deploy the set first.
   * @throws Error when the set does not have it
   */
  station(name: string): IStation {
    const declared = this.stationNames.find((each) => externalName(each) === externalName(name));
    if (declared === undefined)
      throw new Error(
        `Could not refer to station "${name}": the set "${this.node.path}" does not have it. Add it to stations, or use Station.fromName.`,
      );
    const known = this.#members.get(declared) ?? new StationOfSet(this, declared);
    this.#members.set(declared, known);
    return known;
  }

  /** @internal What the set declares for one of its stations, with plain names for other objects. */
  declarationOf(name: string): StationDeclaration {
    const own = this.#stations.get(name);
    const options = optionsOfMember<unknown>(
      name,
      this.declaration,
      own === undefined ? undefined : declaredOptions(own, this.#common),
    );
    return { name, ...options };
  }

  /** @internal */
  protected override problemsOfValues(): string[] {
    const found = new Set(this.problemsOfProps());
    for (const [name, own] of this.#stations) {
      const isPlain = Object.keys(own).length === 0;
      const about = isPlain ? '' : `stations.${name}: `;
      const problem = fieldProblem('name', name, stationFields.name, {
        words: 'typescript',
        isUnknown: isUnresolved,
      });
      if (problem !== undefined && !isUnresolved(name)) found.add(`stations: ${problem}`);
      for (const each of this.#optionProblems(name)) found.add(`${about}${each}`);
    }
    return [...found];
  }

  #optionProblems(name: string): string[] {
    const { schemaName, ...station } = this.declarationOf(name) as StationDeclaration & {
      schemaName?: unknown;
    };
    const values = Object.fromEntries(
      Object.entries(station).filter(([option, value]) => value !== '' || !isRevocable(option)),
    ) as unknown as StationDeclaration;
    const problems = problemsOf(
      { ...values, name: 'name' },
      { fields: stationFields, rules: stationRules, isUnknown: isUnresolved, words: 'typescript' },
    );
    const schema =
      schemaName === undefined || schemaName === '' || isUnresolved(schemaName)
        ? undefined
        : fieldProblem('schemaName', schemaName, stationOptionFields.schemaName, { words: 'typescript' });
    return schema === undefined ? problems : [...problems, schema];
  }

  /** @internal */
  protected override problemsInStack(): string[] {
    const problems: string[] = [];
    const [used] = this.#members.keys();
    if (used !== undefined && isRepeated(this))
      problems.push(
        `station(${JSON.stringify(used)}) is of a set that stands for several (forEach or count); give Station.fromName for one of them`,
      );
    for (const { dlsStation, schemaName } of [this.#common, ...this.#stations.values()])
      for (const [option, given] of Object.entries({ dlsStation, schemaName }))
        if (isMemphisResource(given)) problems.push(...instanceProblems(option, given, this));
    const others = resourcesInStack<StationSet>(this, StationSet.tfResourceType).filter(
      (set) => set !== this && brokerOf(set) === brokerOf(this),
    );
    const seen = new Map<string, string>();
    for (const name of this.stationNames) {
      const key = externalName(name);
      const twice = seen.get(key);
      if (twice !== undefined)
        problems.push(`stations names "${twice}" twice, also as "${name}"; remove one`);
      seen.set(key, name);
    }
    for (const station of resourcesInStack<StationLike>(this, 'memphis_station')) {
      if (brokerOf(station) !== brokerOf(this)) continue;
      const name = this.stationNames.find((each) => sameName(each, station.declaration.name));
      if (name !== undefined)
        problems.push(
          `stations has "${name}", which "${station.node.path}" declares already; remove one of them`,
        );
    }
    for (const other of others) {
      const theirs = new Set(other.stationNames.map(externalName));
      const name = this.stationNames.find((each) => theirs.has(externalName(each)));
      if (name !== undefined && this.node.path > other.node.path)
        problems.push(
          `stations has "${name}", which "${other.node.path}" declares already; remove one of them`,
        );
    }
    return problems;
  }

  /** @internal */
  protected override synthesizeAttributes(): Record<string, unknown> {
    const common = this.#common;
    const overrides = [...this.#stations].flatMap(([name, own]) => {
      const rendered = this.#rendered(own, common);
      return Object.keys(rendered).length === 0 ? [] : [[name, rendered] as const];
    });
    const uids = this.#schemaUids();
    return {
      stations: Object.fromEntries(this.stationNames.map((name) => [name, ''])),
      ...this.#rendered(this.#common),
      ...(overrides.length === 0 ? {} : { overrides: Object.fromEntries(overrides) }),
      ...(Object.keys(uids).length === 0 ? {} : { schema_uids: uids }),
      ...(this.#release.length === 0 ? {} : { release: this.#release }),
      owner: literalText(ownerOf(this)),
    };
  }

  /** @internal */
  protected override synthesizeHclAttributes(): Record<string, unknown> {
    const types: Readonly<Record<string, [string, string]>> = {
      stations: ['map', 'stringMap'],
      release: ['set', 'stringList'],
      tags: ['set', 'stringList'],
      overrides: ['map', 'anyMap'],
      schema_uids: ['map', 'stringMap'],
    };
    return Object.fromEntries(
      Object.entries(this.synthesizeAttributes()).map(([name, value]) => {
        const [type, storageClassType] = types[name] ?? ['simple', typeof value];
        const written = name === 'overrides' ? withListsAsExpressions(value as Overrides) : value;
        return [name, { value: written, isBlock: false, type, storageClassType }];
      }),
    );
  }

  /** Options as they are rendered: names of other objects of the stack become references to them. */
  #rendered(options: StationOptions, common: StationOptions = {}): Record<string, unknown> {
    const declared = declaredOptions(options, common) as Record<string, unknown>;
    const { dlsStation, schemaName } = options;
    if (dlsStation !== undefined) declared.dlsStation = this.#reference(dlsStation, 'memphis_station');
    if (schemaName !== undefined) declared.schemaName = this.#reference(schemaName, 'memphis_schema');
    return renderedAttributes<DeclaredOptions>(stationOptionFields, declared);
  }

  #reference(given: IStation | ISchema | string, type: string): string {
    if (given instanceof StationOfSet && given.set === this) return given.declaredName;
    if (typeof given !== 'string') return referenceTo(given, 'name');
    return given === '' ? '' : (namedInStack(this, type, brokerOf(this), given)?.name ?? given);
  }

  /** The uids of the schemas that this stack declares, so that a recreated one is enforced again. */
  #schemaUids(): Record<string, string> {
    const uids: Record<string, string> = {};
    for (const { schemaName } of [this.#common, ...this.#stations.values()]) {
      if (schemaName === undefined || schemaName === '') continue;
      const name = plainName(schemaName);
      const declared =
        typeof schemaName === 'string'
          ? namedInStack(this, 'memphis_schema', brokerOf(this), name)
          : schemaName;
      const uid = (declared as ISchema | undefined)?.uid;
      if (uid !== undefined && isMemphisResource(declared))
        uids[name] = instanceReference(declared, 'uid') ?? uid;
    }
    return uids;
  }
}

type Overrides = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** cdktf writes a list inside a map as an object with numbers for keys, which Terraform refuses. */
function withListsAsExpressions(overrides: Overrides): Overrides {
  const written = (value: unknown): unknown =>
    Array.isArray(value) ? `\${${JSON.stringify(value)}}` : value;
  return Object.fromEntries(
    Object.entries(overrides).map(([name, own]) => [
      name,
      Object.fromEntries(Object.entries(own).map(([option, value]) => [option, written(value)])),
    ]),
  );
}

type StationLike = MemphisResource<StationDeclaration>;

/** A station of a set, for whoever refers to it. */
class StationOfSet extends Construct implements IStation {
  readonly name: string;
  readonly uid: string;

  constructor(
    readonly set: StationSet,
    readonly declaredName: string,
  ) {
    super(set, declaredName);
    const key = JSON.stringify(declaredName);
    const uid = `${StationSet.tfResourceType}.${set.friendlyUniqueId}.uids[${key}]`;
    this.uid = `\${${uid}}`;
    // The name is known before the set is deployed; the second element makes Terraform deploy the set first.
    this.name = `\${[${key}, ${uid}][0]}`;
  }
}

/** The owner is filled in here. */
const setProps = {
  construct: 'StationSet',
  names: ['stations', 'release', ...stationOptionNames],
  first: 'stations',
};

addSettable(StationSet.prototype, setProps.names);

/**
 * Options with plain names for other objects and plain numbers for quantities.
 * @param common the options of the set, for those of one station: its limit may be one of the retention of the set
 */
function declaredOptions(options: StationOptions, common: StationOptions = {}): DeclaredOptions {
  const { dlsStation, schemaName } = options;
  const { retentionType = common.retentionType } = options;
  const values: Readonly<Record<string, unknown>> = {
    ...options,
    ...plainQuantities({ ...options, retentionType } as Parameters<typeof plainQuantities>[0]),
    ...(dlsStation === undefined || referenceProblems('dlsStation', dlsStation, 'station').length > 0
      ? {}
      : { dlsStation: plainName(dlsStation) }),
    ...(schemaName === undefined || referenceProblems('schemaName', schemaName, 'schema').length > 0
      ? {}
      : { schemaName: plainName(schemaName) }),
  };
  return Object.fromEntries(
    fieldNames(stationOptionFields).flatMap((name) =>
      values[name] === undefined ? [] : [[name, values[name]]],
    ),
  );
}

function isRevocable(option: string): boolean {
  return (revocableOptions as readonly string[]).includes(option);
}
