import { setTimeout as delay } from 'node:timers/promises';

import type { Msg, NatsConnection, RequestOptions } from 'nats';

import { ServerFailure } from '../objects/errors';

/** Longer than any request takes whose servers are all alive. */
const ATTEMPT_MS = 1_500;
const PAUSE_MS = 100;
const DEFAULT_TIMEOUT_MS = 10_000;
/** How long three servers may take to find each other on a machine that has much to do. */
const GATHERING_MS = 10_000;

const STREAM_CREATION = '$JS.API.STREAM.CREATE.';
/** A stream that was made on several servers: they have found each other. */
const ON_SEVERAL_SERVERS = /"num_replicas":[2-9]/;
/** Codes of JetStream that only say that a leader is still to be found. */
const NO_LEADER = /"err_code":(10008|10009)\b/;
const TOO_FEW_SERVERS = /"err_code":10005\b/;

/**
 * Makes the requests of a connection outlive the death of a server: when the server that should have answered is gone,
 * nobody says so, and the request is sent again until its time is over. So every request on the connection has to be one
 * that may be repeated; those of the control plane are.
 * @param canAgree whether so many servers run that they can agree on anything; if not, nothing is waited for.
 */
export function repeatRequests(connection: NatsConnection, canAgree: () => boolean): NatsConnection {
  const once = connection.request.bind(connection);
  // A cluster that has just started does not know all of its members at once. A stream on one server says nothing of that.
  let gatheringUntil = performance.now() + GATHERING_MS;
  connection.request = async (subject, payload, options): Promise<Msg> => {
    // For all of its tries: the answer to one may be older than what another request has found out.
    const beganGathering = performance.now() < gatheringUntil;
    const timeout = Math.max(options?.timeout ?? DEFAULT_TIMEOUT_MS, beganGathering ? GATHERING_MS : 0);
    const deadline = performance.now() + timeout;
    if (isChange.test(subject) && !canAgree()) throw cannotAgree();
    for (;;) {
      const left = deadline - performance.now();
      const attempt: RequestOptions = { ...options, timeout: Math.max(1, Math.min(ATTEMPT_MS, left)) };
      const isLast = left <= ATTEMPT_MS;
      try {
        const reply = await once(subject, payload, attempt);
        if (isLast || !isPassing(reply.string(), beganGathering)) {
          if (subject.startsWith(STREAM_CREATION) && ON_SEVERAL_SERVERS.test(reply.string()))
            gatheringUntil = 0;
          return reply;
        }
      } catch (error) {
        if (isLast || connection.isClosed() || !isNobodyThere(error)) throw error;
      }
      if (!canAgree()) throw cannotAgree();
      await delay(PAUSE_MS);
    }
  };
  return connection;
}

/** Requests that all servers have to agree on, so that no single one could do anything with it. */
const isChange = /^\$JS\.API\.(STREAM|CONSUMER)\.(CREATE|DURABLE|UPDATE|DELETE)\./;

function cannotAgree(): ServerFailure {
  return new ServerFailure(
    'more than half of the servers of this broker are down, so that the others cannot agree on a change: start them again',
  );
}

function isPassing(reply: string, isGathering: boolean): boolean {
  return NO_LEADER.test(reply) || (isGathering && TOO_FEW_SERVERS.test(reply));
}

/** No answer in time, or nobody who listens at this moment. */
function isNobodyThere(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === 'TIMEOUT' || code === '503';
}
