import { createHash } from 'node:crypto';
import { itemsOf, sameTyped, toFlag, toNumber, toText } from './convert';
import type { SensitiveReads } from '../sensitive-reads';
import type { Value } from './value';
import {
  LazyObject,
  UNKNOWN,
  Unresolved,
  ValueSet,
  comparePrimitives,
  exactNumber,
  isAscii,
  isList,
  isMap,
  isWhollyKnown,
  kindsOf,
  primitive,
  sortedEntries,
  composedText,
} from './value';

/** What functions need beside their arguments. */
export interface FunctionContext {
  /** Keeps the mark of values that must not be shown. Absent where nobody asks for it. */
  readonly sensitiveReads?: SensitiveReads;
  /**
   * The text of a file, for `file()`.
   * @throws Unresolved when it cannot be read.
   */
  readFile(path: string): string;
}

type Function = (args: readonly Value[], context: FunctionContext) => Value;

/**
 * Calls one of Terraform's functions.
 * @throws Unresolved for those that are not known here, and for arguments for which the result is not certain.
 */
export function callFunction(name: string, args: readonly Value[], context: FunctionContext): Value {
  const found = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (found === undefined) throw new Unresolved(`function ${name}`);
  return found(args, context);
}

const functions: Readonly<Record<string, Function>> = {
  // Types
  tostring: unary((value) => (value === null ? null : toText(value))),
  tonumber: unary((value) => (value === null ? null : toNumber(value))),
  tobool: unary((value) => (value === null ? null : toFlag(value))),
  toset: unary((value) => new ValueSet(itemsOf(value).map(knownItem))),
  tolist: unary((value) => sameTyped(itemsOf(value).map(knownItem))),
  tomap: unary((value) => {
    const map = mapOf(value);
    sameTyped([...map.values()].map(primitive));
    return map;
  }),

  // Strings
  lower: unary((value) => asciiText(value).toLowerCase()),
  upper: unary((value) => asciiText(value).toUpperCase()),
  trimspace: unary((value) => asciiText(value).replace(/^[\t\n\v\f\r ]+|[\t\n\v\f\r ]+$/g, '')),
  chomp: unary((value) => toText(value).replace(/[\r\n]+$/, '')),
  trimprefix: binary((value, prefix) => {
    const [whole, part] = [toText(value), toText(prefix)];
    return whole.startsWith(part) ? whole.slice(part.length) : whole;
  }),
  trimsuffix: binary((value, suffix) => {
    const [whole, part] = [toText(value), toText(suffix)];
    return part !== '' && whole.endsWith(part) ? whole.slice(0, -part.length) : whole;
  }),
  startswith: binary((value, prefix) => toText(value).startsWith(toText(prefix))),
  endswith: binary((value, suffix) => toText(value).endsWith(toText(suffix))),
  strcontains: binary((value, part) => toText(value).includes(toText(part))),
  split: binary((separator, value) => {
    const [by, whole] = [asciiText(separator), toText(value)];
    return by === '' ? asciiText(whole).split('') : whole === '' ? [''] : whole.split(by);
  }),
  join: (args) => {
    const [separator, ...lists] = args;
    if (separator === undefined || lists.length === 0) throw new Unresolved('arguments of join');
    return composedText(lists.flatMap(itemsOf).map(toText).join(toText(separator)));
  },
  replace: ternary((value, part, by) => {
    const [whole, from, to] = [toText(value), toText(part), toText(by)];
    // Between slashes it is a regular expression of another dialect.
    if (from === '' || (from.length > 1 && from.startsWith('/') && from.endsWith('/')))
      throw new Unresolved('a pattern');
    return composedText(whole.replaceAll(from, () => to));
  }),
  substr: ternary((value, offset, length) => {
    const [whole, from, count] = [asciiText(value), toNumber(offset), toNumber(length)];
    if (whole.includes('\r') || from < 0 || count < 0 || !Number.isInteger(from + count))
      throw new Unresolved('arguments of substr');
    return whole.slice(from, from + count);
  }),
  format: (args) => formatted(args),

  // Numbers
  abs: unary((value) => exactNumber(Math.abs(toNumber(value)))),
  ceil: unary((value) => exactNumber(Math.ceil(toNumber(value)))),
  floor: unary((value) => exactNumber(Math.floor(toNumber(value)))),
  min: (args) => extreme(args, Math.min),
  max: (args) => extreme(args, Math.max),

  // Collections
  length: unary((value) => {
    if (isMap(value)) return value.size;
    if (typeof value !== 'string') return itemsOf(value).length;
    // Terraform counts what readers see as letters.
    if (value.includes('\r')) throw new Unresolved('a string with a carriage return');
    return asciiText(value).length;
  }),
  concat: (args) => {
    const items = args.flatMap((list) => {
      if (!isList(list)) throw new Unresolved('not a list');
      return list;
    });
    return sameTyped(items);
  },
  merge: (args) => {
    const maps = args.filter((each) => each !== null).map(mapOf);
    if (maps.length === 0) throw new Unresolved('arguments of merge');
    return new Map(maps.flatMap((map) => [...map]));
  },
  keys: unary((value) => sortedEntries(mapOf(value)).map(([key]) => key)),
  values: unary((value) => sortedEntries(mapOf(value)).map(([, item]) => item)),
  lookup: (args) => {
    const [map, key, byDefault] = args;
    const values = mapOf(map);
    const found = values.get(toText(key ?? null));
    if (args.length === 2 || args.length === 3) {
      const all: readonly Value[] = [...values.values(), byDefault ?? null];
      if (kindsOf(all).size > 1) throw new Unresolved('values of different types');
      const result = found === undefined ? byDefault : found;
      if (result !== undefined) return knownItem(result);
    }
    throw new Unresolved('arguments of lookup');
  },
  element: binary((list, index) => {
    const [items, at] = [itemsOf(list), toNumber(index)];
    if (!isList(list) || items.length === 0 || at < 0 || !Number.isInteger(at))
      throw new Unresolved('arguments of element');
    return knownItem(items[at % items.length] ?? null);
  }),
  contains: binary((list, value) => {
    const items = itemsOf(list).map(primitive);
    const wanted = primitive(value);
    if (kindsOf([...items, wanted]).size > 1) throw new Unresolved('values of different types');
    return items.includes(wanted);
  }),
  distinct: unary((list) => [...new Set(sameTyped(itemsOf(list).map(primitive)))]),
  compact: unary((list) =>
    itemsOf(list)
      .filter((item) => item !== null && toText(item) !== '')
      .map(toText),
  ),
  sort: unary((list) => itemsOf(list).map(toText).sort(comparePrimitives)),
  reverse: unary((list) => {
    if (!isList(list)) throw new Unresolved('not a list');
    return list.map<Value>((_, index) => list[list.length - 1 - index] ?? null);
  }),
  flatten: unary((list) => flattened(list)),
  one: unary((list) => {
    const items = itemsOf(list);
    if (items.length > 1) throw new Unresolved('more than one');
    return items.length === 0 ? null : knownItem(items[0] ?? null);
  }),
  range: (args) => {
    const numbers = args.map(toNumber);
    const [start, end] = numbers.length === 1 ? [0, numbers[0] ?? 0] : [numbers[0] ?? 0, numbers[1] ?? 0];
    if (numbers.length > 2 || numbers.length === 0 || start > end || end - start > 1024)
      throw new Unresolved('arguments of range');
    if (!numbers.every(Number.isSafeInteger)) throw new Unresolved('not whole numbers');
    return Array.from({ length: end - start }, (_, index) => start + index);
  },
  zipmap: binary((keys, values) => {
    const [names, items] = [itemsOf(keys).map(toText), itemsOf(values)];
    if (names.length !== items.length) throw new Unresolved('lists of different lengths');
    return new Map(names.map((name, index) => [name, items[index] ?? null]));
  }),
  coalesce: (args) => {
    const items = args.filter((each) => each !== null).map(primitive);
    const found = sameTyped(items).find((each) => each !== '');
    if (found === undefined) throw new Unresolved('no value');
    return found;
  },
  setunion: (args) => new ValueSet(args.flatMap((each) => setOf(each).items)),
  setsubtract: binary((from, what) => {
    const [all, less] = [setOf(from).items, setOf(what).items];
    if (kindsOf([...all, ...less]).size > 1) throw new Unresolved('values of different types');
    return new ValueSet(all.filter((each) => !less.includes(each)));
  }),

  // Text of other forms
  jsonencode: unary((value) => jsonText(value)),
  jsondecode: unary((value) => fromJson(toText(value))),
  sha256: unary((value) => createHash('sha256').update(toText(value)).digest('hex')),
  base64encode: unary((value) => Buffer.from(toText(value)).toString('base64')),
  file: unary((path, context) => composedText(context.readFile(toText(path)))),

  // What is sensitive is known all the same; the mark keeps reports from showing it.
  sensitive: unary((value, { sensitiveReads }) => {
    sensitiveReads?.note();
    return value;
  }),
};

