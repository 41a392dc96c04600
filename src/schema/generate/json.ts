import type * as randexp from 'randexp';
import { isJsonObject, type JsonObject } from '../avro/type';
import type { Choices } from './choices';

/** Nested deeper than this, only required members are generated. */
const MAX_DEPTH = 4;

/** Nested deeper than this, a schema contains itself without an end. */
const TOO_DEEP = 30;

/**
 * A value that a JSON Schema describes: types, ranges, lengths, formats, patterns, references, and the usual combinations. It
 * does not solve `not`, `if` and dependencies; the caller checks the value and tries again.
 */
export class JsonValues {
  readonly #root: unknown;
  readonly #choices: Choices;

  constructor(root: unknown, choices: Choices) {
    this.#root = root;
    this.#choices = choices;
  }

  value(schema: unknown = this.#root, depth = 0): unknown {
    if (depth > TOO_DEEP) throw new RangeError('the schema contains itself without an end');
    if (!isJsonObject(schema)) return this.#anything();
    const whole = this.#merged(schema, depth);
    if ('const' in whole) return whole.const;
    if (Array.isArray(whole.enum)) return this.#choices.oneOf(whole.enum as unknown[]);
    switch (this.#typeOf(whole)) {
      case 'object':
        return this.#object(whole, depth);
      case 'array':
        return this.#array(whole, depth);
      case 'string':
        return this.#string(whole);
      case 'integer':
        return this.#number(whole, true);
      case 'number':
        return this.#number(whole, false);
      case 'boolean':
        return this.#choices.oneOf([false, true]);
      case 'null':
        return null;
      default:
        return this.#anything();
    }
  }

  /** The schema with its references, and one branch of each alternative, written into it. */
  #merged(schema: JsonObject, depth: number): JsonObject {
    const { $ref, allOf, anyOf, oneOf, ...own } = schema;
    const parts: unknown[] = [
      ...(typeof $ref === 'string' ? [this.#referenced($ref)] : []),
      ...(Array.isArray(allOf) ? (allOf as unknown[]) : []),
      ...[anyOf, oneOf].flatMap((branches) =>
        Array.isArray(branches) ? [this.#branch(branches, depth)] : [],
      ),
    ];
    if (parts.length === 0) return own;
    if (depth > TOO_DEEP) throw new RangeError('the schema contains itself without an end');
    return parts
      .filter(isJsonObject)
      .map((part) => this.#merged(part, depth + 1))
      .reduce(merge, own);
  }

  #branch(branches: readonly unknown[], depth: number): unknown {
    const leaves = branches.filter(
      (branch) => !isJsonObject(branch) || !('$ref' in branch || 'properties' in branch || 'items' in branch),
    );
    return this.#choices.oneOf(depth > MAX_DEPTH && leaves.length > 0 ? leaves : branches);
  }

  #referenced(reference: string): unknown {
    if (!reference.startsWith('#')) return named(this.#root, reference);
    const path = decodeURIComponent(reference.slice(1));
    if (path !== '' && !path.startsWith('/')) return named(this.#root, path);
    let found: unknown = this.#root;
    for (const part of path.split('/').slice(1)) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      found = (found as Readonly<Record<string, unknown>> | undefined)?.[key];
    }
    return found;
  }

  #typeOf(schema: JsonObject): string | undefined {
    const { type } = schema;
    if (typeof type === 'string') return type;
    if (Array.isArray(type)) return this.#choices.oneOf(type as string[]);
    const has = (...keys: readonly string[]): boolean => keys.some((key) => key in schema);
    if (has('properties', 'required', 'additionalProperties', 'minProperties')) return 'object';
    if (has('items', 'prefixItems', 'minItems', 'contains')) return 'array';
    if (has('pattern', 'minLength', 'maxLength', 'format')) return 'string';
    if (has('minimum', 'maximum', 'exclusiveMinimum', 'multipleOf')) return 'number';
    return undefined;
  }

  #object(schema: JsonObject, depth: number): Record<string, unknown> {
    const properties = isJsonObject(schema.properties) ? schema.properties : {};
    const required = Array.isArray(schema.required) ? (schema.required as string[]) : [];
    const value: Record<string, unknown> = {};
    for (const name of new Set([...required, ...Object.keys(properties)])) {
      const isThere = required.includes(name) || (depth < MAX_DEPTH && this.#choices.isPresent());
      if (!isThere || properties[name] === false) continue;
      const member = this.value(properties[name] ?? schema.additionalProperties ?? true, depth + 1);
      // Not an assignment: that would swallow a member of the name __proto__.
      Object.defineProperty(value, name, {
        value: member,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    const least = numberOr(schema.minProperties, 0);
    for (let index = 0; Object.keys(value).length < least; index += 1) {
      value[`property${index}`] = this.value(schema.additionalProperties ?? true, depth + 1);
    }
    return value;
  }

  #array(schema: JsonObject, depth: number): unknown[] {
    const tuple = [schema.prefixItems, schema.items].find(Array.isArray) as unknown[] | undefined;
    const rest = Array.isArray(schema.items) ? schema.additionalItems : schema.items;
    const least = Math.max(numberOr(schema.minItems, 0), 'contains' in schema ? 1 : 0);
    const most = rest === false ? (tuple?.length ?? 0) : numberOr(schema.maxItems, undefined);
    const length = depth >= MAX_DEPTH ? least : this.#choices.length(least, most, 3);
    const items: unknown[] = [];
    for (let tries = 0; items.length < length && tries < length * 20; tries += 1) {
      const index = items.length;
      const item = 'contains' in schema && index === 0 ? schema.contains : (tuple?.[index] ?? rest ?? true);
      const value = this.value(item, depth + 1);
      const isKnown = items.some((other) => JSON.stringify(other) === JSON.stringify(value));
      if (schema.uniqueItems !== true || !isKnown) items.push(value);
    }
    return items;
  }

  #string(schema: JsonObject): string {
    const { format, pattern } = schema;
    if (typeof pattern === 'string') return this.#matching(pattern);
    const known = typeof format === 'string' ? formats[format] : undefined;
    if (known !== undefined) return this.#choices.oneOf(known);
    const least = numberOr(schema.minLength, 0);
    return this.#choices.text(this.#choices.length(least, numberOr(schema.maxLength, undefined), 12));
  }

  #matching(pattern: string): string {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- only schemas with patterns need it
    const RandExp = require('randexp') as typeof randexp;
    const expression = new (RandExp as unknown as typeof RandExp.default)(pattern, 'u');
    expression.max = 8;
    expression.randInt = (least: number, most: number) =>
      Math.min(most, least + Math.floor(this.#choices.fraction() * (most - least + 1)));
    return expression.gen();
  }

  #number(schema: JsonObject, isWhole: boolean): number {
    const step = numberOr(schema.multipleOf, isWhole ? 1 : 0.25);
    const [least, most] = rangeOf(schema, step);
    const first = Math.ceil(least / step);
    const last = Math.floor(most / step);
    const chosen = this.#choices.integer(first, last) * step;
    // Steps such as 0.01 leave a rest behind the last digit.
    return Number(chosen.toPrecision(15));
  }

  #anything(): unknown {
    return this.#choices.oneOf<unknown>(['', 0, false, null, 'text']);
  }
}

const WIDEST = 1_000_000_000;

function rangeOf(schema: JsonObject, step: number): readonly [least: number, most: number] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const least = Math.max(
    numberOr(minimum, -Infinity) + (exclusiveMinimum === true ? step : 0),
    typeof exclusiveMinimum === 'number' ? exclusiveMinimum + step / 2 : -Infinity,
  );
  const most = Math.min(
    numberOr(maximum, Infinity) - (exclusiveMaximum === true ? step : 0),
    typeof exclusiveMaximum === 'number' ? exclusiveMaximum - step / 2 : Infinity,
  );
  if (least === -Infinity && most === Infinity) return [-WIDEST, WIDEST];
  return [least === -Infinity ? most - WIDEST : least, most === Infinity ? least + WIDEST : most];
}

