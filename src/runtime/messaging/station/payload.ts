import { errorText, MemphisError, ValidationError } from '../../../model/errors';
import { graphqlPackage } from '../../../schema/codec-packages';
import { givenBytes, holdsMoreThanMembers, kindOf } from '../../../schema/message-bytes';

/**
 * What is sent: bytes, or a string that stands for its UTF-8. A string is encoded only where it is written to the
 * connection, so that no bytes of it are allocated and copied before.
 */
export type Payload = Uint8Array | string;

/** The bytes that a payload stands for. */
export function payloadBytes(payload: Payload): Uint8Array {
  return typeof payload === 'string' ? Buffer.from(payload, 'utf8') : payload;
}

/**
 * The payload of a message for a station without a schema.
 * @throws ValidationError if there is no obvious form of the message in bytes.
 */
export function payloadWithoutSchema(message: unknown): Payload {
  if (typeof message === 'string') return message;
  const bytes = givenBytes(message);
  if (bytes !== undefined) return bytes;
  if (typeof message !== 'object' || message === null || Array.isArray(message) || isNotPlain(message)) {
    throw notSendable(unsupported(message));
  }
  return payloadOfObject(message);
}

/** What is wrong with a message for a station without a schema; undefined when nothing is. */
export function payloadProblem(message: unknown): string | undefined {
  try {
    payloadWithoutSchema(message);
    return undefined;
  } catch (error) {
    if (error instanceof ValidationError) return error.problems[0];
    throw error;
  }
}

/** What is wrong with a message that no station takes, whatever its schema. */
export function messageProblem(message: unknown): string | undefined {
  const isNothing = message === undefined || typeof message === 'function' || typeof message === 'symbol';
  return isNothing || holdsMoreThanMembers(message) ? unsupported(message) : undefined;
}

function notSendable(problem: string): ValidationError {
  return new ValidationError('produce a message', [problem]);
}

function unsupported(message: unknown): string {
  return `message cannot be sent: Unsupported message type: ${kindOf(message)}; give bytes, a string, a plain object, or an object that serializes itself`;
}

/** Objects that JSON would turn into an empty object or a bare value, losing what they hold. */
function isNotPlain(message: object): boolean {
  const tag = Object.prototype.toString.call(message);
  if (tag === '[object Object]') return false;
  return holdsMoreThanMembers(message) || /^\[object (Date|Number|String|Boolean|BigInt|Symbol)\]$/.test(tag);
}

function payloadOfObject(message: object): Payload {
  try {
    const serialized = serializeItself(message as SelfSerializing);
    if (serialized !== undefined) return bytesOnly(serialized);
    const text: unknown = graphqlSource(message) ?? JSON.stringify(message);
    // In spite of its type: an object whose toJSON gives nothing has no text.
    if (typeof text === 'string') return text;
  } catch (error) {
    if (error instanceof MemphisError) throw error;
    // The message about a circular object has many lines, which show how the circle runs.
    const [reason = ''] = errorText(error).split('\n', 1);
    throw notSendable(`message cannot be written as JSON: ${reason}; give plain data, or bytes`);
  }
  throw notSendable('message cannot be sent: its toJSON gives nothing that JSON can write');
}

function bytesOnly(serialized: unknown): Uint8Array {
  const bytes = givenBytes(serialized);
  if (bytes !== undefined) return bytes;
  throw notSendable(`message cannot be sent: it serializes itself to ${kindOf(serialized)}, not to bytes`);
}

/** The ways in which the message classes of the protobuf libraries give their bytes. */
interface SelfSerializing {
  readonly serializeBinary?: unknown;
  readonly toBinary?: unknown;
  readonly constructor?: { readonly encode?: unknown };
}

function serializeItself(message: SelfSerializing): unknown {
  if (typeof message.serializeBinary === 'function') {
    return (message.serializeBinary as () => unknown).call(message);
  }
  if (typeof message.toBinary === 'function') return (message.toBinary as () => unknown).call(message);
  const messageClass = message.constructor;
  if (typeof messageClass?.encode === 'function') {
    const encode = messageClass.encode as (message: unknown) => { finish(): unknown };
    return encode.call(messageClass, message).finish();
  }
  return undefined;
}

interface GraphqlDocument {
  readonly kind?: unknown;
  readonly loc?: { readonly source?: { readonly body?: unknown } };
}

/** The text of a GraphQL document: what it was read from, or printed if it was built without a source. */
function graphqlSource(message: GraphqlDocument): string | undefined {
  if (message.kind !== 'Document') return undefined;
  const body = message.loc?.source?.body;
  if (typeof body === 'string') return body;
  const { print } = graphqlPackage();
  return print(message as Parameters<typeof print>[0]);
}
