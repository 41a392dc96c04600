import { ClosedError, ValidationError } from '../../model/errors';
import type { WaitOptions } from '../connection/waiting';
import { untilAborted, withTimeout } from '../connection/waiting';
import type { ConnectOptions } from './connection/connect-options';
import {
  assertIsObject,
  assertNoProblems,
  attemptedOn,
  attemptedWith,
  nameOptionProblem,
  signalProblem,
} from './connection/option-checks';
import { completeConnectOptions } from './connection/connect-options';
import { assertConsumerOptions, consumerAttempt } from './consume/consumer-options';
import { assertFetchMessagesOptions, fetchAttempt } from './consume/fetch-options';
import { completeFlush } from './produce/produce-options';
import { assertProducerOptions, producerAttempt } from './produce/producer-options';
import { assertStationOptions } from './station/station-options';
import type { Consumer } from './consume/consumer';
import type { ConsumerOptions } from './consume/consumer-options';
import type { FetchMessagesOptions } from './consume/consumers';
import type { ErrorListener } from './connection/error-listeners';
import { ErrorListeners } from './connection/error-listeners';
import type { Message } from './consume/message';
import type { MultiStationProducerOptions } from './produce/multi-station-producer';
import { MultiStationProducer } from './produce/multi-station-producer';
import type { FlushOptions, ProduceOptions, ProduceReceipt } from './produce/produce-options';
import type { Producer } from './produce/producer';
import type { ProducerOptions } from './produce/producers';
import type {
  CreateSchemaOptions,
  DetachSchemaOptions,
  EnforceSchemaOptions,
} from './station/schema-lifecycle';
import {
  assertCreateSchemaOptions,
  assertDetachSchemaOptions,
  createSchemaAttempt,
  detachSchemaAttempt,
  enforceSchemaAttempt,
  assertEnforceSchemaOptions,
  sendSchemaCreation,
  sendSchemaDetachment,
  sendSchemaEnforcement,
} from './station/schema-lifecycle';
import {
  assertKnownOptions,
  assertOptions,
  optionNames,
  unknownOptionsError,
  withOtherProblems,
} from './connection/option-names';
import { MessagingSession } from './messaging-session';
import { SharedWork } from '../connection/shared-work';
import type { Station, StationOptions } from './station/station';
import { sendStationCreation } from './station/station';
import { stationExists } from './station/station-presence';

/** A producer and a message in one call. */
export type ConnectionProduceOptions<T = unknown> = ProducerOptions & ProduceOptions<T>;
/** The same for several stations. */
export type MultiStationProduceOptions = MultiStationProducerOptions & ProduceOptions;

/**
 * A client of a Memphis broker. Instances are independent of each other.
 *
 * Every method that needs the broker rejects with a `MemphisError`, whose class and `code` tell what happened:
 * ClosedError before `connect` and after `close`, ConnectionError, TimeoutError, BrokerRefusedError with the broker's
 * own text, ValidationError for wrong options, and what the method names besides.
 * A method that waits takes a `signal`: when that is aborted, it rejects with the reason of the signal, whatever that is.
 */
export class Memphis {
  readonly #errors = new ErrorListeners();
  #session: MessagingSession | undefined;
  #connecting: SharedWork<void> | undefined;
  #closes = 0;

