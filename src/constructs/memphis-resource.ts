import type { Construct, IConstruct } from 'constructs';
import type { Fields } from '../model/field';
import { fieldNames, terraformName } from '../model/field';
import type { Rule } from '../model/validation';
import { problemsOf } from '../model/validation';
import { renderedAttributes, hclAttribute } from './attributes';
import type { TerraformMetaArguments, TerraformProvider } from './framework';
import {
  ImportableResource,
  TerraformResource,
  TerraformStack,
  collectsNoStackTraces,
  metaArgumentNames,
  importWithOneVersionCheck,
  isUnresolved,
  validateAtSynth,
} from './framework';
import type { GivenProps } from './given-props';
import { assignedProblems, setMetaProblems } from './given-props';
import { projectFolderOf } from './owner';
import { PROVIDER_TYPE } from '../model/provider-address';
import { packageVersion } from './package-files';
import type { SourceLocation } from './source-location';
import { callerLocation } from './source-location';

const RESOURCE_MARK = Symbol.for('cdktf-memphis/Resource');

/** What a kind of object brings along. */
export interface MemphisResourceConfig<D extends object, P extends object> {
  readonly terraformResourceType: string;
  readonly fields: Fields<D>;
  readonly rules?: readonly Rule<D>[];
  /** The props as given, those of Terraform among them. */
  readonly given: GivenProps<P & TerraformMetaArguments>;
  /** Reads the props. It is called again after one of them, or a name anywhere, has changed. */
  readonly read: (given: Partial<P>) => ReadProps<D>;
}

/** What the props of a resource say. */
export interface ReadProps<D extends object> {
  /** The values as given, with plain names for other objects; a value may be a token where its type is another. */
  readonly declaration: D;
  /** What is wrong with the props beside the declared values. */
  readonly problems?: readonly string[];
  /** The fields whose absence one of these problems explains. */
  readonly explained?: readonly (keyof D & string)[];
}

/** How many names have been changed: declarations hold the names of other objects. */
let changedNames = 0;

/** How many resources have been declared in this process, and how many of their props have been changed. */
let changes = 0;

/** An object on a broker that this stack owns: what station, schema and enforcement have in common. */
export abstract class MemphisResource<D extends object, P extends object = object> extends TerraformResource {
  readonly #fields: Fields<D>;
  readonly #rules: readonly Rule<D>[];
  readonly #declared: GivenProps<P & TerraformMetaArguments>;
  readonly #ownNames: ReadonlySet<string>;
  readonly #metaValues: ReadonlyMap<string, unknown>;
  readonly #read: (given: Partial<P>) => ReadProps<D>;
  #given: Partial<P>;
  readonly #changed = new Set<keyof P>();
  #current: { readonly props: ReadProps<D>; readonly changedNames: number } | undefined;
  readonly #references = new Map<string, string>();
  readonly #location: SourceLocation | undefined;

  /** @internal */
  protected constructor(scope: Construct, id: string, config: MemphisResourceConfig<D, P>) {
    super(scope, id, {
      ...(config.given.props as TerraformMetaArguments),
      terraformResourceType: config.terraformResourceType,
      terraformGeneratorMetadata: { providerName: PROVIDER_TYPE, providerVersion: packageVersion() },
    });
    Object.defineProperty(this, RESOURCE_MARK, { value: true });
    changes += 1;
    this.#fields = config.fields;
    this.#rules = config.rules ?? [];
    this.#declared = config.given;
    this.#read = config.read;
    this.#given = config.given.props;
    this.#location = collectsNoStackTraces(this) ? undefined : callerLocation(projectFolderOf(this));
    this.#metaValues = new Map(metaArgumentNames.map((name) => [name, Reflect.get(this, name)]));
    this.#ownNames = new Set(Object.keys(this));
    validateAtSynth(this, () => [...this.problemsOfValues(), ...this.problemsInStack()]);
  }

  /** @internal The declared values, with plain names for other objects. */
  get declaration(): D {
    return this.#props.declaration;
  }

  get #props(): ReadProps<D> {
    if (this.#current?.changedNames !== changedNames)
      this.#current = { props: this.#read(this.#given), changedNames };
    return this.#current.props;
  }

  /** @internal A prop as it is given now. */
  given<K extends keyof P>(name: K): P[K] | undefined {
    return this.#given[name];
  }

  /** @internal A prop as it was given to the constructor. */
  declared<K extends keyof P>(name: K): P[K] | undefined {
    const props: Partial<P> = this.#declared.props;
    return props[name];
  }

  /** @internal Whether a prop has been changed since. */
  isChanged(name: keyof P): boolean {
    return this.#changed.has(name);
  }

  /** @internal Changes a prop before synth, as an Aspect does; undefined leaves it out. */
  change<K extends keyof P>(name: K, value: P[K] | undefined): void {
    this.#given = { ...this.#given, [name]: value };
    this.#changed.add(name);
    this.#current = undefined;
    changes += 1;
    if (name === 'name') changedNames += 1;
  }

