import { ValidationError } from '../../../model/errors';
import type { WaitOptions } from '../../connection/abort';
import type { CompleteConsumerOptions } from './consumer-options';
import { batchSizeProblem, batchWaitProblem } from './consumer-options';

/** Which partition to read. */
export interface PartitionOptions {
  /** Read the partition that this key leads to. */
  readonly consumerPartitionKey?: string;
  /** Read this partition, counted from 1. 0 and less, like leaving it out, mean: take turns. */
  readonly consumerPartitionNumber?: number;
}

/** One batch. After an abort no message is lost: what comes, or has come, is kept for the next fetch. */
export interface FetchOptions extends PartitionOptions, WaitOptions {
  /** The most messages, 1 to 5000. Default: the consumer's. */
  readonly batchSize?: number;
  /** How long to wait for a full batch, in milliseconds, 100 or more. Default: the consumer's. */
  readonly batchMaxTimeToWaitMs?: number;
  /** True: load the next batch in the background; a later fetch with this option gets it from memory. Default false. */
  readonly prefetch?: boolean;
}

/** Size and time of a batch, with the consumer's where a fetch has none. */
export interface CompleteBatch {
  readonly size: number;
  readonly waitMs: number;
}

/** @throws ValidationError with every problem. */
export function completeBatch(
  options: FetchOptions,
  consumer: CompleteConsumerOptions,
  attempted: string,
): CompleteBatch {
  const { batchSize: size = consumer.batchSize } = options;
  const { batchMaxTimeToWaitMs: waitMs = consumer.batchMaxTimeToWaitMs } = options;
  const problems = [batchSizeProblem(size), batchWaitProblem(waitMs)].filter(
    (problem) => problem !== undefined,
  );
  if (problems.length > 0) throw new ValidationError(attempted, problems);
  return { size, waitMs };
}
