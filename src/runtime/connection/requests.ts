import type { Msg, NatsConnection, Subscription } from 'nats';
import { errorText, ProtocolError } from '../../model/errors';
import { newInbox } from './subject';

/** Why a request has no reply. The codes are those that the NATS client has for the same. */
class RequestFailure extends Error {
  constructor(
    readonly code: 'TIMEOUT' | '503' | 'PERMISSIONS_VIOLATION',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What requests need of a connection. */
export interface RequestLine {
  readonly nats: NatsConnection;
  subscribe(
    subject: string,
    receive: (message: Msg) => void,
    options: { readonly refused: (error: Error) => void },
  ): Subscription;
  onLoss(listener: (error: Error) => void): unknown;
}

interface PendingRequest {
  readonly subject: string;
  answered(message: Msg): void;
  failed(error: Error): void;
}

/**
 * Requests and their replies, which all come to one inbox. The NATS client has the same, but a reply whose headers cannot be
 * read ends all its reading there.
 */
export class Requests {
  readonly #connection: RequestLine;
  readonly #inbox = newInbox();
  readonly #pending = new Map<string, PendingRequest>();
  #subscription: Subscription | undefined;
  #count = 0;

  constructor(connection: RequestLine) {
    this.#connection = connection;
    connection.onLoss((error) => this.#failAll(error));
  }

  /**
   * @throws RequestFailure without a reply; ProtocolError for one whose headers cannot be read; ConnectionError or
   *   ClosedError as soon as the connection is lost, and then it may have been heard or not.
   */
  request(subject: string, payload: string, timeoutMs: number): Promise<Msg> {
    this.#subscription ??= this.#connection.subscribe(`${this.#inbox}*`, (reply) => this.#receive(reply), {
      refused: (cause) =>
        this.#failAll(new RequestFailure('PERMISSIONS_VIOLATION', errorText(cause), { cause })),
    });
    const id = (this.#count += 1).toString(36);
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#pending.delete(id);
      };
      const failed = (error: Error): void => {
        settle();
        reject(error);
      };
      const timer = setTimeout(() => failed(new RequestFailure('TIMEOUT', 'TIMEOUT')), timeoutMs);
      const answered = (message: Msg): void => {
        settle();
        resolve(message);
      };
      this.#pending.set(id, { subject, answered, failed });
      try {
        this.#connection.nats.publish(subject, payload, { reply: this.#inbox + id });
      } catch (error) {
        failed(error as Error);
      }
    });
  }

  /** The broker does not allow a subject, so that what was asked there is never answered. */
  refused(subject: string, cause: Error): void {
    for (const pending of [...this.#pending.values()]) {
      if (pending.subject !== subject) continue;
      pending.failed(new RequestFailure('PERMISSIONS_VIOLATION', cause.message, { cause }));
    }
  }

  #failAll(error: Error): void {
    for (const pending of [...this.#pending.values()]) pending.failed(error);
  }

  #receive(reply: Msg): void {
    const pending = this.#pending.get(reply.subject.slice(this.#inbox.length));
    if (pending === undefined) return;
    try {
      if (reply.data.length === 0 && reply.headers?.code === 503) {
        pending.failed(new RequestFailure('503', 'nobody answers'));
      } else pending.answered(reply);
    } catch (cause) {
      pending.failed(
        new ProtocolError({
          attempted: `read the reply on "${pending.subject}"`,
          found: `its headers cannot be read: ${errorText(cause)}`,
          next: 'Check that the address is a Memphis broker',
          cause,
        }),
      );
    }
  }
}
