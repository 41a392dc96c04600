import type { Message, Type } from 'protobufjs';
import { errorText } from '../../model/errors';
import { protoJsonPackage } from '../codec-packages';
import type { SchemaCodec } from '../compiled-schema';
import { MessageProblem } from '../compiled-schema';
import { givenBytes, holdsMoreThanMembers, kindOf } from '../message-bytes';
import { isStackOverflow } from '../stack-overflow';
import { shortened } from '../shortened';
import { missingRequiredField, addImplicitDefaults } from './message-fields';
import { asProtoJson } from './proto-json';

const MAX_NAME = 60;

/** Checks of messages against a protobuf message type. Each call works on values of its own. */
export function protobufCodec(type: Type): SchemaCodec {
  const { fromJson, toJson } = protoJsonPackage();
  return {
    wireBytes(message) {
      const bytes = givenBytes(message) ?? serialized(message);
      if (bytes !== undefined) return bytes;
      if (
        typeof message !== 'object' ||
        message === null ||
        Array.isArray(message) ||
        holdsMoreThanMembers(message)
      ) {
        throw new MessageProblem(`Unsupported message type: ${kindOf(message)}`);
      }
      try {
        const parsedMessage = fromJson(type, asProtoJson(message));
        // The encoder would write a default value for a required field that is not there.
        const missing = missingRequiredField(type, parsedMessage);
        if (missing !== undefined) throw new MessageProblem(`missing required field ${missing}`);
        return type.encode(parsedMessage).finish();
      } catch (error) {
        throw error instanceof MessageProblem ? error : new MessageProblem(misfitReason(error));
      }
    },
    read(bytes) {
      let message: Message;
      try {
        message = type.decode(bytes);
      } catch (error) {
        throw new MessageProblem(`Invalid message format, expecting protobuf: ${errorText(error)}`);
      }
      try {
        return addImplicitDefaults(type, toJson(type, message) as Record<string, unknown>);
      } catch (error) {
        throw new MessageProblem(errorText(error));
      }
    },
  };
}

/** The bytes of a message object that can serialise itself: of google-protobuf, protobuf-es or protobufjs. */
function serialized(message: unknown): Uint8Array | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { serializeBinary, toBinary, $type } = message as Readonly<Record<string, unknown>>;
  let bytes: unknown;
  try {
    if (typeof serializeBinary === 'function') bytes = serializeBinary.call(message);
    else if (typeof toBinary === 'function') bytes = toBinary.call(message);
    else if (isProtobufjsType($type)) bytes = $type.encode(message).finish();
    else return undefined;
  } catch (error) {
    throw new MessageProblem(`the message object cannot be serialised: it threw ${kindOf(error)}`);
  }
  return givenBytes(bytes);
}

function isProtobufjsType(type: unknown): type is Type {
  return (
    typeof type === 'object' && type !== null && typeof (type as { encode?: unknown }).encode === 'function'
  );
}

/** What the package says about a value, without the value. Everything else that is thrown may hold anything. */
function misfitReason(error: unknown): string {
  const text = errorText(error);
  if (isStackOverflow(error) || text === 'max depth exceeded')
    return 'the message is nested too deep to be checked';
  if (text === 'invalid encoding') return 'bytes are given as text that is not base64';
  const [, where, what, name] =
    /^(\.[\w.]+): (expected [\w ()]+|invalid [\w ]+|not an integer|out of range for \w+|unknown [\w ]+|duplicate field|multiple values for oneof \w+|[a-z][\w -]*)(?:: ([^]*))?$/.exec(
      text,
    ) ?? [];
  if (where === undefined || what === undefined) return `the message cannot be read: ${kindOf(error)}`;
  // The name of a field is not one of its values.
  return what.endsWith(' field')
    ? `${where}: ${what}: ${shortened(name ?? '', MAX_NAME)}`
    : `${where}: ${what}`;
}
