import { MAX_HEADER_BYTES } from '../../../model/message-size';
import type { ConnectHook } from './connect-hook';
import { parseConnect } from './connect-hook';
import type { LineNumber } from './control-line';
import { beginsWith, CRLF_LENGTH, isBlank, lastNumber, lineEnd, upper } from './control-line';
import { foreignPrefix, needsSender } from './foreign-requests';
import { messageIdInsertion } from './message-id';
import type { SizeLimits } from './size-limits';

/** Control lines that are longer are refused by the server (its limit is 4096). */
const MAX_LINE = 16_384;

/** Before a subject that is in nobody's lists. The server names it in its refusal. */
const deniedPrefix = Buffer.from('$memphis_denied.');

/** The broker does not let this client in. */
export class ConnectRefused extends Error {}

/**
 * Reads what a client sends to a NATS server, piece by piece as it comes, and gives back what the server shall get:
 * the same bytes, except that
 * - CONNECT is shown to the hook, which may refuse the client or change its user;
 * - some requests of clients that are none of Memphis get the sender in front of their subject;
 * - a subscription of a limited user to the inboxes of everybody goes to a subject that the server denies;
 * - a message with the header `msg-id` gets `Nats-Msg-Id` too, unless it has one;
 * - a message that is too large for clients is announced as one that is too large for the server as well. So the server
 *   says what it says of such messages, after the answers to all that came before, and hangs up. Nothing follows it.
 *
 * Payloads pass as they come. Kept back are an unfinished control line and the header block of a message that has one.
 * Bytes that are not in the protocol end the reading: all the rest passes untouched, and the server judges it.
 */
export class ClientStream {
  /** Bytes of a payload, with its line end, that are still to come. */
  #payloadLeft = 0;
  /** The start of an operation that is not complete. */
  #held: Buffer[] = [];
  #heldLength = 0;
  /** With fewer bytes than that the operation cannot be complete. */
  #heldNeeds = 0;
  #isUnreadable = false;
  /** Stands in front of some subjects; undefined for clients of Memphis. */
  #sender: Buffer | undefined;
  #isLimited = false;
  #hasConnected = false;
  /** The client has sent what makes a server hang up. What it sends now is for nobody. */
  #isOver = false;

  readonly #hook: ConnectHook;
  readonly #limits: SizeLimits;

  constructor(hook: ConnectHook, limits: SizeLimits) {
    this.#hook = hook;
    this.#limits = limits;
  }

