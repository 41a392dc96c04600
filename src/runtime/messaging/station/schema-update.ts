import { ProtocolError } from '../../../model/errors';
import type { SchemaType } from '../../../schema';
import { schemaTypes } from '../../../schema';
import { checked, count, object, optional, text } from '../../connection/shape';

/** The schema that a station enforces, as the broker sends it in creation replies and broadcasts. */
export interface SchemaUpdate {
  readonly name: string;
  readonly type: SchemaType;
  readonly versionNumber: number;
  readonly content: string;
  readonly messageStructName: string;
  /** Standard base64; empty for types other than protobuf. */
  readonly descriptor: string;
}

const anyUpdate = object({ schema_name: text });

const enforcedSchema = object({
  schema_name: text,
  type: text,
  active_version: object({
    version_number: count,
    schema_content: text,
    message_struct_name: optional(text),
    descriptor: optional(text),
  }),
});

/** The broadcast about a station's schema. */
const broadcast = object({ init: anyUpdate });

/**
 * Reads a broadcast.
 * @returns undefined when the station enforces no schema any more.
 * @throws ProtocolError if it does not fit.
 */
export function readSchemaBroadcast(value: unknown, subject: string): SchemaUpdate | undefined {
  const origin = { attempted: 'follow the schema of a station', from: `the broadcast on ${subject}` };
  return readSchemaUpdate(checked(value, broadcast, origin).init);
}

/**
 * Reads the broker's form.
 * @returns undefined when the station enforces no schema, which the broker tells by an empty name, and brokers without
 *   schemas by nothing.
 * @throws ProtocolError if it does not fit, or names a type that is not known.
 */
export function readSchemaUpdate(value: unknown): SchemaUpdate | undefined {
  if (value === undefined || value === null) return undefined;
  const origin = { attempted: 'read the schema of a station', from: 'what the broker says of it' };
  const { schema_name: name } = checked(value, anyUpdate, origin);
  if (name === '') return undefined;
  const { type, active_version: version } = checked(value, enforcedSchema, origin);
  if (!isKnownSchemaType(type)) {
    throw new ProtocolError({
      attempted: `read the schema "${name}"`,
      found: `the broker says it is of type "${type}"`,
      next: `Known are ${schemaTypes.join(', ')}`,
    });
  }
  return {
    name,
    type,
    versionNumber: version.version_number,
    content: version.schema_content,
    messageStructName: version.message_struct_name ?? '',
    descriptor: version.descriptor ?? '',
  };
}

function isKnownSchemaType(type: string): type is SchemaType {
  return (schemaTypes as readonly string[]).includes(type);
}
