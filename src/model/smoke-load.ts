import type { Fields } from './field';
import { integerField } from './field';

/** Sustained traffic instead of a number of messages. */
export interface SmokeLoad {
  /**
   * How many messages are due each second, whether or not earlier ones have been acknowledged.
   *
   * Must be a whole number from 1 to 1000000 (messages a second, of all producers together).
   */ readonly rate: number;
  /**
   * How long the traffic lasts at its full rate.
   *
   * Must be a whole number from 100 to 3600000 (milliseconds).
   */ readonly durationMs: number;
  /**
   * Size of each message. Only for stations without a schema; others send the messages of the test.
   *
   * Must be a whole number from 1 to 8000000 (bytes).
   *
   * @default the messages of the test are sent
   */ readonly payloadBytes?: number;
  /**
   * How many producers share the rate.
   *
   * Must be a whole number from 1 to 64 (producers).
   *
   * @default 1
   */ readonly producers?: number;
  /**
   * How many members of the consumer group share the messages.
   *
   * Must be a whole number from 1 to 64 (consumers).
   *
   * @default 1
   */ readonly consumers?: number;
  /**
   * Time in which the rate rises from zero, before durationMs begins.
   *
   * Must be a whole number from 0 to 600000 (milliseconds).
   *
   * @default 0
   */ readonly rampMs?: number;
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
