import type { Fields } from './field';
import { flagField, integerField } from './field';

/** What must hold of the traffic of a smoke test. */
export interface SmokeExpectations {
  readonly p50Ms?: number;
  readonly p95Ms?: number;
  readonly p99Ms?: number;
  readonly maxMs?: number;
  readonly inOrder?: boolean;
  readonly duplicatesDropped?: boolean;
  readonly deadLettered?: boolean;
  readonly everyPartition?: boolean;
  readonly retention?: boolean;
}

const latency = (share: string) =>
  integerField({
    minimum: 1,
    maximum: 3_600_000,
    unit: 'milliseconds',
    description: `The most time from sending to receiving ${share}.`,
    absent: 'measured and reported only',
    change: { how: 'policy' },
  });

/** Everything that is true of the expectations. That every message is delivered is always expected. */
export const smokeExpectationFields = {
  p50Ms: latency('that half of the messages take'),
  p95Ms: latency('that 95 % of the messages take'),
  p99Ms: latency('that 99 % of the messages take'),
  maxMs: latency('that any message takes'),
  inOrder: flagField({
    default: false,
    description:
      'Whether messages of one key, or of one partition without keys, must come in the order they were sent.',
    change: { how: 'policy' },
  }),
  duplicatesDropped: flagField({
    default: false,
    description:
      'Whether the broker must drop a second message with the same id, sent at once and so inside the idempotency window.',
    change: { how: 'policy' },
  }),
  deadLettered: flagField({
    default: false,
    description:
      'Whether a message that a group does not acknowledge must become a dead letter after maxMsgDeliveries, and be found in the dead-letter station.',
    change: { how: 'policy' },
  }),
  everyPartition: flagField({
    default: false,
    description: 'Whether every partition must receive at least one message.',
    change: { how: 'policy' },
  }),
  retention: flagField({
    default: false,
    description:
      'Whether the station must keep or drop the messages as its retention says: by age, number, size or acknowledgement.',
    change: { how: 'policy' },
  }),
} as const satisfies Fields<SmokeExpectations>;
