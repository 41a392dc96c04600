import type { FieldFacts } from '../../model/field';
import { itemsOf, toFlag, toNumber, toText } from './hcl/convert';
import type { Value } from './hcl/value';
import { LazyObject, UNKNOWN, Unresolved, ValueSet } from './hcl/value';
import type { Block } from './json';
import { jsonValue } from './json-expression';
import type { ResourceField, ResourceKind } from './kinds';
import type { Repeated, StackScope } from './repetition';
import { Repetition } from './repetition';

/** One resource of our own: what a `resource` block declares, which may be several objects. */
export class Resource {
  readonly kind: ResourceKind;
  readonly block: Block;
  readonly #repetition: Repetition;
  #instances: readonly Instance[] | undefined;

  constructor(kind: ResourceKind, block: Block, scope: StackScope) {
    this.kind = kind;
    this.block = block;
    this.#repetition = new Repetition(block.body, scope);
  }

  /** The address in its module, without the key of an instance. */
  get address(): string {
    return this.block.labels.join('.');
  }

  /** How it is repeated, if it is. */
  get repetition(): 'for_each' | 'count' | undefined {
    return this.#repetition.by;
  }

  /** The objects that the block declares; undefined when only Terraform can tell how many. */
  get instances(): readonly Instance[] | undefined {
    // Read each time, because it notes that something sensitive is read.
    const all = this.#repetition.all;
    this.#instances ??= all?.map((each) => new Instance(this, each));
    return this.#instances;
  }

  /** What stands for all of its objects while it is not known which there are. */
  get unresolvedInstance(): Instance {
    return new Instance(this, this.#repetition.unresolved);
  }

  /** What a reference to the resource gives. */
  get value(): Value {
    const instances = this.instances ?? [];
    return this.#repetition.value((_, index) => instances[index]?.value ?? UNKNOWN);
  }
}

/** One object of a resource. */
export class Instance {
  readonly #resource: Resource;
  /** What follows the address of the resource: `["eu"]`, `[0]`, or nothing. */
  readonly key: string;
  readonly #scope: StackScope;
  readonly #inProgress = new Set<string>();
  /** What a reference to the object gives. */
  readonly value = new LazyObject((name) => this.attribute(name));

  constructor(resource: Resource, { key, scope }: Repeated) {
    this.#resource = resource;
    this.key = key;
    this.#scope = scope;
  }

  /** The planned value of an attribute; `UNKNOWN` for what only Terraform or the broker can tell. */
  attribute(name: string): Value {
    const field = this.#resource.kind.fields.find(({ attribute }) => attribute === name);
    if (field === undefined || this.#inProgress.has(name)) return UNKNOWN;
    this.#inProgress.add(name);
    try {
      const declared = this.#typed(field);
      return declared ?? field.byDefault((other) => this.attribute(other));
    } finally {
      this.#inProgress.delete(name);
    }
  }

  /** The declared value of a field in the words of the model, null when none is declared, and whether it may be shown. */
  declared(field: ResourceField): { readonly value: Value; readonly isSensitive: boolean } {
    const { value, isSensitive } = this.#scope.sensitiveReads.during(() => this.#typed(field));
    return { value: value instanceof ValueSet ? value.items : value, isSensitive };
  }

  #typed({ attribute, facts }: ResourceField): Value {
    const { body } = this.#resource.block;
    const json = body[attribute];
    if (json === undefined) return null;
    try {
      return typed(facts, jsonValue(json, this.#scope));
    } catch (error) {
      if (error instanceof Unresolved) return UNKNOWN;
      throw error;
    }
  }
}

/** A value as the provider receives it, in the type of its attribute. */
export function typed({ type }: FieldFacts, value: Value): Value {
  if (value === null || value === UNKNOWN) return value;
  switch (type) {
    case 'text':
    case 'choice':
      return toText(value);
    case 'integer':
      return toNumber(value);
    case 'flag':
      return toFlag(value);
    case 'textSet':
      return new ValueSet(itemsOf(value).map(toText));
  }
}
