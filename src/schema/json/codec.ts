import type { ValidateFunction } from 'ajv/dist/core';
import type { SchemaCodec } from '../compiled-schema';
import { MessageProblem } from '../compiled-schema';
import { bytesOfText, givenBytes, jsonTextOf, jsonValueOf } from '../message-bytes';
import { failureText } from './failure-text';
import { FurtherFailures } from './further-failures';

const EXPECTING = 'Expecting Json format';

/** Checks of messages against a JSON schema. */
export function jsonCodec(validate: ValidateFunction): SchemaCodec {
  const further = new FurtherFailures(validate.schema);
  return {
    wireBytes: (message) =>
      givenBytes(message) ?? bytesOfText(typeof message === 'string' ? message : jsonTextOf(message)),
    read(bytes) {
      const value = jsonValueOf(bytes, EXPECTING);
      if (isValid(validate, value)) return value;
      const first = validate.errors ?? [];
      throw new MessageProblem(failureText(first, further.of(value, bytes.byteLength, first), value));
    },
  };
}

function isValid(validate: ValidateFunction, value: unknown): boolean {
  try {
    return validate(value);
  } catch (error) {
    // A schema that refers to itself without an end, or a value nested too deep for the stack.
    throw new MessageProblem(`the check of the message did not end: ${String(error)}`);
  }
}
