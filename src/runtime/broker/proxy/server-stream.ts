import { CRLF_LENGTH, lastNumber, lineEnd, upper } from './control-line';

const LETTER_H = 72;
const LETTER_I = 73;
const LETTER_M = 77;

/** No line of a server is longer; INFO with the addresses of a large cluster is the longest. */
const MAX_LINE = 1_048_576;

/**
 * Reads what a server sends to a client, piece by piece as it comes, and gives back what the client shall get: the same
 * bytes, but for the lines that tell of the server itself. Payloads pass as they come; kept back is an unfinished line.
 */
export class ServerStream {
  /** Bytes of a payload, with its line end, that are still to come. What cannot be read is taken for one without an end. */
  #payloadLeft = 0;
  #heldLine: Buffer | undefined;

  readonly #info: (line: string) => Buffer | undefined;

  /** @param info gives the line that stands in place of an INFO; undefined leaves it as it is. */
  constructor(info: (line: string) => Buffer | undefined) {
    this.#info = info;
  }

  /** @returns what to send to the client now, in this order. */
  push(chunk: Buffer): Buffer[] {
    if (this.#payloadLeft >= chunk.length) {
      this.#payloadLeft -= chunk.length;
      return [chunk];
    }
    const out: Buffer[] = [];
    // All before `sent` is in `out` or replaced.
    let sent = 0;
    let at = 0;
    if (this.#heldLine !== undefined) {
      const end = lineEnd(chunk, 0);
      const line = Buffer.concat([this.#heldLine, end < 0 ? chunk : chunk.subarray(0, end + 1)]);
      if (end < 0) return this.#hold(line, out);
      this.#heldLine = undefined;
      out.push(this.#read(line, 0, line.length - 1) ?? line);
      at = sent = end + 1;
    }
    while (at < chunk.length) {
      if (this.#payloadLeft > 0) {
        const passed = Math.min(this.#payloadLeft, chunk.length - at);
        this.#payloadLeft -= passed;
        at += passed;
        continue;
      }
      const end = lineEnd(chunk, at);
      if (end < 0) {
        if (at > sent) out.push(chunk.subarray(sent, at));
        return this.#hold(chunk.subarray(at), out);
      }
      const replaced = this.#read(chunk, at, end);
      if (replaced !== undefined) {
        if (at > sent) out.push(chunk.subarray(sent, at));
        out.push(replaced);
        sent = end + 1;
      }
      at = end + 1;
    }
    if (sent < chunk.length) out.push(sent === 0 ? chunk : chunk.subarray(sent));
    return out;
  }

  /** What was kept back, once the server has ended. */
  end(): Buffer[] {
    return this.#heldLine === undefined ? [] : [this.#heldLine];
  }

  #hold(line: Buffer, out: Buffer[]): Buffer[] {
    if (line.length > MAX_LINE) {
      this.#payloadLeft = Infinity;
      this.#heldLine = undefined;
      out.push(line);
    } else {
      this.#heldLine = line;
    }
    return out;
  }

  /** Takes note of a line. @returns what stands in its place; undefined leaves it as it is. */
  #read(bytes: Buffer, at: number, end: number): Buffer | undefined {
    switch (upper(bytes[at])) {
      case LETTER_M: // MSG
      case LETTER_H: {
        // HMSG
        const { value } = lastNumber(bytes, at, end);
        this.#payloadLeft = value < 0 ? Infinity : value + CRLF_LENGTH;
        return undefined;
      }
      case LETTER_I:
        return this.#info(bytes.toString('utf8', at, end + 1));
      default:
        return undefined;
    }
  }
}
