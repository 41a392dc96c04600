import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Value } from './hcl/value';
import { LazyObject, UNKNOWN, Unresolved } from './hcl/value';
import type { Json } from './json';
import { jsonValue } from './json-expression';
import { resourceKinds } from './kinds';
import type { ModuleCall, ModuleTree } from './module-tree';
import { PROVIDER, ownProviderKeys, passedProviders } from './provider-keys';
import type { ReadFiles } from './read-files';
import type { Repeated, StackScope } from './repetition';
import { Repetition } from './repetition';
import { Resource } from './resource';
import { SensitiveReads } from './sensitive-reads';
import { STATION_SET } from './station-set';
import type { GivenValue } from './variables';
import { variableValue } from './variables';

/** What surrounds a module. */
interface Surroundings {
  /** What stands before the addresses of its resources: `module.eu.`; empty for a stack. */
  readonly prefix: string;
  /** The value that a variable is given. */
  given(name: string): GivenValue | undefined;
  /** The provider of the stack that a provider of the module is. */
  providerKey(key: string): string;
  /** False where only Terraform can tell how many of it there are. */
  readonly isCounted: boolean;
  readonly sensitiveReads: SensitiveReads;
  /** The folder of the stack, in which Terraform runs. */
  readonly folder: string;
  readonly files: ReadFiles;
}

/** A stack, or a module as often as it is called, with what its expressions refer to. */
export class Module {
  readonly tree: ModuleTree;
  readonly scope: StackScope;
  readonly resources: readonly Resource[];
  readonly #surroundings: Surroundings;
  readonly #calls: readonly CalledModule[];
  readonly #outputs: LazyObject;

  private constructor(tree: ModuleTree, surroundings: Surroundings) {
    this.tree = tree;
    this.#surroundings = surroundings;
    const { sensitiveReads, folder, files } = surroundings;
    const roots = new Map<string, Value>();
    this.scope = {
      sensitiveReads,
      variable: (name) => roots.get(name),
      readFile: (path) => fileText(resolve(folder, path), files),
    };
    const { configuration, path } = tree;
    const resources = new Map<string, Resource>();
    for (const block of configuration.blocks('resource', 2)) {
      const kind = resourceKinds.get(block.labels[0] ?? '');
      if (kind !== undefined) resources.set(block.labels.join('.'), new Resource(kind, block, this.scope));
    }
    this.resources = [...resources.values()];
    this.#calls = tree.calls.map((call) => new CalledModule(call, this, surroundings));
    const calls = new Map(this.#calls.map((call) => [call.name, call] as const));
    const locals = new Map(configuration.blocks('locals', 0).flatMap(({ body }) => Object.entries(body)));
    const define = (root: string, attribute: (name: string) => Value): void => {
      roots.set(root, lazily(sensitiveReads, attribute));
    };
    define('var', this.#variables());
    define('local', (name) => valueOrUnknown(locals.get(name), this.scope));
    define('path', (name) => (name === 'module' ? path : name === 'root' ? '.' : UNKNOWN));
    define('module', (name) => calls.get(name)?.value ?? UNKNOWN);
    for (const type of resourceKinds.keys()) {
      define(type, (name) => resources.get(`${type}.${name}`)?.value ?? UNKNOWN);
    }
    // Only the broker tells what others refer to in a set: the uids of its stations.
    define(STATION_SET, () => UNKNOWN);
    const outputs = new Map(configuration.blocks('output', 1).map(({ labels, body }) => [labels[0], body]));
    this.#outputs = lazily(sensitiveReads, (name) => {
      const output = outputs.get(name);
      if (isTrue(output?.sensitive)) sensitiveReads.note();
      return valueOrUnknown(output?.value, this.scope);
    });
  }

  /** The stack itself. @param given the values that its variables are given */
  static ofStack(
    tree: ModuleTree,
    {
      given,
      folder,
      files,
    }: Pick<Surroundings, 'folder' | 'files'> & {
      readonly given: ReadonlyMap<string, GivenValue>;
    },
  ): Module {
    return new Module(tree, {
      prefix: '',
      given: (name) => given.get(name),
      providerKey: (key) => key,
      isCounted: true,
      sensitiveReads: new SensitiveReads(),
      folder,
      files,
    });
  }

  /** One of a called module. */
  static called(tree: ModuleTree, surroundings: Surroundings): Module {
    return new Module(tree, surroundings);
  }

