import { Decoder, Encoder, ExtData, ExtensionCodec } from '@msgpack/msgpack';
import { numberFromDouble, numberFromText } from './number';
import type { Type } from './type';
import { typeToJson } from './type';
import type { Value } from './value';
import { UNKNOWN, isFields, isUnknown } from './value';

/** Extension types that mean "unknown": the plain one, and the one that carries what is known about the value. */
const UNKNOWN_EXTENSIONS = [0, 12];
/** An unknown on the wire: extension type 0 with one byte. */
const UNKNOWN_ON_WIRE = new ExtData(0, new Uint8Array(1));

const extensions = new ExtensionCodec();
for (const type of UNKNOWN_EXTENSIONS) {
  extensions.register({ type, encode: () => null, decode: () => UNKNOWN });
}
const decoder = new Decoder({ extensionCodec: extensions, useBigInt64: true });
const encoder = new Encoder();

/** A value does not have the type that the schema declares. The message names the place, never the value. */
class ValueMismatch extends TypeError {
  readonly #expected: string;
  readonly #found: string;
  readonly #path: readonly (string | number)[];

  constructor(expected: string, found: string, path: readonly (string | number)[] = []) {
    super(`${pathText(path)}: expected ${expected}, found ${found}.`);
    this.#expected = expected;
    this.#found = found;
    this.#path = path;

    this.name = 'ValueMismatch';
  }

  /** The same mismatch, seen from the value around. */
  inside(step: string | number): ValueMismatch {
    return new ValueMismatch(this.#expected, this.#found, [step, ...this.#path]);
  }
}

/** A path as Terraform writes it: `labels["a"][0]`. */
function pathText(path: readonly (string | number)[]): string {
  if (path.length === 0) return 'the whole value';
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/**
 * Decodes a value of a type from msgpack.
 * @throws ValueMismatch when the bytes hold something else than the type says.
 */
export function decodeValue(type: Type, bytes: Uint8Array): Value {
  return fromWire(type, decoder.decode(bytes));
}

/**
 * Encodes a value of a type as msgpack. Attributes that an object lacks are written as null, since Terraform
 * wants every declared one.
 * @throws ValueMismatch naming the place when the value does not fit the type.
 */
export function encodeValue(type: Type, value: Value): Uint8Array {
  return encoder.encode(toWire(type, value));
}

function fromWire(type: Type, wire: unknown): Value {
  if (wire === null || wire === undefined) return null;
  // Every extension counts as unknown: hosts add new kinds of facts about values they do not know yet.
  if (wire === UNKNOWN || wire instanceof ExtData) return UNKNOWN;
  switch (type.kind) {
    case 'string':
      if (typeof wire === 'string') return wire;
      if (wire instanceof Uint8Array) return Buffer.from(wire).toString('utf8');
      break;
    case 'number':
      if (typeof wire === 'number') return numberFromDouble(wire);
      if (typeof wire === 'bigint') return numberFromText(wire.toString());
      if (typeof wire === 'string') return numberFromText(wire);
      break;
    case 'bool':
      if (typeof wire === 'boolean') return wire;
      break;
    case 'list':
    case 'set':
      if (Array.isArray(wire)) return each(type.element, wire, fromWire);
      break;
    case 'map':
      if (isRecord(wire)) return eachEntry(type.element, wire, fromWire);
      break;
    case 'object':
      if (isRecord(wire)) return eachAttribute(type.attributes, wire, fromWire);
      break;
  }
  throw new ValueMismatch(`a value of type ${typeText(type)}`, `a ${typeof wire}`);
}

function toWire(type: Type, value: Value | undefined): unknown {
  if (value === null || value === undefined) return null;
  if (isUnknown(value)) return UNKNOWN_ON_WIRE;
  switch (type.kind) {
    case 'string':
      if (typeof value === 'string') return value;
      break;
    case 'number':
      if (typeof value === 'number' && Number.isFinite(value)) return numberToWire(value);
      if (typeof value === 'string') return numberToWire(checkedNumber(value));
      break;
    case 'bool':
      if (typeof value === 'boolean') return value;
      break;
    case 'list':
    case 'set':
      if (isArray(value)) return each(type.element, value, toWire);
      break;
    case 'map':
      if (isFields(value)) return eachEntry(type.element, value, toWire);
      break;
    case 'object':
      if (isFields(value)) {
        const { attributes } = type;
        const stranger = Object.keys(value).find((name) => !Object.hasOwn(attributes, name));
        if (stranger !== undefined) {
          throw new ValueMismatch('only declared attributes', `an attribute ${stranger}`);
        }
        return eachAttribute(attributes, value, toWire);
      }
      break;
  }
  throw new ValueMismatch(`a value of type ${typeText(type)}`, described(value));
}

/** What a translation makes of the parts of a value. The place of a mismatch is put together only when there is one. */
type Translate<In, Out> = (type: Type, value: In | undefined) => Out;

function each<In, Out>(element: Type, values: readonly In[], translate: Translate<In, Out>): Out[] {
  return values.map((value, index) => part(index, element, value, translate));
}

/** Keys of maps come from users, so they may be called like anything that an object inherits. */
function eachEntry<In, Out>(
  element: Type,
  values: Readonly<Record<string, In>>,
  translate: Translate<In, Out>,
): Record<string, Out> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, part(key, element, value, translate)]),
  );
}

function eachAttribute<In, Out>(
  attributes: Readonly<Record<string, Type>>,
  values: Readonly<Record<string, In>>,
  translate: Translate<In, Out>,
): Record<string, Out> {
  const translated: Record<string, Out> = {};
  for (const name in attributes) {
    const type = attributes[name];
    // Attributes may be called like what every object inherits: `constructor`.
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (type !== undefined) translated[name] = part(name, type, value, translate);
  }
  return translated;
}

function part<In, Out>(
  step: string | number,
  type: Type,
  value: In | undefined,
  translate: Translate<In, Out>,
): Out {
  try {
    return translate(type, value);
  } catch (error) {
    throw error instanceof ValueMismatch ? error.inside(step) : error;
  }
}

/** Safe whole numbers go as integers, everything else as decimal text: the host would read a double as its binary value. */
function numberToWire(value: number | string): number | string {
  return Number.isSafeInteger(value) ? value : String(value);
}

function checkedNumber(text: string): number | string {
  try {
    return numberFromText(text);
  } catch {
    throw new ValueMismatch('a number', 'text that is not a number');
  }
}

function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function isRecord(wire: unknown): wire is Record<string, unknown> {
  return typeof wire === 'object' && wire !== null && !Array.isArray(wire) && !(wire instanceof Uint8Array);
}

function typeText(type: Type): string {
  const json = typeToJson(type);
  return typeof json === 'string' ? json : JSON.stringify(json);
}

/** Says what kind of thing a value is, never the value: it may be a secret. */
function described(value: Value): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
