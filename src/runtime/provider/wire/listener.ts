import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoint, HostRequest } from './handshake';

/** Longest path of a Unix socket that every system takes, in bytes. */
const MAX_SOCKET_PATH = 103;

/**
 * Listens on a new Unix socket; on a TCP port of 127.0.0.1 where `useTcp` says so (Terraform, a Go program, cannot
 * dial the named pipes that Node opens on Windows) or the path of the socket would be too long.
 */
export async function listenForTerraform(
  server: Server,
  request: HostRequest,
  useTcp: boolean,
): Promise<Endpoint> {
  const name = `plugin-${process.pid}-${randomBytes(4).toString('hex')}`;
  const address = join(request.socketFolder ?? tmpdir(), name);
  if (!useTcp && Buffer.byteLength(address) <= MAX_SOCKET_PATH) {
    await listening(server, () => server.listen(address));
    return { network: 'unix', address };
  }
  const { min, max } = request.ports;
  for (let port = min; port <= max; port++) {
    try {
      await listening(server, () => server.listen(port, '127.0.0.1'));
      const bound = server.address();
      const actual = typeof bound === 'object' && bound !== null ? bound.port : port;
      return { network: 'tcp', address: `127.0.0.1:${actual}` };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  throw new Error(
    `Could not listen on 127.0.0.1: every port from ${min} to ${max} is taken. Free one of them and try again.`,
  );
}

/** Removes the socket of an endpoint; nothing happens when it is gone already. */
export function removeSocket(endpoint: Endpoint): void {
  if (endpoint.network === 'unix') rmSync(endpoint.address, { force: true });
}

function listening(server: Server, listenNow: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    listenNow();
  });
}
