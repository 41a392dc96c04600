import { toNumber, toText } from './hcl/convert';
import type { Scope } from './hcl/evaluate';
import { iterated } from './hcl/evaluate';
import type { Value } from './hcl/value';
import { LazyObject, UNKNOWN, Unresolved, ValueSet, isMap } from './hcl/value';
import type { JsonObject } from './json';
import { jsonValue } from './json-expression';
import type { SensitiveReads } from './sensitive-reads';

/** What the expressions of a module refer to, and whether that is sensitive. */
export type StackScope = Scope & { readonly sensitiveReads: SensitiveReads };

/** One of the objects that a block with `count` or `for_each` stands for. */
export interface Repeated {
  /** What follows the address of the block: `["eu"]`, `[0]`, or nothing. */
  readonly key: string;
  readonly forEachKey: string;
  /** That of the block, with `each` or `count`. */
  readonly scope: StackScope;
}

/** More objects of one block are a mistake, and would fill the memory. */
const MOST_COUNTED = 100_000;

/** How often a block of a resource or a module counts. */
export class Repetition {
  readonly #body: JsonObject;
  readonly #scope: StackScope;
  #isSensitive = false;
  #all: readonly Repeated[] | 'unresolved' | 'inProgress' | undefined;

  constructor(body: JsonObject, scope: StackScope) {
    this.#body = body;
    this.#scope = scope;
  }

  /** How the block is repeated, if it is. */
  get by(): 'for_each' | 'count' | undefined {
    const { for_each: forEach, count } = this.#body;
    return forEach !== undefined ? 'for_each' : count !== undefined ? 'count' : undefined;
  }

  /** Each that there is; undefined when only Terraform can tell how many. */
  get all(): readonly Repeated[] | undefined {
    if (this.#all === undefined) {
      this.#all = 'inProgress';
      const { value, isSensitive } = this.#scope.sensitiveReads.during(() => this.#repeated());
      this.#all = value;
      this.#isSensitive = isSensitive;
    }
    if (this.#isSensitive) this.#scope.sensitiveReads.note();
    return typeof this.#all === 'string' ? undefined : this.#all;
  }

  /** What stands for all of them while it is not known which there are. */
  get unresolved(): Repeated {
    const unknown = new LazyObject(() => UNKNOWN);
    return this.#one('', [
      ['each', unknown],
      ['count', unknown],
    ]);
  }

  /** What a reference to the block gives. @param valueOf that of one of them, in the order of `all` */
  value(valueOf: (repeated: Repeated, index: number) => Value): Value {
    const { all } = this;
    if (all === undefined) return UNKNOWN;
    switch (this.by) {
      case undefined:
        return all[0] === undefined ? UNKNOWN : valueOf(all[0], 0);
      case 'count':
        return all.map(valueOf);
      case 'for_each':
        return new Map(all.map((each, index) => [each.forEachKey, valueOf(each, index)]));
    }
  }

  #repeated(): readonly Repeated[] | 'unresolved' {
    const { count = null, for_each: forEach = null } = this.#body;
    try {
      switch (this.by) {
        case undefined:
          return [this.#one('', [])];
        case 'count':
          return this.#counted(toNumber(jsonValue(count, this.#scope)));
        case 'for_each':
          return this.#forEach(jsonValue(forEach, this.#scope));
      }
    } catch (error) {
      if (error instanceof Unresolved) return 'unresolved';
      throw error;
    }
  }

  #counted(count: number): Repeated[] {
    if (!Number.isInteger(count) || count < 0 || count > MOST_COUNTED)
      throw new Unresolved('not a number of objects');
    return Array.from({ length: count }, (_, index) =>
      this.#one(`[${index}]`, [['count', new LazyObject((name) => (name === 'index' ? index : UNKNOWN))]]),
    );
  }

  #forEach(of: Value): Repeated[] {
    // Terraform refuses lists, and sets of anything but strings.
    const isSetOfStrings = of instanceof ValueSet && of.items.every((item) => typeof item === 'string');
    if (!isMap(of) && !isSetOfStrings) throw new Unresolved('neither a map nor a set of strings');
    return iterated(of).map(([key, value]) => {
      const each = new LazyObject((name) => {
        if (this.#isSensitive) this.#scope.sensitiveReads.note();
        return name === 'key' ? key : name === 'value' ? value : UNKNOWN;
      });
      return this.#one(`[${JSON.stringify(key)}]`, [['each', each]], toText(key));
    });
  }

  #one(key: string, names: readonly (readonly [string, Value])[], forEachKey = ''): Repeated {
    const own = new Map(names);
    const scope = this.#scope;
    const inner: StackScope =
      own.size === 0
        ? scope
        : { ...scope, variable: (name) => (own.has(name) ? own.get(name) : scope.variable(name)) };
    return { key, forEachKey, scope: inner };
  }
}
