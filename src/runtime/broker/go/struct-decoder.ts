/**
 * Decodes JSON into a described Go struct by the rules of Go's encoding/json: keys match in any letter case, unknown
 * keys are ignored, the last of duplicate keys wins, null changes nothing, and the first value of a wrong type is the error.
 */
import { goTextOfBytes } from './utf8';
import { checkJsonSyntax, endOfScalar, endOfString, JsonSyntaxError, skipBlanks } from './json-syntax';

/** The Go type of a field. */
export type GoType =
  | { readonly kind: 'string' }
  | { readonly kind: 'bool' }
  | { readonly kind: 'int'; readonly name: 'int' | 'int64' | 'uint64' }
  | { readonly kind: 'map' }
  | { readonly kind: 'slice'; readonly of: GoType }
  | GoStruct;

/** A Go struct; `name` has its package, as Go prints it. */
export interface GoStruct<Fields extends Record<string, GoType> = Record<string, GoType>> {
  readonly kind: 'struct';
  readonly name: string;
  readonly fields: Fields;
}

export const string = { kind: 'string' } as const;
export const bool = { kind: 'bool' } as const;
export const int = { kind: 'int', name: 'int' } as const;
export const int64 = { kind: 'int', name: 'int64' } as const;
export const uint64 = { kind: 'int', name: 'uint64' } as const;
/** map[string]string */
export const stringMap = { kind: 'map' } as const;

/** A list; absent and null are both undefined, which is Go's nil slice. */
export function slice<Of extends GoType>(of: Of): { readonly kind: 'slice'; readonly of: Of } {
  return { kind: 'slice', of };
}

export function struct<Fields extends Record<string, GoType>>(
  name: string,
  fields: Fields,
): GoStruct<Fields> {
  return { kind: 'struct', name, fields };
}

/** What a Go type is in TypeScript. Whole numbers beyond 2^53 lose their last digits (see wholeNumber). */
export type Decoded<Type extends GoType> = Type extends { kind: 'string' }
  ? string
  : Type extends { kind: 'bool' }
    ? boolean
    : Type extends { kind: 'int' }
      ? number
      : Type extends { kind: 'map' }
        ? Readonly<Record<string, string>> | undefined
        : Type extends { kind: 'slice'; of: infer Of extends GoType }
          ? readonly Decoded<Of>[] | undefined
          : Type extends { kind: 'struct'; fields: infer Fields extends Record<string, GoType> }
            ? { readonly [Name in keyof Fields]: Decoded<Fields[Name]> }
            : never;

/** A value of a wrong type; the message is Go's. */
export class JsonTypeError extends Error {}

/** True for the errors this decoder throws on purpose. */
export function isDecodeError(error: unknown): error is JsonSyntaxError | JsonTypeError {
  return error instanceof JsonSyntaxError || error instanceof JsonTypeError;
}

/** What could be read of a payload, and the first thing that was wrong with it. */
export interface LenientlyDecoded<Type extends GoType> {
  readonly value: Decoded<Type>;
  readonly error: JsonSyntaxError | JsonTypeError | undefined;
}

/**
 * Decodes a whole payload.
 * @param trailing `refuse` what follows the value (json.Unmarshal) or `ignore` it (json.Decoder).
 * @throws JsonSyntaxError, JsonTypeError
 */
export function decodeStruct<Fields extends Record<string, GoType>>(
  type: GoStruct<Fields>,
  payload: Uint8Array,
  trailing: 'refuse' | 'ignore' = 'refuse',
): Decoded<GoStruct<Fields>> {
  const { value, error } = decodeLeniently(type, payload, trailing);
  if (error !== undefined) throw error;
  return value;
}

/** Decodes a payload, keeping what fits when some of it does not. */
export function decodeLeniently<Fields extends Record<string, GoType>>(
  type: GoStruct<Fields>,
  payload: Uint8Array,
  trailing: 'refuse' | 'ignore' = 'refuse',
): LenientlyDecoded<GoStruct<Fields>> {
  const bytes = Buffer.from(payload).toString('latin1');
  const nothing = zero(type) as Decoded<GoStruct<Fields>>;
  try {
    checkJsonSyntax(bytes, trailing);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return { value: nothing, error };
    throw error;
  }
  const decoder = new Decoder(bytes);
  const value = decoder.value(type, nothing) as Decoded<GoStruct<Fields>>;
  return { value, error: decoder.firstError };
}

/** The value of a type that was not sent. */
function zero(type: GoType): unknown {
  switch (type.kind) {
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'int':
      return 0;
    case 'map':
    case 'slice':
      return undefined;
    case 'struct':
      return Object.fromEntries(Object.entries(type.fields).map(([name, field]) => [name, zero(field)]));
  }
}

/** Walks text whose syntax has been checked. It goes only as deep as the type does; everything else is skipped. */
class Decoder {
  firstError: JsonTypeError | undefined;
  #at = 0;
  #structName: string | undefined;
  readonly #path: string[] = [];

  readonly #bytes: string;

  constructor(bytes: string) {
    this.#bytes = bytes;
  }

