import type { Decoded, GoStruct, GoType } from '../go/struct-decoder';
import { decodeStruct, isDecodeError } from '../go/struct-decoder';
import { failure, ReplyError } from './reply';

/** What a field must be; `max` and `min` count the characters of a text. */
export interface Rule {
  readonly required?: true;
  readonly max?: number;
}

/**
 * Reads the JSON body of a call.
 * @throws ReplyError 400 naming every field that breaks its rule.
 */
export function bindBody<Fields extends Record<string, GoType>>(
  type: GoStruct<Fields>,
  rules: { readonly [Name in keyof Fields]?: Rule },
  body: Uint8Array,
): Decoded<GoStruct<Fields>> {
  let decoded: Decoded<GoStruct<Fields>>;
  try {
    decoded = decodeStruct(type, body, 'ignore');
  } catch (error) {
    if (!isDecodeError(error)) throw error;
    throw new ReplyError(failure(400, 'Body params have to be in JSON format'));
  }
  check(decoded, rules);
  return decoded;
}

const GREATEST_NUMBER = 2 ** 63;

/** The number in a query; what Go would not read as one of 64 bits counts as 0. */
function numberOf(text: string): number {
  const number = /^[+-]?[0-9]+$/.test(text) ? Number(text) : 0;
  return Math.abs(number) < GREATEST_NUMBER ? number : 0;
}

/** Reads the query string of a call. A number that is none counts as 0. */
export function bindQuery<Fields extends Record<string, 'text' | 'number'>>(
  fields: Fields,
  rules: { readonly [Name in keyof Fields]?: Rule },
  query: URLSearchParams,
): { readonly [Name in keyof Fields]: Fields[Name] extends 'text' ? string : number } {
  const values = Object.entries(fields).map(([name, kind]) => {
    const text = query.get(name) ?? '';
    return [name, kind === 'text' ? text : numberOf(text)];
  });
  const bound = Object.fromEntries(values) as Record<string, unknown>;
  check(bound, rules);
  return bound as { readonly [Name in keyof Fields]: Fields[Name] extends 'text' ? string : number };
}

function check(values: Record<string, unknown>, rules: Readonly<Record<string, Rule | undefined>>): void {
  const broken = Object.entries(rules).flatMap(([field, rule]) => {
    const value = values[field];
    // For a list "required" means that it was sent, for everything else that it is not the zero value.
    if (rule?.required === true && (value === undefined || value === '' || value === 0)) {
      return [{ field, reason: 'required' }];
    }
    const isTooLong =
      rule?.max !== undefined && typeof value === 'string' && Array.from(value).length > rule.max;
    return isTooLong ? [{ field, reason: `max=${rule.max}` }] : [];
  });
  if (broken.length > 0) throw new ReplyError(failure(400, broken));
}
