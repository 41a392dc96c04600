import type { Shape } from '../connection/shape';
import {
  count,
  flag,
  listOf,
  nonEmptyText,
  nullable,
  object,
  oneOf,
  optional,
  recordOf,
  text,
  wholeNumber,
} from '../connection/shape';

/** The parts of a JetStream stream that the engine reads. Keys are those of the JetStream API. */

export interface StreamConfig {
  readonly name: string;
  readonly subjects?: readonly string[];
  readonly retention: 'limits' | 'interest' | 'workqueue';
  /** Nanoseconds; 0 is unlimited. */
  readonly max_age: number;
  /** -1 is unlimited. */
  readonly max_msgs: number;
  /** -1 is unlimited. */
  readonly max_bytes: number;
  readonly storage: 'file' | 'memory';
  readonly num_replicas: number;
  /** Nanoseconds. */
  readonly duplicate_window: number;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Memphis brokers only. */
  readonly tiered_storage_enabled?: boolean;
  /** Everything else of the configuration, which an update must send back unchanged. */
  readonly [key: string]: unknown;
}

export interface StreamState {
  readonly messages: number;
  readonly bytes: number;
  readonly first_seq: number;
  /** RFC 3339; the zero time when the stream is empty. */
  readonly first_ts: string;
  readonly last_seq: number;
  readonly consumer_count: number;
}

export interface StreamInfo {
  readonly config: StreamConfig;
  readonly state: StreamState;
}

export interface ConsumerInfo {
  readonly name: string;
  /** Up to which message of the stream everything is acknowledged. */
  readonly ack_floor: { readonly stream_seq: number };
}

/** A partition's stream, as every server from 2.9 on sends it. */
export const streamInfo: Shape<StreamInfo> = object({
  config: object({
    name: nonEmptyText,
    subjects: optional(nullable(listOf(text))),
    retention: oneOf('limits', 'interest', 'workqueue'),
    max_age: wholeNumber,
    max_msgs: wholeNumber,
    max_bytes: wholeNumber,
    storage: oneOf('file', 'memory'),
    num_replicas: count,
    duplicate_window: wholeNumber,
    metadata: optional(nullable(recordOf(text))),
    tiered_storage_enabled: optional(flag),
  }),
  state: object({
    messages: count,
    bytes: count,
    first_seq: count,
    first_ts: nonEmptyText,
    last_seq: count,
    consumer_count: count,
  }),
}) as Shape<StreamInfo>;

export const consumerInfo: Shape<ConsumerInfo> = object({
  name: nonEmptyText,
  ack_floor: object({ stream_seq: count }),
});

export const NANOSECONDS_PER_MILLISECOND = 1_000_000;
export const NANOSECONDS_PER_SECOND = 1_000_000_000;
