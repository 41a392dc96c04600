import { placeAt } from './text-place';

/**
 * JSON text with what `JSON.parse` throws away: where an error is, and how a number was written. Schema contents of
 * the types json and avro are read with it.
 */

/** A number as it is written in the text. */
class JsonNumber {
  constructor(readonly text: string) {}
}

export type JsonTextValue =
  null | boolean | string | JsonNumber | readonly JsonTextValue[] | ReadonlyMap<string, JsonTextValue>;

/** The text is not JSON. */
export class JsonTextError extends Error {
  constructor(
    readonly line: number,
    readonly column: number,
    what: string,
  ) {
    super(`line ${line}, column ${column}: ${what}`);
  }
}

/** Deeper than any schema a person writes, and far from the end of the stack. */
const MAX_DEPTH = 1000;

/** Is called with each value of a text: the steps that lead to it, and where it starts. */
export type ValueListener = (path: readonly (string | number)[], start: number) => void;

/**
 * Reads JSON text. Of two equal keys the last one counts, as in every parser that Memphis and its clients use.
 * @param onValue is called before the value is read, so that it knows the places in front of an error
 * @throws JsonTextError with line and column, both counted from 1.
 */
export function parseJsonText(text: string, onValue?: ValueListener): JsonTextValue {
  let at = 0;
  const path: (string | number)[] = [];

  const fail = (what: string, where = at): never => {
    const { line, column } = placeAt(text, where);
    throw new JsonTextError(line, column, what);
  };
  const characterAtHand = (): string => {
    const character = text.codePointAt(at);
    return character === undefined ? 'the end of the text' : JSON.stringify(String.fromCodePoint(character));
  };
  const blank = (): void => {
    while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at++;
  };
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const string = (): string => {
    const start = at;
    const found = take(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y);
    if (found === undefined) {
      take(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y);
      if (at >= text.length) return fail('the text starts with this quote and never ends', start);
      return fail(
        text.charAt(at) === '\\' ? 'unknown escape sequence' : 'line break or control character in a string',
      );
    }
    return JSON.parse(found) as string;
  };
  const value = (depth: number): JsonTextValue => {
    if (depth > MAX_DEPTH) return fail(`nested deeper than ${MAX_DEPTH} levels`);
    blank();
    onValue?.(path, at);
    const first = text.charAt(at);
    if (first === '{') return object(depth);
    if (first === '[') return array(depth);
    if (first === '"') return string();
    const word = take(/true|false|null/y);
    if (word !== undefined) return word === 'null' ? null : word === 'true';
    const number = take(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y);
    if (number !== undefined) return new JsonNumber(number);
    return fail(`expected a value, found ${characterAtHand()}`);
  };
  const object = (depth: number): JsonTextValue => {
    const members = new Map<string, JsonTextValue>();
    at++;
    blank();
    if (text.charAt(at) === '}') return (++at, members);
    for (;;) {
      blank();
      if (text.charAt(at) !== '"') return fail(`expected a name in quotes, found ${characterAtHand()}`);
      const key = string();
      blank();
      if (text.charAt(at) !== ':')
        return fail(`expected ":" after the name ${JSON.stringify(key)}, found ${characterAtHand()}`);
      at++;
      path.push(key);
      members.set(key, value(depth + 1));
      path.pop();
      blank();
      const next = text.charAt(at);
      if (next !== ',' && next !== '}') return fail(`expected "," or "}", found ${characterAtHand()}`);
      at++;
      if (next === '}') return members;
    }
  };
  const array = (depth: number): JsonTextValue => {
    const items: JsonTextValue[] = [];
    at++;
    blank();
    if (text.charAt(at) === ']') return (++at, items);
    for (;;) {
      path.push(items.length);
      items.push(value(depth + 1));
      path.pop();
      blank();
      const next = text.charAt(at);
      if (next !== ',' && next !== ']') return fail(`expected "," or "]", found ${characterAtHand()}`);
      at++;
      if (next === ']') return items;
    }
  };

  const result = value(0);
  blank();
  if (at < text.length) return fail(`expected the end of the text, found ${characterAtHand()}`);
  return result;
}

/** JSON text of a value with sorted keys and no white space; `number` says how a number is written. */
export function sortedJsonText(value: JsonTextValue, number: (text: string) => string): string {
  if (value instanceof JsonNumber) return number(value.text);
  if (value instanceof Map) {
    const members = [...(value as ReadonlyMap<string, JsonTextValue>)].sort(([one], [other]) =>
      one < other ? -1 : 1,
    );
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${sortedJsonText(member, number)}`).join(',')}}`;
  }
  if (Array.isArray(value)) {
    return `[${(value as readonly JsonTextValue[]).map((item) => sortedJsonText(item, number)).join(',')}]`;
  }
  return JSON.stringify(value);
}

/** One text for all ways to write a number: `1`, `1.0` and `10e-1` all become `1`. */
export function canonicalNumber(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return power === 0n ? sign + significant : `${sign}${significant}e${power}`;
}