function unary(call: (value: Value, context: FunctionContext) => Value): Function {
  return (args, context) => {
    const [value] = args;
    if (value === undefined || args.length !== 1 || value === UNKNOWN) throw new Unresolved('arguments');
    return call(value, context);
  };
}

function binary(call: (one: Value, other: Value) => Value): Function {
  return (args) => {
    const [one, other] = args;
    if (one === undefined || other === undefined || args.length !== 2) throw new Unresolved('arguments');
    return call(one, other);
  };
}

function ternary(call: (one: Value, two: Value, three: Value) => Value): Function {
  return (args) => {
    const [one, two, three] = args;
    if (one === undefined || two === undefined || three === undefined || args.length !== 3)
      throw new Unresolved('arguments');
    return call(one, two, three);
  };
}

function knownItem(value: Value): Value {
  if (!isWhollyKnown(value)) throw new Unresolved('not wholly known');
  return value;
}

function asciiText(value: Value): string {
  const found = toText(value);
  if (!isAscii(found)) throw new Unresolved('letters that are not ASCII');
  return found;
}

function mapOf(value: Value | undefined): ReadonlyMap<string, Value> {
  if (value === undefined || !isMap(value)) throw new Unresolved('not a map');
  return value;
}

function setOf(value: Value): ValueSet {
  return value instanceof ValueSet ? value : new ValueSet(itemsOf(value));
}

