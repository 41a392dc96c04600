import { ValidationError } from '../errors';
import type { CompiledSchema, DecodedMessage, SchemaCodec } from './compiled-schema';
import { MessageProblem, schemaValidationError } from './compiled-schema';
import { jsonCodec } from './json/codec';
import { bytesOfAnything } from './message-bytes';
import type { SchemaType } from './schema-type';

/** A schema as the broker hands it to clients. */
export interface SchemaDefinition {
  readonly type: SchemaType;
  /** The text of the schema. */
  readonly content: string;
  /**
   * protobuf only: name of the message type, without or with the package. Default: the first message of the file.
   */
  readonly messageStructName?: string;
  /**
   * protobuf only: serialised `FileDescriptorSet`, as bytes or in standard base64 as the broker sends it. Default:
   * made from `content`. An empty value counts as none.
   */
  readonly descriptor?: Uint8Array | string;
}

/**
 * Makes a schema ready to check messages. Compile once per schema version, not per message.
 * @throws ValidationError if the schema cannot be used; `problems` says why.
 */
export function compileSchema(definition: SchemaDefinition): CompiledSchema {
  const { type } = definition;
  const codec = codecOf(definition);
  if (isProblems(codec)) throw new ValidationError(`compile the ${type} schema`, codec);
  return {
    type,
    encode(message) {
      try {
        return codec.encode(message);
      } catch (error) {
        if (error instanceof MessageProblem) throw schemaValidationError(type, error.message);
        throw error;
      }
    },
    decode(bytes): DecodedMessage {
      try {
        return { matched: true, value: codec.decode(bytes) };
      } catch (error) {
        if (error instanceof MessageProblem) return { matched: false, bytes, reason: error.message };
        throw error;
      }
    },
    failedMessageBytes: (message) => codec.failedMessageBytes(message) ?? bytesOfAnything(message),
  };
}

function codecOf({ type, content }: SchemaDefinition): SchemaCodec | readonly string[] {
  switch (type) {
    case 'json':
      return jsonCodec(content);
    case 'avro':
    case 'protobuf':
    case 'graphql':
      throw new Error(`schema type ${type} is not there yet`);
  }
}

function isProblems(codec: SchemaCodec | readonly string[]): codec is readonly string[] {
  return Array.isArray(codec);
}
