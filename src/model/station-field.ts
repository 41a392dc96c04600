import type { Field } from './field';
import type { StreamConfig } from './stream';

/**
 * Read from the configuration of every partition stream. A hand can change one partition alone: the field then shows
 * the value of the first partition that differs from what is expected.
 */
export interface StreamReader {
  readonly from: 'stream';
  /** Fields of one group always show the values of the same partition. Default: the field alone. */
  readonly group?: string;
  /** @param expected what the station should be, if that is known */
  read(config: StreamConfig, expected: Readonly<Record<string, unknown>> | undefined): unknown;
}

/** Read from the configurations of all partition streams together, in the order of the partitions. */
export interface StreamsReader {
  readonly from: 'streams';
  read(configs: readonly StreamConfig[]): unknown;
}

/** Read from the REST API: `listed` is the path in a row of the list of all stations, `single` in the reply about one. */
export interface RowReader {
  readonly from: 'row';
  readonly listed: string;
  readonly single: string;
  /** @param json undefined where the broker leaves the value out, as it does with false and empty ones */
  read(json: unknown): unknown;
}

/** Written into the configuration of every partition stream. */
export interface StreamWriter {
  readonly by: 'stream';
  write(config: StreamConfig, value: unknown, context: StreamContext): StreamConfig;
}

export interface StreamContext {
  readonly station: Readonly<Record<string, unknown>>;
  /** True on a stock nats-server, which refuses the keys that only Memphis knows. */
  readonly stock: boolean;
}

/** Written by one of the engine's calls to the REST API. Fields with the same call are written together. */
export interface CallWriter {
  readonly by: 'dlsConfiguration' | 'dlsStation' | 'tags';
}

/** One field of a station. */
export type StationField = Field<StreamReader | StreamsReader | RowReader, StreamWriter | CallWriter>;

export const inStreams = (read: StreamReader['read'], group?: string) =>
  ({ from: 'stream', read, ...(group === undefined ? {} : { group }) }) as const;

export const inRow = <T>(listed: string, single: string, read: (json: unknown) => T) =>
  ({ from: 'row', listed, single, read }) as const;

export const toStreams = (write: StreamWriter['write']) => ({ by: 'stream', write }) as const;
