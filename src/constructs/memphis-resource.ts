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
  importWithOneVersionCheck,
  isUnresolved,
  validateAtSynth,
} from './framework';
import { projectFolderOf } from './owner';
import { packageVersion } from './package-files';
import type { SourceLocation } from './source-location';
import { callerLocation } from './source-location';

/** The provider's name in resource types, such as the first word of `memphis_station`. */
export const PROVIDER_TYPE = 'memphis';

const RESOURCE_MARK = Symbol.for('cdktf-memphis/Resource');

/** What a kind of object brings along. */
export interface MemphisResourceConfig<D extends object> {
  readonly terraformResourceType: string;
  readonly fields: Fields<D>;
  readonly rules?: readonly Rule<D>[];
  /** The values as given, with plain names for other objects; a value may be a token where its type is another. */
  readonly declaration: D;
  /** Arguments that every Terraform resource takes. */
  readonly meta: TerraformMetaArguments;
  /** What is wrong with the props beside the declared values. */
  readonly problems?: readonly string[];
  /** The fields whose absence one of these problems explains. */
  readonly explained?: readonly (keyof D & string)[];
}

/** An object on a broker that this stack owns: what station, schema and enforcement have in common. */
export abstract class MemphisResource<D extends object> extends TerraformResource {
  /** @internal The declared values, with plain names for other objects. */
  readonly declaration: D;
  readonly #fields: Fields<D>;
  readonly #rules: readonly Rule<D>[];
  readonly #problems: readonly string[];
  readonly #explained: readonly string[];
  readonly #references = new Map<string, string>();
  readonly #location: SourceLocation | undefined;

  /** @internal */
  protected constructor(scope: Construct, id: string, config: MemphisResourceConfig<D>) {
    super(scope, id, {
      ...config.meta,
      terraformResourceType: config.terraformResourceType,
      terraformGeneratorMetadata: { providerName: PROVIDER_TYPE, providerVersion: packageVersion() },
    });
    Object.defineProperty(this, RESOURCE_MARK, { value: true });
    this.#fields = config.fields;
    this.declaration = config.declaration;
    this.#rules = config.rules ?? [];
    this.#problems = config.problems ?? [];
    this.#explained = config.explained ?? [];
    this.#location = collectsNoStackTraces(this) ? undefined : callerLocation(projectFolderOf(this));
    validateAtSynth(this, () => [...this.problemsOfValues(), ...this.problemsInStack()]);
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
    const isExplained = (problem: string): boolean =>
      this.#explained.some((field) => problem.startsWith(`${field} is missing;`));
    return [...this.#problems, ...found.filter((problem) => !isExplained(problem))];
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

  /** @internal A reference to a text attribute; asked for twice, it is the same text, so that references can be compared. */
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