function extreme(args: readonly Value[], of: (...numbers: number[]) => number): Value {
  if (args.length === 0) throw new Unresolved('arguments');
  return of(...args.map(toNumber));
}

function flattened(list: Value): Value[] {
  return itemsOf(list).flatMap((item) => {
    if (item === UNKNOWN || item instanceof LazyObject) throw new Unresolved('not wholly known');
    return isList(item) || item instanceof ValueSet ? flattened(item) : [item];
  });
}

/** `%s`, `%d`, `%03d` and `%%`; all other verbs are left to Terraform. */
function formatted([format, ...args]: readonly Value[]): Value {
  if (format === undefined) throw new Unresolved('arguments of format');
  let used = 0;
  const result = toText(format).replace(/%(%|s|0?\d*d|.?)/gs, (_all, verb: string) => {
    if (verb === '%') return '%';
    const value = args[used++];
    if (value === undefined) throw new Unresolved('arguments of format');
    if (verb === 's') return toText(value);
    const [, width] = /^(?:0(\d+))?d$/.exec(verb) ?? [undefined];
    const number = toNumber(value);
    if (!/^(?:0\d+)?d$/.test(verb) || !Number.isSafeInteger(number) || number < 0) {
      throw new Unresolved('a format');
    }
    return String(number).padStart(Number(width ?? 0), '0');
  });
  if (used !== args.length) throw new Unresolved('arguments of format');
  return composedText(result);
}

/** As Terraform writes JSON: keys in order, no white space, and what is special in HTML escaped. */
function jsonText(value: Value): string {
  if (value === null) return 'null';
  if (value === UNKNOWN || value instanceof LazyObject) throw new Unresolved('not wholly known');
  if (isMap(value)) {
    return `{${sortedEntries(value)
      .map(([key, item]) => `${jsonString(key)}:${jsonText(item)}`)
      .join(',')}}`;
  }
  if (isList(value) || value instanceof ValueSet) return `[${itemsOf(value).map(jsonText).join(',')}]`;
  return typeof value === 'string' ? jsonString(value) : String(value);
}

function jsonString(value: string): string {
  // How other control characters are written depends on Terraform's version.

  if (/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(value)) throw new Unresolved('control characters');
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function fromJson(source: string): Value {
  let parsed: unknown;
  try {
    parsed = JSON.parse(source);
  } catch {
    throw new Unresolved('not JSON');
  }
  return valueOfJson(parsed);
}

/** A JSON value as it is, without expressions in it. */
export function valueOfJson(json: unknown): Value {
  if (json === null || typeof json === 'boolean') return json;
  if (typeof json === 'string') return composedText(json);
  if (typeof json === 'number') return exactNumber(json);
  if (Array.isArray(json)) return json.map(valueOfJson);
  return new Map(Object.entries(json as object).map(([key, item]) => [composedText(key), valueOfJson(item)]));
}
