import { kindOf } from '../../../../schema/message-bytes';

const LONGEST_SHOWN = 60;

/** An illegal value in a few words, for an error. Not for secrets. */
export function shownValue(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value);
  }
  if (typeof value === 'bigint') return `${value}n`;
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  return `of the type ${kindOf(value)}`;
}

/** What is attempted, with the name of its object if that has one: `create station "orders"`. */
export function attemptedOn(attempted: string, name: unknown): string {
  return typeof name === 'string' && name !== '' ? `${attempted} "${name}"` : attempted;
}
