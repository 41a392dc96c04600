import type { FieldFacts } from '../../model/field';
import type { Block } from './configuration';
import { itemsOf, toFlag, toNumber, toText } from './hcl/convert';
import { iterated } from './hcl/evaluate';
import type { Scope } from './hcl/evaluate';
import type { Value } from './hcl/value';
import { LazyObject, UNKNOWN, Unresolved, ValueSet, isMap } from './hcl/value';
import { jsonValue } from './json-expression';
import type { ResourceField, ResourceKind } from './kinds';
import type { SensitiveReads } from './sensitive-reads';

/** What the expressions of a stack refer to, and whether that is sensitive. */
export type StackScope = Scope & { readonly sensitiveReads: SensitiveReads };

/** More objects of one resource are a mistake, and would fill the memory. */
const MOST_COUNTED = 100_000;

/** One resource of our own: what a `resource` block declares, which may be several objects. */
export class Resource {
  readonly kind: ResourceKind;
  readonly block: Block;
  readonly #scope: StackScope;
  #isRepetitionSensitive = false;
  #instances: readonly Instance[] | 'unresolved' | 'inProgress' | undefined;

  constructor(kind: ResourceKind, block: Block, scope: StackScope) {
    this.kind = kind;
    this.block = block;
    this.#scope = scope;
  }

  /** The address without the key of an instance. */
  get address(): string {
    return this.block.labels.join('.');
  }

  /** How it is repeated, if it is. */
  get repetition(): 'for_each' | 'count' | undefined {
    const { body } = this.block;
    return body.for_each !== undefined ? 'for_each' : body.count !== undefined ? 'count' : undefined;
  }

  /** The objects that the block declares; undefined when only Terraform can tell how many. */
  get instances(): readonly Instance[] | undefined {
    if (this.#instances === undefined) {
      this.#instances = 'inProgress';
      const { value, isSensitive } = this.#scope.sensitiveReads.during(() => this.#repeated());
      this.#instances = value;
      this.#isRepetitionSensitive = isSensitive;
    }
    if (this.#isRepetitionSensitive) this.#scope.sensitiveReads.note();
    return typeof this.#instances === 'string' ? undefined : this.#instances;
  }

  /** What stands for all of its objects while it is not known which there are. */
  get unresolvedInstance(): Instance {
    const unknown = new LazyObject(() => UNKNOWN);
    return this.#instance('', [
      ['each', unknown],
      ['count', unknown],
    ]);
  }

  /** What a reference to the resource gives. */
  get value(): Value {
    const { instances } = this;
    if (instances === undefined) return UNKNOWN;
    switch (this.repetition) {
      case undefined:
        return instances[0]?.value ?? UNKNOWN;
      case 'count':
        return instances.map(({ value }) => value);
      case 'for_each':
        return new Map(instances.map(({ forEachKey, value }) => [forEachKey, value]));
    }
  }

  #repeated(): readonly Instance[] | 'unresolved' {
    const { body } = this.block;
    try {
      switch (this.repetition) {
        case undefined:
          return [this.#instance('', [])];
        case 'count':
          return this.#counted(toNumber(jsonValue(body.count ?? null, this.#scope)));
        case 'for_each':
          return this.#forEach(jsonValue(body.for_each ?? null, this.#scope));
      }
    } catch (error) {
      if (error instanceof Unresolved) return 'unresolved';
      throw error;
    }
  }

  #counted(count: number): Instance[] {
    if (!Number.isInteger(count) || count < 0 || count > MOST_COUNTED)
      throw new Unresolved('not a number of objects');
    return Array.from({ length: count }, (_, index) =>
      this.#instance(`[${index}]`, [
        ['count', new LazyObject((name) => (name === 'index' ? index : UNKNOWN))],
      ]),
    );
  }

  #forEach(of: Value): Instance[] {
    // Terraform refuses lists, and sets of anything but strings.
    const isSetOfStrings = of instanceof ValueSet && of.items.every((item) => typeof item === 'string');
    if (!isMap(of) && !isSetOfStrings) throw new Unresolved('neither a map nor a set of strings');
    return iterated(of).map(([key, value]) => {
      const each = new LazyObject((name) => {
        if (this.#isRepetitionSensitive) this.#scope.sensitiveReads.note();
        return name === 'key' ? key : name === 'value' ? value : UNKNOWN;
      });
      return this.#instance(`[${JSON.stringify(key)}]`, [['each', each]], toText(key));
    });
  }

  #instance(key: string, names: readonly (readonly [string, Value])[], forEachKey = ''): Instance {
    const own = new Map(names);
    const scope = this.#scope;
    const inner: StackScope =
      own.size === 0
        ? scope
        : { ...scope, variable: (name) => (own.has(name) ? own.get(name) : scope.variable(name)) };
    return new Instance(this, key, forEachKey, inner);
  }
}

/** One object of a resource. */
export class Instance {
  readonly #resource: Resource;
  /** What follows the address of the resource: `["eu"]`, `[0]`, or nothing. */
  readonly key: string;
  readonly forEachKey: string;
  readonly #scope: StackScope;
  readonly #inProgress = new Set<string>();
  /** What a reference to the object gives. */
  readonly value = new LazyObject((name) => this.attribute(name));

  constructor(resource: Resource, key: string, forEachKey: string, scope: StackScope) {
    this.#resource = resource;
    this.key = key;
    this.forEachKey = forEachKey;
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
