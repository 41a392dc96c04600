import type { WaitOptions } from '../../connection/waiting';
import { MAX_STORED_INTEGER } from '../../../model/station';
import {
  assertIsObject,
  assertNoProblems,
  attemptedWith,
  flagProblem,
  isWholeNumber,
  nameOptionProblem,
  signalProblem,
  timeProblem,
  wholeNumberProblem,
} from '../connection/option-checks';
import type { RequestOptions } from '../connection/request-options';
import { requestProblems } from '../connection/request-options';
import { assertOptions, optionNames } from '../connection/option-names';

/** Which consumer to make. */
export interface ConsumerOptions extends RequestOptions {
  /** Station to read; one that does not exist is made by the broker with its defaults. */
  readonly stationName: string;
  /** Name of the consumer; upper and lower case are the same. */
  readonly consumerName: string;
  /** Each group receives each message once; its members share them. Default: the consumer's name. */
  readonly consumerGroup?: string | undefined;
  /**
   * From the end of one poll of `consume` to the next, in milliseconds, 0 to 2147483647; the time of the handler is a part of
   * it. Default 1000.
   */
  readonly pullIntervalMs?: number | undefined;
  /** The most messages of one poll, 1 to 5000. Default 10. */
  readonly batchSize?: number | undefined;
  /** How long a poll waits for a full batch, in milliseconds, 100 to 2147483647. Default 5000. */
  readonly batchMaxTimeToWaitMs?: number | undefined;
  /** After this time without an ack, in milliseconds, 1 to 2147483647, a message is delivered again. Default 30000. */
  readonly maxAckTimeMs?: number | undefined;
  /** How often a message is delivered to the group at most, 1 to 10; then it is a dead letter. Default 2. */
  readonly maxMsgDeliveries?: number | undefined;
  /** First sequence to read, in each partition; 1 to 2147483647. Only for a group that is new. Default 1. */
  readonly startConsumeFromSequence?: number | undefined;
  /**
   * -1: all messages; 0: only new ones; N, up to 2147483647: the last N of each partition. Only for a group that is new.
   * Default -1.
   */
  readonly lastMessages?: number | undefined;
  /**
   * Adds `_` and 8 random hex digits to the name. Default false.
   * @deprecated Give each consumer a name of its own instead.
   */
  readonly generateRandomSuffix?: boolean | undefined;
}

/** How long `Consumer.stop` waits. An abort ends the waiting; the polling has ended all the same. */
export interface StopOptions extends WaitOptions {
  /** How long to wait for handlers that are at work, in milliseconds, 0 to 2147483647. Default 15000. */
  readonly timeoutMs?: number | undefined;
}

const STOP_TIMEOUT_MS = 15_000;

/**
 * Checks the options of `Consumer.stop` and fills in the default.
 * @throws ValidationError with every problem.
 * @internal
 */
export function completeStopOptions(
  options: StopOptions,
  attempted: string,
): { readonly timeoutMs: number; readonly signal: AbortSignal | undefined } {
  assertIsObject(attempted, options);
  const { timeoutMs = STOP_TIMEOUT_MS, signal } = options;
  assertOptions(attempted, options, optionNames.stop, () =>
    assertNoProblems(attempted, [timeProblem('timeoutMs', timeoutMs, 0), signalProblem(signal)]),
  );
  return { timeoutMs, signal };
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

/** The most deliveries that a Memphis broker grants. */
const MOST_DELIVERIES = 10;

/**
 * Checks options and fills in the defaults, without any use of the network.
 * @param consumerName the name, with the random suffix if one was asked for.
 * @throws ValidationError with every problem.
 */
export function completeConsumerOptions(
  options: ConsumerOptions,
  consumerName: string,
): CompleteConsumerOptions {
  assertIsObject(ATTEMPTED, options);
  const complete = withConsumerDefaults(options, consumerName);
  assertNoProblems(consumerAttempt(options), consumerProblems(options, complete));
  return complete;
}

/** @throws ValidationError with every problem. */
export function assertConsumerOptions(options: ConsumerOptions): void {
  assertIsObject(ATTEMPTED, options);
  completeConsumerOptions(options, options.consumerName);
}

const ATTEMPTED = 'create a consumer';

/** What a call attempts that makes a consumer. */
export function consumerAttempt(options: unknown): string {
  return attemptedWith(options, [
    ['create the consumer', 'consumerName'],
    ['on station', 'stationName'],
  ]);
}

/** By destructuring, because null is no default but a mistake. */
function withConsumerDefaults(options: ConsumerOptions, consumerName: string): CompleteConsumerOptions {
  const { stationName, consumerGroup = '', pullIntervalMs = 1000, batchSize = 10 } = options;
  const { batchMaxTimeToWaitMs = 5000, maxAckTimeMs = 30_000, maxMsgDeliveries = 2 } = options;
  const { startConsumeFromSequence = 1, lastMessages = -1 } = options;
  return {
    stationName,
    consumerName,
    consumerGroup: consumerGroup === '' ? consumerName : consumerGroup,
    pullIntervalMs,
    batchSize,
    batchMaxTimeToWaitMs,
    maxAckTimeMs,
    maxMsgDeliveries,
    startConsumeFromSequence,
    lastMessages,
  };
}

/** What is wrong with options, among others that a call may have. */
export function consumerProblems(
  options: ConsumerOptions,
  complete = withConsumerDefaults(options, options.consumerName),
): (string | undefined)[] {
  const { consumerName, consumerGroup } = complete;
  const isNamed = typeof options.consumerName === 'string';
  return [
    nameOptionProblem('Station', 'stationName', complete.stationName),
    nameOptionProblem('Consumer', 'consumerName', isNamed ? consumerName : options.consumerName),
    consumerGroup === consumerName
      ? undefined
      : nameOptionProblem('Consumer', 'consumerGroup', consumerGroup),
    batchSizeProblem(complete.batchSize),
    batchWaitProblem(complete.batchMaxTimeToWaitMs),
    timeProblem('pullIntervalMs', complete.pullIntervalMs, 0),
    timeProblem('maxAckTimeMs', complete.maxAckTimeMs, 1),
    wholeNumberProblem('maxMsgDeliveries', complete.maxMsgDeliveries, 1, MOST_DELIVERIES),
    startProblem(complete.startConsumeFromSequence),
    lastProblem(complete.lastMessages),
    complete.startConsumeFromSequence > 1 && complete.lastMessages > -1
      ? "Consumer creation options can't contain both startConsumeFromSequence and lastMessages"
      : undefined,
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the option keeps working
    flagProblem('generateRandomSuffix', options.generateRandomSuffix),
    ...requestProblems(options),
  ];
}

export function batchSizeProblem(size: unknown): string | undefined {
  return isWholeNumber(size, 1, 5000) ? undefined : 'Batch size can not be greater than 5000 or less than 1';
}

export function batchWaitProblem(wait: unknown): string | undefined {
  return timeProblem('batchMaxTimeToWaitMs', wait, 100);
}

/** The greatest is what the broker's metadata can hold; it answers a greater one only when the group is made. */
function startProblem(start: unknown): string | undefined {
  return typeof start === 'number' && start < 1
    ? 'startConsumeFromSequence has to be a positive number'
    : wholeNumberProblem('startConsumeFromSequence', start, 1, MAX_STORED_INTEGER);
}

function lastProblem(last: unknown): string | undefined {
  return typeof last === 'number' && last < -1
    ? 'min value for lastMessages is -1'
    : wholeNumberProblem('lastMessages', last, -1, MAX_STORED_INTEGER);
}
