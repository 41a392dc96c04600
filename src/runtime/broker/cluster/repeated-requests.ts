import { setTimeout as delay } from 'node:timers/promises';

import type { Msg, NatsConnection, RequestOptions } from 'nats';

/** Longer than any request takes whose servers are all alive. */
const ATTEMPT_MS = 1_500;
const PAUSE_MS = 100;
const DEFAULT_TIMEOUT_MS = 10_000;

/** Codes of JetStream that only say that a leader is still to be found. */
const NO_LEADER = /"err_code":(10008|10009)\b/;
const TOO_FEW_SERVERS = /"err_code":10005\b/;

/**
 * Makes the requests of a connection outlive the death of a server: when the server that should have answered is gone,
 * nobody says so, and the request is sent again until its time is over. So every request on the connection has to be one
 * that may be repeated; those of the control plane are.
 */
export function repeatRequests(connection: NatsConnection): NatsConnection {
  const once = connection.request.bind(connection);
  // A cluster that has just started does not know all of its members at once.
  let isGathering = true;
  connection.request = async (subject, payload, options): Promise<Msg> => {
    const timeout = options?.timeout ?? DEFAULT_TIMEOUT_MS;
    const deadline = performance.now() + timeout;
    // For all of its tries: the answer to one may be older than what another request has found out.
    const beganGathering = isGathering;
    for (;;) {
      const left = deadline - performance.now();
      const attempt: RequestOptions = { ...options, timeout: Math.max(1, Math.min(ATTEMPT_MS, left)) };
      const isLast = left <= ATTEMPT_MS;
      try {
        const reply = await once(subject, payload, attempt);
        if (isLast || !isPassing(reply.string(), beganGathering)) {
          if (subject.startsWith('$JS.API.STREAM.CREATE.')) isGathering = false;
          return reply;
        }
      } catch (error) {
        if (isLast || connection.isClosed() || !isNobodyThere(error)) throw error;
      }
      await delay(PAUSE_MS);
    }
  };
  return connection;
}

function isPassing(reply: string, isGathering: boolean): boolean {
  return NO_LEADER.test(reply) || (isGathering && TOO_FEW_SERVERS.test(reply));
}

/** No answer in time, or nobody who listens at this moment. */
function isNobodyThere(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === 'TIMEOUT' || code === '503';
}
