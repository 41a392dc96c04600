import { ValidationError } from '../../../model/errors';
import { nameProblem } from '../../../model/names';
import type { RequestOptions } from '../connection/request-options';

/** Which consumer to make. */
export interface ConsumerOptions extends RequestOptions {
  /** Station to read; one that does not exist is made by the broker with its defaults. */
  readonly stationName: string;
  /** Name of the consumer; upper and lower case are the same. */
  readonly consumerName: string;
  /** Each group receives each message once; its members share them. Default: the consumer's name. */
  readonly consumerGroup?: string;
  /**
   * From the end of one poll of `consume` to the next, in milliseconds, 0 or more; the time of the handler is a part of it.
   * Default 1000.
   */
  readonly pullIntervalMs?: number;
  /** The most messages of one poll, 1 to 5000. Default 10. */
  readonly batchSize?: number;
  /** How long a poll waits for a full batch, in milliseconds, 100 or more. Default 5000. */
  readonly batchMaxTimeToWaitMs?: number;
  /** After this time without an ack, in milliseconds, a message is delivered again. Default 30000. */
  readonly maxAckTimeMs?: number;
  /** How often a message is delivered to the group at most, 1 to 10; then it is a dead letter. Default 2. */
  readonly maxMsgDeliveries?: number;
  /** First sequence to read, in each partition; 1 or more. Only for a group that is new. Default 1. */
  readonly startConsumeFromSequence?: number;
  /** -1: all messages; 0: only new ones; N: the last N of each partition. Only for a group that is new. Default -1. */
  readonly lastMessages?: number;
  /** @deprecated Give each consumer a name of its own instead. Adds `_` and 8 random hex digits. Default false. */
  readonly generateRandomSuffix?: boolean;
}

/** The options with every default filled in. */
export interface CompleteConsumerOptions {
  readonly stationName: string;
  readonly consumerName: string;
  readonly consumerGroup: string;
  readonly pullIntervalMs: number;
  readonly batchSize: number;
  readonly batchMaxTimeToWaitMs: number;
  readonly maxAckTimeMs: number;
  readonly maxMsgDeliveries: number;
  readonly startConsumeFromSequence: number;
  readonly lastMessages: number;
}

/**
 * Checks options and fills in the defaults, without any use of the network.
 * @param consumerName the name, with the random suffix if one was asked for.
 * @throws ValidationError with every problem.
 */
export function completeConsumerOptions(
  options: ConsumerOptions,
  consumerName: string,
): CompleteConsumerOptions {
  const complete: CompleteConsumerOptions = {
    stationName: options.stationName,
    consumerName,
    consumerGroup:
      options.consumerGroup === undefined || options.consumerGroup === ''
        ? consumerName
        : options.consumerGroup,
    pullIntervalMs: options.pullIntervalMs ?? 1000,
    batchSize: options.batchSize ?? 10,
    batchMaxTimeToWaitMs: options.batchMaxTimeToWaitMs ?? 5000,
    maxAckTimeMs: options.maxAckTimeMs ?? 30_000,
    maxMsgDeliveries: options.maxMsgDeliveries ?? 2,
    startConsumeFromSequence: options.startConsumeFromSequence ?? 1,
    lastMessages: options.lastMessages ?? -1,
  };
  const problems = [
    nameProblem('Station', complete.stationName),
    nameProblem('Consumer', complete.consumerName),
    nameProblem('Consumer', complete.consumerGroup),
    batchSizeProblem(complete.batchSize),
    batchWaitProblem(complete.batchMaxTimeToWaitMs),
    wholeNumberProblem('pullIntervalMs', complete.pullIntervalMs, 0),
    wholeNumberProblem('maxAckTimeMs', complete.maxAckTimeMs, 1),
    wholeNumberProblem('maxMsgDeliveries', complete.maxMsgDeliveries, 1),
    startProblem(complete.startConsumeFromSequence),
    lastProblem(complete.lastMessages),
    complete.startConsumeFromSequence > 1 && complete.lastMessages > -1
      ? "Consumer creation options can't contain both startConsumeFromSequence and lastMessages"
      : undefined,
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) {
    throw new ValidationError(`create the consumer "${consumerName}" on station "${options.stationName}"`, [
      ...new Set(problems),
    ]);
  }
  return complete;
}

export function batchSizeProblem(size: number): string | undefined {
  return Number.isInteger(size) && size >= 1 && size <= 5000
    ? undefined
    : 'Batch size can not be greater than 5000 or less than 1';
}

export function batchWaitProblem(wait: number): string | undefined {
  return wholeNumberProblem('batchMaxTimeToWaitMs', wait, 100);
}

function wholeNumberProblem(name: string, value: number, least: number): string | undefined {
  return Number.isSafeInteger(value) && value >= least
    ? undefined
    : `${name} is ${value}; it must be a whole number of ${least} or more`;
}

function startProblem(start: number): string | undefined {
  return Number.isSafeInteger(start) && start > 0
    ? undefined
    : 'startConsumeFromSequence has to be a positive number';
}

function lastProblem(last: number): string | undefined {
  return Number.isSafeInteger(last) && last >= -1 ? undefined : 'min value for lastMessages is -1';
}
