import { NotFoundError } from '../../../model/errors';
import { externalName, internalName, partitionStream } from '../../../model/names';
import type { WaitOptions } from '../../connection/waiting';
import type { ClientConnection } from '../connection/client-connection';
import { readStream } from '../connection/jetstream-api';

/** Whether a station exists, without making it: its first partition, or its only stream, is there. */
export async function stationExists(
  connection: ClientConnection,
  name: string,
  attempted: string,
  options?: WaitOptions,
): Promise<boolean> {
  for (const stream of [partitionStream(name, 1), internalName(name)]) {
    if ((await readStream(connection, stream, attempted, options)) !== undefined) return true;
  }
  return false;
}

/**
 * Stations that this client saw go. A call that makes its producer or its consumer on the way would have the broker make
 * such a station again, with its defaults, and nobody would notice.
 */
export class GoneStations {
  readonly #connection: ClientConnection;
  readonly #names = new Set<string>();

  constructor(connection: ClientConnection) {
    this.#connection = connection;
  }

  add(station: string): void {
    this.#names.add(externalName(station));
  }

  /** Somebody asks for the station, or for a producer or a consumer of it, and so wants it to be there. */
  forget(...stations: readonly string[]): void {
    for (const station of stations) this.#names.delete(externalName(station));
  }

  has(station: string): boolean {
    return this.#names.size > 0 && this.#names.has(externalName(station));
  }

  /** @throws NotFoundError while nobody has made the station again. */
  async assertPresent(station: string, attempted: string, options: WaitOptions = {}): Promise<void> {
    if (!this.has(station)) return;
    if (await stationExists(this.#connection, station, attempted, options)) {
      this.forget(station);
      return;
    }
    throw new NotFoundError({
      attempted,
      found: `station "${externalName(station)}" was removed`,
      next: 'Create the station again',
    });
  }
}