  /**
   * Imports an existing object in the run that deploys the stack.
   * @param id name of the object; for an enforcement that of its station
   */
  override importFrom(id: string, provider?: TerraformProvider): void {
    importWithOneVersionCheck(this, () => super.importFrom(id, provider));
  }

  /** @internal What is wrong with the declared values themselves. */
  protected problemsOfValues(): string[] {
    const fields = this.#fields;
    const rules = this.#rules;
    const found = problemsOf(this.declaration, {
      fields,
      rules,
      isUnknown: isUnresolved,
      words: 'typescript',
    });
    const { explained = [] } = this.#props;
    const isExplained = (problem: string): boolean =>
      explained.some((field) => problem.startsWith(`${field} is missing;`));
    return [...this.problemsOfProps(), ...found.filter((problem) => !isExplained(problem))];
  }

  /** @internal What is wrong with the props beside the declared values. */
  protected problemsOfProps(): string[] {
    return [...this.#declared.problems, ...this.#problemsOfAssigned(), ...(this.#props.problems ?? [])];
  }

  /** What is wrong with what was set on the construct itself since it was made. */
  #problemsOfAssigned(): string[] {
    const meta = metaArgumentNames.flatMap((name) => {
      const value: unknown = Reflect.get(this, name);
      return value === this.#metaValues.get(name) ? [] : setMetaProblems(name, value);
    });
    // A class of the program may have properties of its own.
    const isOurs = Object.hasOwn(this.constructor, 'tfResourceType');
    return isOurs ? [...meta, ...assignedProblems(this, this.#ownNames, this.#declared.called)] : meta;
  }

  /** @internal What is wrong with this object beside the others of its stack. */
  protected abstract problemsInStack(): string[];

  /** @internal The values to render; here names of other objects become references to them. */
  protected renderedValues(): Partial<D> {
    return this.declaration;
  }

  /** @internal Attributes that are in no declaration, such as references to ids that the broker gives. */
  protected computedInputs(): Record<string, string> {
    return {};
  }

  /** @internal A reference to a string attribute; a second call returns the same string, so that references can be compared. */
  protected referenceTo(attribute: string): string {
    const known = this.#references.get(attribute) ?? this.getStringAttribute(attribute);
    this.#references.set(attribute, known);
    return known;
  }

  /** The notes beside the configuration, with the line of the program that declares this object: drift reports show it. */
  protected override get constructNodeMetadata(): Record<string, unknown> {
    const notes = super.constructNodeMetadata as { readonly metadata: object };
    return { ...notes, metadata: { ...notes.metadata, ...this.#location } };
  }

  /** @internal */
  protected override synthesizeAttributes(): Record<string, unknown> {
    return { ...renderedAttributes(this.#fields, this.renderedValues()), ...this.computedInputs() };
  }

  /** @internal */
  protected override synthesizeHclAttributes(): Record<string, unknown> {
    const rendered = renderedAttributes(this.#fields, this.renderedValues());
    const typed = fieldNames(this.#fields).flatMap((name) => {
      const attribute = terraformName(name);
      const value = rendered[attribute];
      return value === undefined ? [] : [[attribute, hclAttribute(this.#fields[name].type, value)] as const];
    });
    const computed = Object.entries(this.computedInputs()).map(
      ([attribute, value]) => [attribute, hclAttribute('text', value)] as const,
    );
    return Object.fromEntries([...typed, ...computed]);
  }
}

/** Whether a value is a resource of this package. */
export function isMemphisResource(value: unknown): value is TerraformResource {
  return typeof value === 'object' && value !== null && RESOURCE_MARK in value;
}

/** Which broker a resource is on, as far as the stack says it: that of its provider, by default the one without alias. */
export function brokerOf(resource: Pick<TerraformResource, 'provider'>): string {
  return resource.provider?.fqn ?? PROVIDER_TYPE;
}

/** A number that changes with every declared resource and every changed prop: what was found in a stack before may be out of date. */
export function changesOfResources(): number {
  return changes;
}

/** The resources of one type that a construct's stack declares, in the order of their declaration. */
export function resourcesInStack<R extends TerraformResource>(
  of: IConstruct,
  terraformResourceType: string,
): R[] {
  return TerraformStack.of(of)
    .node.findAll()
    .filter((node) => isMemphisResource(node))
    .filter((resource): resource is R => resource.terraformResourceType === terraformResourceType);
}

/** The code that imports an existing object of a type, for `generateConfigForImport` of each resource. */
export function importable(
  terraformResourceType: string,
  scope: Construct,
  importToId: string,
  importFromId: string,
  provider: TerraformProvider | undefined,
): ImportableResource {
  return new ImportableResource(scope, importToId, {
    terraformResourceType,
    importId: importFromId,
    ...(provider === undefined ? {} : { provider }),
  });
}
