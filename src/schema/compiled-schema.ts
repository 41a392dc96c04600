import { SchemaValidationError } from '../model/errors';
import type { SchemaType } from '../model/schema-type';
import { shortened } from './shortened';

/** What a message was read as: its value, or the reason why the schema does not fit it and its unchanged bytes. */
export type DecodedMessage =
  | { readonly matched: true; readonly value: unknown }
  | { readonly matched: false; readonly bytes: Uint8Array; readonly reason: string };

/** A schema that is ready to check messages. It keeps no state between messages and never changes a message. */
export interface CompiledSchema {
  readonly type: SchemaType;

  /**
   * Checks a message and gives the bytes to send.
   *
   * Every type takes bytes (`Uint8Array`, `Buffer`, `ArrayBuffer`, any view); they are sent unchanged, and the
   * returned array may be the very one that was given. Besides bytes:
   * - json and avro: a plain object, an array, a number, a boolean or null, sent as compact JSON text; a string is
   *   taken as JSON text and sent as it is (so the JSON value `hello` is written `'"hello"'`).
   * - protobuf: a plain object by the rules of proto-JSON (lowerCamelCase or original field names; bytes fields also
   *   as `Uint8Array`, 64-bit fields also as bigint), or a message object that can serialise itself
   *   (`serializeBinary()`, `toBinary()`, or made by protobufjs). A string is refused.
   * - graphql: the text of an executable document, or a `DocumentNode`.
   * @throws SchemaValidationError if the message does not fit. Its `found` is
   *   `Schema validation has failed: ` and the reason.
   */
  encode(message: unknown): Uint8Array;

  /**
   * Reads the bytes of a message. json and avro give the JSON value; protobuf gives a plain object by the rules of
   * proto-JSON, with lowerCamelCase names and with the default value of each field that has no presence; graphql
   * gives the text. Bytes that the schema does not fit, such as a message older than the schema, do not throw.
   */
  decode(bytes: Uint8Array): DecodedMessage;

  /**
   * The bytes that stand for a message that failed: the bytes that would have been sent, or its JSON text if there
   * are none. It takes every value and never throws.
   */
  failedMessageBytes(message: unknown): Uint8Array;
}

/**
 * What is particular to a schema type. The bytes are always made first and then checked, so what was checked is what
 * is sent.
 */
export interface SchemaCodec {
  /** The bytes of a message, not yet checked. Throws `MessageProblem` if this type has no bytes for such a value. */
  wireBytes(message: unknown): Uint8Array;
  /** The value of checked bytes. Throws `MessageProblem` if the schema does not fit them. */
  read(bytes: Uint8Array): unknown;
}

/** More than a person reads, and far below what fits into the record of a failed message. */
const MAX_REASON = 4000;

/**
 * Why a message does not fit its schema. Stays inside this folder; callers see `SchemaValidationError`. The reason is
 * logged and stored, so it holds names and places, but no value of the message, and it does not grow with the message.
 */
export class MessageProblem extends Error {
  constructor(reason: string) {
    super(shortened(reason, MAX_REASON));
  }
}

/** The words in front of every reason, as users of the Memphis SDKs know them. */
const VALIDATION_FAILED = 'Schema validation has failed: ';

export function schemaValidationError(
  type: SchemaType,
  reason: string,
  cause?: unknown,
): SchemaValidationError {
  return new SchemaValidationError({
    attempted: `encode the message with its ${type} schema`,
    found: VALIDATION_FAILED + reason,
    next: 'Change the message, or the schema that the station enforces.',
    cause,
  });
}
