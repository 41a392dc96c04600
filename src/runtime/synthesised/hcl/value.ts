/**
 * Values of Terraform's language, as far as they can be told without Terraform. A number is one that JavaScript keeps
 * exactly; where a value cannot be told for certain, `Unresolved` is thrown or `UNKNOWN` stands in its place.
 */

/** A value that only Terraform can know. */
export const UNKNOWN: unique symbol = Symbol('unknown');

export type Value =
  | null
  | string
  | number
  | boolean
  | typeof UNKNOWN
  /** A list or a tuple. */
  | readonly Value[]
  | ValueSet
  /** A map or an object. */
  | ReadonlyMap<string, Value>
  | LazyObject;

/** An object whose attributes are computed when they are asked for, such as `local` or a resource. */
export class LazyObject {
  constructor(readonly attribute: (name: string) => Value) {}
}

/** A set of values of one primitive type, in Terraform's order. */
export class ValueSet {
  readonly items: readonly Primitive[];

  /** @throws Unresolved when Terraform would convert or refuse some of the items. */
  constructor(items: readonly Value[]) {
    const primitives = items.map(primitive);
    if (kindsOf(primitives).size > 1) throw new Unresolved('a set of values of different types');
    this.items = [...new Set(primitives)].sort(comparePrimitives);
  }
}

export type Primitive = string | number | boolean;

/** Ends the evaluation of an expression: only Terraform can tell its value. */
export class Unresolved extends Error {}

/** @throws Unresolved for null, for what is unknown, and for collections. */
export function primitive(value: Value): Primitive {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw new Unresolved('not a known string, number or bool');
}

/** The types of primitive values; null counts as none. */
export function kindsOf(values: readonly Value[]): Set<string> {
  return new Set(values.filter((value) => value !== null).map((value) => typeof value));
}

/** A set of strings or numbers is iterated in this order, as are the keys of a map. */
export function comparePrimitives(a: Primitive, b: Primitive): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return Number(a) - Number(b);
}

/** By code points, which is the order of the UTF-8 bytes. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  if (isAscii(a) && isAscii(b)) return a < b ? -1 : 1;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

export function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

/** A string as Terraform keeps it: in Unicode's composed form. */
export function composedText(value: string): string {
  return isAscii(value) ? value : value.normalize('NFC');
}

/** @throws Unresolved for a number that JavaScript may not keep as it was written. */
export function exactNumber(value: number): number {
  const isExact = Number.isSafeInteger(value) || /^-?\d{1,9}\.\d{1,6}$/.test(String(value));
  // Terraform knows a negative zero, which it writes as `-0`.
  if (!isExact || Object.is(value, -0)) throw new Unresolved('a number that is not kept exactly');
  return value;
}

/** A map in the order of its keys, as Terraform iterates it. */
export function sortedEntries(map: ReadonlyMap<string, Value>): [string, Value][] {
  return [...map].sort(([a], [b]) => compareText(a, b));
}

/** True when nothing in a value is unknown. */
export function isWhollyKnown(value: Value): boolean {
  if (value === UNKNOWN || value instanceof LazyObject) return false;
  if (value instanceof Map) return [...(value as ReadonlyMap<string, Value>).values()].every(isWhollyKnown);
  if (Array.isArray(value)) return (value as readonly Value[]).every(isWhollyKnown);
  return true;
}

/** Whether a value is a list or a tuple; `Array.isArray` alone knows no read-only arrays. */
export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** Whether a value is a map or an object. */
export function isMap(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map;
}
