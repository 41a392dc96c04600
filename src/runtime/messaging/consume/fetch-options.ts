import type { WaitOptions } from '../../connection/waiting';
import {
  assertIsObject,
  assertNoProblems,
  attemptedWith,
  flagProblem,
  signalProblem,
} from '../connection/option-checks';
import { assertOptions, optionNames } from '../connection/option-names';
import type { Partition } from '../station/partition';
import { partitionProblems } from '../station/partition';
import type { CompleteConsumerOptions, ConsumerOptions } from './consumer-options';
import { batchSizeProblem, batchWaitProblem, consumerProblems } from './consumer-options';

/** Which partition to read. */
export interface PartitionOptions {
  /** Read the partition that this key leads to. */
  readonly consumerPartitionKey?: string | undefined;
  /** Read this partition, counted from 1. 0 and less, like leaving it out, mean: take turns. */
  readonly consumerPartitionNumber?: number | undefined;
}

/** One batch. After an abort no message is lost: what comes, or has come, is kept for the next fetch. */
export interface FetchOptions extends PartitionOptions, WaitOptions {
  /** The most messages, 1 to 5000. Default: the consumer's. */
  readonly batchSize?: number | undefined;
  /** How long to wait for a full batch, in milliseconds, 100 to 2147483647. Default: the consumer's. */
  readonly batchMaxTimeToWaitMs?: number | undefined;
  /** True: load the next batch in the background; a later fetch with this option gets it from memory. Default false. */
  readonly prefetch?: boolean | undefined;
}

/** Size and time of a batch, with the consumer's where a fetch has none. */
export interface CompleteBatch {
  readonly size: number;
  readonly waitMs: number;
}

/**
 * @param partitions those of the station, so that a number that is none of them is told with the rest.
 * @throws ValidationError with every problem.
 */
export function completeBatch(
  options: FetchOptions,
  consumer: CompleteConsumerOptions,
  attempted: string,
  partitions?: readonly Partition[],
): CompleteBatch {
  assertIsObject(attempted, options);
  const { batchSize: size = consumer.batchSize } = options;
  const { batchMaxTimeToWaitMs: waitMs = consumer.batchMaxTimeToWaitMs } = options;
  assertOptions(attempted, options, optionNames.fetch, () =>
    assertNoProblems(attempted, [
      batchSizeProblem(size),
      batchWaitProblem(waitMs),
      flagProblem('prefetch', options.prefetch),
      ...readingProblems(options, partitions),
      signalProblem(options.signal),
    ]),
  );
  return { size, waitMs };
}

/**
 * Checks which partition is to be read, and the signal of that call if it has one.
 * @throws ValidationError with every problem.
 */
export function assertReadingOptions(
  options: PartitionOptions & WaitOptions,
  attempted: string,
  partitions?: readonly Partition[],
): void {
  assertIsObject(attempted, options);
  assertOptions(attempted, options, optionNames.partition, () =>
    assertNoProblems(attempted, [...readingProblems(options, partitions), signalProblem(options.signal)]),
  );
}

/** What `fetchMessages` attempts. */
export function fetchAttempt(options: unknown): string {
  return attemptedWith(options, [
    ['fetch messages with the consumer', 'consumerName'],
    ['of station', 'stationName'],
  ]);
}

/** Checks what `fetchMessages` takes. @throws ValidationError with every problem. */
export function assertFetchMessagesOptions(
  options: Omit<ConsumerOptions, 'pullIntervalMs'> & FetchOptions,
): void {
  assertIsObject('fetch messages', options);
  assertNoProblems(fetchAttempt(options), [
    ...consumerProblems(options),
    flagProblem('prefetch', options.prefetch),
    ...readingProblems(options),
  ]);
}

function readingProblems(
  { consumerPartitionKey, consumerPartitionNumber }: PartitionOptions,
  partitions?: readonly Partition[],
): (string | undefined)[] {
  return partitionProblems('consumer', consumerPartitionKey, consumerPartitionNumber, partitions);
}
