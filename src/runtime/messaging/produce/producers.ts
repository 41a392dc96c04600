import { ValidationError } from '../../../model/errors';
import { nameProblem } from '../../../model/names';
import type { ClientConnection } from '../connection/client-connection';
import { Producer } from './producer';
import { Publisher } from './publisher';
import type { Registration } from '../connection/registration';
import { register, registeredName, unregisterProducer } from '../connection/registration';
import type { RequestOptions } from '../connection/request-options';
import { SharedMembers } from '../station/shared-members';
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
  readonly #shared = new SharedMembers<Producer>();
  /** Those that are not found by their name any more, but whose messages still count. */
  readonly #leaving = new Set<Producer>();

  constructor(connection: ClientConnection, sessions: StationSessions) {
    this.#connection = connection;
    this.#sessions = sessions;
    this.#publisher = new Publisher(connection);
    sessions.onRemoval((station) => this.#shared.forgetStation(station));
  }

  /** The producer of that name, made when there is none; all callers with that name wait for the same one. */
  get(options: ProducerOptions): Promise<Producer> {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the option keeps working
    const name = registeredName('producer', options.producerName, options.generateRandomSuffix);
    const make = async (givenUp: AbortSignal): Promise<Producer> => this.#create(options, name, givenUp);
    return this.#shared.get(options.stationName, name.toLowerCase(), make, options.signal);
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
    const known = await this.#shared.all();
    this.#letGo();
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
    this.#shared.forget(producer);
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
}
