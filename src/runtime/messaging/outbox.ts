import type { NatsConnection } from 'nats';

/** A buffer of this size is filled with one message after the other; a larger message gets one of its own. */
const BUFFER_BYTES = 256 * 1024;
/** So much is handed over at once at most; it bounds what waits in memory, and lets the server begin early. */
const FULL_BYTES = 64 * 1024;

const EMPTY = Buffer.alloc(0);

/** Headers in their wire form. */
export interface EncodedHeaders {
  readonly bytes: Uint8Array;
  /** How many of the bytes a Memphis broker would not get. */
  readonly bytesForStockServer: number;
}

/**
 * Collects what is sent in one turn of the event loop, so that it goes to the socket in one piece: messages and
 * acknowledgements that a program sends one after the other, each with `await`, cost a system call each otherwise. They
 * are written here in the form of the wire, straight into a buffer, because the NATS client makes several objects for
 * each and copies them twice.
 */
export class Outbox {
  readonly #nats: NatsConnection;
  #buffer = EMPTY;
  /** What waits is between the two. What lies before is on its way and must not be changed. */
  #begin = 0;
  #end = 0;
  #scheduled = false;

  constructor(nats: NatsConnection) {
    this.#nats = nats;
  }

  /** Sends in this turn of the event loop. The payload is copied; it may be changed at once. */
  add(subject: string, payload: Uint8Array, reply = '', headers?: EncodedHeaders): void {
    const block = headers?.bytes ?? EMPTY;
    const total = block.length + payload.length;
    const line =
      headers === undefined
        ? `PUB ${subject} ${reply} ${total}\r\n`
        : `HPUB ${subject} ${reply} ${block.length} ${total}\r\n`;
    // A character of a subject may take three bytes.
    this.#reserve(line.length * 3 + total + 2);
    const buffer = this.#buffer;
    let end = this.#end + buffer.write(line, this.#end);
    buffer.set(block, end);
    end += block.length;
    buffer.set(payload, end);
    end += payload.length;
    buffer[end] = 13;
    buffer[end + 1] = 10;
    this.#end = end + 2;
    this.#schedule();
  }

  /** Sends now. Everything else that goes out must come after it. */
  flush(): void {
    const waiting = this.#buffer.subarray(this.#begin, this.#end);
    this.clear();
    // Nothing goes out any more once it closes: messages fail with the connection, acks are asked for again.
    if (waiting.length === 0 || this.#nats.isClosed() || this.#nats.isDraining()) return;
    protocolOf(this.#nats).sendCommand(waiting);
  }

  /** Forgets what waits: the connection is lost, and those who sent it know. */
  clear(): void {
    this.#begin = this.#end;
  }

  #schedule(): void {
    if (this.#end - this.#begin >= FULL_BYTES) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.flush();
      });
    }
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return;
    this.flush();
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(BUFFER_BYTES, bytes));
    this.#begin = 0;
    this.#end = 0;
  }
}

interface Protocol {
  sendCommand(bytes: Uint8Array): void;
}

function protocolOf(nats: NatsConnection): Protocol {
  return (nats as unknown as { protocol: Protocol }).protocol;
}
