import type { ErrorObject, ValidateFunction } from 'ajv/dist/core';
import type { SchemaCodec } from '../compiled-schema';
import { MessageProblem } from '../compiled-schema';
import { bytesOfText, givenBytes, jsonTextOf, jsonValueOf } from '../message-bytes';

const EXPECTING = 'Expecting Json format';

/** Checks of messages against a JSON schema. */
export function jsonCodec(validate: ValidateFunction): SchemaCodec {
  return {
    wireBytes: (message) =>
      givenBytes(message) ?? bytesOfText(typeof message === 'string' ? message : jsonTextOf(message)),
    read(bytes) {
      const value = jsonValueOf(bytes, EXPECTING);
      check(validate, value);
      return value;
    },
  };
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
