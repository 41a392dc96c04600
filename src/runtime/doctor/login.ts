import { randomUUID } from 'node:crypto';
import type { NatsConnection } from 'nats';

import type { Connection } from '../../model/connection';
import { AuthenticationError, ConnectionError, MemphisError, TimeoutError } from '../../model/errors';
import { sentence } from '../../model/error-text';
import { RestApi } from '../admin/rest';
import { openConnection } from '../connection/open-connection';
import type { Check, CheckResult } from './check';

/** Both sides of a broker, each as it was or was not reached. */
export interface Sides {
  readonly nats: Promise<NatsConnection>;
  readonly rest: Promise<RestApi>;
  close(): Promise<void>;
}

/** Logs in on both sides; neither waits for the other. */
export function openSides(connection: Connection, timeoutMs: number): Sides {
  const nats = openConnection(
    {
      ...connection,
      reconnect: false,
      maxReconnect: 0,
      reconnectIntervalMs: 0,
      timeoutMs,
      settingNames: {
        address: 'MEMPHIS_HOST and MEMPHIS_PORT',
        credential: 'MEMPHIS_USERNAME and MEMPHIS_PASSWORD',
        files: connection.called,
      },
    },
    // The form that tells the broker that this is a client of Memphis, whose reads change nothing.
    `${randomUUID()}::${connection.username}`,
  );
  const api = new RestApi(connection, timeoutMs);
  const rest = api.login().then(() => api);
  for (const side of [nats, rest]) side.catch(() => undefined);
  return { nats, rest, close: () => nats.then((open) => open.close()).catch(() => undefined) };
}

/** Whether both sides take the user. */
export function loginChecks({ username, restUsername, connectionToken }: Connection, sides: Sides): Check[] {
  const credential = connectionToken === undefined ? 'with the password' : 'with the connection token';
  return [
    {
      id: 'client-login',
      title: 'Login, client port',
      needs: ['client-port'],
      run: () => answerOf(sides.nats, `"${username}" is logged in ${credential}.`),
    },
    {
      id: 'rest-login',
      title: 'Login, REST API',
      needs: ['rest-port'],
      run: () => answerOf(sides.rest, `"${restUsername}" is logged in.`),
    },
  ];
}

async function answerOf(side: Promise<unknown>, found: string): Promise<Omit<CheckResult, 'id' | 'title'>> {
  try {
    await side;
    return { status: 'ok', found };
  } catch (error) {
    return failureOf(error);
  }
}

/** An error of the engine as an answer. */
export function failureOf(error: unknown): Omit<CheckResult, 'id' | 'title'> {
  if (!(error instanceof MemphisError)) throw error;
  const isUnreachable =
    error instanceof AuthenticationError || error instanceof ConnectionError || error instanceof TimeoutError;
  return {
    status: 'problem',
    found: sentence(`Could not ${error.attempted}: ${error.found}`),
    ...(error.next === '' ? {} : { next: sentence(error.next) }),
    ...(isUnreachable ? { isUnreachable } : {}),
  };
}
