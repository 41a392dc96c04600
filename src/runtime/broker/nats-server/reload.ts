import type { NatsConnection } from 'nats';

import { ConnectionError } from '../../../model/errors';

const TIMEOUT_MS = 10_000;
// Servers that do not answer by then are down, and read their configuration when they start again.
const PING_WAIT_MS = 250;

/**
 * Makes every running server read its configuration again, and waits until each has done so.
 * @param system a connection to the system account.
 */
export async function reloadServers(system: NatsConnection, servers: number): Promise<void> {
  const ids = servers === 1 ? [system.info?.server_id ?? ''] : await runningServers(system, servers);
  await Promise.all(ids.map((id) => reload(system, id)));
}

async function reload(system: NatsConnection, id: string): Promise<void> {
  const reply = await system.request(`$SYS.REQ.SERVER.${id}.RELOAD`, '', { timeout: TIMEOUT_MS });
  const { error } = reply.json<{ error?: { description?: string } }>();
  if (error === undefined) return;
  throw new ConnectionError({
    attempted: 'make nats-server read its users again',
    found: error.description ?? 'an error without a text',
    next: 'Start the broker again; it then has these users.',
  });
}

async function runningServers(system: NatsConnection, most: number): Promise<string[]> {
  const ids: string[] = [];
  const replies = await system.requestMany('$SYS.REQ.SERVER.PING', '', {
    maxMessages: most,
    maxWait: PING_WAIT_MS,
  });
  for await (const reply of replies) {
    const { server } = reply.json<{ server?: { id?: string } }>();
    if (server?.id !== undefined) ids.push(server.id);
  }
  return ids;
}
