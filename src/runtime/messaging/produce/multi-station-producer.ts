import { ClosedError, PartialFailureError, ValidationError } from '../../../model/errors';
import { externalName } from '../../../model/names';
import { untilAborted } from '../../connection/waiting';
import type { FlushOptions, ProduceOptions, ProduceReceipt } from './produce-options';
import type { Producer } from './producer';
import type { ProducerOptions, Producers } from './producers';
import type { RequestOptions } from '../connection/request-options';
import { assertRequestOptions } from '../connection/request-options';
import { assertKnownOptions, optionNames } from '../connection/option-names';
import { assertProduceOptions, completeFlush } from './produce-options';

/** Which producers to make, one for each station. */
export type MultiStationProducerOptions = Omit<ProducerOptions, 'stationName' | 'generateRandomSuffix'> & {
  /** At least one station. */
  readonly stationName: readonly string[];
};

/** Sends each message to several stations, in their order. Its producers are made when they are first needed. */
export class MultiStationProducer {
  /** External names of the stations, each once. */
  readonly stationNames: readonly string[];
  /** Name of the producer, in lower case. */
  readonly producerName: string;
  readonly #producers: Producers;
  readonly #timeoutRetries: number | undefined;
  readonly #byStation = new Map<string, Promise<Producer>>();
  #isDestroyed = false;

  private constructor(producers: Producers, options: MultiStationProducerOptions) {
    this.stationNames = [...new Set(options.stationName.map(externalName))];
    if (this.stationNames.length === 0) {
      throw new ValidationError(`create the producer "${options.producerName}"`, [
        'stationName is an empty list',
      ]);
    }
    this.producerName = options.producerName.toLowerCase();
    this.#producers = producers;
    this.#timeoutRetries = options.timeoutRetries;
  }

  /** @internal */
  static of(producers: Producers, options: MultiStationProducerOptions): MultiStationProducer {
    return new MultiStationProducer(producers, options);
  }

  /**
   * Produces the message to every station, one after the other, also when one of them fails.
   * @returns where it was stored, in the order of the stations; nothing with `nonblocking`.
   * @throws ClosedError after `destroy`; PartialFailureError that names the stations that failed and those that did not;
   *   the reason of the signal, and then the message may be stored in the stations up to the one that was waited for, and is
   *   not sent to the others.
   */
  async produce(options: ProduceOptions): Promise<readonly ProduceReceipt[]> {
    assertKnownOptions('produce to several stations', options, optionNames.produce);
    return this.produceChecked(options);
  }

  /** The same for options whose names the caller has checked. @internal */
  async produceChecked(options: ProduceOptions): Promise<readonly ProduceReceipt[]> {
    const attempted = 'produce to several stations';
    assertProduceOptions(options, attempted);
    if (this.#isDestroyed) {
      throw new ClosedError({ attempted, found: 'the producer is destroyed', next: 'Make a new one' });
    }
    const receipts: ProduceReceipt[] = [];
    const { signal } = options;
    await this.#each(attempted, this.stationNames, signal, async (station) => {
      const receipt = await (await this.#producer(station, options)).produceChecked(options);
      if (receipt !== undefined) receipts.push(receipt);
    });
    return receipts;
  }

  /** Waits until every message that was handed over is acknowledged; errors as `Producer.flush` has them. */
  async flush(options: FlushOptions | number = {}): Promise<void> {
    const { signal } = completeFlush(options, 'flush several producers');
    await this.#each('flush several producers', [...this.#byStation.keys()], signal, async (station) =>
      (await this.#existingProducer(station, signal))?.flush(options),
    );
  }

  /** Destroys the producers that exist, and creates no further ones. May be repeated. */
  async destroy(options: RequestOptions = {}): Promise<void> {
    const attempted = 'destroy several producers';
    assertRequestOptions(attempted, options);
    const { signal } = options;
    signal?.throwIfAborted();
    this.#isDestroyed = true;
    await this.#each(attempted, [...this.#byStation.keys()], signal, async (station) =>
      (await this.#existingProducer(station, signal))?.destroy(options),
    );
  }

  /** Destroys the producers at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.destroy();
  }

  async #producer(station: string, produced: ProduceOptions): Promise<Producer> {
    const producer = this.#producers.getIfPresent(
      {
        stationName: station,
        producerName: this.producerName,
        timeoutRetries: this.#timeoutRetries,
        signal: produced.signal,
      },
      produced,
    );
    this.#byStation.set(station, producer);
    try {
      return await producer;
    } catch (error) {
      this.#byStation.delete(station);
      throw error;
    }
  }

  async #existingProducer(station: string, signal: AbortSignal | undefined): Promise<Producer | undefined> {
    return untilAborted(signal, async () => this.#byStation.get(station));
  }

  async #each(
    attempted: string,
    stations: readonly string[],
    signal: AbortSignal | undefined,
    work: (station: string) => Promise<unknown>,
  ): Promise<void> {
    const succeeded: string[] = [];
    const failed = new Map<string, Error>();
    for (const station of stations) {
      signal?.throwIfAborted();
      try {
        await work(station);
        succeeded.push(station);
      } catch (error) {
        signal?.throwIfAborted();
        failed.set(station, error as Error);
      }
    }
    if (failed.size > 0) throw new PartialFailureError(attempted, succeeded, failed);
  }
}
