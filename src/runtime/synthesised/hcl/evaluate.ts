import { itemsOf, toFlag, toNumber, toText, unified } from './convert';
import type { Expression, ForExpression } from './expression';
import { callFunction } from './functions';
import type { FunctionContext } from './functions';
import { SensitiveReads } from '../sensitive-reads';
import type { Value } from './value';
import {
  LazyObject,
  UNKNOWN,
  Unresolved,
  ValueSet,
  comparePrimitives,
  exactNumber,
  isList,
  isMap,
  isWhollyKnown,
  primitive,
  sortedEntries,
} from './value';

/** What an expression may refer to. */
export interface Scope extends FunctionContext {
  /** The value of a name at the beginning of a reference, such as `local` or `memphis_station`; undefined: unknown. */
  variable(name: string): Value | undefined;
}

/**
 * The value of an expression.
 * @throws Unresolved when only Terraform can tell it, and for what Terraform would refuse.
 */
export function evaluate(expression: Expression, scope: Scope): Value {
  switch (expression.is) {
    case 'literal':
      return expression.value;
    case 'template':
      return expression.parts
        .map((part) => toText(evaluate(part, scope)))
        .join('')
        .normalize('NFC');
    case 'variable':
      return known(scope.variable(expression.name));
    case 'splatItem':
      return known(scope.variable('[*]'));
    case 'attribute':
      return attributeOf(evaluate(expression.of, scope), expression.name);
    case 'index':
      return indexed(evaluate(expression.of, scope), known(evaluate(expression.key, scope)));
    case 'splat':
      return splat(evaluate(expression.of, scope), expression.each, scope);
    case 'call':
      return call(expression, scope);
    case 'unary':
      return expression.operator === '!'
        ? !toFlag(evaluate(expression.operand, scope))
        : exactNumber(-toNumber(evaluate(expression.operand, scope)));
    case 'binary':
      return binary(expression.operator, evaluate(expression.left, scope), evaluate(expression.right, scope));
    case 'conditional':
      return conditional(expression, scope);
    case 'tuple':
      return expression.items.map((item) => evaluatedOrUnknown(item, scope));
    case 'object':
      return objectOf(expression.items, scope);
    case 'for':
      return loop(expression, scope);
  }
}

/** A part of a collection: what cannot be told there leaves the rest as it is. */
function evaluatedOrUnknown(expression: Expression, scope: Scope): Value {
  try {
    return evaluate(expression, scope);
  } catch (error) {
    if (error instanceof Unresolved) return UNKNOWN;
    throw error;
  }
}

function known(value: Value | undefined): Exclude<Value, typeof UNKNOWN> {
  if (value === undefined || value === UNKNOWN) throw new Unresolved('not known');
  return value;
}

function attributeOf(of: Value, name: string): Value {
  if (of instanceof LazyObject) return of.attribute(name);
  if (isMap(of)) return known(of.get(name));
  throw new Unresolved(`no attribute ${name}`);
}

function indexed(of: Value, key: Value): Value {
  if (isList(of)) return known(of[toNumber(key)]);
  return attributeOf(of, toText(key));
}

function splat(of: Value, each: Expression, scope: Scope): Value {
  if (of === null) return [];
  if (of === UNKNOWN) throw new Unresolved('not known');
  const items = isList(of) || of instanceof ValueSet ? itemsOf(of) : [of];
  return items.map((item) => evaluatedOrUnknown(each, withNames(scope, [['[*]', item]])));
}

function withNames(scope: Scope, names: readonly (readonly [string, Value])[]): Scope {
  const own = new Map(names);
  return {
    ...scope,
    variable: (name) => (own.has(name) ? own.get(name) : scope.variable(name)),
  };
}

function call(expression: Extract<Expression, { readonly is: 'call' }>, scope: Scope): Value {
  const { name, args, spreads } = expression;
  // What cannot be told here may be an error there, or a value that only Terraform knows.
  if (name === 'try' && args[0] !== undefined && !spreads) return wholly(evaluate(args[0], scope));
  if (name === 'can' && args[0] !== undefined && !spreads) {
    wholly(evaluate(args[0], scope));
    return true;
  }
  if (name === 'nonsensitive' && args[0] !== undefined && args.length === 1 && !spreads) {
    const [arg] = args;
    const { sensitiveReads = new SensitiveReads() } = scope;
    return known(sensitiveReads.during(() => evaluate(arg, scope)).value);
  }
  const values = args.map((arg) => evaluate(arg, scope));
  const last = values.at(-1);
  const given = spreads && last !== undefined ? [...values.slice(0, -1), ...itemsOf(last)] : values;
  return callFunction(name, given, scope);
}

