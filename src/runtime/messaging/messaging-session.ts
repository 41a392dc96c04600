import { errorText } from '../../model/errors';
import { untilAborted, withTimeout } from '../connection/waiting';
import { ClientConnection } from './connection/client-connection';
import type { CompleteConnectOptions } from './connection/connect-options';
import { Consumers } from './consume/consumers';
import type { ErrorListeners } from './connection/error-listeners';
import { DRAIN_TIMEOUT_MS } from './produce/produce-options';
import { Producers } from './produce/producers';
import { StationSessions } from './station/station-sessions';

/** Everything that lives and ends with one connection. */
export class MessagingSession {
  readonly connection: ClientConnection;
  readonly stations: StationSessions;
  readonly producers: Producers;
  readonly consumers: Consumers;

  private constructor(connection: ClientConnection) {
    this.connection = connection;
    this.stations = new StationSessions(connection);
    this.producers = new Producers(connection, this.stations);
    this.consumers = new Consumers(connection, this.stations);
  }

  /** @param signal ends the attempt; nothing is left open. */
  static async open(
    options: CompleteConnectOptions,
    errors: ErrorListeners,
    signal?: AbortSignal,
  ): Promise<MessagingSession> {
    const session = new MessagingSession(await ClientConnection.open(options, errors, signal));
    try {
      // Broadcasts are heard from the moment on that the caller knows of the connection.
      await session.connection.flush(options.timeoutMs, signal);
    } catch (error) {
      await session.connection.close(signal);
      throw error;
    }
    return session;
  }

  /**
   * Ends all polling, waits for outstanding acknowledgements up to the time, or until the signal is aborted, and closes.
   * Never rejects.
   */
  async close(drainTimeoutMs = DRAIN_TIMEOUT_MS, signal?: AbortSignal): Promise<void> {
    this.consumers.stopAll();
    await untilAborted(signal, () => this.#drained(drainTimeoutMs, signal)).catch(() => undefined);
    await this.connection
      .close(signal)
      .catch((error: unknown) => this.connection.errors.report(new Error(errorText(error))));
  }

  async #drained(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    // One that is still being made has sent nothing.
    const all = withTimeout(
      this.producers.all(),
      timeoutMs,
      'wait for producers that are being made',
      signal,
    );
    const producers = await all.catch(() => []);
    const drained = producers.map((producer) => producer.drained(timeoutMs, signal));
    for (const result of await Promise.allSettled(drained)) {
      if (result.status === 'rejected' && signal?.aborted !== true) {
        this.connection.errors.report(result.reason as Error);
      }
    }
  }
}
