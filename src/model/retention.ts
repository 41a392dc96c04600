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
