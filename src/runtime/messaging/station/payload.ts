import { ValidationError } from '../../../model/errors';
import { graphqlPackage } from '../../../model/schema/codec-packages';
import { givenBytes, kindOf } from '../../../model/schema/message-bytes';

/**
 * The bytes of a message for a station without a schema.
 * @throws ValidationError if there is no obvious form of the message in bytes.
 */
export function payloadWithoutSchema(message: unknown): Uint8Array {
  if (typeof message === 'string') return Buffer.from(message, 'utf8');
  const bytes = givenBytes(message);
  if (bytes !== undefined) return bytes;
  if (typeof message === 'object' && message !== null && !Array.isArray(message)) {
    const payload = payloadOfObject(message);
    if (payload !== undefined) return payload;
  }
  throw new ValidationError('produce a message', [
    `Unsupported message type: ${kindOf(message)}; give bytes, a string, a plain object, or an object that serializes itself`,
  ]);
}

/** Objects that JSON would turn into an empty object or a bare string, losing what they hold. */
const notPlain = ['Date', 'Map', 'Set', 'Promise', 'RegExp', 'Error'].map((name) => `[object ${name}]`);

function payloadOfObject(message: object): Uint8Array | undefined {
  if (notPlain.includes(Object.prototype.toString.call(message))) return undefined;
  const serialized = serializeItself(message as SelfSerializing);
  if (serialized !== undefined) return serialized;
  const text = documentText(message) ?? JSON.stringify(message);
  return Buffer.from(text, 'utf8');
}

/** The ways in which the message classes of the protobuf libraries give their bytes. */
interface SelfSerializing {
  readonly serializeBinary?: unknown;
  readonly toBinary?: unknown;
  readonly constructor?: { readonly encode?: unknown };
}

function serializeItself(message: SelfSerializing): Uint8Array | undefined {
  if (typeof message.serializeBinary === 'function') {
    return (message.serializeBinary as () => Uint8Array).call(message);
  }
  if (typeof message.toBinary === 'function') return (message.toBinary as () => Uint8Array).call(message);
  const made = message.constructor;
  if (typeof made?.encode === 'function') {
    const encode = made.encode as (message: unknown) => { finish(): Uint8Array };
    return encode.call(made, message).finish();
  }
  return undefined;
}

interface GraphqlDocument {
  readonly kind?: unknown;
  readonly loc?: { readonly source?: { readonly body?: unknown } };
}

/** The text of a GraphQL document: what it was read from, or printed if it was built without a source. */
function documentText(message: GraphqlDocument): string | undefined {
  if (message.kind !== 'Document') return undefined;
  const body = message.loc?.source?.body;
  if (typeof body === 'string') return body;
  const { print } = graphqlPackage();
  return print(message as Parameters<typeof print>[0]);
}
