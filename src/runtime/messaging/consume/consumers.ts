import { NotFoundError } from '../../../model/errors';
import { internalName } from '../../../model/names';
import type { ClientConnection } from '../connection/client-connection';
import { Consumer } from './consumer';
import type { ConsumerOptions } from './consumer-options';
import { completeConsumerOptions } from './consumer-options';
import { ensureDurables } from './durable';
import type { FetchOptions } from './fetch-options';
import type { Message } from './message';
import { stationPartitions } from '../station/partition';
import type { Registration } from '../connection/registration';
import { register, registeredName, unregisterConsumer } from '../connection/registration';
import type { RequestOptions } from '../connection/request-options';
import { SharedMembers } from '../station/shared-members';
import type { StationSessions } from '../station/station-sessions';

/** Which consumer to fetch with, and what. The consumer is made by the first call and used again by later ones. */
export type FetchMessagesOptions = Omit<ConsumerOptions, 'pullIntervalMs'> & FetchOptions;

/** The consumers of a connection. @internal */
export class Consumers {
  readonly #connection: ClientConnection;
  readonly #sessions: StationSessions;
  readonly #live = new Set<Pick<Consumer, 'end'>>();
  /** Those of `fetch`. */
  readonly #forFetch = new SharedMembers<Consumer>();

  constructor(connection: ClientConnection, sessions: StationSessions) {
    this.#connection = connection;
    this.#sessions = sessions;
    sessions.onRemoval((station) => this.#forFetch.forgetStation(station));
  }

  async create(options: ConsumerOptions): Promise<Consumer> {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the option keeps working
    const name = registeredName('consumer', options.consumerName, options.generateRandomSuffix);
    const complete = completeConsumerOptions(options, name);
    const { timeoutRetries, signal } = options;
    const session = this.#sessions.get(complete.stationName);
    const sendRegistration = (wait: RequestOptions): Promise<Registration> =>
      register(
        this.#connection,
        '$memphis_consumer_creations',
        {
          name,
          station_name: complete.stationName,
          consumer_type: 'application',
          consumers_group: complete.consumerGroup,
          max_ack_time_ms: complete.maxAckTimeMs,
          max_msg_deliveries: complete.maxMsgDeliveries,
          start_consume_from_sequence: complete.startConsumeFromSequence,
          last_messages: complete.lastMessages,
        },
        `create the consumer "${name}" on station "${complete.stationName}"`,
        wait,
      );
    const registration = await session.register(async () => {
      const registration = await sendRegistration({ timeoutRetries, signal });
      const partitions = stationPartitions(session.name, registration.partitions);
      try {
        await ensureDurables(this.#connection, partitions, internalName(complete.consumerGroup), complete, {
          signal,
        });
      } catch (error) {
        // Nothing is undone for an abort: the position of the group goes with its last member.
        signal?.throwIfAborted();
        // A registration that nobody has would keep the group alive.
        await unregisterConsumer(this.#connection, { ...complete, registrations: registration.tries }).catch(
          () => undefined,
        );
        throw error;
      }
      return { ...registration, addressed: partitions };
    });
    const consumer = Consumer.of({
      connection: this.#connection,
      session,
      options: complete,
      partitions: registration.addressed,
      registrations: registration.tries,
      registerAgain: async (givenUp) => sendRegistration({ timeoutRetries: 0, signal: givenUp }),
      forget: (stopped) => this.#live.delete(stopped),
    });
    this.#live.add(consumer);
    return consumer;
  }

  async fetch(options: FetchMessagesOptions): Promise<Message[]> {
    const consumer = await this.#forFetching(options);
    try {
      const { batchSize, batchMaxTimeToWaitMs, prefetch, signal } = options;
      const { consumerPartitionKey, consumerPartitionNumber } = options;
      const batch = { batchSize, batchMaxTimeToWaitMs, prefetch, signal };
      return await consumer.fetch({ ...batch, consumerPartitionKey, consumerPartitionNumber });
    } catch (error) {
      if (error instanceof NotFoundError) {
        // Its group is gone, so the next call is to make a new one, unless the station is gone, too.
        this.#sessions.gone.add(options.stationName);
        this.#forFetch.forget(consumer);
        void consumer.destroy({ timeoutRetries: 0 }).catch(() => undefined);
      }
      throw error;
    }
  }

  /** Stops what polls in the background; the broker's side stays. */
  stopAll(): void {
    for (const consumer of [...this.#live]) consumer.end();
  }

  #forFetching(options: FetchMessagesOptions): Promise<Consumer> {
    const make = async (givenUp: AbortSignal): Promise<Consumer> => {
      await this.#sessions.gone.assertPresent(options.stationName, 'fetch messages', { signal: givenUp });
      return this.create({ ...options, signal: givenUp });
    };
    return this.#forFetch.get(options.stationName, fetchKey(options), make, options.signal);
  }
}

function fetchKey({ consumerName: name, consumerGroup: group = name }: FetchMessagesOptions): string {
  return JSON.stringify([name.toLowerCase(), group.toLowerCase()]);
}
