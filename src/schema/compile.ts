import { ValidationError } from '../model/errors';
import type { CompiledSchema, DecodedMessage, SchemaCodec } from './compiled-schema';
import { MessageProblem, schemaValidationError } from './compiled-schema';
import { avroCodec } from './avro/codec';
import { readAvroSchema } from './avro/content';
import { graphqlCodec } from './graphql/codec';
import { readGraphqlSchema } from './graphql/content';
import { jsonCodec } from './json/codec';
import { readJsonSchema } from './json/content';
import { bytesOfAnything } from './message-bytes';
import { protobufCodec } from './protobuf/codec';
import { findMessageType } from './protobuf/message-type';
import type { SchemaType } from '../model/schema-type';

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
        const bytes = codec.wireBytes(message);
        codec.read(bytes);
        return bytes;
      } catch (error) {
        if (error instanceof MessageProblem) throw schemaValidationError(type, error.message);
        throw error;
      }
    },
    decode(bytes): DecodedMessage {
      try {
        return { matched: true, value: codec.read(bytes) };
      } catch (error) {
        if (error instanceof MessageProblem) return { matched: false, bytes, reason: error.message };
        throw error;
      }
    },
    failedMessageBytes(message) {
      try {
        return codec.wireBytes(message);
      } catch {
        return bytesOfAnything(message);
      }
    },
  };
}

/** What checks the messages of a schema, or why there is none. */
function codecOf(definition: SchemaDefinition): SchemaCodec | readonly string[] {
  const { type, content } = definition;
  switch (type) {
    case 'json': {
      const { check, problems } = readJsonSchema(content);
      return problems === undefined ? jsonCodec(check) : problems.map(({ person }) => person);
    }
    case 'avro': {
      const read = readAvroSchema(content);
      return read.problems === undefined ? avroCodec(read.type) : read.problems.map(({ person }) => person);
    }
    case 'protobuf': {
      const { messageStructName, descriptor } = definition;
      const found = findMessageType({ content, messageStructName, descriptor });
      return found.problems ?? protobufCodec(found.type);
    }
    case 'graphql': {
      const { schema, problems } = readGraphqlSchema(content);
      return problems === undefined ? graphqlCodec(schema) : problems.map(({ person }) => person);
    }
  }
}

function isProblems(codec: SchemaCodec | readonly string[]): codec is readonly string[] {
  return Array.isArray(codec);
}
