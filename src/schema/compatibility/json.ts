import { compileSchema } from '../compile';
import { sortedJsonText, parseJsonText, canonicalNumber } from '../json-text';
import { keywordMismatch } from './json-keywords';
import type { JsonObject, Writers } from './json-values';
import { extend, isObject, typesOf, valuesOf } from './json-values';

/**
 * What values of one JSON schema another one refuses. It is compatible only where that can be proved with the keywords
 * one by one, so some pairs are refused although they would do; each text says which keyword could not be compared.
 *
 * Compared: type, enum, const, the limits of numbers, strings, arrays and objects, pattern and format (equal ones),
 * properties, required, patternProperties, additionalProperties, items, allOf, anyOf, oneOf of which no value fits two, and
 * $ref inside of the document. All others have to be the same in both.
 */
export function jsonMismatches(reader: string, writer: string): readonly string[] {
  const comparison = new Comparison(JSON.parse(reader) as unknown, JSON.parse(writer) as unknown);
  return [...new Set(comparison.mismatches(comparison.reader, [comparison.writer], '#'))];
}

/** Far more than the schemas take that people write. */
const MOST_STEPS = 20_000;

/** Keywords that say nothing about which values are valid. */
const annotations = new Set(
  (
    '$schema $id id $anchor $dynamicAnchor $recursiveAnchor $vocabulary $comment $defs definitions title description default examples deprecated readOnly writeOnly ' +
    'contentEncoding contentMediaType contentSchema'
  ).split(' '),
);

class Comparison {
  #steps = 0;
  readonly #open = new Map<unknown, Set<string>>();
  readonly #assumed: (readonly [reader: unknown, writers: string])[] = [];
  readonly #rests = new Map<string, JsonObject>();
  readonly #numbers = new Map<unknown, number>();

  readonly reader: unknown;
  readonly writer: unknown;

  constructor(reader: unknown, writer: unknown) {
    this.reader = reader;
    this.writer = writer;
  }

