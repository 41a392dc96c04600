import { errorText, SchemaValidationError, ValidationError } from '../../model/errors';
import { readAvroSchema } from '../avro/content';
import type { SchemaDefinition } from '../compile';
import { compileSchema } from '../compile';
import { readGraphqlSchema } from '../graphql/content';
import { findMessageType } from '../protobuf/message-type';
import { avroDatum } from './avro';
import type { Edge } from './choices';
import { Choices } from './choices';
import { graphqlDocument } from './graphql';
import { JsonValues } from './json';
import { protobufMessage } from './protobuf';

/** How often a message is tried before the schema counts as too difficult. */
const MOST_TRIES = 50;

/**
 * Generates messages that a schema accepts. The same seed gives the same messages. The first one is as small as the schema
 * allows, the second one as large; the others are random, with edges now and then.
 * @returns the bytes of the message with that number, counted from 0.
 * @throws ValidationError if no message could be generated that fits.
 */
export function messageGenerator(definition: SchemaDefinition, seed: number): (number: number) => Uint8Array {
  const compiled = compileSchema(definition);
  const generate = generatorOf(definition);
  return (number) => {
    let reason = '';
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const choices = new Choices(mixed(seed, number, tries), tries > 0 ? 'random' : edgeOf(number));
      try {
        return compiled.encode(generate(choices));
      } catch (error) {
        reason = error instanceof SchemaValidationError ? error.found : errorText(error);
      }
    }
    throw new ValidationError('generate a message from the schema', [
      `${MOST_TRIES} attempts gave no message that the ${definition.type} schema accepts (the last: ${reason}); give a sample instead`,
    ]);
  };
}

function generatorOf(definition: SchemaDefinition): (choices: Choices) => unknown {
  const { type, content } = definition;
  switch (type) {
    case 'json': {
      const root = JSON.parse(content) as unknown;
      // As text: a string would be taken for JSON text otherwise.
      return (choices) => JSON.stringify(new JsonValues(root, choices).value());
    }
    case 'avro': {
      const { type: avro } = readAvroSchema(content);
      return (choices) => (avro === undefined ? undefined : JSON.stringify(avroDatum(avro, choices)));
    }
    case 'protobuf': {
      const { messageStructName, descriptor } = definition;
      const { type: message } = findMessageType({ content, messageStructName, descriptor });
      return (choices) => (message === undefined ? undefined : protobufMessage(message, choices));
    }
    case 'graphql': {
      const { schema } = readGraphqlSchema(content);
      return (choices) => (schema === undefined ? undefined : graphqlDocument(schema, choices));
    }
  }
}

function edgeOf(number: number): Edge {
  return number === 0 ? 'smallest' : number === 1 ? 'largest' : 'random';
}

/** One seed of three numbers; each of them changes all of it. */
function mixed(seed: number, number: number, tries: number): number {
  let hash = 0x811c9dc5;
  for (const part of [seed, number, tries]) hash = Math.imul(hash ^ (part | 0), 0x01000193) ^ (hash >>> 13);
  return hash >>> 0;
}
