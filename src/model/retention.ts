import type { StreamConfig } from './stream';
import { NANOSECONDS_PER_SECOND } from './stream';

/** What makes a station drop messages. The values are the broker's own words. */
export enum Retention {
  /** Messages are kept for `retentionValue` seconds. */
  MAX_MESSAGE_AGE_SECONDS = 'message_age_sec',
  /** The newest `retentionValue` messages of each partition are kept. */
  MESSAGES = 'messages',
  /** The newest `retentionValue` bytes of each partition are kept. */
  BYTES = 'bytes',
  /** Messages are kept until every consumer group has acknowledged them; `retentionValue` has no meaning. */
  ACK_BASED = 'ack_based',
}

/** The unit of `retentionValue` for each retention type that has one. */
export const retentionUnits: Readonly<Record<Retention, string | undefined>> = {
  [Retention.MAX_MESSAGE_AGE_SECONDS]: 'seconds',
  [Retention.MESSAGES]: 'messages per partition',
  [Retention.BYTES]: 'bytes per partition',
  [Retention.ACK_BASED]: undefined,
};

/** A type of retention with its limit. */
export interface RetentionLimit {
  readonly type: Retention;
  /** 0 with ACK_BASED, and where a stream has no limit at all. */
  readonly value: number;
}

/**
 * The retention of a stream. By hand a stream can get several limits at once: then the one that was not expected is
 * shown. A stream without any limit reads as the age of 0, which no declaration can have.
 */
export function retentionOf(
  config: StreamConfig,
  expected: Readonly<Record<string, unknown>> | undefined,
): RetentionLimit {
  if (config.retention === 'interest') return { type: Retention.ACK_BASED, value: 0 };
  const limits: RetentionLimit[] = [];
  if (config.max_age > 0) {
    limits.push({ type: Retention.MAX_MESSAGE_AGE_SECONDS, value: config.max_age / NANOSECONDS_PER_SECOND });
  }
  if (config.max_msgs > 0) limits.push({ type: Retention.MESSAGES, value: config.max_msgs });
  if (config.max_bytes > 0) limits.push({ type: Retention.BYTES, value: config.max_bytes });
  const unexpected = limits.find(
    ({ type, value }) => type !== expected?.retentionType || value !== expected.retentionValue,
  );
  return unexpected ?? limits[0] ?? { type: Retention.MAX_MESSAGE_AGE_SECONDS, value: 0 };
}

/** The limits of a stream that keep what a retention says, and no others. */
export function limitsOf(
  type: Retention,
  value: number,
): Pick<StreamConfig, 'max_age' | 'max_msgs' | 'max_bytes'> {
  return {
    max_age: type === Retention.MAX_MESSAGE_AGE_SECONDS ? value * NANOSECONDS_PER_SECOND : 0,
    max_msgs: type === Retention.MESSAGES ? value : -1,
    max_bytes: type === Retention.BYTES ? value : -1,
  };
}
