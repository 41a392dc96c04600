import { randomBytes } from 'node:crypto';
import type { Msg, MsgHdrs, Subscription } from 'nats';
import {
  BrokerRefusedError,
  ConnectionError,
  NotFoundError,
  ProtocolError,
  TimeoutError,
  ValidationError,
} from '../../model/errors';
import type { ClientConnection } from './client-connection';

/** The broker's word that it has stored a message. */
export interface PublishAck {
  readonly stream: string;
  readonly sequence: number;
  /** True when the message had been stored before, under the same message id; `sequence` is that of the first. */
  readonly duplicate: boolean;
}

interface Pending {
  readonly attempted: string;
  readonly deadline: number;
  readonly ackWaitMs: number;
  readonly resolve: (ack: PublishAck) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Publishes messages and accounts their acknowledgements. All acks of a connection come to one inbox and are matched
 * by a token, and one timer watches all deadlines, so that thousands may be under way at little cost.
 */
export class Publisher {
  readonly #connection: ClientConnection;
  readonly #inbox = `_INBOX.${randomBytes(12).toString('hex')}.`;
  readonly #pending = new Map<string, Pending>();
  #subscription: Subscription | undefined;
  #token = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerDeadline = Infinity;

  constructor(connection: ClientConnection) {
    this.#connection = connection;
    connection.onLoss(() => this.#failAll());
  }

  /**
   * Publishes one message and waits for its acknowledgement.
   * @param headers the header block in its wire form.
   * @throws NotFoundError if no stream takes messages of this subject; TimeoutError if no ack came in time;
   *   ConnectionError if the connection was lost before the ack; BrokerRefusedError if the broker did not store it.
   */
  async publish(
    subject: string,
    payload: Uint8Array,
    headers: Uint8Array,
    ackWaitMs: number,
    attempted: string,
  ): Promise<PublishAck> {
    if (!this.#connection.isConnected) await this.#connection.ready(attempted, ackWaitMs);
    this.#subscription ??= this.#connection.nats.subscribe(`${this.#inbox}*`, {
      callback: (error, message) => {
        if (error === null) this.#settle(message);
        else this.#connection.errors.report(error);
      },
    });
    const token = (this.#token += 1).toString(36);
    return new Promise<PublishAck>((resolve, reject) => {
      const deadline = performance.now() + ackWaitMs;
      this.#pending.set(token, { attempted, deadline, ackWaitMs, resolve, reject });
      try {
        this.#connection.nats.publish(subject, payload, {
          reply: this.#inbox + token,
          headers: encodedHeaders(headers),
        });
      } catch (error) {
        this.#pending.delete(token);
        reject(this.#explain(error, attempted, payload.length + headers.length));
        return;
      }
      if (deadline < this.#timerDeadline) this.#watch(deadline);
    });
  }

  #settle(message: Msg): void {
    const token = message.subject.slice(this.#inbox.length);
    const pending = this.#pending.get(token);
    // An ack that comes after its deadline has nobody left to tell.
    if (pending === undefined) return;
    this.#pending.delete(token);
    if (message.headers?.code === 503) {
      pending.reject(
        new NotFoundError({
          attempted: pending.attempted,
          found: 'Produce operation has failed, please check whether Station/Producer still exist',
          next: 'Nothing takes messages of this partition (503); create the station again, then the producer',
        }),
      );
      return;
    }
    const ack = readAck(message, pending.attempted);
    if (ack instanceof Error) pending.reject(ack);
    else pending.resolve(ack);
  }

  #watch(deadline: number): void {
    clearTimeout(this.#timer);
    this.#timerDeadline = deadline;
    this.#timer = setTimeout(() => this.#expire(), Math.max(1, deadline - performance.now()));
  }

  /** Fails what is over time. Runs rarely: acks in between move the earliest deadline on for all of them. */
  #expire(): void {
    const now = performance.now();
    let earliest = Infinity;
    for (const [token, pending] of this.#pending) {
      if (pending.deadline > now) {
        earliest = Math.min(earliest, pending.deadline);
        continue;
      }
      this.#pending.delete(token);
      pending.reject(
        new TimeoutError({
          attempted: pending.attempted,
          found: `the broker did not acknowledge the message within ${pending.ackWaitMs} ms; it may be stored or not`,
          next: 'Send it again with the same msgId and partition, or give more time with ackWaitSec',
        }),
      );
    }
    this.#timerDeadline = Infinity;
    if (earliest !== Infinity) this.#watch(earliest);
  }

  /** Acks of messages sent before the connection was lost will never come. */
  #failAll(): void {
    clearTimeout(this.#timer);
    this.#timerDeadline = Infinity;
    const lost = [...this.#pending.values()];
    this.#pending.clear();
    for (const { attempted, reject } of lost) {
      reject(
        new ConnectionError({
          attempted,
          found: 'the connection was lost before the acknowledgement; the message may be stored or not',
          next: 'Send it again, with the same msgId and partition if it must not be stored twice',
        }),
      );
    }
  }

  #explain(error: unknown, attempted: string, size: number): Error {
    if ((error as { code?: unknown }).code === 'MAX_PAYLOAD_EXCEEDED') {
      return new ValidationError(attempted, [
        `the message has ${size} bytes with its headers; the broker takes at most ${this.#connection.nats.info?.max_payload ?? 0}`,
      ]);
    }
    return new ConnectionError({
      attempted,
      found: error instanceof Error ? error.message : String(error),
      next: 'Check the connection to the broker',
      cause: error,
    });
  }
}

/** The NATS client asks its header object for nothing but its bytes; these are there already. */
function encodedHeaders(bytes: Uint8Array): MsgHdrs {
  return { encode: () => bytes } as unknown as MsgHdrs;
}

function readAck(message: Msg, attempted: string): PublishAck | Error {
  let ack: {
    stream?: string;
    seq?: number;
    duplicate?: boolean;
    error?: { description?: string; err_code?: number };
  };
  try {
    ack = JSON.parse(message.string()) as typeof ack;
  } catch (cause) {
    return new ProtocolError({ attempted, found: 'the acknowledgement is no JSON', cause });
  }
  if (ack.error !== undefined) {
    return new BrokerRefusedError({
      attempted,
      found: `${ack.error.description ?? 'unknown error'} (${ack.error.err_code ?? 0})`,
    });
  }
  if (ack.stream === undefined || ack.seq === undefined) {
    return new ProtocolError({ attempted, found: 'the acknowledgement names no stream and sequence' });
  }
  return { stream: ack.stream, sequence: ack.seq, duplicate: ack.duplicate === true };
}
