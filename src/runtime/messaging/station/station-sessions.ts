import { internalName } from '../../../model/names';
import type { ClientConnection } from '../connection/client-connection';
import { CatchingUp } from './catching-up';
import { GoneStations } from './station-presence';
import { StationSession } from './station-session';

/** The stations that a connection has to do with, and the broadcasts about them. */
export class StationSessions {
  readonly #connection: ClientConnection;
  readonly #sessions = new Map<string, StationSession>();
  readonly #removalListeners: ((internal: string) => void)[] = [];
  readonly gone: GoneStations;
  /** Whether the broker wants to be told of messages that break their schema. */
  sendNotification = false;

  constructor(connection: ClientConnection) {
    this.#connection = connection;
    this.gone = new GoneStations(connection);
    new CatchingUp(connection, () => [...this.#sessions.values()]).begin();
    connection.subscribeJson('$memphis_sdk_clients_updates', (broadcast) => this.#clientsUpdate(broadcast));
  }

  get(station: string): StationSession {
    const internal = internalName(station);
    const known = this.#sessions.get(internal);
    if (known !== undefined) return known;
    const session = new StationSession(this.#connection, station, {
      unused: () => {
        if (this.#sessions.get(internal) === session) this.#sessions.delete(internal);
      },
      replaced: () => this.remove(station, true),
    });
    this.#sessions.set(internal, session);
    return session;
  }

  /** Calls `listener` with the internal name of each station that is removed. */
  onRemoval(listener: (internal: string) => void): void {
    this.#removalListeners.push(listener);
  }

  /** Ends everything of a station that is gone. A station made later under the name starts afresh. */
  remove(station: string, byOthers: boolean): void {
    const internal = internalName(station);
    // Others are none of this client's.
    if (this.#sessions.has(internal)) this.gone.add(station);
    this.#sessions.get(internal)?.remove(byOthers);
    this.#sessions.delete(internal);
    for (const listener of this.#removalListeners) listener(internal);
  }

  #clientsUpdate(broadcast: unknown): void {
    if (typeof broadcast !== 'object' || broadcast === null) return;
    const { station_name: station, type, update } = broadcast as Readonly<Record<string, unknown>>;
    if (type === 'send_notification') {
      this.sendNotification = update === true;
    } else if (typeof station === 'string' && type === 'remove_station') {
      this.remove(station, true);
    } else if (typeof station === 'string' && type === 'schemaverse_to_dls') {
      // The value in it is the one before the change, so it is asked for.
      this.#sessions.get(internalName(station))?.dlsFlagsChanged();
    }
  }
}
