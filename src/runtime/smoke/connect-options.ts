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
export function smokeConnectOptions(
  spec: SmokeTestSpec,
  environment: Readonly<Record<string, string | undefined>>,
): ConnectOptions & { readonly port: number } {
  const { host, port, username, accountId, password, connectionToken, tls }: Connection = resolveConnection(
    spec.connection,
    environment,
  );
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
  spec: SmokeTestSpec,
  environment: Readonly<Record<string, string | undefined>>,
): CompleteConnectOptions {
  const { called } = resolveConnection(spec.connection, environment);
  return { ...completeConnectOptions(smokeConnectOptions(spec, environment), environment), called };
}
