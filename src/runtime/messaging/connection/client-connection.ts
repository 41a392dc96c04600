import { randomUUID } from 'node:crypto';
import type { Msg, NatsConnection, Status, Subscription } from 'nats';
import { BrokerRefusedError, errorText, ProtocolError } from '../../../model/errors';
import { untilAborted, withTimeout } from '../../connection/waiting';
import { openConnection } from '../../connection/open-connection';
import type { CompleteConnectOptions } from './connect-options';
import type { ErrorListeners } from './error-listeners';
import { Liveness } from './liveness';
import { Outbox } from './outbox';
import { Requests } from '../../connection/requests';
import { checkedSubject } from '../../connection/subject';

/** How long closing waits for what was already handed to the connection. */
const DRAIN_TIMEOUT_MS = 2_000;
/** The same when nobody waits any more: a broker that is well has read it by then. */
const LAST_DRAIN_TIMEOUT_MS = 100;

/** How long the report of a refusal may follow the end of its subscription. */
const REFUSAL_TIMEOUT_MS = 1_000;

interface SubscribeOptions {
  /** Members of a queue share what comes. */
  readonly queue?: string;
  /** Called when the broker does not allow the subscription, which is reported in any case but the next one. */
  readonly refused?: (error: Error) => void;
  /** Called instead of the report, by who can say more about it. */
  readonly reportRefusal?: (error: BrokerRefusedError) => void;
}

/** Identifies this process in registrations, for the broker's UI. One per process, as in the Memphis SDKs. */
export const applicationId = randomUUID();

/**
 * One connection to the broker, with the facts about it that requests repeat. It lives through reconnections;
 * `connectionId` stays the same then, by which the broker finds the producers and consumers that belong to it.
 */
export class ClientConnection {
  readonly connectionId: string;
  readonly username: string;
  readonly errors: ErrorListeners;
  /** For messages and acknowledgements, of which there are many. */
  readonly outbox: Outbox;
  readonly #requests: Requests;
  #nats: NatsConnection;
  #closing = false;
  readonly #liveness = new Liveness();
  /** By subject. */
  readonly #refusalReports = new Map<string, (error: BrokerRefusedError) => void>();

  private constructor(connectionId: string, username: string, nats: NatsConnection, errors: ErrorListeners) {
    this.connectionId = connectionId;
    this.username = username;
    this.errors = errors;
    this.#nats = nats;
    this.outbox = new Outbox(nats);
    this.onLoss(() => this.outbox.clear());
    this.#requests = new Requests(this);
    void this.#watch(nats.status());
    void nats.closed().then((error) => this.#ended(error));
  }

  static async open(
    options: CompleteConnectOptions,
    errors: ErrorListeners,
    signal?: AbortSignal,
  ): Promise<ClientConnection> {
    const connectionId = randomUUID();
    const { called } = options;
    const settingNames = {
      address: `${called.host} and ${called.port}`,
      credential: `${called.username} and ${called.password}`,
      token: called.connectionToken,
      files: called,
    };
    const nats = await openConnection(
      { ...options, settingNames },
      `${connectionId}::${options.username}`,
      signal,
    );
    return new ClientConnection(connectionId, options.username, nats, errors);
  }

  get nats(): NatsConnection {
    return this.#nats;
  }

  /** True only while a live connection exists. */
  get isConnected(): boolean {
    return this.#liveness.isConnected;
  }

  get isClosed(): boolean {
    return this.#liveness.isClosed;
  }

  /** True for a stock nats-server, whose INFO lacks a key that every Memphis broker sends. */
  get isStockServer(): boolean {
    return this.#nats.info !== undefined && !('connection_id' in this.#nats.info);
  }

  /** Calls `listener` each time the connection is lost or closed. */
  onLoss(listener: (error: Error) => void): () => void {
    return this.#liveness.onLoss(listener);
  }

  /** Calls `listener` each time the connection is back, with how long it was lost. */
  onReturn(listener: (outageMs: number) => void): void {
    this.#liveness.onReturn(listener);
  }

  /**
   * Waits until there is a live connection. What is sent while there is none would be lost without a word.
   * @throws as `Liveness.ready`.
   */
  ready(attempted: string, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    return this.#liveness.ready(attempted, timeoutMs, signal);
  }

  /**
   * Subscribes. What cannot be read is reported and skipped: an error that reached the NATS client from here would end its
   * reading without a word.
   */
  subscribe(subject: string, receive: (message: Msg) => void, options: SubscribeOptions = {}): Subscription {
    const { queue, refused, reportRefusal } = options;
    const subscription = this.#nats.subscribe(checkedSubject(subject, 'subscribe'), {
      ...(queue === undefined ? {} : { queue }),
      callback: (error, message) => {
        try {
          if (error === null) receive(message);
          else refused?.(error);
        } catch (cause) {
          this.errors.report(
            new ProtocolError({
              attempted: `read a message on "${subject}"`,
              found: errorText(cause),
              next: 'It is skipped; the connection goes on',
              cause,
            }),
          );
        }
      },
    });
    if (reportRefusal !== undefined) {
      this.#refusalReports.set(subject, reportRefusal);
      const forget = (): void => {
        if (this.#refusalReports.get(subject) === reportRefusal) this.#refusalReports.delete(subject);
      };
      // A refusal closes the subscription before it is reported.
      void subscription.closed.then(() => setTimeout(forget, REFUSAL_TIMEOUT_MS).unref());
    }
    return subscription;
  }

