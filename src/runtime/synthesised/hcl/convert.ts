import type { Expression } from './expression';
import type { Value } from './value';
import {
  UNKNOWN,
  Unresolved,
  ValueSet,
  isList,
  isMap,
  isWhollyKnown,
  kindsOf,
  primitive,
  composedText,
} from './value';

/** A type constraint of a variable. */
export type TypeConstraint =
  | { readonly is: 'string' | 'number' | 'bool' | 'any' }
  | { readonly is: 'list' | 'set' | 'map'; readonly of: TypeConstraint }
  | { readonly is: 'tuple'; readonly of: readonly TypeConstraint[] }
  | { readonly is: 'object'; readonly attributes: ReadonlyMap<string, AttributeType> };

interface AttributeType {
  readonly type: TypeConstraint;
  readonly optional: boolean;
  /** The expression of the default of an optional attribute. */
  readonly default?: Expression;
}

/** @throws Unresolved for what is not a type. */
export function typeConstraint(expression: Expression): TypeConstraint {
  if (expression.is === 'variable') {
    const { name } = expression;
    if (name === 'string' || name === 'number' || name === 'bool' || name === 'any') return { is: name };
    if (name === 'list' || name === 'map' || name === 'set') return { is: name, of: { is: 'any' } };
  }
  if (expression.is === 'call') {
    const [of] = expression.args;
    if (of !== undefined && expression.args.length === 1) return collectionType(expression.name, of);
  }
  throw new Unresolved('not a type');
}

function collectionType(name: string, of: Expression): TypeConstraint {
  if (name === 'list' || name === 'set' || name === 'map') return { is: name, of: typeConstraint(of) };
  if (name === 'tuple' && of.is === 'tuple') return { is: name, of: of.items.map(typeConstraint) };
  if (name === 'object' && of.is === 'object') {
    const attributes = of.items.map(([key, type]) => {
      if (key.is !== 'literal') throw new Unresolved('not the name of an attribute');
      return [String(key.value), attributeType(type)] as const;
    });
    return { is: name, attributes: new Map(attributes) };
  }
  throw new Unresolved('not a type');
}

function attributeType(type: Expression): AttributeType {
  if (type.is !== 'call' || type.name !== 'optional') return { type: typeConstraint(type), optional: false };
  const [inner, byDefault] = type.args;
  if (inner === undefined) throw new Unresolved('not a type');
  return {
    type: typeConstraint(inner),
    optional: true,
    ...(byDefault === undefined ? {} : { default: byDefault }),
  };
}

/**
 * Converts a value to a type, as Terraform does with the value of a variable.
 * @param evaluate evaluates the default of an optional attribute
 * @throws Unresolved where Terraform would refuse the value, or convert it in a way that is not known here.
 */
export function convert(value: Value, type: TypeConstraint, evaluate: (of: Expression) => Value): Value {
  if (value === UNKNOWN || value === null) return value;
  switch (type.is) {
    case 'any':
      return value;
    case 'string':
      return toText(value);
    case 'number':
      return toNumber(value);
    case 'bool':
      return toFlag(value);
    case 'list':
      return sameTyped(itemsOf(value).map((item) => convert(item, type.of, evaluate)));
    case 'set':
      return new ValueSet(itemsOf(value).map((item) => convert(item, type.of, evaluate)));
    case 'tuple': {
      const items = itemsOf(value);
      if (items.length !== type.of.length) throw new Unresolved('a tuple of another length');
      return type.of.map((each, index) => convert(items[index] ?? null, each, evaluate));
    }
    case 'map': {
      if (!isMap(value)) throw new Unresolved('not a map');
      const entries = [...value].map(([key, item]) => [key, convert(item, type.of, evaluate)] as const);
      sameTyped(entries.map(([, item]) => item));
      return new Map(entries);
    }
    case 'object':
      return objectOf(value, type.attributes, evaluate);
  }
}

function objectOf(
  value: Value,
  attributes: ReadonlyMap<string, AttributeType>,
  evaluate: (of: Expression) => Value,
): Value {
  if (!isMap(value)) throw new Unresolved('not an object');
  const entries = [...attributes].map(([name, { type, optional, default: byDefault }]) => {
    const given = value.get(name);
    if (given === undefined && !optional) throw new Unresolved(`without ${name}`);
    // A null is replaced by the default, too.
    const found = (given ?? null) === null && byDefault !== undefined ? evaluate(byDefault) : (given ?? null);
    return [name, convert(found, type, evaluate)] as const;
  });
  return new Map(entries);
}

/** The items of a collection, in Terraform's order. */
export function itemsOf(value: Value): readonly Value[] {
  if (isList(value)) return value;
  if (value instanceof ValueSet) return value.items;
  throw new Unresolved('not a list or a set');
}

/**
 * The items of what Terraform makes a list or a map of one type. Items of different types would be converted.
 * @throws Unresolved for those.
 */
export function sameTyped<T extends readonly Value[]>(items: T): T {
  const kinds = kindsOf(items);
  if (kinds.size > 1) throw new Unresolved('values of different types');
  return items;
}

/** @throws Unresolved for what Terraform cannot make a string of. */
export function toText(value: Value): string {
  return composedText(String(primitive(value)));
}

/** @throws Unresolved for what Terraform cannot make a number of, or what would lose digits. */
export function toNumber(value: Value): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^(?:0|-?[1-9]\d{0,14})$/.test(value))
    throw new Unresolved('not a number');
  return Number(value);
}

/** @throws Unresolved for what Terraform cannot make a bool of. */
export function toFlag(value: Value): boolean {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new Unresolved('not a bool');
}

/**
 * The value of `condition ? chosen : other`. Terraform gives both sides one type, which can change the chosen one.
 * @throws Unresolved where it may.
 */
export function unified(chosen: Value, other: Value | undefined): Value {
  // A string is the type that every other primitive is converted to.
  if (typeof chosen === 'string') return chosen;
  if (chosen === UNKNOWN || other === undefined) throw new Unresolved('sides of unknown type');
  if (other === null || chosen === null) return chosen;
  if (typeof chosen === 'number' || typeof chosen === 'boolean') {
    if (typeof other === typeof chosen) return chosen;
    if (typeof other === 'string') return toText(chosen);
    throw new Unresolved('sides of different types');
  }
  const isSameShape = (isList(chosen) && isList(other)) || (isMap(chosen) && isMap(other));
  const isSame = isSameShape || (chosen instanceof ValueSet && other instanceof ValueSet);
  const leaves = new Set([...leafKinds(chosen), ...leafKinds(other)]);
  if (!isSame || leaves.size > 1 || !isWhollyKnown(chosen)) throw new Unresolved('sides of different types');
  // Objects with other attributes become maps, or are refused; then a missing attribute is not null.
  return chosen;
}

/** The types of everything in a value; collections inside count as a type of their own. */
function leafKinds(value: Value): Set<string> {
  const items = isMap(value) ? [...value.values()] : isList(value) ? value : itemsOf(value);
  return new Set(items.map((item) => (item === null ? 'null' : typeof item)));
}
