import type { Fields } from './field';
import { integerField } from './field';

/** Sustained traffic instead of a number of messages. */
export interface SmokeLoad {
  readonly rate: number;
  readonly durationMs: number;
  readonly payloadBytes?: number;
  readonly producers?: number;
  readonly consumers?: number;
  readonly rampMs?: number;
}

/** Everything that is true of these settings. */
export const smokeLoadFields = {
  rate: integerField({
    required: true,
    minimum: 1,
    maximum: 1_000_000,
    unit: 'messages a second, of all producers together',
    description: 'How many messages are due each second, whether or not earlier ones have been acknowledged.',
    change: { how: 'policy' },
  }),
  durationMs: integerField({
    required: true,
    minimum: 100,
    maximum: 3_600_000,
    unit: 'milliseconds',
    description: 'How long the traffic lasts at its full rate.',
    change: { how: 'policy' },
  }),
  payloadBytes: integerField({
    minimum: 1,
    maximum: 8_000_000,
    unit: 'bytes',
    description:
      'Size of each message. Only for stations without a schema; others send the messages of the test.',
    absent: 'the messages of the test are sent',
    change: { how: 'policy' },
  }),
  producers: integerField({
    minimum: 1,
    maximum: 64,
    default: 1,
    unit: 'producers',
    description: 'How many producers share the rate.',
    change: { how: 'policy' },
  }),
  consumers: integerField({
    minimum: 1,
    maximum: 64,
    default: 1,
    unit: 'consumers',
    description: 'How many members of the consumer group share the messages.',
    change: { how: 'policy' },
  }),
  rampMs: integerField({
    minimum: 0,
    maximum: 600_000,
    default: 0,
    unit: 'milliseconds',
    description: 'Time in which the rate rises from zero, before durationMs begins.',
    change: { how: 'policy' },
  }),
} as const satisfies Fields<SmokeLoad>;
