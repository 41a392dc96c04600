import type { ConsumerInfo, StreamInfo } from '../../model/stream';
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

/** A partition's stream, as every server from 2.9 on sends it. */
export const streamInfo: Shape<StreamInfo> = object({
  created: optional(text),
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
  sources: optional(nullable(listOf(object({ name: nonEmptyText, lag: count, active: wholeNumber })))),
}) as Shape<StreamInfo>;

export const consumerInfo: Shape<ConsumerInfo> = object({
  name: nonEmptyText,
  ack_floor: object({ stream_seq: count }),
  num_pending: count,
  num_ack_pending: optional(count),
  config: optional(object({ durable_name: optional(text), filter_subject: optional(text) })),
}) as Shape<ConsumerInfo>;

/** A stream with the number of its messages under each subject. */
export const subjectCounts = object({
  state: object({ subjects: optional(nullable(recordOf(count))) }),
});

export const deletion = object({ success: flag });
