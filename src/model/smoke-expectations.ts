import type { Fields } from './field';
import { flagField, integerField } from './field';

/** What must hold of the traffic of a smoke test. */
export interface SmokeExpectations {
  /**
   * The most time from sending to receiving that half of the messages take.
   *
   * Must be a whole number from 1 to 3600000 (milliseconds).
   *
   * @default measured and reported only
   */ readonly p50Ms?: number;
  /**
   * The most time from sending to receiving that 95 % of the messages take.
   *
   * Must be a whole number from 1 to 3600000 (milliseconds).
   *
   * @default measured and reported only
   */ readonly p95Ms?: number;
  /**
   * The most time from sending to receiving that 99 % of the messages take.
   *
   * Must be a whole number from 1 to 3600000 (milliseconds).
   *
   * @default measured and reported only
   */ readonly p99Ms?: number;
  /**
   * The most time from sending to receiving that any message takes.
   *
   * Must be a whole number from 1 to 3600000 (milliseconds).
   *
   * @default measured and reported only
   */ readonly maxMs?: number;
  /**
   * Whether messages of one key, or of one partition without keys, must come in the order they were sent.
   *
   * @default false
   */ readonly inOrder?: boolean;
  /**
   * Whether the broker must drop a second message with the same id, sent at once and so inside the idempotency
   * window.
   *
   * @default false
   */ readonly duplicatesDropped?: boolean;
  /**
   * Whether a message that a group does not acknowledge must become a dead letter after maxMsgDeliveries, and be
   * found in the dead-letter station.
   *
   * @default false
   */ readonly deadLettered?: boolean;
  /**
   * Whether every partition must receive at least one message.
   *
   * @default false
   */ readonly everyPartition?: boolean;
  /**
   * Whether the station must keep or drop the messages as its retention says: by age, number, size or
   * acknowledgement.
   *
   * @default false
   */ readonly retention?: boolean;
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
