import { PartialFailureError, ValidationError } from '../../model/errors';
import { externalName } from '../../model/names';
import type { ProduceOptions, ProduceReceipt } from './produce-options';
import type { Producer } from './producer';
import type { ProducerOptions, Producers } from './producers';
import type { RequestOptions } from './request';

/** Which producers to make, one for each station. */
export type MultiStationProducerOptions = Omit<ProducerOptions, 'stationName' | 'generateRandomSuffix'> & {
  /** At least one station. */
  readonly stationName: readonly string[];
};

/** Sends each message to several stations, in their order. Its producers are made when they are first needed. */
export class MultiStationProducer {
  /** External names of the stations, each once. */
  readonly stationNames: readonly string[];
  readonly producerName: string;
  readonly #producers: Producers;
  readonly #requestOptions: RequestOptions;
  readonly #made = new Map<string, Promise<Producer>>();

  /** @internal */
  constructor(producers: Producers, options: MultiStationProducerOptions) {
    this.stationNames = [...new Set(options.stationName.map(externalName))];
    if (this.stationNames.length === 0) {
      throw new ValidationError(`create the producer "${options.producerName}"`, [
        'stationName is an empty list',
      ]);
    }
    this.producerName = options.producerName.toLowerCase();
    this.#producers = producers;
    this.#requestOptions =
      options.timeoutRetries === undefined ? {} : { timeoutRetries: options.timeoutRetries };
  }

  /**
   * Produces the message to every station, one after the other, also when one of them fails.
   * @returns where it was stored, in the order of the stations; nothing with `nonblocking`.
   * @throws PartialFailureError that names the stations that failed and those that did not.
   */
  async produce(options: ProduceOptions): Promise<readonly ProduceReceipt[]> {
    const receipts: ProduceReceipt[] = [];
    await this.#each('produce to several stations', this.stationNames, async (station) => {
      const receipt = await (await this.#producer(station)).produce(options);
      if (receipt !== undefined) receipts.push(receipt);
    });
    return receipts;
  }

  /** Waits until every message that was handed over is acknowledged; errors as `Producer.flush` has them. */
  async flush(timeoutMs?: number): Promise<void> {
    await this.#each('flush several producers', [...this.#made.keys()], async (station) =>
      this.#made.get(station)?.then((producer) => producer.flush(timeoutMs)),
    );
  }

  /** Destroys the producers that were made. May be repeated. */
  async destroy(options: RequestOptions = {}): Promise<void> {
    await this.#each('destroy several producers', [...this.#made.keys()], async (station) =>
      this.#made.get(station)?.then((producer) => producer.destroy(options)),
    );
  }

  async #producer(station: string): Promise<Producer> {
    const made = this.#producers.get({
      stationName: station,
      producerName: this.producerName,
      ...this.#requestOptions,
    });
    this.#made.set(station, made);
    try {
      return await made;
    } catch (error) {
      this.#made.delete(station);
      throw error;
    }
  }

  async #each(
    attempted: string,
    stations: readonly string[],
    work: (station: string) => Promise<unknown>,
  ): Promise<void> {
    const succeeded: string[] = [];
    const failed = new Map<string, Error>();
    for (const station of stations) {
      try {
        await work(station);
        succeeded.push(station);
      } catch (error) {
        failed.set(station, error as Error);
      }
    }
    if (failed.size > 0) throw new PartialFailureError(attempted, succeeded, failed);
  }
}