function wholly(value: Value): Value {
  if (!isWhollyKnown(value)) throw new Unresolved('not wholly known');
  return value;
}

function binary(operator: string, left: Value, right: Value): Value {
  switch (operator) {
    case '||':
      return [toFlag(left), toFlag(right)].includes(true);
    case '&&':
      return ![toFlag(left), toFlag(right)].includes(false);
    case '==':
      return isEqual(left, right);
    case '!=':
      return !isEqual(left, right);
    default:
      return calculated(operator, toNumber(left), toNumber(right));
  }
}

/** Values of different types differ; those of collections are not told apart here as finely as in Terraform. */
function isEqual(left: Value, right: Value): boolean {
  if (left === UNKNOWN || right === UNKNOWN) throw new Unresolved('not known');
  if (left instanceof LazyObject || right instanceof LazyObject) throw new Unresolved('an object');
  if (left === null || right === null) return left === right;
  return comparePrimitivesEqual(primitive(left), primitive(right));
}

function comparePrimitivesEqual(left: string | number | boolean, right: string | number | boolean): boolean {
  return typeof left === typeof right && comparePrimitives(left, right) === 0;
}

function calculated(operator: string, left: number, right: number): Value {
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
  // Terraform calculates with 512 bits: only whole numbers give the same here.
  if (!Number.isSafeInteger(left) || !Number.isSafeInteger(right)) throw new Unresolved('not whole numbers');
  switch (operator) {
    case '+':
      return exactWhole(left + right);
    case '-':
      return exactWhole(left - right);
    case '*':
      return exactWhole(left * right);
    case '/':
      return exactWhole(left / right);
    case '%':
      if (left < 0 || right <= 0) throw new Unresolved('a remainder of negative numbers');
      return left % right;
    default:
      throw new Unresolved(`operator ${operator}`);
  }
}

function exactWhole(result: number): number {
  if (!Number.isSafeInteger(result)) throw new Unresolved('not a whole number');
  return exactNumber(result);
}

function conditional(expression: Extract<Expression, { readonly is: 'conditional' }>, scope: Scope): Value {
  const condition = toFlag(evaluate(expression.condition, scope));
  const [chosen, other] = condition ? [expression.yes, expression.no] : [expression.no, expression.yes];
  const value = evaluate(chosen, scope);
  const otherValue = evaluatedOrUnknown(other, scope);
  return unified(value, otherValue === UNKNOWN ? undefined : otherValue);
}

function objectOf(items: readonly (readonly [Expression, Expression])[], scope: Scope): Value {
  const found = new Map<string, Value>();
  for (const [key, value] of items) found.set(toText(evaluate(key, scope)), evaluatedOrUnknown(value, scope));
  return found;
}

function loop(expression: ForExpression, scope: Scope): Value {
  const { keyName, valueName, key, value, condition, groups } = expression;
  const results: (readonly [string, Value])[] = [];
  for (const [eachKey, eachValue] of iterated(evaluate(expression.of, scope))) {
    const names = [[valueName, eachValue] as const];
    const inner = withNames(scope, keyName === undefined ? names : [[keyName, eachKey] as const, ...names]);
    if (condition !== undefined && !toFlag(evaluate(condition, inner))) continue;
    const resultKey = key === undefined ? '' : toText(evaluate(key, inner));
    results.push([resultKey, evaluatedOrUnknown(value, inner)]);
  }
  if (key === undefined) return results.map(([, result]) => result);
  const object = new Map<string, Value>();
  for (const [name, result] of results) {
    const before = object.get(name);
    if (before !== undefined && !groups) throw new Unresolved('two values of one key');
    object.set(name, groups ? [...((before as readonly Value[] | undefined) ?? []), result] : result);
  }
  return object;
}

/** Keys and values in Terraform's order. */
export function iterated(of: Value): (readonly [Value, Value])[] {
  if (isList(of)) return of.map((value, index) => [index, value] as const);
  if (of instanceof ValueSet) return of.items.map((value) => [value, value] as const);
  if (isMap(of)) return sortedEntries(of);
  throw new Unresolved('not a collection');
}