  /**
   * Takes the next bytes of the client.
   * @returns what to send to the server now, in this order.
   * @throws ConnectRefused when the hook refuses the client.
   */
  push(chunk: Buffer): Buffer[] {
    const out: Buffer[] = [];
    if (this.#isOver) return out;
    const bytes = this.#withHeld(chunk);
    if (bytes === undefined) return out;
    // All before `sent` is in `out` or replaced.
    let sent = 0;
    let at = 0;
    while (at < bytes.length && !this.#isUnreadable) {
      if (this.#payloadLeft > 0) {
        const passed = Math.min(this.#payloadLeft, bytes.length - at);
        this.#payloadLeft -= passed;
        at += passed;
        continue;
      }
      const end = lineEnd(bytes, at);
      if ((end < 0 ? bytes.length : end) - at > MAX_LINE) {
        this.#isUnreadable = true;
        break;
      }
      if (end < 0) {
        this.#hold(bytes, at, 0, out, sent);
        return out;
      }
      const next = end + 1;
      switch (operationAt(bytes, at, end)) {
        case 'PUB': {
          const size = lastNumber(bytes, at, end);
          if (size.value > this.#limits.forClients) return this.#tooLarge(bytes, size, next, out, sent);
          if (size.value < 0) this.#isUnreadable = true;
          else {
            this.#payloadLeft = size.value + CRLF_LENGTH;
            sent = this.#withSender(bytes, at + 'PUB'.length, end, out, sent);
          }
          at = next;
          break;
        }
        case 'HPUB': {
          const total = lastNumber(bytes, at, end);
          const header = lastNumber(bytes, at, total.start);
          if (header.value < 0 || header.value > total.value) {
            this.#isUnreadable = true;
            break;
          }
          if (total.value > this.#limits.forClients) return this.#tooLarge(bytes, total, next, out, sent);
          const headerEnd = next + header.value;
          // The server hangs up on who begins with anything but CONNECT, so nothing of that is kept for it.
          if (!this.#hasConnected && header.value > MAX_HEADER_BYTES) {
            this.#isUnreadable = true;
            break;
          }
          if (headerEnd > bytes.length) {
            this.#hold(bytes, at, headerEnd - at, out, sent);
            return out;
          }
          sent = this.#withSender(bytes, at + 'HPUB'.length, end, out, sent);
          const insertion = messageIdInsertion(bytes, next, headerEnd);
          const grown = insertion?.bytes.length ?? 0;
          if (
            insertion !== undefined &&
            header.value + grown <= MAX_HEADER_BYTES &&
            total.value + grown <= this.#limits.withAddedId
          ) {
            const sizes = `${header.value + grown} ${total.value + grown}\r\n`;
            if (header.start > sent) out.push(bytes.subarray(sent, header.start));
            out.push(Buffer.from(sizes, 'latin1'));
            out.push(bytes.subarray(next, next + insertion.at), insertion.bytes);
            sent = next + insertion.at;
          }
          this.#payloadLeft = total.value - header.value + CRLF_LENGTH;
          at = headerEnd;
          break;
        }
        case 'CONNECT': {
          this.#hasConnected = true;
          const replaced = this.#checked(bytes.toString('utf8', at + 'CONNECT'.length, end));
          if (replaced !== undefined) {
            if (at > sent) out.push(bytes.subarray(sent, at));
            out.push(Buffer.from(replaced));
            sent = next;
          }
          at = next;
          break;
        }
        case 'SUB':
          sent = this.#withoutAllInboxes(bytes, at + 'SUB'.length, end, out, sent);
          at = next;
          break;
        default:
          at = next;
      }
    }
    if (sent < bytes.length) out.push(bytes.subarray(sent));
    return out;
  }

  /** The last that the server gets of this client: all before the size in the line, and a size that it refuses. */
  #tooLarge(bytes: Buffer, size: LineNumber, next: number, out: Buffer[], sent: number): Buffer[] {
    this.#isOver = true;
    const { ofServer } = this.#limits;
    if (size.value > ofServer) {
      out.push(bytes.subarray(sent, next));
      return out;
    }
    out.push(bytes.subarray(sent, size.start), Buffer.from(`${ofServer + 1}\r\n`, 'latin1'));
    return out;
  }

  /** Puts the sender in front of the subject that comes after `from`, if it matters there. @returns what is sent now. */
  #withSender(bytes: Buffer, from: number, end: number, out: Buffer[], sent: number): number {
    if (this.#sender === undefined) return sent;
    let subject = from;
    while (isBlank(bytes[subject])) subject++;
    if (!needsSender(bytes, subject, end)) return sent;
    out.push(bytes.subarray(sent, subject), this.#sender);
    return subject;
  }

  /** Makes a subject that comes after `from` and holds the inboxes of everybody one that is denied. @returns what is sent now. */
  #withoutAllInboxes(bytes: Buffer, from: number, end: number, out: Buffer[], sent: number): number {
    if (!this.#isLimited) return sent;
    let subject = from;
    while (isBlank(bytes[subject])) subject++;
    if (!/^_INBOX\.[*>](?:[.\s]|$)/.test(bytes.toString('latin1', subject, end))) return sent;
    out.push(bytes.subarray(sent, subject), deniedPrefix);
    return subject;
  }

  #withHeld(chunk: Buffer): Buffer | undefined {
    if (this.#heldLength === 0) return chunk;
    this.#held.push(chunk);
    this.#heldLength += chunk.length;
    if (this.#heldLength < this.#heldNeeds) return undefined;
    const bytes = Buffer.concat(this.#held, this.#heldLength);
    this.#held = [];
    this.#heldLength = 0;
    return bytes;
  }

  #hold(bytes: Buffer, from: number, needs: number, out: Buffer[], sent: number): void {
    if (from > sent) out.push(bytes.subarray(sent, from));
    this.#held = [bytes.subarray(from)];
    this.#heldLength = bytes.length - from;
    this.#heldNeeds = needs;
  }

  /** The line to send instead of this CONNECT; undefined leaves it as it is. */
  #checked(argument: string): string | undefined {
    const connect = parseConnect(argument);
    if (connect === undefined) return undefined;
    const verdict = this.#hook(connect.request);
    if (!verdict.accepted) throw new ConnectRefused();
    this.#isLimited = verdict.isLimited === true;
    if (verdict.foreign !== undefined) this.#sender = Buffer.from(foreignPrefix(verdict.foreign));
    if (verdict.user === undefined || verdict.user === connect.request.user) return undefined;
    const credential =
      verdict.password === undefined ? {} : { pass: verdict.password, auth_token: undefined };
    return `CONNECT ${JSON.stringify({ ...connect.fields, user: verdict.user, ...credential })}\r\n`;
  }
}

function operationAt(bytes: Buffer, at: number, end: number): 'PUB' | 'HPUB' | 'SUB' | 'CONNECT' | undefined {
  switch (upper(bytes[at])) {
    case 80: // P
      return beginsWith(bytes, at, end, 'PUB') ? 'PUB' : undefined;
    case 72: // H
      return beginsWith(bytes, at, end, 'HPUB') ? 'HPUB' : undefined;
    case 83: // S
      return beginsWith(bytes, at, end, 'SUB') ? 'SUB' : undefined;
    case 67: // C
      return beginsWith(bytes, at, end, 'CONNECT') ? 'CONNECT' : undefined;
    default:
      return undefined;
  }
}
