import type { Connection } from '../../model/connection';
import type { SmokeTestSpec } from '../../model/smoke-test';
import type { Admin, StationRow } from '../admin';
import { SmokeRecords, allStations, connectAdmin, requireOneBroker } from '../admin';
import { ErrorListeners } from '../messaging/connection/error-listeners';
import { MessagingSession } from '../messaging/messaging-session';
import { completeClientOptions, smokeConnection } from './connect-options';
import type { BrokerConnections } from './left-overs';
import { removeLeftOvers } from './left-overs';

/** How long the list of all stations is believed, by tests that run at the same time. */
const ROWS_LIFE_MS = 2_000;

/** The connections of smoke tests with one broker. Tests that run at the same time share them. */
export class SmokeBroker implements BrokerConnections {
  readonly connection: Connection;
  #session: Promise<MessagingSession> | undefined;
  #admin: Promise<Admin> | undefined;
  #leftOvers: Promise<void> | undefined;
  #rows: { readonly readAt: number; readonly rows: Promise<readonly StationRow[]> } | undefined;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** @throws ValidationError if something is missing. */
  static of(spec: SmokeTestSpec, environment: Readonly<Record<string, string | undefined>>): SmokeBroker {
    return new SmokeBroker(smokeConnection(spec, environment));
  }

  get address(): string {
    return `${this.connection.host}:${this.connection.port}`;
  }

  /** The client side. @throws ConnectionError, AuthenticationError */
  session(): Promise<MessagingSession> {
    const errors = new ErrorListeners();
    // What fails in the background makes a step fail, too.
    errors.add(() => undefined);
    this.#session ??= MessagingSession.open(completeClientOptions(this.connection), errors);
    return this.#session;
  }

  /** The management side. @throws ConnectionError, AuthenticationError, BrokerMismatchError */
  admin(): Promise<Admin> {
    this.#admin ??= connectAdmin(this.connection).then(async (admin) => {
      try {
        await requireOneBroker(admin);
        return admin;
      } catch (error) {
        await admin.close();
        throw error;
      }
    });
    return this.#admin;
  }

  async records(): Promise<SmokeRecords> {
    return new SmokeRecords((await this.session()).connection.nats);
  }

  /** Removes what earlier runs left behind, once. */
  leftOversRemoved(): Promise<void> {
    this.#leftOvers ??= removeLeftOvers(this);
    return this.#leftOvers;
  }

  /** The row of a station in the list of all stations, which alone has the enforced schema. */
  async row(station: string): Promise<StationRow | undefined> {
    const now = performance.now();
    if (this.#rows === undefined || now - this.#rows.readAt > ROWS_LIFE_MS) {
      this.#rows = { readAt: now, rows: this.admin().then(allStations) };
    }
    return (await this.#rows.rows).find(({ name }) => name === station);
  }

  /** Never rejects. */
  async close(): Promise<void> {
    const [session, admin] = await Promise.allSettled([this.#session, this.#admin]);
    if (session.status === 'fulfilled') await session.value?.close(0);
    if (admin.status === 'fulfilled') await admin.value?.close().catch(() => undefined);
  }
}
