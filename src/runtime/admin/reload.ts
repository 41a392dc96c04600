import { setTimeout as delay } from 'node:timers/promises';
import { isNoResponders } from '../connection/request-error';

/** How long a broker takes at most to reload its configuration after users have changed: 31 to 456 ms were measured. */
export const RELOAD_MS = 500;

const PATIENCE_MS = 2 * RELOAD_MS;
const PAUSE_MS = 25;

/**
 * Repeats a request that nobody heard for as long as a reload of the broker may take: meanwhile its servers answer no
 * request of JetStream. One that was heard is not repeated.
 */
export async function untilHeard<T>(request: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await request();
    } catch (error) {
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      if (!isNoResponders(cause) || performance.now() >= deadline) throw error;
      await delay(PAUSE_MS);
    }
  }
}
