import type { AddressInfo, Server } from 'node:net';

import { ConnectionError } from '../../model/errors';
import { anyPort } from './any-port';

/**
 * Listens.
 * @param port 0 takes a free one.
 * @param whom those who are waited for, for errors: `clients`.
 * @returns the port.
 * @throws ConnectionError when the port cannot be had.
 */
export async function listen(server: Server, host: string, port: number, whom: string): Promise<number> {
  try {
    return port === 0
      ? await anyPort((candidate) => listenAt(server, host, candidate))
      : await listenAt(server, host, port);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const isInUse = code === 'EADDRINUSE';
    throw new ConnectionError({
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
