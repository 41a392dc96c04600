import { ValidationError } from '../../../model/errors';
import type { WaitOptions } from '../../connection/abort';
import type { HeadersInput } from '../connection/headers';
import type { PartitionChoice } from '../station/partition';

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
  /** How long to wait for the broker's acknowledgement, in seconds, more than 0. Default 15. */
  readonly ackWaitSec?: number;
  /** Headers of the message; never changed. Default none. */
  readonly headers?: HeadersInput;
  /**
   * Id by which the broker drops a second message with the same id in the same partition, inside the station's
   * idempotency window. Give a partition key or number with it where the station has more than one partition.
   */
  readonly msgId?: string;
  /** True: return once the message is handed over; failures go to the listeners of `Memphis.onError`. Default false. */
  readonly nonblocking?: boolean;
  /** @deprecated The same as `nonblocking`. */
  readonly asyncProduce?: boolean;
  /** With `nonblocking`: at this many outstanding messages the call waits until half of them are acknowledged. */
  readonly concurrentTaskLimit?: number;
  /** Another name of `concurrentTaskLimit`. */
  readonly limitConcurrentTasks?: number;
  /** Messages with the same key go to the same partition. The key is hashed; it is no name of a partition. */
  readonly producerPartitionKey?: string;
  /** The partition, counted from 1. 0 and less, like leaving it out, mean: take turns. */
  readonly producerPartitionNumber?: number;
}

/** How long to wait for acknowledgements. */
export interface FlushOptions extends WaitOptions {
  /** At most this long, in milliseconds. Default 15000. */
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

/** @throws ValidationError if it is not more than 0. @internal */
export function ackWaitMs({ ackWaitSec = 15 }: ProduceOptions): number {
  if (ackWaitSec > 0 && Number.isFinite(ackWaitSec)) return ackWaitSec * 1000;
  throw new ValidationError('produce a message', [
    `ackWaitSec is ${ackWaitSec}; it must be more than 0 seconds`,
  ]);
}

/** The partition that is asked for. @internal */
export function partitionChoice(options: ProduceOptions): PartitionChoice {
  return { key: options.producerPartitionKey, number: options.producerPartitionNumber };
}

/** How many messages may be outstanding; undefined for any number. @internal */
export function taskLimit(options: ProduceOptions): number | undefined {
  const limit = options.concurrentTaskLimit ?? options.limitConcurrentTasks;
  if (limit === undefined || (Number.isInteger(limit) && limit > 0)) return limit;
  throw new ValidationError('produce a message', [
    `concurrentTaskLimit is ${limit}; it must be a whole number of 1 or more`,
  ]);
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
