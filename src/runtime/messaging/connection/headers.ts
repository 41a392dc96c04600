import { ValidationError } from '../../../model/errors';
import { attemptedOn, shownOption, textProblem } from './option-checks';
import type { EncodedHeaders } from './outbox';

/** Header names with this start belong to the broker. */
const RESERVED_PREFIX = '$memphis';

/** Servers act on headers of NATS: they drop a message as a duplicate, refuse it or remove others for it. */
const SERVER_PREFIX = 'nats-';

/** The broker's header for de-duplication; case matters. */
export const MESSAGE_ID_HEADER = 'msg-id';

/** The same on a stock nats-server, which does not know the other. */
const STOCK_MESSAGE_ID_HEADER = 'Nats-Msg-Id';

/** Headers as users may give them: this class, or a plain object. */
export type HeadersInput = Headers | Readonly<Record<string, string>>;

/** Headers of a message. A key has one value; its letter case is kept. */
export class Headers {
  readonly #entries = new Map<string, string>();

  /**
   * Sets a header; an earlier value of the key is replaced.
   * @param key printable ASCII without blank and colon; not starting with `$memphis` or `Nats-`, not `msg-id`.
   * @param value any text without line breaks. Blanks at its ends are not kept on the way.
   * @throws ValidationError if key or value cannot be sent.
   */
  add(key: string, value: string): this {
    const problem = headerProblem(key, value);
    if (problem !== undefined) throw new ValidationError(attemptedOn('add the header', key), [problem]);
    this.#entries.set(key, value);
    return this;
  }

  /** The headers, in the order in which their keys were first added. */
  entries(): IterableIterator<[string, string]> {
    return this.#entries.entries();
  }
}

function headerProblem(key: unknown, value: unknown): string | undefined {
  if (typeof key !== 'string') return `the key is ${shownOption(key)}; it must be text`;
  if (key.toLowerCase().startsWith(RESERVED_PREFIX)) return 'Keys in headers should not start with $memphis';
  if (key === MESSAGE_ID_HEADER) return 'the header msg-id is set by the option msgId';
  if (key.toLowerCase().startsWith(SERVER_PREFIX)) {
    return `the header ${shownOption(key)} is an instruction to the server; the option msgId sets the id for de-duplication`;
  }
  if (!/^[!-9;-~]+$/.test(key))
    return `"${key}" is not a valid key: use printable ASCII without blank and colon`;
  if (typeof value !== 'string')
    return `the value of "${key}" must be a string, not ${value === null ? 'null' : typeof value}`;
  if (/[\r\n]/.test(value)) return `the value of "${key}" holds a line break`;
  return undefined;
}

/**
 * Whether a value can be headers at all. A map, or the headers of `fetch`, would be read as none, because they hide them;
 * they have a tag, which a plain object has not.
 */
export function isHeadersInput(headers: unknown): headers is HeadersInput {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return false;
  return (headers as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === undefined;
}

/** What is wrong with headers that may have been given as anything at all. */
export function headersProblems(headers: unknown): string[] {
  if (headers === undefined || headers instanceof Headers) return [];
  if (!isHeadersInput(headers)) {
    return [
      `headers is ${shownOption(headers)}; it must be a plain object of strings, or a Headers of this package`,
    ];
  }
  return Object.entries(headers).flatMap(([key, value]) => headerProblem(key, value) ?? []);
}

/** What is wrong with a message id that may have been given as anything at all. */
export function messageIdProblem(id: unknown): string | undefined {
  if (typeof id !== 'string') return textProblem('msgId', id);
  return /[\r\n]/.test(id) ? 'msgId holds a line break' : undefined;
}

/**
 * The user's headers as lines of the wire form. The input is only read.
 * @throws ValidationError with all problems.
 */
export function headerLines(headers: HeadersInput): string {
  if (headers instanceof Headers) {
    // Checked when they were added.
    return [...headers.entries()].map(([key, value]) => `${key}: ${value}\r\n`).join('');
  }
  const entries = Object.entries(headers);
  const problems = entries.flatMap(([key, value]) => headerProblem(key, value) ?? []);
  if (problems.length > 0) throw new ValidationError('send the headers', problems);
  return entries.map(([key, value]) => `${key}: ${value}\r\n`).join('');
}

/** The headers that such lines stand for. */
export function headersOfLines(lines: string): Record<string, string> {
  const entries = lines.split('\r\n').filter((line) => line !== '');
  return Object.fromEntries(
    entries.map((line) => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)];
    }),
  );
}

