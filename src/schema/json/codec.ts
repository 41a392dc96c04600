import type { SchemaCodec } from '../compiled-schema';
import { MessageProblem } from '../compiled-schema';
import { isStackOverflow } from '../stack-overflow';
import { bytesOfText, givenBytes, jsonTextOf, jsonValueOf } from '../message-bytes';
import type { Check, Failure } from './check';
import { CheckStopped, CheckRun } from './check';
import { failureText } from './failure-text';

const EXPECTING = 'Expecting Json format';

/** Keeps the time of a check below a second, whatever the schema; a usual message takes fewer steps than it has bytes. */
const MAX_STEPS = 300_000;
const MAX_STEPS_PER_BYTE = 10;

/** A larger message may have as many failures as bytes. */
const MAX_BYTES_FOR_FURTHER = 64 * 1024;
/** Limits of a schema guard what comes after them, so a check that does not end at the first failure may take longer. */
const MAX_STEPS_FOR_FURTHER = 200_000;

/** Checks of messages against a JSON schema. */
export function jsonCodec(check: Check): SchemaCodec {
  return {
    wireBytes: (message) =>
      givenBytes(message) ?? bytesOfText(typeof message === 'string' ? message : jsonTextOf(message)),
    read(bytes) {
      const value = jsonValueOf(bytes, EXPECTING);
      const first = firstFailures(check, value, bytes.byteLength);
      if (first === undefined) return value;
      throw new MessageProblem(
        failureText(first, furtherFailures(check, value, bytes.byteLength, first), value),
      );
    },
  };
}

/** The first failure with what it follows from; undefined if the message fits. */
function firstFailures(check: Check, value: unknown, size: number): readonly Failure[] | undefined {
  const run = new CheckRun('first', MAX_STEPS + size * MAX_STEPS_PER_BYTE);
  try {
    return check(value, run, undefined) ? undefined : run.failures;
  } catch (error) {
    if (error instanceof CheckStopped)
      throw new MessageProblem(`the check of the message did not end: ${error.message}`);
    if (isStackOverflow(error)) throw new MessageProblem('the message is nested too deep to be checked');
    throw error;
  }
}

/** What else is wrong with a message, as far as that is found in time. */
function furtherFailures(
  check: Check,
  value: unknown,
  size: number,
  first: readonly Failure[],
): readonly Failure[] {
  if (size > MAX_BYTES_FOR_FURTHER) return [];
  const run = new CheckRun('all', MAX_STEPS_FOR_FURTHER);
  try {
    check(value, run, undefined);
  } catch {
    // What was found until then is right, too.
  }
  const known = new Set(first.map(identity));
  const places = new Set(first.map(({ instancePath }) => instancePath));
  return run.failures.filter(
    (failure) =>
      failure.keyword !== 'propertyNames' &&
      !(places.has(failure.instancePath) && known.has(identity(failure))),
  );
}

function identity({ instancePath, schemaPath, params }: Failure): string {
  return JSON.stringify([instancePath, schemaPath, params]);
}
