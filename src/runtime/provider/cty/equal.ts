import { sameNumber } from './number';
import type { Type } from './type';
import type { Value, ValueFields } from './value';
import { isFields, isUnknown } from './value';

/** Whether two values of a type are surely the same. An unknown is not surely the same as anything. */
export function sameValue(type: Type, left: Value | undefined, right: Value | undefined): boolean {
  if (isUnknown(left) || isUnknown(right)) return false;
  if (left === null || left === undefined || right === null || right === undefined) {
    return (left ?? null) === (right ?? null);
  }
  switch (type.kind) {
    case 'number':
      return isNumber(left) && isNumber(right) && sameNumber(left, right);
    case 'list':
      return isArray(left) && isArray(right) && sameInOrder(type.element, left, right);
    case 'set':
      return isArray(left) && isArray(right) && sameMembers(type.element, left, right);
    case 'map':
      return isFields(left) && isFields(right) && sameEntries(type.element, left, right);
    case 'object':
      return isFields(left) && isFields(right) && sameAttributes(type.attributes, left, right);
    default:
      return left === right;
  }
}

function sameInOrder(element: Type, left: readonly Value[], right: readonly Value[]): boolean {
  return left.length === right.length && left.every((each, index) => sameValue(element, each, right[index]));
}

/** Each element of one side pairs with another one of the other side; an unknown element pairs with none. */
function sameMembers(element: Type, left: readonly Value[], right: readonly Value[]): boolean {
  if (left.length !== right.length) return false;
  // A set of names may have thousands.
  const rest = element.kind === 'string' ? new Set(right) : undefined;
  if (rest?.size === right.length) return left.every((each) => !isUnknown(each) && rest.delete(each));
  const unpaired = [...right];
  return left.every((each) => {
    const index = unpaired.findIndex((other) => sameValue(element, each, other));
    if (index >= 0) unpaired.splice(index, 1);
    return index >= 0;
  });
}

function sameEntries(element: Type, left: ValueFields, right: ValueFields): boolean {
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && sameValue(element, left[name], right[name]))
  );
}

/** An attribute that an object lacks is null. */
function sameAttributes(
  attributes: Readonly<Record<string, Type>>,
  left: ValueFields,
  right: ValueFields,
): boolean {
  return Object.entries(attributes).every(([name, type]) => sameValue(type, left[name], right[name]));
}

function isNumber(value: Value): value is number | string {
  return typeof value === 'number' || typeof value === 'string';
}

function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}
