import type { Subscription } from 'nats';
import { BrokerRefusedError, NotFoundError } from '../../../model/errors';
import { externalName, internalName } from '../../../model/names';
import type { ClientConnection } from '../connection/client-connection';
import type { Registration } from '../connection/registration';
import { LiveSchema } from './live-schema';
import type { SchemaUpdate } from './schema-update';
import { readSchemaBroadcast, readSchemaUpdate } from './schema-update';
import { stationExists } from './station-presence';

/** A producer or consumer, as its station sees it. */
export interface StationMember {
  /**
   * The station was removed: end all background work; nothing on the broker is left to be destroyed.
   * @param error for those who did not do it themselves.
   */
  detach(error: Error | undefined): void;
  /** What the broker's reply to a registration tells; the reply to a producer tells more. */
  readonly kind: 'producer' | 'consumer';
  /** Registers with the broker again, and takes over those parts of the reply that only such a member knows. */
  registerAgain(signal: AbortSignal): Promise<Registration>;
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
  readonly #replaced: () => void;
  readonly #members = new Set<StationMember>();
  #schemaSubscription: Subscription | undefined;
  #functionSubscription: Subscription | undefined;
  #schemaBroadcasts = 0;
  /** That of the schema's broadcasts, until it is reported. */
  #refusal: BrokerRefusedError | undefined;
  #isRegistered = false;
  #users = 0;
  /** Registrations that are sent again; they must not make a station that is gone meanwhile. */
  readonly #asking = new Set<AbortController>();
  #partitions: string | undefined;
  #removed = false;
  #refresh: NodeJS.Timeout | undefined;

  /** @param unused is called when the last member has left; `replaced` when there is another station of the name. */
  constructor(
    connection: ClientConnection,
    station: string,
    { unused, replaced }: { readonly unused: () => void; readonly replaced: () => void },
  ) {
    this.#connection = connection;
    this.#unused = unused;
    this.#replaced = replaced;
    this.name = externalName(station);
    this.internal = internalName(station);
  }

  /**
   * Runs a registration while listening to broadcasts already, so that no change of the schema between its reply and
   * the first message goes unseen.
   */
  async register<T extends Pick<Registration, 'schemaUpdate' | 'partitions'>>(
    request: () => Promise<T>,
  ): Promise<T> {
    this.#users += 1;
    const subject = `$memphis_schema_updates_${this.internal}`;
    this.#schemaSubscription ??= this.#connection.subscribeJson(
      subject,
      (broadcast) => this.#schemaChanged(readSchemaBroadcast(broadcast, subject)),
      { reportRefusal: (error) => this.#schemaRefused(error) },
    );
    try {
      const registration = await this.#takeOver(request);
      this.#isRegistered = true;
      this.#reportRefusal();
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
      const producer = this.#producer();
      if (producer === undefined) return;
      this.#ask(producer).catch((error: unknown) => {
        // A connection that is back asks for everything anew, and of a removal the members hear.
        if (this.#connection.isConnected && !this.#removed) this.#connection.errors.report(error as Error);
      });
    }, REFRESH_DELAY_MS);
    this.#refresh.unref();
  }

  /**
   * Asks the broker for what broadcasts may have told while nobody listened.
   * @param forgotten whether the broker may have deleted the registrations, so that each member has to register again;
   *   otherwise one of them is enough.
   * @throws NotFoundError when there is no such station: registering would make it.
   */
  async catchUp(forgotten: boolean): Promise<void> {
    const [first] = this.#members;
    if (first === undefined) return;
    const attempted = `ask for the schema of station "${this.name}" again`;
    if (!(await stationExists(this.#connection, this.name, attempted))) throw this.#removedError(attempted);
    const members = forgotten ? [...this.#members] : [this.#producer() ?? first];
    for (const member of members) if (this.#members.has(member)) await this.#ask(member);
  }

  /**
   * The station is gone: its members end, and say so instead of making the station again.
   * @param byOthers false when this client did it.
   */
  remove(byOthers: boolean): void {
    this.#removed = true;
    const error = byOthers ? this.#removedError(`go on with station "${this.name}"`) : undefined;
    for (const asking of this.#asking) asking.abort(this.#removedError('ask again'));
    for (const member of [...this.#members]) member.detach(error);
    this.#members.clear();
    this.#unsubscribe();
  }

  /** @throws NotFoundError when the station was removed. */
  assertPresent(attempted: string): void {
    if (this.#removed) throw this.#removedError(attempted);
  }

  #producer(): StationMember | undefined {
    return [...this.#members].find(({ kind }) => kind === 'producer');
  }

  async #ask(member: StationMember): Promise<void> {
    const asking = new AbortController();
    const stop = this.#connection.onLoss((error) => asking.abort(error));
    this.#asking.add(asking);
    try {
      await this.#takeOver(async () => member.registerAgain(asking.signal));
    } finally {
      stop();
      this.#asking.delete(asking);
    }
  }

  /** A broadcast that comes while the reply is under way is newer, or as new. */
  async #takeOver<T extends Pick<Registration, 'schemaUpdate' | 'partitions'>>(
    request: () => Promise<T>,
  ): Promise<T> {
    const before = this.#schemaBroadcasts;
    const registration = await request();
    const partitions = [...registration.partitions].sort((a, b) => a - b).join();
    this.#partitions ??= partitions;
    // Partitions are never added to a station or taken away.
    if (partitions !== this.#partitions) this.#replaced();
    this.assertPresent(`register on station "${this.name}"`);
    if (before === this.#schemaBroadcasts) this.schema.replace(readSchemaUpdate(registration.schemaUpdate));
    return registration;
  }

  #removedError(attempted: string): NotFoundError {
    return new NotFoundError({
      attempted,
      found: `station "${this.name}" was removed`,
      next: 'Create the station and a new producer or consumer',
    });
  }

  /** A user who may not use the station is refused its schema, too, and the error of the registration says so. */
  #schemaRefused(error: BrokerRefusedError): void {
    this.#refusal = error;
    if (this.#isRegistered) this.#reportRefusal();
  }

  #reportRefusal(): void {
    if (this.#refusal === undefined) return;
    const { found, cause } = this.#refusal;
    this.#refusal = undefined;
    this.#connection.errors.report(
      new BrokerRefusedError({
        attempted: `follow changes of the schema of station "${this.name}"`,
        found,
        next: 'Permit the station to this user with allowReadPermissions or allowWritePermissions. Until then messages are checked by the schema that the station had when its first producer or consumer was created here',
        cause,
      }),
    );
  }

  #schemaChanged(update: SchemaUpdate | undefined): void {
    this.#schemaBroadcasts += 1;
    this.schema.replace(update);
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
