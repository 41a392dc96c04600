import type { NatsConnection } from 'nats';
import { sendCommands } from '../../connection/nats-internals';

/** A buffer of this size is filled with one message after the other; a larger message gets one of its own. */
const BUFFER_BYTES = 256 * 1024;
/** So many bytes of messages are handed over at once at most: it bounds what waits, and lets the server begin early. */
const FULL_BYTES = 64 * 1024;
/** The same for answers, in characters: a batch of thousands is to go out in one piece, behind the pull of the next. */
const FULL_CHARACTERS = 512 * 1024;

const MOST_BYTES_OF_A_CHARACTER = 3;
const CARRIAGE_RETURN = 13;
const LINE_FEED = 10;

/** Headers in their wire form. */
export interface EncodedHeaders {
  readonly bytes: Uint8Array;
  /** How many of the bytes a Memphis broker would not get. */
  readonly bytesForStockServer: number;
}

/**
 * Collects what is sent in one turn of the event loop, so that it goes to the socket in one piece: messages and
 * acknowledgements that a program sends one after the other, each with `await`, cost a system call each otherwise. They
 * are written here in the form of the wire, because the NATS client makes several objects for each and copies them twice.
 *
 * Messages keep their order, and so do answers. Messages go first: who sends what came of a message and then acknowledges
 * it does not lose it when the process ends in between.
 */
export class Outbox {
  readonly #nats: NatsConnection;
  #buffer = Buffer.alloc(0);
  /** What waits is between the two. What lies before is on its way and must not be changed. */
  #begin = 0;
  #end = 0;
  #answers = '';
  #scheduled = false;

  constructor(nats: NatsConnection) {
    this.#nats = nats;
  }

  /**
   * Sends a message in this turn of the event loop.
   * @param payload is copied, so that it may be changed at once; a string is written as UTF-8.
   * @param payloadBytes the length of the payload in bytes.
   */
  message(
    subject: string,
    reply: string,
    headers: EncodedHeaders,
    payload: Uint8Array | string,
    payloadBytes: number,
  ): void {
    const { bytes } = headers;
    const total = bytes.length + payloadBytes;
    const line = `HPUB ${subject} ${reply} ${bytes.length} ${total}\r\n`;
    this.#reserve(line.length * MOST_BYTES_OF_A_CHARACTER + total + 2);
    const buffer = this.#buffer;
    let end = this.#end + buffer.write(line, this.#end);
    buffer.set(bytes, end);
    end += bytes.length;
    if (typeof payload === 'string') buffer.write(payload, end);
    else buffer.set(payload, end);
    end += payloadBytes;
    buffer[end] = CARRIAGE_RETURN;
    buffer[end + 1] = LINE_FEED;
    this.#end = end + 2;
    if (this.#end - this.#begin >= FULL_BYTES) this.#sendMessages();
    else this.#schedule();
  }

  /** Sends an answer, such as an acknowledgement, in this turn of the event loop. @param text in ASCII. */
  answer(subject: string, text: string): void {
    // Only strung together: the bytes are made when they go out, while the server looks for the next messages.
    this.#answers += `PUB ${subject} ${text.length}\r\n${text}\r\n`;
    if (this.#answers.length >= FULL_CHARACTERS) this.flush();
    else this.#schedule();
  }

  /** Sends now. Everything else that goes out must come after it. */
  flush(): void {
    this.#sendMessages();
    const answers = this.#answers;
    this.#answers = '';
    if (answers !== '') this.#send(answers);
  }

  /** Forgets what waits: the connection is lost, and those who sent it know. */
  clear(): void {
    this.#begin = this.#end;
    this.#answers = '';
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  #sendMessages(): void {
    if (this.#begin === this.#end) return;
    const waiting = this.#buffer.subarray(this.#begin, this.#end);
    this.#begin = this.#end;
    this.#send(waiting);
  }

  #send(commands: Uint8Array | string): void {
    // Nothing goes out any more once it closes: messages fail with the connection, acks are asked for again.
    if (this.#nats.isClosed() || this.#nats.isDraining()) return;
    sendCommands(this.#nats, commands);
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return;
    this.#sendMessages();
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(BUFFER_BYTES, bytes));
    this.#begin = 0;
    this.#end = 0;
  }
}
