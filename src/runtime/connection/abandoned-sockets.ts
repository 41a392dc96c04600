import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/**
 * The NATS client leaves its socket open when a server accepts it and then says nothing, which a Memphis broker that is
 * shutting down does. Such a socket would keep the process alive, one more for each try to connect again. So the sockets
 * of a connection are noted as Node makes them, and those of failed tries are destroyed.
 */
const socketsOfConnection = new AsyncLocalStorage<Set<Socket>>();

let watching = false;

function watch(): void {
  if (watching) return;
  watching = true;
  subscribe('net.client.socket', (message) => {
    const sockets = socketsOfConnection.getStore();
    if (sockets === undefined) return;
    // A connection tries one address at a time, so a new socket means that those before it are given up.
    destroyAll(sockets);
    sockets.add((message as { readonly socket: Socket }).socket);
  });
}

function destroyAll(sockets: Set<Socket>): void {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
}

/** Runs `connect`, and sees to it that no socket is left when it, or a later try to connect again, fails. */
export async function withoutAbandonedSockets<T>(connect: () => Promise<T>): Promise<T> {
  watch();
  const sockets = new Set<Socket>();
  try {
    return await socketsOfConnection.run(sockets, connect);
  } catch (error) {
    destroyAll(sockets);
    throw error;
  }
}
