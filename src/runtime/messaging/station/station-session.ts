import type { Subscription } from 'nats';
import { NotFoundError } from '../../../model/errors';
import { externalName, internalName } from '../../../model/names';
import type { ClientConnection } from '../connection/client-connection';
import { LiveSchema } from './live-schema';
import { readSchemaUpdate } from './schema-update';

/** A producer or consumer, as its station sees it. */
export interface StationMember {
  /**
   * The station was removed: end all background work; nothing on the broker is left to be destroyed.
   * @param error for those who did not do it themselves.
   */
  detach(error: Error | undefined): void;
  /** Producers only: ask the broker again for the flags that come with a registration. */
  refreshRegistration?(): Promise<void>;
}

/** A broadcast says that the dead-letter flags changed but not to what; reading at once could be too early. */
const REFRESH_DELAY_MS = 100;

/**
 * What one connection knows about one station, shared by its producers and consumers: the enforced schema and the
 * flags, both kept current by broadcasts for as long as there is a member.
 */
export class StationSession {
  /** External name. */
  readonly name: string;
  readonly internal: string;
  readonly schema = new LiveSchema();
  /** Whether messages that break the schema are recorded as dead letters. */
  sendSchemaFailedMsgToDls = false;
  /** Partition number → id of the function that takes its messages first. Empty on brokers without functions. */
  functions: ReadonlyMap<number, number> = new Map();
  readonly #connection: ClientConnection;
  readonly #unused: () => void;
  readonly #members = new Set<StationMember>();
  #schemaSubscription: Subscription | undefined;
  #functionSubscription: Subscription | undefined;
  #schemaBroadcasts = 0;
  #users = 0;
  #removed = false;
  #refresh: NodeJS.Timeout | undefined;

  /** @param unused is called when the last member has left. */
  constructor(connection: ClientConnection, station: string, unused: () => void) {
    this.#connection = connection;
    this.#unused = unused;
    this.name = externalName(station);
    this.internal = internalName(station);
  }

  /**
   * Runs a registration while listening to broadcasts already, so that no change of the schema between its reply and
   * the first message goes unseen. A broadcast that comes meanwhile is newer than the reply, or as new.
   */
  async register<T extends { readonly schemaUpdate: unknown }>(request: () => Promise<T>): Promise<T> {
    this.#users += 1;
    this.#schemaSubscription ??= this.#connection.subscribeJson(
      `$memphis_schema_updates_${this.internal}`,
      (broadcast) => this.#schemaChanged((broadcast as { init?: unknown } | null)?.init),
    );
    const before = this.#schemaBroadcasts;
    try {
      const registration = await request();
      if (before === this.#schemaBroadcasts) this.schema.replace(readSchemaUpdate(registration.schemaUpdate));
      return registration;
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  /** After `register`: from now on the member hears of the station's removal. */
  join(member: StationMember): void {
    this.#members.add(member);
  }

  leave(member: StationMember): void {
    if (this.#members.delete(member)) this.#release();
  }

  /** Follows changes of the functions. They exist on stations of version 2 and later. */
  followFunctions(stationVersion: number): void {
    if (stationVersion < 2) return;
    this.#functionSubscription ??= this.#connection.subscribeJson(
      `$memphis_functions_updates_${this.internal}`,
      (broadcast) => {
        this.functions = readFunctions((broadcast as { functions?: unknown } | null)?.functions);
      },
    );
  }

  dlsFlagsChanged(): void {
    clearTimeout(this.#refresh);
    this.#refresh = setTimeout(() => {
      const member = [...this.#members].find((candidate) => candidate.refreshRegistration !== undefined);
      member
        ?.refreshRegistration?.()
        .catch((error: unknown) => this.#connection.errors.report(error as Error));
    }, REFRESH_DELAY_MS);
    this.#refresh.unref();
  }

  /**
   * The station is gone: its members end, and say so instead of making the station again.
   * @param byOthers false when this client did it.
   */
  remove(byOthers: boolean): void {
    this.#removed = true;
    const error = byOthers ? this.#removedError(`go on with station "${this.name}"`) : undefined;
    for (const member of [...this.#members]) member.detach(error);
    this.#members.clear();
    this.#unsubscribe();
  }

  /** @throws NotFoundError when the station was removed. */
  assertPresent(attempted: string): void {
    if (this.#removed) throw this.#removedError(attempted);
  }

  #removedError(attempted: string): NotFoundError {
    return new NotFoundError({
      attempted,
      found: `station "${this.name}" was removed`,
      next: 'Create the station and a new producer or consumer',
    });
  }

  #schemaChanged(init: unknown): void {
    this.#schemaBroadcasts += 1;
    this.schema.replace(readSchemaUpdate(init));
  }

  #release(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#unsubscribe();
    this.#unused();
  }

  #unsubscribe(): void {
    clearTimeout(this.#refresh);
    this.#schemaSubscription?.unsubscribe();
    this.#functionSubscription?.unsubscribe();
    this.#schemaSubscription = undefined;
    this.#functionSubscription = undefined;
  }
}

/** Reads the map of functions, which brokers leave out, send as null or send empty where there are none. */
export function readFunctions(value: unknown): ReadonlyMap<number, number> {
  if (typeof value !== 'object' || value === null) return new Map();
  // What is no number is no function either: messages go straight to the partition then.
  return new Map(
    Object.entries(value).flatMap(([partition, id]: [string, unknown]) =>
      typeof id === 'number' && Number.isSafeInteger(id) ? [[Number(partition), id] as const] : [],
    ),
  );
}
