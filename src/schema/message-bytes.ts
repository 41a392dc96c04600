import { errorText } from '../model/errors';
import { MessageProblem } from './compiled-schema';
import { isStackOverflow } from './stack-overflow';
import { JsonTextError, parseJsonText } from './json-text';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The bytes of a message that was given as bytes in any form; undefined for everything else. */
export function givenBytes(message: unknown): Uint8Array | undefined {
  if (message instanceof Uint8Array) return message;
  if (ArrayBuffer.isView(message))
    return new Uint8Array(message.buffer, message.byteOffset, message.byteLength);
  // Values of another realm (a jest sandbox, a worker's vm context) are no instances of this one's classes.
  if (Object.prototype.toString.call(message) === '[object ArrayBuffer]') {
    return new Uint8Array(message as ArrayBuffer);
  }
  return undefined;
}

/** The text of bytes; throws a `TypeError` if they are not UTF-8. */
export function textOfBytes(bytes: Uint8Array): string {
  return strictUtf8.decode(bytes);
}

export function bytesOfText(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

/**
 * The compact JSON text of a message. `replacer` is that of `JSON.stringify`.
 * @throws MessageProblem if JSON has no text for it.
 */
export function jsonTextOf(
  message: unknown,
  replacer?: (this: unknown, key: string, value: unknown) => unknown,
): string {
  if (!hasJsonText(message)) throw new MessageProblem(`Unsupported message type: ${kindOf(message)}`);
  let text: unknown;
  try {
    text = JSON.stringify(message, replacer);
  } catch (error) {
    throw new MessageProblem(`the message cannot be written as JSON: ${unwritableReason(error)}`);
  }
  // A function or a symbol has no text, in spite of what the type of JSON.stringify says.
  if (typeof text !== 'string') throw new MessageProblem(`Unsupported message type: ${kindOf(message)}`);
  return text;
}

/**
 * The value that JSON text stands for; `expecting` starts the reason if it is none.
 * @throws MessageProblem
 */
export function jsonValueOf(given: Uint8Array | string, expecting: string): unknown {
  let text: string;
  try {
    text = typeof given === 'string' ? given : textOfBytes(given);
  } catch {
    throw new MessageProblem(`${expecting}: the bytes are not UTF-8 text`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // What JavaScript says shows a piece of the message.
    throw new MessageProblem(`${expecting}: SyntaxError: ${brokenPlace(text)}`);
  }
}

/** Where JSON text is broken, without a word of it. */
function brokenPlace(text: string): string {
  try {
    parseJsonText(text);
  } catch (error) {
    if (error instanceof JsonTextError) {
      return error.message.replace(/ after the name "[^]*", found/, ', found').replace(/, found [^]*$/, '');
    }
  }
  return 'the text is not valid JSON';
}

/** Why JSON has no text for a value; what its own methods throw may hold anything. */
function unwritableReason(error: unknown): string {
  if (isStackOverflow(error)) return 'it is nested too deep';
  const [first = ''] = errorText(error).split('\n', 1);
  return /circular|BigInt/.test(first) ? first : `a method of it threw ${kindOf(error)}`;
}

/** JSON writes some values as `{}` or `null` and so would lose all they hold without a word; those are refused. */
function hasJsonText(message: unknown): boolean {
  return typeof message === 'number' ? Number.isFinite(message) : !holdsMoreThanMembers(message);
}

/** Whether a value holds something that its own members do not show: a map, a set, a promise, a blob, … */
export function holdsMoreThanMembers(value: unknown): boolean {
  // The tag and not `instanceof`, because values of another realm are no instances of this one's classes.
  return HIDING.test(Object.prototype.toString.call(value));
}

const HIDING =
  /^\[object ((Weak)?(Map|Set|Ref)|Promise|RegExp|Error|Blob|File|FormData|URLSearchParams|SharedArrayBuffer|ReadableStream|(Async)?Generator)\]$/;

/** What a value is, in one word, for messages. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value !== 'object') return typeof value;
  if (Array.isArray(value)) return 'array';
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return 'object';
  const className = (value as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof className === 'string' && className !== '' && className !== 'Object' ? className : 'object';
}

/** Bytes that stand for any value at all, for the record of a failed message. Never throws. */
export function bytesOfAnything(message: unknown): Uint8Array {
  const bytes = givenBytes(message);
  if (bytes !== undefined) return bytes;
  if (typeof message === 'string') return bytesOfText(message);
  if (message === undefined) return new Uint8Array(0);
  try {
    const text: unknown = JSON.stringify(message);
    return bytesOfText(typeof text === 'string' ? text : kindOf(message));
  } catch {
    // A circular object or a bigint: no text of it exists, so the record says at least what it was.
    return bytesOfText(typeof message === 'bigint' ? String(message) : kindOf(message));
  }
}
