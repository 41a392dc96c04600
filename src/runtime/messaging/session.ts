import { errorText } from '../../model/errors';
import { ClientConnection } from './client-connection';
import type { CompleteConnectOptions } from './connect-options';
import { Consumers } from './consumers';
import type { ErrorListeners } from './error-listeners';
import { DRAIN_TIMEOUT_MS } from './producer';
import { Producers } from './producers';
import { StationSessions } from './station-sessions';

/** Everything that lives and ends with one connection. */
export class Session {
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

  static async open(options: CompleteConnectOptions, errors: ErrorListeners): Promise<Session> {
    const session = new Session(await ClientConnection.open(options, errors));
    // Broadcasts are heard from the moment on that the caller knows of the connection.
    await session.connection.flush(options.timeoutMs);
    return session;
  }

  /** Ends all polling, waits for outstanding acknowledgements up to the time, closes. Never rejects. */
  async close(drainTimeoutMs = DRAIN_TIMEOUT_MS): Promise<void> {
    const { errors } = this.connection;
    this.consumers.stopAll();
    const producers = await this.producers.all();
    const drained = producers.map((producer) => producer.drained(drainTimeoutMs));
    for (const result of await Promise.allSettled(drained)) {
      if (result.status === 'rejected') errors.report(result.reason as Error);
    }
    await this.connection.close().catch((error: unknown) => errors.report(new Error(errorText(error))));
  }
}