  /**
   * Connects and logs in. A call while another one is under way waits for that one.
   * @throws ValidationError for wrong options, before any use of the network; AuthenticationError if the broker
   *   refuses user, password or token; ConnectionError or TimeoutError if it cannot be reached; the reason of the signal,
   *   and then nothing is left open.
   */
  async connect(options: ConnectOptions = {}): Promise<void> {
    assertOptions('connect to the broker', options, optionNames.connect, () =>
      completeConnectOptions(options),
    );
    const { signal } = options;
    signal?.throwIfAborted();
    if (this.#connecting?.isGivenUp !== false) {
      const connecting = new SharedWork(async (givenUp) => this.#connect(options, givenUp));
      this.#connecting = connecting;
      const over = (): void => {
        if (this.#connecting === connecting) this.#connecting = undefined;
      };
      connecting.result.then(over, over);
    }
    return this.#connecting.wait(signal);
  }

  /** True only while there is a live connection: not before `connect`, while it is made again, or after `close`. */
  isConnected(): boolean {
    return this.#session?.connection.isConnected ?? false;
  }

  /**
   * Hears of errors that no call can report: failed non-blocking produces, refused subjects, broadcasts that cannot be
   * read, consumers that are gone, a connection that ended for good. Without a listener they become process warnings.
   * @returns a function that takes the listener away again.
   */
  onError(listener: ErrorListener): () => void {
    return this.#errors.add(listener);
  }

  /**
   * Makes a station, or finds the one of that name, whose settings then stay as they are.
   * @throws NotFoundError if the schema does not exist; the reason of the signal, and then the station may still be made.
   */
  async station(options: StationOptions): Promise<Station> {
    assertOptions(attemptedWith(options, [['create station', 'name']]), options, optionNames.station, () =>
      assertStationOptions(options),
    );
    const { connection, stations } = this.#open(`create station "${options.name}"`);
    const station = await sendStationCreation(connection, stations, options);
    stations.gone.forget(options.name);
    return station;
  }

  /**
   * Whether a station exists. Nothing is made.
   * @throws ValidationError if no station can have that name.
   */
  async stationExists(name: string, options: WaitOptions = {}): Promise<boolean> {
    const attempted = attemptedOn('look for station', name);
    assertIsObject(attempted, options);
    assertOptions(attempted, options, optionNames.wait, () =>
      assertNoProblems(attempted, [
        nameOptionProblem('Station', 'name', name),
        signalProblem(options.signal),
      ]),
    );
    const { connection } = this.#open(attempted);
    return stationExists(connection, name, attempted, options);
  }

  /**
   * Makes a producer; the same names give the same object again. A list of stations makes a producer that sends to
   * all of them.
   * @throws the reason of the signal, and then the producer may still be registered, and its station made.
   * @typeParam T the type of its messages, where the program has one.
   */
  producer<T = unknown>(options: ProducerOptions): Promise<Producer<T>>;
  /** Creates a producer that sends each message to several stations. */
  producer(options: MultiStationProducerOptions): Promise<MultiStationProducer>;
  async producer(
    options: ProducerOptions | MultiStationProducerOptions,
  ): Promise<Producer | MultiStationProducer> {
    assertOptions(producerAttempt(options), options, optionNames.producer, () =>
      assertProducerOptions(options),
    );
    options.signal?.throwIfAborted();
    const { producers, stations } = this.#open(producerAttempt(options));
    if (!isForOneStation(options)) {
      stations.gone.forget(...options.stationName);
      return MultiStationProducer.of(producers, options);
    }
    stations.gone.forget(options.stationName);
    return producers.getUsable(options);
  }

  /**
   * Produces with the producer of that name, which is made by the first call. Errors as `Producer.produce` has them. A
   * station that this client saw go is not made again by it, but by `station` and `producer`.
   */
  produce(
    options: ConnectionProduceOptions & {
      readonly nonblocking?: false | undefined;
      readonly asyncProduce?: false | undefined;
    },
  ): Promise<ProduceReceipt>;
  /** The same, without a receipt where `nonblocking` is true. */
  produce(options: ConnectionProduceOptions): Promise<ProduceReceipt | undefined>;
  /** The same to several stations, with a receipt for each. */
  produce(options: MultiStationProduceOptions): Promise<readonly ProduceReceipt[]>;
  async produce(
    options: ConnectionProduceOptions | MultiStationProduceOptions,
  ): Promise<ProduceReceipt | readonly ProduceReceipt[] | undefined> {
    assertIsObject('produce a message', options);
    const refusal = unknownOptionsError('produce a message', options, optionNames.producerAndProduce);
    if (refusal !== undefined) {
      const attempted = attemptedWith(options, [
        ['produce to station', 'stationName'],
        ['with the producer', 'producerName'],
      ]);
      const named = new ValidationError(attempted, refusal.problems);
      throw withOtherProblems(named, () => assertProducerOptions(options));
    }
    const { producers } = this.#open(attemptedOn('produce to station', options.stationName));
    if (!isForOneStation(options)) {
      assertProducerOptions(options);
      return MultiStationProducer.of(producers, options).produceChecked(options);
    }
    const producer = await producers.getIfPresent(options, options);
    return producer.produceChecked(options);
  }

  /**
   * Waits until all producers have their messages acknowledged.
   * @param options a number is its `timeoutMs`.
   * @throws as `Producer.flush`.
   */
  async flush(options: FlushOptions | number = {}): Promise<void> {
    const { timeoutMs, signal } = completeFlush(options, 'flush the producers');
    const { producers } = this.#open('flush the producers');
    const all = await withTimeout(
      producers.all(),
      timeoutMs,
      'wait for producers that are being made',
      signal,
    );
    await Promise.all(all.map((producer) => producer.flush(options)));
  }

  /**
   * Makes a consumer, as a member of its group.
   * @throws the reason of the signal, and then the group may still have the member, until the connection is closed.
   * @typeParam T the type of its messages, where the program has one.
   */
  async consumer<T = unknown>(options: ConsumerOptions): Promise<Consumer<T>> {
    assertOptions(consumerAttempt(options), options, optionNames.consumer, () =>
      assertConsumerOptions(options),
    );
    options.signal?.throwIfAborted();
    const { consumers, stations } = this.#open(consumerAttempt(options));
    stations.gone.forget(options.stationName);
    return (await consumers.create(options)) as Consumer<T>;
  }

  /**
   * Fetches one batch with the consumer of that name and group, which is made by the first call and kept until `close`;
   * later calls take only the options of the batch into account. Errors as `Consumer.fetch` has them. A station that this
   * client saw go is not made again by it.
   */
  async fetchMessages<T = unknown>(options: FetchMessagesOptions): Promise<Message<T>[]> {
    assertOptions(fetchAttempt(options), options, optionNames.consumerAndFetch, () =>
      assertFetchMessagesOptions(options),
    );
    return (await this.#open(fetchAttempt(options)).consumers.fetch(options)) as Message<T>[];
  }

  /**
   * Registers a schema. One that exists gets its content as a new version, which is **not active** until somebody
   * activates it; the same content changes nothing; another type is an error. After an abort it may still be registered.
   */
  async createSchema(options: CreateSchemaOptions): Promise<void> {
    assertOptions(createSchemaAttempt(options), options, optionNames.createSchema, () =>
      assertCreateSchemaOptions(options),
    );
    await sendSchemaCreation(this.#open(createSchemaAttempt(options)).connection, options);
  }

  /**
   * Makes a station enforce the active version of a schema; live producers check their messages from then on. After an
   * abort that may still happen.
   */
  async enforceSchema(options: EnforceSchemaOptions): Promise<void> {
    assertOptions(enforceSchemaAttempt(options), options, optionNames.enforceSchema, () =>
      assertEnforceSchemaOptions(options),
    );
    await sendSchemaEnforcement(this.#open(enforceSchemaAttempt(options)).connection, options);
  }

  /**
   * The same as `enforceSchema`.
   * @deprecated Use `enforceSchema`.
   */
  async attachSchema(options: EnforceSchemaOptions): Promise<void> {
    await this.enforceSchema(options);
  }

  /** Makes a station enforce no schema; live producers stop to check. After an abort that may still happen. */
  async detachSchema(options: DetachSchemaOptions): Promise<void> {
    assertOptions(detachSchemaAttempt(options), options, optionNames.detachSchema, () =>
      assertDetachSchemaOptions(options),
    );
    await sendSchemaDetachment(this.#open(detachSchemaAttempt(options)).connection, options);
  }

  /**
   * Ends all consumers' polling, waits for outstanding acknowledgements of produced messages (15 s at most) and closes the
   * connection. It does not wait for handlers that are at work; `Consumer.stop` does. May be
   * called at any time, also again and also when `connect` failed; it never rejects but for unknown options, also when the signal is aborted: then
   * it stops to wait and closes at once. Messages without an acknowledgement fail, and may be stored or not.
   */
  async close(options: WaitOptions = {}): Promise<void> {
    assertKnownOptions('close the connection', options, optionNames.wait);
    const { signal } = options;
    this.#closes += 1;
    const connecting = this.#connecting;
    if (connecting !== undefined) {
      await untilAborted(signal, () => connecting.result).catch(() => undefined);
      if (signal?.aborted === true) {
        connecting.giveUp(signal.reason);
        await connecting.result.catch(() => undefined);
      }
    }
    const session = this.#session;
    if (session === undefined) return;
    this.#session = undefined;
    await session.close(undefined, signal);
  }

  /** `await using memphis = new Memphis()`: closes the connection at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #connect(options: ConnectOptions, givenUp: AbortSignal): Promise<void> {
    if (this.#session?.connection.isClosed === false) {
      throw new ValidationError('connect to the broker', [
        'this client is connected already; close it first',
      ]);
    }
    // What was made with a connection that has ended has nothing left to do.
    this.#session?.consumers.stopAll();
    const closesBefore = this.#closes;
    let session: MessagingSession | undefined;
    try {
      session = await MessagingSession.open(completeConnectOptions(options), this.#errors, givenUp);
    } catch (error) {
      if (closesBefore === this.#closes) throw error;
    }
    if (closesBefore === this.#closes && !givenUp.aborted) {
      this.#session = session;
      return;
    }
    await session?.close(0, givenUp);
    throw new ClosedError({
      attempted: 'connect to the broker',
      found: 'the client was closed meanwhile',
      next: 'Connect again to use it',
    });
  }

  #open(attempted: string): MessagingSession {
    if (this.#session !== undefined && !this.#session.connection.isClosed) return this.#session;
    throw new ClosedError({
      attempted,
      found: 'the client is not connected (Connection is dead)',
      next: 'Call connect first',
    });
  }
}

function isForOneStation<O extends { readonly stationName: string | readonly string[] }>(
  options: O,
): options is O & { readonly stationName: string } {
  return typeof options.stationName === 'string';
}