function numberOr<T>(value: unknown, otherwise: T): number | T {
  return typeof value === 'number' ? value : otherwise;
}

/** What both say. Members of objects come together, ranges become narrower, and the later one wins the rest. */
function merge(one: JsonObject, other: JsonObject): JsonObject {
  const both: Record<string, unknown> = { ...one, ...other };
  if (isJsonObject(one.properties) && isJsonObject(other.properties))
    both.properties = { ...one.properties, ...other.properties };
  if (Array.isArray(one.required) && Array.isArray(other.required))
    both.required = [...(one.required as unknown[]), ...(other.required as unknown[])];
  for (const key of ['minimum', 'minLength', 'minItems', 'minProperties'])
    if (typeof one[key] === 'number' && typeof other[key] === 'number')
      both[key] = Math.max(one[key], other[key]);
  for (const key of ['maximum', 'maxLength', 'maxItems'])
    if (typeof one[key] === 'number' && typeof other[key] === 'number')
      both[key] = Math.min(one[key], other[key]);
  return both;
}

/** The part of a document that has a name of its own. */
function named(document: unknown, name: string): unknown {
  if (typeof document !== 'object' || document === null) return undefined;
  const { $id, $anchor, id } = document as Readonly<Record<string, unknown>>;
  if ([$id, $anchor, id].includes(name)) return document;
  for (const part of Object.values(document)) {
    const found = named(part, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

const formats: Readonly<Record<string, readonly string[]>> = {
  'date-time': ['1970-01-01T00:00:00Z', '2024-02-29T12:30:00+02:00', '9999-12-31T23:59:59.999Z'],
  date: ['1970-01-01', '2024-02-29', '9999-12-31'],
  time: ['00:00:00Z', '12:30:00+02:00', '23:59:59.999Z'],
  duration: ['PT0S', 'P1Y2M3DT4H5M6S'],
  email: ['a@example.com', 'first.last+tag@mail.example.org'],
  hostname: ['a.example', 'host-1.example.com'],
  ipv4: ['0.0.0.0', '192.0.2.1', '255.255.255.255'],
  ipv6: ['::', '2001:db8::1'],
  uri: ['https://example.com', 'https://example.com/path?query=1#part'],
  'uri-reference': ['/path', 'https://example.com/path'],
  url: ['https://example.com', 'https://example.com/path'],
  uuid: ['00000000-0000-4000-8000-000000000000', 'f81d4fae-7dec-41d0-a765-00a0c91e6bf6'],
  'json-pointer': ['', '/a/0'],
  regex: ['^a+$', '[0-9]{2}'],
  byte: ['', 'YWJj'],
};
