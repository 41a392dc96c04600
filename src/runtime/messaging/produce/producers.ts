import { ValidationError } from '../../../model/errors';
import { internalName, nameProblem } from '../../../model/names';
import type { ClientConnection } from '../connection/client-connection';
import { Producer } from './producer';
import { Publisher } from './publisher';
import type { Registration } from '../connection/registration';
import { register, registeredName, unregisterProducer } from '../connection/registration';
import type { RequestOptions } from '../connection/request-options';
import { SharedWork } from '../../connection/shared-work';
import type { StationSessions } from '../station/station-sessions';

/** Which producer to make. */
export interface ProducerOptions extends RequestOptions {
  /** Station to send to; one that does not exist is made by the broker with its defaults. */
  readonly stationName: string;
  /** Name of the producer; upper and lower case are the same. */
  readonly producerName: string;
  /** @deprecated Give each producer a name of its own instead. Adds `_` and 8 random hex digits. Default false. */
  readonly generateRandomSuffix?: boolean;
}

/** The producers of a connection, found by station and name. @internal */
export class Producers {
  readonly #connection: ClientConnection;
  readonly #sessions: StationSessions;
  readonly #publisher: Publisher;
  /** By internal station name, then by producer name: no separator can be part of a name and confuse two of them. */
  readonly #byStation = new Map<string, Map<string, SharedWork<Producer>>>();
  readonly #madeBy = new WeakMap<Producer, SharedWork<Producer>>();
  /** Those that are not found by their name any more, but whose messages still count. */
  readonly #leaving = new Set<Producer>();

  constructor(connection: ClientConnection, sessions: StationSessions) {
    this.#connection = connection;
    this.#sessions = sessions;
    this.#publisher = new Publisher(connection);
    sessions.onRemoval((internal) => this.#byStation.delete(internal));
  }

  /** The producer of that name, made when there is none; all callers with that name wait for the same one. */
  get(options: ProducerOptions): Promise<Producer> {
    const { signal } = options;
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the option keeps working
    const name = registeredName('producer', options.producerName, options.generateRandomSuffix);
    const internal = internalName(options.stationName);
    const ofStation = this.#byStation.get(internal) ?? new Map<string, SharedWork<Producer>>();
    this.#byStation.set(internal, ofStation);
    const key = name.toLowerCase();
    const known = ofStation.get(key);
    if (known?.isGivenUp === false) return known.wait(signal);
    const made = new SharedWork(async (givenUp) => this.#create(options, name, givenUp));
    ofStation.set(key, made);
    made.result.then(
      (producer) => this.#madeBy.set(producer, made),
      // A failed creation must not be what later callers find.
      () => this.#drop(internal, key, made),
    );
    return made.wait(signal);
  }

  /** The same for a call that only wants to produce, and so does not make a station again that this client saw go. */
  async getIfPresent(options: ProducerOptions): Promise<Producer> {
    const { stationName, signal } = options;
    const { gone } = this.#sessions;
    if (gone.has(stationName)) await gone.assertPresent(stationName, 'produce a message', { signal });
    return this.get(options);
  }

  /** All producers that are there by now, and those that are gone but wait for acknowledgements or have failures to tell. */
  async all(): Promise<Producer[]> {
    const made = [...this.#byStation.values()].flatMap((ofStation) => [...ofStation.values()]);
    const settled = await Promise.allSettled(made.map(({ result }) => result));
    this.#letGo();
    const known = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    return [...new Set([...known, ...this.#leaving])];
  }

  async #create(options: ProducerOptions, name: string, givenUp: AbortSignal): Promise<Producer> {
    const { stationName, timeoutRetries } = options;
    const attempted = `create the producer "${name}" on station "${stationName}"`;
    const problems = [nameProblem('Station', stationName), nameProblem('Producer', name)].filter(
      (problem) => problem !== undefined,
    );
    if (problems.length > 0) throw new ValidationError(attempted, problems);
    const session = this.#sessions.get(stationName);
    const enter = (signal?: AbortSignal): Promise<Registration> =>
      register(
        this.#connection,
        '$memphis_producer_creations',
        { name, station_name: stationName, producer_type: 'application' },
        attempted,
        { timeoutRetries, signal },
      );
    // The broker keeps every registration, so the one before goes first; a producer has nothing that could go with it.
    const enterAgain = async (): Promise<Registration> => {
      await unregisterProducer(this.#connection, { producerName: name, stationName }, { timeoutRetries });
      return enter();
    };
    const registration = await session.register(async () => enter(givenUp));
    const producer = Producer.of({
      connection: this.#connection,
      publisher: this.#publisher,
      sessions: this.#sessions,
      session,
      name,
      registration,
      enterAgain,
      forget: () => this.#forget(producer),
    });
    return producer;
  }

  /** At once, so that no caller finds a producer that has ended. */
  #forget(producer: Producer): void {
    const made = this.#madeBy.get(producer);
    if (made !== undefined) this.#drop(internalName(producer.stationName), producer.producerName, made);
    this.#letGo();
    this.#leaving.add(producer);
  }

  /** Drops those that owe nothing. Of those that only have a failure to tell, one is enough. */
  #letGo(): void {
    let hasFailure = false;
    for (const producer of this.#leaving) {
      if (producer.outstanding > 0) continue;
      if (producer.hasFailed && !hasFailure) hasFailure = true;
      else this.#leaving.delete(producer);
    }
  }

  #drop(internal: string, key: string, made: SharedWork<Producer>): void {
    const ofStation = this.#byStation.get(internal);
    if (ofStation?.get(key) !== made) return;
    ofStation.delete(key);
    if (ofStation.size === 0) this.#byStation.delete(internal);
  }
}
