/**
 * The errors of this package. One class per meaning, each with a stable `code` that scripts may match on.
 * A message always says what was attempted, what came back and what to do next; it never holds a secret.
 */

import type { ErrorParts } from './error-text';
import { errorText, foundText, messageText, quotedNames } from './error-text';

export type { ErrorParts } from './error-text';
export { errorText } from './error-text';

/** Base of every error this package throws on purpose. */
export abstract class MemphisError extends Error {
  /** Stable identifier of the meaning; listed in `docs/errors.md`. */
  abstract readonly code: string;
  /** What was attempted, and on what: `create station "orders"`. */
  readonly attempted: string;
  /** What came back: the broker's own words, or what was found. */
  readonly found: string;
  /** Everything that is wrong, one entry for each; empty when `found` says it. */
  readonly problems: readonly string[];
  /** What to do about it; empty when there is nothing to advise. */
  readonly next: string;

  constructor(parts: ErrorParts) {
    const { attempted, problems = [], next = '', cause } = parts;
    super(messageText(parts), cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.attempted = attempted;
    this.found = foundText(parts);
    this.problems = problems;
    this.next = next;
  }
}

/** The broker cannot be reached: nothing listens, the name does not resolve, or the connection broke. */
export class ConnectionError extends MemphisError {
  /** Stable identifier of this meaning. */
  readonly code = 'MEMPHIS_CONNECTION';
}

/** The broker refused the user name, password or token. */
export class AuthenticationError extends MemphisError {
  /** Stable identifier of this meaning. */
  readonly code = 'MEMPHIS_AUTHENTICATION';
}

/** The broker did not answer in time. */
export class TimeoutError extends MemphisError {
  /** Stable identifier of this meaning. */
  readonly code = 'MEMPHIS_TIMEOUT';
}

/** The broker understood the request and refused it; `found` is its own text. */
export class BrokerRefusedError extends MemphisError {
  /** Stable identifier of this meaning. */
  readonly code = 'MEMPHIS_REFUSED';
}

/** The broker sent something that is not in its protocol. */
export class ProtocolError extends MemphisError {
  /** Stable identifier of this meaning. */
  readonly code = 'MEMPHIS_PROTOCOL';
}

/** The object that the operation needs is not on the broker. */
export class NotFoundError extends MemphisError {
  /** Stable identifier of this meaning. */
  readonly code = 'MEMPHIS_NOT_FOUND';
}

/** An object of that name is already on the broker and is not ours to change. */
export class AlreadyExistsError extends MemphisError {
  /** Stable identifier of this meaning. */
  readonly code = 'MEMPHIS_ALREADY_EXISTS';
}

/** Stored messages would be lost and nobody allowed it. */
export class MessageLossError extends MemphisError {
  /** Stable identifier of this meaning. */
  readonly code = 'MEMPHIS_MESSAGE_LOSS';
}

/** The object is protected against being destroyed or replaced. */
export class DeletionProtectedError extends MemphisError {
  /** Stable identifier of this meaning. */
  readonly code = 'MEMPHIS_DELETION_PROTECTED';
}

/** The state belongs to another broker than the one that was reached. */
export class BrokerMismatchError extends MemphisError {
  /** Stable identifier of this meaning. */
  readonly code = 'MEMPHIS_BROKER_MISMATCH';
}

/** The request would crash, stall or damage a real broker, so it is never sent. */
export class UnsafeRequestError extends MemphisError {
  /** Stable identifier of this meaning. */
  readonly code = 'MEMPHIS_UNSAFE_REQUEST';
}

/** Values given by the user are not valid; `problems` has all of them. */
export class ValidationError extends MemphisError {
  /** Stable identifier of this meaning. */
  readonly code = 'MEMPHIS_VALIDATION';

  constructor(attempted: string, problems: readonly string[]) {
    super({ attempted, found: '', problems });
  }
}

/** A message does not fit the schema that its station enforces. */
export class SchemaValidationError extends MemphisError {
  /** Stable identifier of this meaning. */
  readonly code = 'MEMPHIS_SCHEMA_VALIDATION';
}

/** A changed schema would not go on working with the messages or the consumers of its former versions. */
export class IncompatibleSchemaError extends MemphisError {
  /** Stable identifier of this meaning. */
  readonly code = 'MEMPHIS_INCOMPATIBLE_SCHEMA';
}

/** Something that has to be on this machine (a program, a file) is not there. */
export class EnvironmentError extends MemphisError {
  /** Stable identifier of this meaning. */
  readonly code = 'MEMPHIS_ENVIRONMENT';
}

/** The object was used after it had been closed or destroyed. */
export class ClosedError extends MemphisError {
  /** Stable identifier of this meaning. */
  readonly code = 'MEMPHIS_CLOSED';
}

/** A function of the program that was given messages threw. */
export class HandlerError extends MemphisError {
  /** Stable identifier of this meaning. */
  readonly code = 'MEMPHIS_HANDLER';
}

/** Dead letters that were sent again came faster than the program fetched, and were dropped. The broker still has them. */
export class UnreadDeadLettersError extends MemphisError {
  /** Stable identifier of this meaning. */
  readonly code = 'MEMPHIS_UNREAD_DEAD_LETTERS';
}

/** Work on several objects went wrong for some of them; nothing of the rest was undone. */
export class PartialFailureError extends MemphisError {
  /** Stable identifier of this meaning. */
  readonly code = 'MEMPHIS_PARTIAL_FAILURE';
  /** Names of the objects for which it went well. */
  readonly succeeded: readonly string[];
  /** Names of the others, each with its error. */
  readonly failed: ReadonlyMap<string, Error>;

  constructor(attempted: string, succeeded: readonly string[], failed: ReadonlyMap<string, Error>) {
    const done = succeeded.length === 0 ? '' : ` (done: ${quotedNames(succeeded)})`;
    super({
      attempted,
      found: `${failed.size} of ${failed.size + succeeded.length} failed${done}`,
      problems: [...failed].map(([name, error]) => `${name}: ${error.message}`),
    });
    this.succeeded = succeeded;
    this.failed = failed;
  }
}

/** @internal The text of anything that was thrown, for people: an error of this package says itself what was attempted. */
export function textForPeople(error: unknown, attempted: string): string {
  return error instanceof MemphisError ? error.message : messageText({ attempted, found: errorText(error) });
}
