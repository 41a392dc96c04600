import type { MsgHdrs, NatsConnection, PublishOptions } from 'nats';

/** So many are handed over at once at most; it bounds what waits in memory. */
const FULL = 1_000;

/** Headers in their wire form. The NATS client asks its header objects for nothing but their bytes. */
export class EncodedHeaders {
  /** @param bytesForStockServer how many of the bytes a Memphis broker would not get. */
  constructor(
    readonly bytes: Uint8Array,
    readonly bytesForStockServer = 0,
  ) {}

  encode(): Uint8Array {
    return this.bytes;
  }
}

/**
 * Collects what is sent in one turn of the event loop, so that it goes to the socket in one piece: messages and
 * acknowledgements that a program sends one after the other, each with `await`, cost a system call each otherwise.
 */
export class Outbox {
  readonly #nats: NatsConnection;
  readonly #subjects: string[] = [];
  readonly #payloads: Uint8Array[] = [];
  readonly #options: PublishOptions[] = [];
  #scheduled = false;

  constructor(nats: NatsConnection) {
    this.#nats = nats;
  }

  /** Sends in this turn of the event loop. The payload must not be changed meanwhile. */
  add(subject: string, payload: Uint8Array, reply = '', headers?: EncodedHeaders): void {
    this.#subjects.push(subject);
    this.#payloads.push(payload);
    this.#options.push(headers === undefined ? { reply } : { reply, headers: headers as unknown as MsgHdrs });
    if (this.#subjects.length >= FULL) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.flush();
      });
    }
  }

  /** Sends now. Everything else that goes out must come after it. */
  flush(): void {
    // Nothing goes out any more once it closes: messages fail with the connection, acks are asked for again. It must
    // not throw either, because nobody would catch that.
    if (!this.#nats.isClosed() && !this.#nats.isDraining()) {
      this.#subjects.forEach((subject, index) =>
        this.#nats.publish(subject, this.#payloads[index], this.#options[index]),
      );
    }
    this.clear();
  }

  /** Forgets what waits: the connection is lost, and those who sent it know. */
  clear(): void {
    this.#subjects.length = 0;
    this.#payloads.length = 0;
    this.#options.length = 0;
  }
}
