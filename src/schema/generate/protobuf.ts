import type { Enum, Field, MapField, OneOf, Type } from 'protobufjs';
import type { Choices } from './choices';

/** Nested deeper than this, only required fields are generated. */
const MAX_DEPTH = 4;

/** A message of a protobuf type, as an object by the rules of proto-JSON. */
export function protobufMessage(type: Type, choices: Choices, depth = 0): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  for (const field of type.fieldsArray) {
    if (!isThere(field.resolve(), choices, depth)) continue;
    message[field.name] = fieldValue(field, choices, depth);
  }
  const spare = new Set(type.oneofsArray.flatMap((oneof) => allButOne(oneof, message, choices)));
  return Object.fromEntries(Object.entries(message).filter(([name]) => !spare.has(name)));
}

function isThere(field: Field, choices: Choices, depth: number): boolean {
  return field.required || (depth < MAX_DEPTH && choices.isPresent());
}

/** At most one field of a oneof may be set: the names of the others. */
function allButOne({ fieldsArray }: OneOf, message: object, choices: Choices): string[] {
  const set = fieldsArray.map(({ name }) => name).filter((name) => name in message);
  if (set.length < 2) return [];
  const kept = choices.oneOf(set);
  return set.filter((name) => name !== kept);
}

function fieldValue(field: Field, choices: Choices, depth: number): unknown {
  if (field.map) {
    const { keyType } = field as unknown as MapField;
    const count = choices.length(0, 3, 2);
    const entries = Array.from({ length: count }, (_, index) => [
      keyType === 'string' ? `key${index}` : keyType === 'bool' ? String(index % 2 === 0) : String(index),
      singleValue(field, choices, depth),
    ]);
    return Object.fromEntries(entries) as unknown;
  }
  if (!field.repeated) return singleValue(field, choices, depth);
  return Array.from({ length: choices.length(0, 3, 2) }, () => singleValue(field, choices, depth));
}

function singleValue(field: Field, choices: Choices, depth: number): unknown {
  const { resolvedType } = field;
  if (resolvedType !== null) {
    return isEnum(resolvedType)
      ? choices.oneOf(Object.keys(resolvedType.values))
      : protobufMessage(resolvedType, choices, depth + 1);
  }
  switch (field.type) {
    case 'bool':
      return choices.oneOf([false, true]);
    case 'string':
      return choices.text(choices.length(0, undefined, 12));
    case 'bytes':
      return Buffer.from(
        Array.from({ length: choices.length(0, undefined, 12) }, () => choices.integer(0, 255)),
      ).toString('base64');
    case 'float':
    case 'double':
      return choices.integer(-1_000_000, 1_000_000) / 64;
    case 'uint32':
    case 'fixed32':
      return choices.integer(0, 4_294_967_295);
    case 'uint64':
    case 'fixed64':
      return choices.edge === 'largest'
        ? '18446744073709551615'
        : String(choices.integer(0, Number.MAX_SAFE_INTEGER));
    case 'int64':
    case 'sint64':
    case 'sfixed64':
      return choices.edge === 'largest'
        ? '9223372036854775807'
        : String(choices.integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER));
    default:
      return choices.integer(-2_147_483_648, 2_147_483_647);
  }
}

function isEnum(type: Type | Enum): type is Enum {
  return 'valuesById' in type;
}
