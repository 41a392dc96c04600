import type { SmokeTestSpec } from '../../model/smoke-test';
import { smokeTestFields } from '../../model/smoke-test';

/** When the messages of a test are due. A message counts from then on, whenever it is sent. */
export interface Schedule {
  /** How many messages there are. */
  readonly total: number;
  /** Milliseconds from the start to the message of that number; undefined: as soon as possible. */
  readonly dueMs: (number: number) => number | undefined;
}

/** When the messages of a test are due. */
export function scheduleOf({ load, messages, rate }: SmokeTestSpec): Schedule {
  if (load !== undefined) return sustained(load.rate, load.durationMs, load.rampMs ?? 0);
  return numbered(messages ?? smokeTestFields.messages.default ?? 1, rate);
}

/** The time of a test; that of a load comes on top. */
export function timeoutOf({ load, timeoutMs }: SmokeTestSpec): number {
  const loadMs = load === undefined ? 0 : load.durationMs + (load.rampMs ?? 0);
  return (timeoutMs ?? smokeTestFields.timeoutMs.default ?? 0) + loadMs;
}

/** So many messages, as fast as they can be sent or at a rate a second. */
export function numbered(total: number, rate: number | undefined): Schedule {
  return { total, dueMs: (number) => (rate === undefined ? undefined : (number * 1_000) / rate) };
}

/** A rate that rises from zero for a while, and then stays. */
function sustained(rate: number, durationMs: number, rampMs: number): Schedule {
  const perMs = rate / 1_000;
  // A ramp sends half of what its time would take at the full rate.
  const inRamp = (perMs * rampMs) / 2;
  return {
    total: Math.max(1, Math.floor(inRamp + perMs * durationMs)),
    dueMs: (number) =>
      number < inRamp ? Math.sqrt((2 * number * rampMs) / perMs) : rampMs + (number - inRamp) / perMs,
  };
}