  /** @param writers schemas that all hold for the values */
  mismatches(reader: unknown, writers: readonly unknown[], place: string): readonly string[] {
    this.#steps += 1;
    if (this.#steps > MOST_STEPS) return ['#: the schemas have too many alternatives to be compared'];
    if (reader === true || (isObject(reader) && Object.keys(reader).length === 0)) return [];
    const all = this.#conjuncts(writers);
    if (all === undefined || typesOf(all).size === 0) return [];
    if (!isObject(reader)) return [`${place}: nothing is expected here, and messages may hold values`];
    if (this.#isOpen(reader, all)) return [];
    const values = valuesOf(all);
    if (values !== undefined && !refers(reader)) return this.#ofValues(reader, all, values, place);
    const direct = this.#tentatively(() => this.#keywords(reader, all, place));
    return direct.length === 0 ? direct : this.#ofAlternatives(reader, all, place, direct);
  }

  /** Pairs that are being compared count as compatible: a schema may contain itself. */
  #isOpen(reader: JsonObject, writers: Writers): boolean {
    const key = writers.map((writer) => this.#numberOf(writer)).join();
    const open = this.#open.get(reader);
    if (open?.has(key) === true) return true;
    if (open === undefined) this.#open.set(reader, new Set([key]));
    else open.add(key);
    this.#assumed.push([reader, key]);
    return false;
  }

  #numberOf(schema: JsonObject): number {
    const known = this.#numbers.get(schema);
    if (known !== undefined) return known;
    this.#numbers.set(schema, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  /** All schemas that hold for a value together; undefined when no value fits. A reference counts as what it refers to. */
  #conjuncts(writers: readonly unknown[]): JsonObject[] | undefined {
    const found = new Set<JsonObject>();
    const seen = new Set<unknown>();
    const queue = [...writers];
    for (const next of queue) {
      if (next === false) return undefined;
      if (!isObject(next) || seen.has(next)) continue;
      seen.add(next);
      if (next.$ref !== undefined) {
        queue.push(resolved(this.writer, next.$ref));
        continue;
      }
      if (Array.isArray(next.allOf)) queue.push(...(next.allOf as unknown[]));
      found.add(this.#without('allOf', next));
    }
    return [...found];
  }

  #ofValues(
    reader: JsonObject,
    writers: Writers,
    values: readonly unknown[],
    place: string,
  ): readonly string[] {
    const { $schema } = isObject(this.reader) ? this.reader : {};
    const content = JSON.stringify($schema === undefined ? reader : { $schema, ...reader });
    const schema = compileSchema({ type: 'json', content });
    const types = typesOf(writers);
    const refused = values.filter(
      (value) =>
        [...typesOf([{ const: value }])].every((type) => types.has(type)) &&
        !schema.decode(Buffer.from(JSON.stringify(value))).matched,
    );
    const shown = refused.map((value) => JSON.stringify(value)).join(', ');
    return refused.length === 0 ? [] : [`${place}: messages may hold ${shown}, which is not valid there`];
  }

  #keywords(reader: JsonObject, writers: Writers, place: string): readonly string[] {
    const problems: string[] = [];
    for (const [keyword, value] of Object.entries(reader)) {
      if (annotations.has(keyword)) continue;
      problems.push(...this.#keyword(keyword, value, reader, writers, place));
    }
    return problems;
  }

  #keyword(
    keyword: string,
    value: unknown,
    reader: JsonObject,
    writers: Writers,
    place: string,
  ): readonly string[] {
    const at = extend(place, keyword);
    const inner = (part: unknown, parts: readonly unknown[], where: string): readonly string[] =>
      this.mismatches(part, parts, where);
    switch (keyword) {
      case '$ref': {
        const target = resolved(this.reader, value);
        return target === undefined
          ? [`${at}: the reference ${String(value)} cannot be compared`]
          : this.mismatches(target, writers, String(value));
      }
      case '$dynamicRef':
      case '$recursiveRef':
        return [`${at}: the reference ${String(value)} cannot be compared`];
      case 'allOf':
        return (value as unknown[]).flatMap((part, index) => inner(part, writers, extend(at, index)));
      case 'anyOf':
        return this.#inAlternatives(value as unknown[], writers, at);
      case 'oneOf':
        return excludeEachOther(value as unknown[])
          ? this.#inAlternatives(value as unknown[], writers, at)
          : this.#unlessSame(keyword, value, writers, at);
      default: {
        const found = keywordMismatch(keyword, value, { reader, writers, place: at, inner });
        return typeof found !== 'string'
          ? found
          : found === 'not compared'
            ? this.#unlessSame(keyword, value, writers, at)
            : this.#unlessAllSame(keyword, reader, writers, at);
      }
    }
  }

