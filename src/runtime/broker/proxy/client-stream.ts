import type { ConnectHook } from './connect-hook';
import { parseConnect } from './connect-hook';
import { messageIdInsertion } from './message-id';

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;
const ZERO = 48;
const NINE = 57;

/** Control lines that are longer are refused by the server (its limit is 4096). */
const MAX_LINE = 16_384;
const CRLF_LENGTH = 2;

/** The broker does not let this client in. */
export class ConnectRefused extends Error {}

/**
 * Reads what a client sends to a NATS server, piece by piece as it comes, and gives back what the server shall get:
 * the same bytes, except that
 * - CONNECT is shown to the hook, which may refuse the client or change its user;
 * - a message with the header `msg-id` gets `Nats-Msg-Id` too, unless it has one.
 *
 * Payloads pass as they come. Kept back are an unfinished control line and the header block of a message that has one.
 * Bytes that are not in the protocol end the reading: all the rest passes untouched, and the server judges it.
 */
export class ClientStream {
  /** Bytes of a payload, with its line end, that are still to come. */
  private payloadLeft = 0;
  /** The start of an operation that is not complete. */
  private held: Buffer[] = [];
  private heldLength = 0;
  /** With fewer bytes than that the operation cannot be complete. */
  private heldNeeds = 0;
  private isUnreadable = false;

  /** @param maxPayload messages that would grow above it are left alone. */
  constructor(
    private readonly hook: ConnectHook,
    private readonly maxPayload: number,
  ) {}

  /**
   * Takes the next bytes of the client.
   * @returns what to send to the server now, in this order.
   * @throws ConnectRefused when the hook refuses the client.
   */
  push(chunk: Buffer): Buffer[] {
    const out: Buffer[] = [];
    const bytes = this.withHeld(chunk);
    if (bytes === undefined) return out;
    // All before `sent` is in `out` or replaced.
    let sent = 0;
    let at = 0;
    while (at < bytes.length && !this.isUnreadable) {
      if (this.payloadLeft > 0) {
        const passed = Math.min(this.payloadLeft, bytes.length - at);
        this.payloadLeft -= passed;
        at += passed;
        continue;
      }
      const end = lineEnd(bytes, at);
      if ((end < 0 ? bytes.length : end) - at > MAX_LINE) {
        this.isUnreadable = true;
        break;
      }
      if (end < 0) {
        this.hold(bytes, at, 0, out, sent);
        return out;
      }
      const next = end + 1;
      switch (operationAt(bytes, at, end)) {
        case 'PUB': {
          const size = lastNumber(bytes, at, end);
          if (size.value < 0) this.isUnreadable = true;
          else this.payloadLeft = size.value + CRLF_LENGTH;
          at = next;
          break;
        }
        case 'HPUB': {
          const total = lastNumber(bytes, at, end);
          const header = lastNumber(bytes, at, total.start);
          if (header.value < 0 || header.value > total.value || header.value > this.maxPayload) {
            this.isUnreadable = true;
            break;
          }
          const headerEnd = next + header.value;
          if (headerEnd > bytes.length) {
            this.hold(bytes, at, headerEnd - at, out, sent);
            return out;
          }
          const insertion = messageIdInsertion(bytes, next, headerEnd);
          if (insertion !== undefined && total.value + insertion.bytes.length <= this.maxPayload) {
            const grown = insertion.bytes.length;
            const sizes = `${header.value + grown} ${total.value + grown}\r\n`;
            if (header.start > sent) out.push(bytes.subarray(sent, header.start));
            out.push(Buffer.from(sizes, 'latin1'));
            out.push(bytes.subarray(next, next + insertion.at), insertion.bytes);
            sent = next + insertion.at;
          }
          this.payloadLeft = total.value - header.value + CRLF_LENGTH;
          at = headerEnd;
          break;
        }
        case 'CONNECT': {
          const replaced = this.checked(bytes.toString('utf8', at + 'CONNECT'.length, end));
          if (replaced !== undefined) {
            if (at > sent) out.push(bytes.subarray(sent, at));
            out.push(Buffer.from(replaced));
            sent = next;
          }
          at = next;
          break;
        }
        default:
          at = next;
      }
    }
    if (sent < bytes.length) out.push(bytes.subarray(sent));
    return out;
  }

  private withHeld(chunk: Buffer): Buffer | undefined {
    if (this.heldLength === 0) return chunk;
    this.held.push(chunk);
    this.heldLength += chunk.length;
    if (this.heldLength < this.heldNeeds) return undefined;
    const bytes = Buffer.concat(this.held, this.heldLength);
    this.held = [];
    this.heldLength = 0;
    return bytes;
  }

  private hold(bytes: Buffer, from: number, needs: number, out: Buffer[], sent: number): void {
    if (from > sent) out.push(bytes.subarray(sent, from));
    this.held = [bytes.subarray(from)];
    this.heldLength = bytes.length - from;
    this.heldNeeds = needs;
  }

  /** The line to send instead of this CONNECT; undefined leaves it as it is. */
  private checked(argument: string): string | undefined {
    const connect = parseConnect(argument);
    if (connect === undefined) return undefined;
    const verdict = this.hook(connect.request);
    if (!verdict.accepted) throw new ConnectRefused();
    if (verdict.user === undefined || verdict.user === connect.request.user) return undefined;
    const credential =
      verdict.password === undefined ? {} : { pass: verdict.password, auth_token: undefined };
    return `CONNECT ${JSON.stringify({ ...connect.fields, user: verdict.user, ...credential })}\r\n`;
  }
}

function lineEnd(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at++) if (bytes[at] === LF) return at;
  return -1;
}

/** Names that do not stand alone in their line are followed by a blank. Letter case does not matter to a server. */
function operationAt(bytes: Buffer, at: number, end: number): 'PUB' | 'HPUB' | 'CONNECT' | undefined {
  switch (upper(bytes[at])) {
    case 80: // P
      return isName(bytes, at, end, 'PUB') ? 'PUB' : undefined;
    case 72: // H
      return isName(bytes, at, end, 'HPUB') ? 'HPUB' : undefined;
    case 67: // C
      return isName(bytes, at, end, 'CONNECT') ? 'CONNECT' : undefined;
    default:
      return undefined;
  }
}

function isName(bytes: Buffer, at: number, end: number, name: string): boolean {
  if (at + name.length >= end) return false;
  for (let index = 0; index < name.length; index++) {
    if (upper(bytes[at + index]) !== name.charCodeAt(index)) return false;
  }
  return isBlank(bytes[at + name.length]);
}

function upper(byte: number | undefined): number {
  return byte === undefined ? 0 : byte >= 97 && byte <= 122 ? byte - 32 : byte;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

/** The last word before `end` as a number, and where it starts; -1 when it is none. */
function lastNumber(
  bytes: Buffer,
  from: number,
  end: number,
): { readonly value: number; readonly start: number } {
  let at = end;
  while (at > from && (isBlank(bytes[at - 1]) || bytes[at - 1] === CR)) at--;
  let value = 0;
  let factor = 1;
  const last = at;
  for (; at > from && !isBlank(bytes[at - 1]); at--) {
    const digit = bytes[at - 1] ?? 0;
    if (digit < ZERO || digit > NINE || last - at > 10) return { value: -1, start: at };
    value += (digit - ZERO) * factor;
    factor *= 10;
  }
  return { value: at === last ? -1 : value, start: at };
}
