import type { ErrorObject, ValidateFunction } from 'ajv/dist/core';
import type { SchemaCodec } from '../compiled-schema';
import { MessageProblem } from '../compiled-schema';
import { bytesOfText, givenBytes, jsonTextOf, textOfBytes } from '../message-bytes';
import { readJsonSchema } from './content';

/** Checks of messages against a JSON schema; a list of problems if the schema cannot be used. */
export function jsonCodec(content: string): SchemaCodec | readonly string[] {
  const { validate, problems } = readJsonSchema(content);
  if (problems !== undefined) return problems;
  return {
    encode(message) {
      const bytes = givenBytes(message);
      const text =
        bytes === undefined ? (typeof message === 'string' ? message : jsonTextOf(message)) : undefined;
      check(validate, jsonValue(bytes ?? text ?? '', 'Expecting Json format'));
      return bytes ?? bytesOfText(text ?? '');
    },
    decode(bytes) {
      const value = jsonValue(bytes, 'Expecting Json format');
      check(validate, value);
      return value;
    },
    failedMessageBytes: () => undefined,
  };
}

/** The value that JSON text stands for. */
export function jsonValue(given: Uint8Array | string, expecting: string): unknown {
  try {
    return JSON.parse(typeof given === 'string' ? given : textOfBytes(given)) as unknown;
  } catch (error) {
    throw new MessageProblem(`${expecting}: ${String(error)}`);
  }
}

function check(validate: ValidateFunction, value: unknown): void {
  let fits: unknown;
  try {
    fits = validate(value);
  } catch (error) {
    // A schema that refers to itself without an end, or a value nested too deep for the stack.
    throw new MessageProblem(`the check of the message did not end: ${String(error)}`);
  }
  if (fits !== true) throw new MessageProblem((validate.errors ?? []).map(validationProblem).join(', '));
}

/** The form that users of the Memphis SDK for Node.js know. */
function validationProblem(error: ErrorObject): string {
  const message = error.message ?? error.keyword;
  return error.instancePath === '' ? message : `${error.schemaPath} ${message}`;
}
