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
  /** When it was made. */
  readonly created?: string;
  readonly config: StreamConfig;
  readonly state: StreamState;
  /** The streams that it copies from, and how far behind them it is. */
  readonly sources?: readonly StreamSource[];
}

/** A stream that another one copies from. */
interface StreamSource {
  readonly name: string;
  /** Messages still to be copied, as far as the server knows: 0 until it has begun. */
  readonly lag: number;
  /** Nanoseconds since it was last heard of; -1 until the copying has begun. */
  readonly active: number;
}

export interface ConsumerConfig {
  /** Absent for a consumer that goes with its client. */
  readonly durable_name?: string;
  readonly filter_subject?: string;
  /** Everything else. */
  readonly [key: string]: unknown;
}

export interface ConsumerInfo {
  readonly name: string;
  /** Up to which message of the stream everything is acknowledged. */
  readonly ack_floor: { readonly stream_seq: number };
  /** Messages not delivered yet. */
  readonly num_pending: number;
  /** Messages delivered and not acknowledged yet. */
  readonly num_ack_pending?: number;
  readonly config?: ConsumerConfig;
}

export const NANOSECONDS_PER_MILLISECOND = 1_000_000;
export const NANOSECONDS_PER_SECOND = 1_000_000_000;
