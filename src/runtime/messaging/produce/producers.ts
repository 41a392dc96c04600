import { NotFoundError } from '../../../model/errors';
import { externalName } from '../../../model/names';
import type { ClientConnection } from '../connection/client-connection';

import { assertNoProblems, attemptedOn } from '../connection/option-checks';
import type { ProduceOptions } from './produce-options';
import { produceProblems } from './produce-options';
import { Producer } from './producer';
import type { ProducerOptions } from './producer-options';
import { assertProducerOptions, producerProblems } from './producer-options';
import { Publisher } from './publisher';
import type { Registration } from '../connection/registration';
import { register, registeredName, unregisterProducer } from '../connection/registration';
import type { RequestOptions } from '../connection/request-options';
import { messageProblem, payloadProblem } from '../station/payload';
import { SharedMembers } from '../station/shared-members';
import { stationExists } from '../station/station-presence';
import type { StationSessions } from '../station/station-sessions';

export type { ProducerOptions } from './producer-options';

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
    assertHasNames(options);
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the option keeps working
    const name = registeredName('producer', options.producerName, options.generateRandomSuffix);
    const make = async (givenUp: AbortSignal): Promise<Producer> => this.#create(options, name, givenUp);
    return this.#shared.get(options.stationName, name.toLowerCase(), make, options.signal);
  }

  /** The same for a caller that asks for the producer itself: one that found its station gone is made again. */
  async getUsable(options: ProducerOptions): Promise<Producer> {
    const known = await this.get(options);
    if (!known.foundNoStation) return known;
    this.#forget(known);
    return this.get(options);
  }

  /**
   * The same for a call that only wants to produce, and so does not make a station again that this client saw go.
   * @param produced what it wants to produce: a producer, or a station, is not made for what would be refused then.
   */
  async getIfPresent(options: ProducerOptions, produced?: ProduceOptions): Promise<Producer> {
    assertHasNames(options);
    const { stationName, signal } = options;
    if (produced !== undefined && !this.#shared.has(stationName, options.producerName.toLowerCase())) {
      const exists = async (): Promise<boolean> =>
        stationExists(this.#connection, stationName, `produce to station "${stationName}"`, { signal });
      const checked = assertFirstMessage(options, produced, exists);
      if (checked !== undefined) await checked;
    }
    const { gone } = this.#sessions;
    if (gone.has(stationName)) {
      try {
        await gone.assertPresent(stationName, `produce to station "${stationName}"`, { signal });
      } catch (error) {
        // A station that is made again later knows none of them.
        if (error instanceof NotFoundError) await this.#forgetStation(stationName);
        throw error;
      }
    }
    return this.get(options);
  }

  /** All producers that are there by now, and those that are gone but wait for acknowledgements or have failures to tell. */
  async all(): Promise<Producer[]> {
    const known = await this.#shared.all();
    this.#dropSettled();
    return [...new Set([...known, ...this.#leaving])];
  }

  async #create(options: ProducerOptions, name: string, givenUp: AbortSignal): Promise<Producer> {
    assertProducerOptions(options, name);
    const { stationName, timeoutRetries } = options;
    const attempted = `create the producer "${name}" on station "${stationName}"`;
    const session = this.#sessions.get(stationName);
    const sendRegistration = (wait: RequestOptions): Promise<Registration> =>
      register(
        this.#connection,
        '$memphis_producer_creations',
        { name, station_name: stationName, producer_type: 'application' },
        attempted,
        wait,
      );
    // The broker keeps every registration, so the one before goes first; a producer has nothing that could go with it.
    const registerAgain = async (signal: AbortSignal): Promise<Registration> => {
      const once = { timeoutRetries: 0, signal };
      await unregisterProducer(this.#connection, { producerName: name, stationName }, once);
      return sendRegistration(once);
    };
    const registration = await session.register(async () =>
      sendRegistration({ timeoutRetries, signal: givenUp }),
    );
    const producer = Producer.of({
      connection: this.#connection,
      publisher: this.#publisher,
      sessions: this.#sessions,
      session,
      name,
      registration,
      registerAgain,
      isReplaced: () => this.#shared.has(stationName, name.toLowerCase()),
      forget: () => this.#forget(producer),
    });
    return producer;
  }

  async #forgetStation(stationName: string): Promise<void> {
    for (const producer of await this.#shared.all()) {
      if (producer.stationName === externalName(stationName)) this.#forget(producer);
    }
  }

  /** At once, so that no caller finds a producer that has ended. */
  #forget(producer: Producer): void {
    this.#shared.forget(producer);
    this.#dropSettled();
    this.#leaving.add(producer);
  }

  /** Drops those that owe nothing. Of those that only have a failure to tell, one is enough. */
  #dropSettled(): void {
    let hasFailure = false;
    for (const producer of this.#leaving) {
      if (producer.outstanding > 0) continue;
      if (producer.hasFailed && !hasFailure) hasFailure = true;
      else this.#leaving.delete(producer);
    }
  }
}

/** Names are looked at when a producer is made; one that is found by them must have had legal ones. */
function assertHasNames(options: ProducerOptions): void {
  const { stationName, producerName } = options as { stationName: unknown; producerName: unknown };
  if (typeof stationName !== 'string' || typeof producerName !== 'string') assertProducerOptions(options);
}

/**
 * Checks a message for which a producer, and perhaps its station, has to be made first, so that nothing is made for one
 * that is refused afterwards.
 * @param stationExists asked only for a message that needs a schema; a station that is made for it would have none.
 * @returns a promise when the broker has to be asked.
 * @throws ValidationError with every problem.
 * @internal
 */
export function assertFirstMessage(
  producer: ProducerOptions,
  options: ProduceOptions,
  stationExists: () => Promise<boolean>,
): Promise<void> | undefined {
  const attempted = attemptedOn('produce to station', producer.stationName);
  const { message } = options as { readonly message: unknown };
  const problems = [...producerProblems(producer), ...produceProblems(options)];
  assertNoProblems(attempted, [...problems, messageProblem(message)]);
  const withoutSchema = payloadProblem(message);
  if (withoutSchema === undefined) return undefined;
  return stationExists().then((exists) => {
    if (!exists) assertNoProblems(attempted, [withoutSchema]);
  });
}
