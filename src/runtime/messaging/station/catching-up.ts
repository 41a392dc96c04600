import { setTimeout as delay } from 'node:timers/promises';
import { NotFoundError } from '../../../model/errors';
import type { ClientConnection } from '../connection/client-connection';
import type { StationSession } from './station-session';

/**
 * Brokers delete registrations that are inactive for longer: two hours by default, and one hour is the least that a broker
 * can be set to (`gc_producer_consumer_retention_hours`).
 */
const REGISTRATIONS_LIVE_MS = 3_600_000;

/** Pauses before each try. Clients that lost the same broker must not all come at once, so each waits a part of its own. */
const PAUSES_MS = [200, 1_000, 4_000, 15_000];

/** How many stations are asked for at once. */
const PARALLEL = 8;

/**
 * Broadcasts that come while there is no connection are not repeated, so whatever they might have told is asked for when
 * the connection is back: a producer that goes on with the schema of yesterday would store what the station forbids.
 */
export class CatchingUp {
  readonly #connection: ClientConnection;
  readonly #sessions: () => StationSession[];
  /** Counts returns: each ends the work of the one before. */
  #returns = 0;
  #forgotten = false;

  constructor(connection: ClientConnection, sessions: () => StationSession[]) {
    this.#connection = connection;
    this.#sessions = sessions;
  }

  begin(): void {
    this.#connection.onReturn((outageMs) => {
      this.#returns += 1;
      // Kept until all is done, for a connection that is lost again in the middle.
      if (outageMs >= REGISTRATIONS_LIVE_MS) this.#forgotten = true;
      void this.#catchUp(this.#returns);
    });
  }

  async #catchUp(turn: number): Promise<void> {
    let failures = new Map<StationSession, unknown>(this.#sessions().map((session) => [session, undefined]));
    for (const pauseMs of PAUSES_MS) {
      if (failures.size === 0 || this.#isOver(turn)) break;
      await delay(pauseMs * Math.random(), undefined, { ref: false });
      failures = await this.#round([...failures.keys()], turn);
    }
    if (this.#isOver(turn)) return;
    this.#forgotten = false;
    for (const reason of failures.values()) {
      // The members hear from their own work that the station is gone.
      if (!(reason instanceof NotFoundError)) this.#connection.errors.report(reason as Error);
    }
  }

  /** Asks for each station once. One without an answer holds up nobody. @returns those that failed. */
  async #round(sessions: StationSession[], turn: number): Promise<Map<StationSession, unknown>> {
    const failures = new Map<StationSession, unknown>();
    const ask = async (): Promise<void> => {
      for (let next = sessions.shift(); next !== undefined; next = sessions.shift()) {
        if (this.#isOver(turn)) return;
        const session = next;
        await session.catchUp(this.#forgotten).catch((reason: unknown) => failures.set(session, reason));
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, ask));
    return failures;
  }

  /** Whether the connection was lost again meanwhile: its return begins anew. */
  #isOver(turn: number): boolean {
    return turn !== this.#returns || !this.#connection.isConnected;
  }
}
