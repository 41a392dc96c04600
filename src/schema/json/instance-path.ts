import { shortened } from '../shortened';

const MAX_LENGTH = 200;
const MAX_NAME_LENGTH = 60;

/** Where in a message something is, as `orders[2].id`, from a JSON pointer; empty for the message as a whole. */
export function instancePath(pointer: string, message: unknown): string {
  let path = '';
  let value = message;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replace(/~1/g, '/').replace(/~0/g, '~');
    path += step(name, Array.isArray(value), path === '');
    value = hasMembers(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return shortened(path, MAX_LENGTH);
}

function step(name: string, inArray: boolean, isFirst: boolean): string {
  if (inArray) return `[${name}]`;
  const isPlain = /^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(name) && name.length <= MAX_NAME_LENGTH;
  if (!isPlain) return `[${quotedName(name)}]`;
  return isFirst ? name : `.${name}`;
}

/** The name of a property, for a message. */
export function quotedName(name: string): string {
  return JSON.stringify(shortened(name, MAX_NAME_LENGTH));
}

function hasMembers(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
