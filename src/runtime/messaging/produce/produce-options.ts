import type { WaitOptions } from '../../connection/waiting';
import {
  assertIsObject,
  assertNoProblems,
  flagProblem,
  isSignal,
  LONGEST_WAIT_MS,
  shownOption,
  signalProblem,
  timeProblem,
} from '../connection/option-checks';
import type { HeadersInput } from '../connection/headers';
import { headersProblems, isHeadersInput, messageIdProblem } from '../connection/headers';
import { assertOptions, optionNames } from '../connection/option-names';
import type { PartitionChoice } from '../station/partition';
import { partitionProblems } from '../station/partition';

/** How long destroying, closing and, by default, flushing wait for acknowledgements that are still to come. */
export const DRAIN_TIMEOUT_MS = 15_000;

/**
 * What is produced, and how.
 * @typeParam T the type of the messages, where the program has one.
 */
export interface ProduceOptions<T = unknown> extends WaitOptions {
  /**
   * The payload: bytes (`Uint8Array`, `Buffer`, `ArrayBuffer`), a string, a plain object, a GraphQL document, or an
   * object that serializes itself. With a schema enforced, what its type takes (see `CompiledSchema.encode`).
   */
  readonly message: T | Uint8Array | ArrayBuffer;
  /** How long to wait for the broker's acknowledgement, in seconds, more than 0 and at most 2147483. Default 15. */
  readonly ackWaitSec?: number | undefined;
  /** Headers of the message; never changed. Default none. */
  readonly headers?: HeadersInput | undefined;
  /**
   * Id by which the broker drops a second message with the same id in the same partition, inside the station's
   * idempotency window. Give a partition key or number with it where the station has more than one partition.
   */
  readonly msgId?: string | undefined;
  /** True: return once the message is handed over; failures go to the listeners of `Memphis.onError`. Default false. */
  readonly nonblocking?: boolean | undefined;
  /**
   * The same as `nonblocking`.
   * @deprecated Use `nonblocking`.
   */
  readonly asyncProduce?: boolean | undefined;
  /** With `nonblocking`: at this many outstanding messages, 1 or more, the call waits until half of them are acknowledged. */
  readonly concurrentTaskLimit?: number | undefined;
  /** Another name of `concurrentTaskLimit`. */
  readonly limitConcurrentTasks?: number | undefined;
  /** Messages with the same key go to the same partition. The key is hashed; it is no name of a partition. */
  readonly producerPartitionKey?: string | undefined;
  /** The partition, counted from 1. 0 and less, like leaving it out, mean: take turns. */
  readonly producerPartitionNumber?: number | undefined;
}

/** How long to wait for acknowledgements. */
export interface FlushOptions extends WaitOptions {
  /** At most this long, in milliseconds, 0 to 2147483647. Default 15000. */
  readonly timeoutMs?: number | undefined;
}

/** Where a message was stored. */
export interface ProduceReceipt {
  /** External name of the station. */
  readonly station: string;
  /** Counted from 1; 0 for a station without partitions. */
  readonly partition: number;
  /** Sequence in the partition. */
  readonly sequence: number;
  /** True when a message with this `msgId` had been stored before; `sequence` is that of the first. */
  readonly duplicate: boolean;
}

/** The longest wait for an acknowledgement, in seconds: what a timer can wait for. */
const LONGEST_ACK_WAIT_SEC = Math.floor(LONGEST_WAIT_MS / 1000);

/**
 * Checks all options but the message and what the headers hold, which are looked at when they are encoded. It runs for each
 * message, so that it compares and makes nothing as long as all is well.
 * @throws ValidationError with every problem.
 * @internal
 */
export function assertProduceOptions(options: ProduceOptions, attempted: string): void {
  if (typeof options === 'object' && (options as unknown) !== null && areValid(options)) return;
  assertIsObject(attempted, options);
  assertNoProblems(attempted, produceProblems(options));
}

function areValid(options: ProduceOptions): boolean {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the old name keeps working
  const { ackWaitSec, headers, msgId, nonblocking, asyncProduce, signal } = options;
  const { concurrentTaskLimit, limitConcurrentTasks } = options;
  const { producerPartitionKey: key, producerPartitionNumber: number } = options;
  return (
    (ackWaitSec === undefined || isAckWait(ackWaitSec)) &&
    (headers === undefined || isHeadersInput(headers)) &&
    (msgId === undefined || typeof msgId === 'string') &&
    (nonblocking === undefined || typeof nonblocking === 'boolean') &&
    (asyncProduce === undefined || typeof asyncProduce === 'boolean') &&
    (concurrentTaskLimit === undefined || isTaskLimit(concurrentTaskLimit)) &&
    (limitConcurrentTasks === undefined || isTaskLimit(limitConcurrentTasks)) &&
    (concurrentTaskLimit === undefined || limitConcurrentTasks === undefined) &&
    (nonblocking === undefined || asyncProduce === undefined || nonblocking === asyncProduce) &&
    (nonblocking === true ||
      asyncProduce === true ||
      (concurrentTaskLimit === undefined && limitConcurrentTasks === undefined)) &&
    (key === undefined || typeof key === 'string') &&
    (number === undefined || (Number.isInteger(number) && (key === undefined || number <= 0))) &&
    (signal === undefined || isSignal(signal))
  );
}

