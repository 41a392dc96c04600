import { createServer } from 'node:net';

import { anyPort, listenAt } from '../listen';

/** Ports that nobody uses now, each another. Servers that must know each other's port before they start need them. */
export async function freePorts(host: string, count: number): Promise<number[]> {
  const listeners = Array.from({ length: count }, () => createServer());
  try {
    const ports: number[] = [];
    for (const listener of listeners) ports.push(await anyPort((port) => listenAt(listener, host, port)));
    return ports;
  } finally {
    await Promise.all(listeners.map((listener) => new Promise((resolve) => listener.close(resolve))));
  }
}
