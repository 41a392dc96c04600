import type { Connection } from '../../model/connection';
import { resolveConnection } from '../../model/connection';
import type { SmokeTestSpec } from '../../model/smoke-test';
import type { ConnectOptions } from '../messaging';
import type { CompleteConnectOptions } from '../messaging/connection/connect-options';
import { completeConnectOptions } from '../messaging/connection/connect-options';

/** The least time a connection is given, also when the test itself has less. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Where the broker is: as the spec says; the environment fills in the rest, and alone gives the credentials.
 * @throws ValidationError if something is missing.
 */
export function smokeConnection(
  spec: Pick<SmokeTestSpec, 'connection' | 'envPrefix'>,
  environment: Readonly<Record<string, string | undefined>>,
): Connection {
  return resolveConnection(spec.connection, environment, spec.envPrefix);
}

/** The same for the client side. */
export function smokeConnectOptions(
  spec: SmokeTestSpec,
  environment: Readonly<Record<string, string | undefined>>,
): ConnectOptions & { readonly port: number } {
  return clientOptions(smokeConnection(spec, environment));
}

/** What a client of the broker needs. */
function clientOptions(connection: Connection): ConnectOptions & { readonly port: number } {
  const { host, port, username, accountId, password, connectionToken, tls } = connection;
  return {
    host,
    port,
    username,
    accountId,
    timeoutMs: CONNECT_TIMEOUT_MS,
    // A broker that restarts while the test is cleaned up is worth waiting for, within the time of the clean-up.
    reconnectIntervalMs: 250,
    ...(password === undefined ? {} : { password }),
    ...(connectionToken === undefined ? {} : { connectionToken }),
    ...tls,
  };
}

/**
 * The same with every default. Errors call what comes from the environment by its variable.
 * @throws ValidationError if something is missing or wrong.
 */
export function completeSmokeOptions(
  spec: Pick<SmokeTestSpec, 'connection' | 'envPrefix'>,
  environment: Readonly<Record<string, string | undefined>>,
): CompleteConnectOptions {
  return completeClientOptions(smokeConnection(spec, environment));
}

/** What a client of the broker needs, with every default. The environment is part of the connection already. */
export function completeClientOptions(connection: Connection): CompleteConnectOptions {
  return { ...completeConnectOptions(clientOptions(connection), {}), called: connection.called };
}
