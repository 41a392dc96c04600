import { setTimeout as delay } from 'node:timers/promises';

/** How long something may take to become visible, and how often it is looked for. */
interface Patience {
  readonly withinMs: number;
  readonly pauseMs: number;
}

/**
 * Looks until what is seen is what was waited for, or the time is over; at least once.
 * @returns what was seen last
 */
export async function lookUntil<T>(
  look: () => Promise<T>,
  isWanted: (seen: T) => boolean,
  { withinMs, pauseMs }: Patience,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (isWanted(seen) || performance.now() >= deadline) return seen;
    await delay(pauseMs);
  }
}
