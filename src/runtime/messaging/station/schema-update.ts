import { ProtocolError } from '../../../model/errors';
import type { SchemaType } from '../../../schema';
import { schemaTypes } from '../../../schema';

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

/**
 * Reads the broker's form.
 * @returns undefined when the station enforces no schema, which the broker tells by an empty name.
 * @throws ProtocolError if it names a type that is not known.
 */
export function readSchemaUpdate(value: unknown): SchemaUpdate | undefined {
  const update = record(value);
  const name = text(update.schema_name);
  if (name === '') return undefined;
  const type = text(update.type);
  if (!isSchemaType(type)) {
    throw new ProtocolError({
      attempted: `read the schema "${name}"`,
      found: `the broker says it is of type "${type}"`,
      next: `Known are ${schemaTypes.join(', ')}`,
    });
  }
  const version = record(update.active_version);
  return {
    name,
    type,
    versionNumber: typeof version.version_number === 'number' ? version.version_number : 0,
    content: text(version.schema_content),
    messageStructName: text(version.message_struct_name),
    descriptor: text(version.descriptor),
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isSchemaType(type: string): type is SchemaType {
  return (schemaTypes as readonly string[]).includes(type);
}
