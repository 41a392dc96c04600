import type { Field, MapField, Type } from 'protobufjs';

/** The full name of a required field (proto2) that a message lacks, at any depth; undefined if there is none. */
export function missingRequiredField(type: Type, message: object): string | undefined {
  for (const field of type.fieldsArray) {
    const value = Object.hasOwn(message, field.name)
      ? (message as Readonly<Record<string, unknown>>)[field.name]
      : undefined;
    if (value === undefined) {
      if (field.required) return field.resolve().fullName.replace(/^\./, '');
      continue;
    }
    const inner = innerMessageType(field.resolve());
    if (inner === undefined) continue;
    for (const part of partsOf(field, value)) {
      const missing = missingRequiredField(inner, part);
      if (missing !== undefined) return missing;
    }
  }
  return undefined;
}

/**
 * Adds the fields that proto-JSON leaves out because they hold their default value. Fields with presence stay absent:
 * for them, absent is a value of its own.
 */
export function addImplicitDefaults(type: Type, message: Record<string, unknown>): Record<string, unknown> {
  for (const field of type.fieldsArray) {
    const { jsonName } = field.resolve();
    const value = message[jsonName];
    const inner = innerMessageType(field);
    const hasPresence = field.hasPresence || (inner !== undefined && !field.map && !field.repeated);
    if (value === undefined) {
      if (!hasPresence) message[jsonName] = emptyValue(field);
      continue;
    }
    if (inner === undefined) continue;
    for (const part of partsOf(field, value)) addImplicitDefaults(inner, part as Record<string, unknown>);
  }
  return message;
}

function emptyValue(field: Field): unknown {
  if (field.map) return {};
  if (field.repeated) return [];
  if (field.resolvedType !== null && 'valuesById' in field.resolvedType)
    return field.resolvedType.valuesById[0] ?? 0;
  switch (field.type) {
    case 'string':
    case 'bytes':
      return '';
    case 'bool':
      return false;
    default:
      return field.type.endsWith('64') ? '0' : 0;
  }
}

/** The messages in a field, in the items of a repeated one, or in the values of a map field. */
function partsOf(field: Field, value: unknown): readonly object[] {
  return (field.map || field.repeated ? Object.values(value as object) : [value]) as object[];
}

/** The type of the messages in a field, or in the values of a map field. */
function innerMessageType(field: Field | MapField): Type | undefined {
  return field.resolvedType !== null && 'fields' in field.resolvedType ? field.resolvedType : undefined;
}
