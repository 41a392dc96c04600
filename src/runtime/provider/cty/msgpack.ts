import { Decoder, Encoder, ExtData, ExtensionCodec } from '@msgpack/msgpack';
import { ValueMismatch } from './mismatch';
import { numberFromDouble, numberFromText } from './number';
import type { Type } from './type';
import { typeFromJson, typeToJson } from './type';
import type { Value } from './value';
import { Dynamic, UNKNOWN, isFields, isUnknown } from './value';

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

type Path = readonly (string | number)[];

/**
 * Decodes a value of a type from msgpack.
 * @throws ValueMismatch when the bytes hold something else than the type says.
 */
export function decodeValue(type: Type, bytes: Uint8Array): Value {
  return fromWire(type, decoder.decode(bytes), []);
}

/**
 * Encodes a value of a type as msgpack. Attributes that an object lacks are written as null, since Terraform
 * wants every declared one.
 * @throws ValueMismatch naming the place when the value does not fit the type.
 */
export function encodeValue(type: Type, value: Value): Uint8Array {
  return encoder.encode(toWire(type, value, []));
}

function fromWire(type: Type, wire: unknown, path: Path): Value {
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
      if (Array.isArray(wire))
        return wire.map((each, index) => fromWire(type.element, each, [...path, index]));
      break;
    case 'tuple':
      if (Array.isArray(wire) && wire.length === type.elements.length) {
        return type.elements.map((each, index) => fromWire(each, wire[index], [...path, index]));
      }
      break;
    case 'map':
      if (isRecord(wire)) {
        return Object.fromEntries(
          Object.entries(wire).map(([key, each]) => [key, fromWire(type.element, each, [...path, key])]),
        );
      }
      break;
    case 'object':
      if (isRecord(wire)) {
        return Object.fromEntries(
          Object.entries(type.attributes).map(([name, each]) => [
            name,
            fromWire(each, ownOf(wire, name), [...path, name]),
          ]),
        );
      }
      break;
    case 'dynamic':
      if (Array.isArray(wire) && wire.length === 2) {
        const actual = typeFromJson(JSON.parse(fromWire({ kind: 'string' }, wire[0], path) as string));
        return new Dynamic(actual, fromWire(actual, wire[1], path));
      }
      break;
  }
  throw new ValueMismatch(path, `a value of type ${typeText(type)}`, `a ${typeof wire}`);
}

function toWire(type: Type, value: Value | undefined, path: Path): unknown {
  if (value === null || value === undefined) return null;
  if (isUnknown(value)) return UNKNOWN_ON_WIRE;
  switch (type.kind) {
    case 'string':
      if (typeof value === 'string') return value;
      break;
    case 'number':
      if (typeof value === 'number' && Number.isFinite(value)) return numberToWire(value);
      if (typeof value === 'string') return numberToWire(checkedNumber(value, path));
      break;
    case 'bool':
      if (typeof value === 'boolean') return value;
      break;
    case 'list':
    case 'set':
      if (isArray(value)) return value.map((each, index) => toWire(type.element, each, [...path, index]));
      break;
    case 'tuple':
      if (isArray(value) && value.length === type.elements.length) {
        return type.elements.map((each, index) => toWire(each, value[index], [...path, index]));
      }
      break;
    case 'map':
      if (isFields(value)) {
        return Object.fromEntries(
          Object.entries(value).map(([key, each]) => [key, toWire(type.element, each, [...path, key])]),
        );
      }
      break;
    case 'object':
      if (isFields(value)) {
        const stranger = Object.keys(value).find((name) => !Object.hasOwn(type.attributes, name));
        if (stranger !== undefined) {
          throw new ValueMismatch(path, 'only declared attributes', `an attribute ${stranger}`);
        }
        return Object.fromEntries(
          Object.entries(type.attributes).map(([name, each]) => [
            name,
            toWire(each, ownOf(value, name), [...path, name]),
          ]),
        );
      }
      break;
    case 'dynamic':
      if (value instanceof Dynamic) {
        const typeJson = Buffer.from(JSON.stringify(typeToJson(value.type)));
        return [typeJson, toWire(value.type, value.value, path)];
      }
      break;
  }
  throw new ValueMismatch(path, `a value of type ${typeText(type)}`, described(value));
}

/** Safe whole numbers go as integers, everything else as decimal text: the host would read a double as its binary value. */
function numberToWire(value: number | string): number | string {
  return Number.isSafeInteger(value) ? value : String(value);
}

function checkedNumber(text: string, path: Path): number | string {
  try {
    return numberFromText(text);
  } catch {
    throw new ValueMismatch(path, 'a number', 'text that is no number');
  }
}

/** Attributes may be called like what every object inherits: `constructor`. */
function ownOf<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
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