  /** This module and all that it calls, whatever they call. */
  get all(): Module[] {
    return [this, ...this.#calls.flatMap(({ modules }) => modules.flatMap(({ all }) => all))];
  }

  /** What stands before the addresses of its resources. */
  get prefix(): string {
    return this.#surroundings.prefix;
  }

  /** False where only Terraform can tell how many of it there are. */
  get isCounted(): boolean {
    return this.#surroundings.isCounted;
  }

  /** What a reference to the module gives. */
  get outputs(): LazyObject {
    return this.#outputs;
  }

  /** The calls whose modules are not known here, or not how many of them. */
  get openCalls(): readonly CalledModule[] {
    return this.#calls.filter(({ isOpen }) => isOpen);
  }

  /** The key of a provider in the stack. @param key as the module has it: `memphis`, `memphis.staging` */
  providerKey(key: string): string {
    if (this.prefix === '' || !ownProviderKeys(this.tree.configuration).has(key))
      return this.#surroundings.providerKey(key);
    return `${this.prefix}${key}`;
  }

  #variables(): (name: string) => Value {
    const variables = new Map(
      this.tree.configuration.blocks('variable', 1).map((block) => [block.labels[0] ?? '', block] as const),
    );
    const surroundings = this.#surroundings;
    return (name) => {
      const block = variables.get(name);
      if (isTrue(block?.body.sensitive)) surroundings.sensitiveReads.note();
      return block === undefined ? UNKNOWN : variableValue(block, surroundings.given(name));
    };
  }
}

/** A block that calls a module. */
class CalledModule {
  readonly #call: ModuleCall;
  readonly #caller: Module;
  readonly #surroundings: Surroundings;
  readonly #repetition: Repetition;
  #modules: readonly Module[] | undefined;

  constructor(call: ModuleCall, caller: Module, surroundings: Surroundings) {
    this.#call = call;
    this.#caller = caller;
    this.#surroundings = surroundings;
    this.#repetition = new Repetition(call.block.body, caller.scope);
  }

  get name(): string {
    return this.#call.name;
  }

  /** `module.eu` */
  get address(): string {
    return `${this.#surroundings.prefix}module.${this.name}`;
  }

  /** Why its objects are not compared; undefined when they are. */
  get problem(): string | undefined {
    if (this.#call.tree === undefined) {
      return `${this.address} is not in a folder of the project; whatever it declares is not compared`;
    }
    if (this.#repetition.all !== undefined) return undefined;
    return `${this.#repetition.by ?? 'for_each'} of ${this.address} is known to Terraform only; its objects are not compared`;
  }

  get isOpen(): boolean {
    return this.problem !== undefined;
  }

  /** As often as it is called; one that stands for all where only Terraform can tell that. */
  get modules(): readonly Module[] {
    const { tree } = this.#call;
    if (tree === undefined) return [];
    const { all } = this.#repetition;
    this.#modules ??= (all ?? [this.#repetition.unresolved]).map((each) =>
      this.#moduleOf(tree, each, all !== undefined),
    );
    return this.#modules;
  }

  /** What a reference to it gives. */
  get value(): Value {
    if (this.#call.tree === undefined) return UNKNOWN;
    const { modules } = this;
    return this.#repetition.value((_, index) => modules[index]?.outputs ?? UNKNOWN);
  }

  #moduleOf(tree: ModuleTree, { key, scope }: Repeated, isCounted: boolean): Module {
    const { body } = this.#call.block;
    const passed = passedProviders(body.providers);
    return Module.called(tree, {
      ...this.#surroundings,
      prefix: `${this.address}${key}.`,
      isCounted: isCounted && this.#surroundings.isCounted,
      given: (name) =>
        body[name] === undefined ? undefined : { from: 'module', value: valueOrUnknown(body[name], scope) },
      // Without a word about it, a module has the provider of its caller.
      providerKey: (own) => this.#caller.providerKey(passed.get(own) ?? (own === PROVIDER ? PROVIDER : own)),
    });
  }
}

/** Attributes that are computed once; one that refers to itself is unknown. */
function lazily(sensitiveReads: SensitiveReads, attribute: (name: string) => Value): LazyObject {
  const known = new Map<string, { readonly value: Value; readonly isSensitive: boolean }>();
  return new LazyObject((name) => {
    let found = known.get(name);
    if (found === undefined) {
      known.set(name, { value: UNKNOWN, isSensitive: false });
      found = sensitiveReads.during(() => attribute(name));
      known.set(name, found);
    }
    if (found.isSensitive) sensitiveReads.note();
    return found.value;
  });
}

/** The value of an attribute; `UNKNOWN` for what only Terraform can tell. */
export function valueOrUnknown(json: Json | undefined, scope: StackScope): Value {
  if (json === undefined) return UNKNOWN;
  try {
    return jsonValue(json, scope);
  } catch (error) {
    if (error instanceof Unresolved) return UNKNOWN;
    throw error;
  }
}

/** JSON configuration may write a bool as a string. */
function isTrue(json: Json | undefined): boolean {
  return json === true || json === 'true';
}

function fileText(file: string, files: ReadFiles): string {
  files.note(file);
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Unresolved('a file that cannot be read');
  }
}