/** User headers as a plain object, checked. */
export function headerObject(headers: HeadersInput | undefined): Record<string, string> {
  if (headers === undefined) return {};
  if (!(headers instanceof Headers)) headerLines(headers);
  return Object.fromEntries(headers instanceof Headers ? headers.entries() : Object.entries(headers));
}

/**
 * Writes the headers of one producer's messages. The reserved ones, which are the same for each message, are encoded
 * once. They are always sent: a message without them can end a broker's process when it is dead-lettered.
 * @internal
 */
export class HeaderEncoder {
  readonly #reserved: string;
  readonly #onlyReserved: EncodedHeaders;
  readonly #isStockServer: boolean;

  constructor(producerName: string, connectionId: string, isStockServer: boolean) {
    this.#reserved = `$memphis_producedBy: ${producerName}\r\n$memphis_connectionId: ${connectionId}\r\n`;
    this.#onlyReserved = encodeBlock(`NATS/1.0\r\n${this.#reserved}\r\n`);
    this.#isStockServer = isStockServer;
  }

  /** @throws ValidationError if the headers or the id cannot be sent. */
  encode(headers: HeadersInput | undefined, messageId: string | undefined): EncodedHeaders {
    return this.encodeLines(headers === undefined ? '' : headerLines(headers), messageId);
  }

  /**
   * The same for headers that are lines of the wire form already.
   * @throws ValidationError if the id cannot be sent.
   */
  encodeLines(lines: string, messageId: string | undefined): EncodedHeaders {
    const id = messageId === '' ? undefined : messageId;
    if (lines === '' && id === undefined) return this.#onlyReserved;
    if (id === undefined) return encodeBlock(`NATS/1.0\r\n${lines}${this.#reserved}\r\n`);
    const problem = messageIdProblem(id);
    if (problem !== undefined) throw new ValidationError('send the message id', [problem]);
    const stock = this.#isStockServer ? `${STOCK_MESSAGE_ID_HEADER}: ${id}\r\n` : '';
    return encodeBlock(
      `NATS/1.0\r\n${lines}${this.#reserved}${MESSAGE_ID_HEADER}: ${id}\r\n${stock}\r\n`,
      stock,
    );
  }
}

/** @param stock the part of the block that is for stock servers only. */
function encodeBlock(block: string, stock = ''): EncodedHeaders {
  return { bytes: Buffer.from(block), bytesForStockServer: Buffer.byteLength(stock) };
}

/**
 * The headers of a received message that its sender gave, without those of broker and client. Built from entries, because an
 * assignment to the key `__proto__` would be lost.
 */
export function senderHeaders(headers: Iterable<[key: string, values: string[]]>): Record<string, string> {
  const entries = [...headers].map(([key, [value = '']]) => [key, value] as const);
  const id = entries.find(([key]) => key === MESSAGE_ID_HEADER)?.[1];
  const isOwn = (key: string, value: string): boolean =>
    key.toLowerCase().startsWith(RESERVED_PREFIX) ||
    key === MESSAGE_ID_HEADER ||
    // Other clients may use it for themselves: a Memphis broker does not act on it.
    (key === STOCK_MESSAGE_ID_HEADER && value === id);
  return Object.fromEntries(entries.filter(([key, value]) => !isOwn(key, value)));
}