  /** The next value as that type; `current` stays when the value is null or of a wrong type. */
  value(type: GoType, current: unknown): unknown {
    const first = this.#peek();
    if (first === '{') return this.#object(type, current);
    if (first === '[') return this.#array(type, current);
    const start = this.#at;
    this.#at = endOfScalar(this.#bytes, start, first);
    const token = this.#bytes.slice(start, this.#at);
    if (first === 'n') return type.kind === 'slice' || type.kind === 'map' ? undefined : current;
    if (first === '"') return type.kind === 'string' ? unquote(token) : this.#wrong('string', type, current);
    if (first === 't' || first === 'f')
      return type.kind === 'bool' ? first === 't' : this.#wrong('bool', type, current);
    if (type.kind !== 'int') return this.#wrong('number', type, current);
    return isInIntegerRange(token, type.name) ? Number(token) : this.#wrong(`number ${token}`, type, current);
  }

  #object(type: GoType, current: unknown): unknown {
    if (type.kind !== 'struct' && type.kind !== 'map') {
      this.#skip();
      return this.#wrong('object', type, current);
    }
    const outerStruct = this.#structName;
    const result: Record<string, unknown> = { ...(current as Record<string, unknown> | undefined) };
    this.#members('}', () => {
      const key = unquote(this.#token());
      this.#peek();
      this.#at += 1; // the colon
      const name = type.kind === 'struct' ? fieldFor(key, type.fields) : key;
      const field = type.kind === 'struct' ? type.fields[name ?? ''] : string;
      if (name === undefined || field === undefined) {
        this.#skip();
        return;
      }
      if (type.kind === 'struct') {
        this.#path.push(name);
        this.#structName = type.name.replace(/^.*\./, '');
      }
      result[name] = this.value(field, result[name] ?? zero(field));
      if (type.kind === 'struct') this.#path.pop();
      this.#structName = outerStruct;
    });
    return result;
  }

  #array(type: GoType, current: unknown): unknown {
    if (type.kind !== 'slice') {
      this.#skip();
      return this.#wrong('array', type, current);
    }
    // A list that is sent twice is read into the elements of the first, as Go does.
    const before = Array.isArray(current) ? (current as readonly unknown[]) : [];
    const items: unknown[] = [];
    this.#members(']', () => items.push(this.value(type.of, before[items.length] ?? zero(type.of))));
    return items;
  }

  /** Calls `each` at every member of the object or array that starts here. */
  #members(close: string, each: () => void): void {
    this.#at += 1;
    while (this.#peek() !== close) {
      each();
      if (this.#peek() === ',') this.#at += 1;
      this.#peek();
    }
    this.#at += 1;
  }

  #peek(): string {
    this.#at = skipBlanks(this.#bytes, this.#at);
    return this.#bytes[this.#at] ?? '';
  }

  #token(): string {
    const start = this.#at;
    this.#at = endOfString(this.#bytes, start);
    return this.#bytes.slice(start, this.#at);
  }

  #skip(): void {
    let depth = 0;
    do {
      const char = this.#peek();
      if (char === '{' || char === '[') depth += 1;
      else if (char === '}' || char === ']') depth -= 1;
      if ('{}[],:'.includes(char)) this.#at += 1;
      else this.#at = endOfScalar(this.#bytes, this.#at, char);
    } while (depth > 0);
  }

  #wrong(found: string, type: GoType, current: unknown): unknown {
    const where =
      this.#structName === undefined
        ? 'Go value'
        : `Go struct field ${this.#structName}.${this.#path.join('.')}`;
    this.firstError ??= new JsonTypeError(
      `json: cannot unmarshal ${found} into ${where} of type ${goName(type)}`,
    );
    return current;
  }
}

function goName(type: GoType): string {
  switch (type.kind) {
    case 'slice':
      return `[]${goName(type.of)}`;
    case 'map':
      return 'map[string]string';
    case 'string':
    case 'bool':
      return type.kind;
    default:
      return type.name;
  }
}

const integerRanges = {
  int: [-(2n ** 63n), 2n ** 63n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
} as const;

/** Go reads whole numbers in plain digits only: `1e3` and `1.0` do not fit an int. */
function isInIntegerRange(token: string, name: keyof typeof integerRanges): boolean {
  if (!/^-?[0-9]+$/.test(token)) return false;
  if (name === 'uint64' && token.startsWith('-')) return false;
  const [least, greatest] = integerRanges[name];
  const value = BigInt(token);
  return value >= least && value <= greatest;
}

/** A decoded whole number for a text. The ends of the 64 bits, which people try, come out in all their digits. */
export function exactInteger(value: number): bigint {
  const whole = BigInt(value);
  const greatest = integerRanges.int64[1];
  // Rounded up, the greatest number is one that Go would have refused.
  if (whole === greatest + 1n) return greatest;
  return whole > integerRanges.uint64[1] ? integerRanges.uint64[1] : whole;
}

/** The field a key belongs to: the exact name, else the same name in another letter case. */
function fieldFor(key: string, fields: Record<string, GoType>): string | undefined {
  if (Object.hasOwn(fields, key)) return key;
  let names = foldedNames.get(fields);
  if (names === undefined) {
    // The first of several counts.
    names = new Map(
      Object.keys(fields)
        .reverse()
        .map((name) => [fold(name), name]),
    );
    foldedNames.set(fields, names);
  }
  return names.get(fold(key));
}

/** A body may have as many keys as it has room for, so that each is looked up once. */
const foldedNames = new WeakMap<Record<string, GoType>, Map<string, string>>();

// Go folds two letters outside ASCII onto ASCII ones: the Kelvin sign and the long s.
function fold(key: string): string {
  return key
    .replaceAll('\u212a', 'k')
    .replaceAll('\u017f', 's')
    .replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function unquote(token: string): string {
  const text = JSON.parse(goTextOfBytes(token)) as string;
  // Go writes a lone half of a surrogate pair as the replacement character.
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}