  /** Subscribes to JSON broadcasts. */
  subscribeJson(
    subject: string,
    receive: (value: unknown) => void,
    options: SubscribeOptions = {},
  ): Subscription {
    return this.subscribe(subject, (message) => receive(JSON.parse(message.string()) as unknown), options);
  }

  /** Publishes after everything that was sent so far. */
  publish(subject: string, payload: string, reply?: string): void {
    this.outbox.flush();
    this.#nats.publish(checkedSubject(subject, 'publish'), payload, reply === undefined ? {} : { reply });
  }

  /** Asks after everything that was sent so far, so that no acknowledgement is overtaken. */
  async request(subject: string, payload: string, timeoutMs: number, signal?: AbortSignal): Promise<Msg> {
    return untilAborted(signal, async () => {
      this.outbox.flush();
      return this.#requests.request(checkedSubject(subject, 'send a request'), payload, timeoutMs);
    });
  }

  /**
   * Waits until the broker has seen everything sent so far.
   * @throws ConnectionError or ClosedError as soon as the connection is lost.
   */
  async flush(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    this.outbox.flush();
    let stopWatching = (): void => undefined;
    // The NATS client leaves a flush open when it closes.
    const lost = new Promise<never>((_resolve, reject) => {
      stopWatching = this.onLoss(reject);
    });
    const seen = Promise.race([this.#nats.flush(), lost]);
    await withTimeout(seen, timeoutMs, 'wait for the broker', signal).finally(stopWatching);
  }

  /**
   * Sends what is still to be sent, within a bounded time, and closes. May be called again.
   * @param signal makes that time as short as possible.
   */
  async close(signal?: AbortSignal): Promise<void> {
    if (this.isClosed) return;
    this.#closing = true;
    try {
      this.outbox.flush();
      if (this.isConnected) await this.#drain(signal);
    } catch {
      // A connection that breaks while it is being closed is closed too.
    }
    await this.#nats.close();
    this.#ended(undefined);
  }

  async #drain(signal: AbortSignal | undefined): Promise<void> {
    const attempted = 'drain the connection';
    const drained = this.#nats.drain();
    try {
      await withTimeout(drained, DRAIN_TIMEOUT_MS, attempted, signal);
    } catch {
      if (signal?.aborted === true) await withTimeout(drained, LAST_DRAIN_TIMEOUT_MS, attempted);
    }
  }

  async #watch(statuses: AsyncIterable<Status>): Promise<void> {
    for await (const status of statuses) {
      switch (status.type as string) {
        case 'disconnect':
          this.#liveness.lost();
          break;
        case 'reconnect':
          this.#liveness.back();
          break;
        case 'error':
          this.#refused(status);
      }
    }
  }

  #ended(cause: unknown): void {
    const error = this.#liveness.ended(cause);
    // A close that nobody asked for is worth a word, also when it has no cause: with reconnect off the first loss has none.
    if (error !== undefined && !this.#closing) this.errors.report(error);
  }

  /** The broker refuses some subject; the connection stays good for the others. */
  #refused(status: Status): void {
    const subject = status.permissionContext?.subject;
    const error = new BrokerRefusedError({
      attempted: subject === undefined ? 'use the connection' : `use the subject "${subject}"`,
      found: typeof status.data === 'string' ? status.data : 'the broker sent an error',
      next: 'Check the permissions of the user',
    });
    if (subject !== undefined) this.#requests.refused(subject, error);
    const report = subject === undefined ? undefined : this.#refusalReports.get(subject);
    if (report === undefined) this.errors.report(error);
    else report(error);
  }
}
