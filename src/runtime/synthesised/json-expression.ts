import { isObject } from './json';
import type { Json } from './json';
import type { Expression } from './hcl/expression';
import { evaluate } from './hcl/evaluate';
import type { Scope } from './hcl/evaluate';
import { toText } from './hcl/convert';
import { NativeExpression } from './hcl/native-expression';
import { parseTemplate } from './hcl/parser';
import type { Value } from './hcl/value';
import { UNKNOWN, Unresolved, exactNumber, composedText } from './hcl/value';

/**
 * The value of an attribute. In JSON configuration each string is a template.
 * @throws Unresolved when only Terraform can tell it.
 */
export function jsonValue(json: Json, scope: Scope): Value {
  try {
    return valueOf(json, scope);
  } catch (error) {
    // Nested too deeply for the stack, or a string that grows beyond what JavaScript can hold.
    if (error instanceof RangeError) throw new Unresolved('too large');
    throw error;
  }
}

function valueOf(json: Json, scope: Scope): Value {
  if (json === null || typeof json === 'boolean') return json;
  if (typeof json === 'number') return exactNumber(json);
  if (typeof json === 'string') return stringValue(json, scope);
  if (json instanceof NativeExpression) {
    if (json.expression === undefined) throw new Unresolved('an expression that is not read');
    return evaluate(json.expression, scope);
  }
  if (!isObject(json)) return json.map((item) => jsonValueOrUnknown(item, scope));
  const entries = Object.entries(json).map(
    ([key, item]) => [toText(stringValue(key, scope)), jsonValueOrUnknown(item, scope)] as const,
  );
  return new Map(entries);
}

function jsonValueOrUnknown(json: Json, scope: Scope): Value {
  try {
    return jsonValue(json, scope);
  } catch (error) {
    if (error instanceof Unresolved) return UNKNOWN;
    throw error;
  }
}

function stringValue(source: string, scope: Scope): Value {
  if (!source.includes('${') && !source.includes('%{')) return composedText(source);
  return evaluate(parsed(source), scope);
}

/** Objects that were made in a loop share their expressions. */
const cache = new Map<string, Expression>();
const MOST_CACHED = 10_000;

function parsed(source: string): Expression {
  const known = cache.get(source);
  if (known !== undefined) return known;
  const expression = parseTemplate(source);
  if (cache.size >= MOST_CACHED) cache.clear();
  cache.set(source, expression);
  return expression;
}