  #unlessSame(keyword: string, value: unknown, writers: Writers, at: string): readonly string[] {
    const isSame = !refers(value) && writers.some((writer) => sameJson(writer[keyword], value));
    return isSame
      ? []
      : [`${at}: ${keyword} is not the same in both schemas, and cannot be compared otherwise`];
  }

  /** For a keyword whose meaning depends on those beside it. */
  #unlessAllSame(keyword: string, reader: JsonObject, writers: Writers, at: string): readonly string[] {
    const isSame = !refers(reader) && writers.some((writer) => sameJson(writer, reader));
    return isSame
      ? []
      : [`${at}: ${keyword} can be compared only where everything beside it is the same in both schemas`];
  }

  #inAlternatives(branches: readonly unknown[], writers: Writers, at: string): readonly string[] {
    let first: readonly string[] | undefined;
    for (const [index, branch] of branches.entries()) {
      const problems = this.#tentatively(() => this.mismatches(branch, writers, extend(at, index)));
      if (problems.length === 0) return [];
      first ??= problems;
    }
    return [
      `${at}: none of the alternatives takes all messages (the first: ${first?.[0] ?? 'there is none'})`,
    ];
  }

  /** What was assumed on a way that turned out wrong proves nothing. */
  #tentatively(compare: () => readonly string[]): readonly string[] {
    const before = this.#assumed.length;
    const problems = compare();
    if (problems.length === 0) return problems;
    for (const [reader, key] of this.#assumed.splice(before)) this.#open.get(reader)?.delete(key);
    return problems;
  }

  /** Values that are one of several alternatives: each of them has to fit. */
  #ofAlternatives(
    reader: JsonObject,
    writers: Writers,
    place: string,
    direct: readonly string[],
  ): readonly string[] {
    for (const writer of writers) {
      for (const keyword of ['anyOf', 'oneOf'] as const) {
        const branches = writer[keyword];
        if (!Array.isArray(branches)) continue;
        const others = [...writers.filter((each) => each !== writer), this.#without(keyword, writer)];
        return (branches as unknown[]).flatMap((branch) =>
          this.mismatches(reader, [...others, branch], place),
        );
      }
    }
    return direct;
  }

  /** Always the same object, so that a schema which contains itself is recognised. */
  #without(keyword: string, writer: JsonObject): JsonObject {
    if (!Object.hasOwn(writer, keyword)) return writer;
    const key = `${keyword} ${this.#numberOf(writer)}`;
    const known = this.#rests.get(key);
    if (known !== undefined) return known;
    const kept = Object.entries(writer).filter(([name]) => name !== keyword);
    const rest = Object.fromEntries(kept);
    this.#rests.set(key, rest);
    return rest;
  }
}

/** The part of a document that a reference inside of it means; undefined for all others. */
function resolved(document: unknown, reference: unknown): unknown {
  if (typeof reference !== 'string' || !/^#(\/|$)/.test(reference)) return undefined;
  let part = document;
  for (const step of reference.split('/').slice(1)) {
    const name = decodeURIComponent(step).replace(/~1/g, '/').replace(/~0/g, '~');
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, name)) return undefined;
    part = (part as Readonly<Record<string, unknown>>)[name];
    // What is below an identifier of its own has references of its own.
    if (isObject(part) && (typeof part.$id === 'string' || typeof part.id === 'string')) return undefined;
  }
  return part;
}

/** The same text of a reference may mean something else in the other document. */
function refers(value: unknown): boolean {
  return /"\$(ref|dynamicRef|recursiveRef)"/.test(JSON.stringify(value));
}

function sameJson(one: unknown, other: unknown): boolean {
  if (one === undefined || other === undefined) return false;
  const form = (value: unknown): string =>
    sortedJsonText(parseJsonText(JSON.stringify(value)), canonicalNumber);
  return form(one) === form(other);
}

/** True when no value fits two of the schemas, as far as their types, their values and what tells objects apart show. */
function excludeEachOther(schemas: readonly unknown[]): boolean {
  return schemas.every((one, index) => schemas.slice(index + 1).every((other) => areApart(one, other)));
}

function areApart(one: unknown, other: unknown): boolean {
  if (one === false || other === false) return true;
  if (!isObject(one) || !isObject(other) || one.$ref !== undefined || other.$ref !== undefined) return false;
  const types = typesOf([other]);
  const common = [...typesOf([one])].filter((type) => types.has(type));
  if (common.length === 0) return true;
  const [values, others] = [valuesOf([one]), valuesOf([other])];
  if (values !== undefined && others !== undefined)
    return !values.some((value) => others.some((each) => sameJson(value, each)));
  // Objects that must have a member which tells them apart, as a kind does.
  if (common.some((type) => type !== 'object')) return false;
  return namesIn(one.required).some(
    (name) => namesIn(other.required).includes(name) && areApart(memberOf(one, name), memberOf(other, name)),
  );
}

function namesIn(required: unknown): readonly unknown[] {
  return Array.isArray(required) ? (required as unknown[]) : [];
}

function memberOf({ properties }: JsonObject, name: unknown): unknown {
  return isObject(properties) && typeof name === 'string' && Object.hasOwn(properties, name)
    ? properties[name]
    : undefined;
}
