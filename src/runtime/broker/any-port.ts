import { randomInt } from 'node:crypto';

/**
 * Below the ports that systems give to whoever asks for any (Linux from 32768, macOS and Windows from 49152): while a
 * server of the broker is down for a moment, no other program gets its port by chance.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_767;
const MOST_TRIES = 20;

/** Finds a port for which `listen` succeeds; where there is none in the range, the system says one. */
export async function anyPort(listen: (port: number) => Promise<number>): Promise<number> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    try {
      return await listen(randomInt(FIRST_PORT, LAST_PORT + 1));
    } catch (error) {
      // Systems keep some ports for themselves.
      if (!['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return listen(0);
}
