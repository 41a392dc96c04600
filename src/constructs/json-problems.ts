import { Token } from './framework';
import { isRecord } from './given-props';

/**
 * What keeps a value from being written as JSON, which would drop it, turn it into something else or never end. The values
 * are not shown: they may be the data of messages.
 * @param path what the value is called: `sample`
 * @returns one problem for each place; a value of the framework is none
 */
export function jsonProblems(path: string, value: unknown): string[] {
  return problemsOfPart(path, value, []);
}

function problemsOfPart(path: string, value: unknown, parents: readonly unknown[]): string[] {
  if (Token.isUnresolved(value)) return [];
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return [];
    case 'number':
      return Number.isFinite(value) ? [] : [`${path} is ${value}; give a finite number`];
    case 'object':
      break;
    default:
      return [`${path} is ${typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`}; ${ADVICE}`];
  }
  if (value === null) return [];
  if (parents.includes(value)) return [`${path} holds itself; ${ADVICE}`];
  const within = [...parents, value];
  if (Array.isArray(value))
    return value.flatMap((item: unknown, index) => problemsOfPart(`${path}[${index}]`, item, within));
  if (!isRecord(value) || ArrayBuffer.isView(value)) {
    return [`${path} is a ${value.constructor.name}; ${ADVICE}`];
  }
  return Object.entries(value).flatMap(([name, item]) =>
    item === undefined ? [] : problemsOfPart(`${path}.${name}`, item, within),
  );
}

const ADVICE = 'give a value that JSON has: a string, a number, true, false, null, a list or an object';