/** What is wrong with all options but the message, and with what the headers hold. @internal */
export function produceProblems(options: ProduceOptions): (string | undefined)[] {
  const { ackWaitSec, headers, producerPartitionKey: key, producerPartitionNumber: number } = options;
  return [
    ackWaitSec === undefined || isAckWait(ackWaitSec)
      ? undefined
      : `ackWaitSec is ${shownOption(ackWaitSec)}; it must be more than 0 seconds, at most ${LONGEST_ACK_WAIT_SEC}`,
    ...headersProblems(headers),
    messageIdProblem(options.msgId),
    flagProblem('nonblocking', options.nonblocking),
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the old name keeps working
    flagProblem('asyncProduce', options.asyncProduce),
    taskLimitProblem('concurrentTaskLimit', options.concurrentTaskLimit),
    taskLimitProblem('limitConcurrentTasks', options.limitConcurrentTasks),
    ...unusedProblems(options),
    ...partitionProblems('producer', key, number),
    signalProblem(options.signal),
  ];
}

/** What others leave without effect. */
function unusedProblems(options: ProduceOptions): string[] {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the old name keeps working
  const { nonblocking, asyncProduce, concurrentTaskLimit, limitConcurrentTasks } = options;
  const problems: string[] = [];
  if (nonblocking !== undefined && asyncProduce !== undefined && nonblocking !== asyncProduce)
    problems.push('nonblocking and asyncProduce, another name of it, differ; give one of them');
  if (concurrentTaskLimit !== undefined && limitConcurrentTasks !== undefined)
    problems.push(
      'concurrentTaskLimit and limitConcurrentTasks, another name of it, are both given; give one of them',
    );
  const limit = concurrentTaskLimit === undefined ? 'limitConcurrentTasks' : 'concurrentTaskLimit';
  const isLimited = isTaskLimit(concurrentTaskLimit ?? limitConcurrentTasks);
  if (isLimited && !(nonblocking ?? asyncProduce ?? false))
    problems.push(
      `${limit} is given without nonblocking: true, which alone uses it; set that, or remove ${limit}`,
    );
  return problems;
}

function isAckWait(seconds: unknown): boolean {
  return typeof seconds === 'number' && seconds > 0 && seconds <= LONGEST_ACK_WAIT_SEC;
}

function isTaskLimit(limit: unknown): boolean {
  return Number.isSafeInteger(limit) && (limit as number) > 0;
}

function taskLimitProblem(name: string, limit: unknown): string | undefined {
  if (limit === undefined || isTaskLimit(limit)) return undefined;
  return `${name} is ${shownOption(limit)}; it must be a whole number of 1 or more`;
}

/** How long a flush waits, with the time that counts where it has none. @internal */
export function completeFlush(
  options: FlushOptions | number,
  attempted: string,
): { readonly timeoutMs: number; readonly signal: AbortSignal | undefined } {
  const given: FlushOptions = typeof options === 'number' ? { timeoutMs: options } : options;
  assertIsObject(attempted, given);
  const { timeoutMs = DRAIN_TIMEOUT_MS, signal } = given;
  assertOptions(attempted, given, optionNames.flush, () =>
    assertNoProblems(attempted, [timeProblem('timeoutMs', timeoutMs, 0), signalProblem(signal)]),
  );
  return { timeoutMs, signal };
}

/** Of options that have been checked. @internal */
export function ackWaitMs({ ackWaitSec = 15 }: ProduceOptions): number {
  return ackWaitSec * 1000;
}

/** The partition that is asked for. @internal */
export function partitionChoice(options: ProduceOptions): PartitionChoice {
  return { key: options.producerPartitionKey, number: options.producerPartitionNumber };
}

/** How many messages may be outstanding; undefined for any number. Of options that have been checked. @internal */
export function taskLimit(options: ProduceOptions): number | undefined {
  return options.concurrentTaskLimit ?? options.limitConcurrentTasks;
}

let warnedOfAsyncProduce = false;

/** @internal */
export function isNonblocking(options: ProduceOptions): boolean {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the old name keeps working
  const { asyncProduce } = options;
  if (asyncProduce !== undefined && !warnedOfAsyncProduce) {
    warnedOfAsyncProduce = true;
    process.emitWarning('asyncProduce is deprecated; use nonblocking', 'DeprecationWarning');
  }
  return options.nonblocking ?? asyncProduce ?? false;
}
