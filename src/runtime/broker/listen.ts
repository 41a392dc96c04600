import { randomInt } from 'node:crypto';
import type { AddressInfo, Server } from 'node:net';

import { EnvironmentError } from '../../model/errors';

/**
 * Below the ports that systems give to whoever asks for any (Linux from 32768, macOS and Windows from 49152): while a
 * server of the broker is down for a moment, no other program gets its port by chance.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_767;
const MOST_TRIES = 20;

/**
 * Listens.
 * @param port 0 takes a free one.
 * @param whom those who are waited for, for errors: `clients`.
 * @returns the port.
 * @throws EnvironmentError when the port cannot be had.
 */
export async function listen(server: Server, host: string, port: number, whom: string): Promise<number> {
  try {
    return port === 0
      ? await anyPort((candidate) => listenAt(server, host, candidate))
      : await listenAt(server, host, port);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const isInUse = code === 'EADDRINUSE';
    throw new EnvironmentError({
      attempted: `listen for ${whom} on ${host}:${port}`,
      found: isInUse ? 'the port is in use' : message,
      next: isInUse
        ? 'Stop the program that uses it, or choose another port; 0 takes a free one.'
        : 'Choose a host and port that this user may listen on.',
      cause,
    });
  }
}

/** @throws the system's own error. */
export function listenAt(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

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
