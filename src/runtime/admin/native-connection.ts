import { randomUUID } from 'node:crypto';
import type { ConnectionOptions, NatsConnection } from 'nats';
import { connect, ErrorCode, NatsError } from 'nats';
import type { Connection } from '../../model/connection';
import { AuthenticationError, ConnectionError, errorText } from '../../model/errors';

const AUTHORIZATION_VIOLATION: string = ErrorCode.AuthorizationViolation;

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Connects under a name of the form `<uuid>::<user>`. This matters: streams that are touched from a connection with any
 * other name become stations, or destroy the row of a station (measured on Memphis 1.4.4).
 */
export async function connectNatively(connection: Connection): Promise<NatsConnection> {
  const withAccount = `${connection.username}$${connection.accountId}`;
  try {
    return await open(connection, withAccount);
  } catch (error) {
    // Brokers that know no accounts want the bare name; nothing else is a reason to try again.
    if (isAuthorizationError(error) && connection.connectionToken === undefined) {
      try {
        return await open(connection, connection.username);
      } catch (second) {
        throw explain(connection, second);
      }
    }
    throw explain(connection, error);
  }
}

async function open(connection: Connection, user: string): Promise<NatsConnection> {
  const { tls, connectionToken, password } = connection;
  const options: ConnectionOptions = {
    servers: `${connection.host}:${connection.port}`,
    name: `${randomUUID()}::${connection.username}`,
    timeout: CONNECT_TIMEOUT_MS,
    reconnect: true,
    maxReconnectAttempts: 5,
    reconnectTimeWait: 500,
    ...(connectionToken === undefined
      ? { user, ...(password === undefined ? {} : { pass: password }) }
      : { token: connectionToken }),
    ...(tls === undefined ? {} : { tls }),
  };
  return connect(options);
}

function isAuthorizationError(error: unknown): boolean {
  return error instanceof NatsError && error.code === AUTHORIZATION_VIOLATION;
}

function explain(connection: Connection, error: unknown): Error {
  const where = `${connection.host}:${connection.port}`;
  if (isAuthorizationError(error)) {
    return new AuthenticationError({
      attempted: `log in to the broker at ${where} as "${connection.username}"`,
      found: 'the broker refused the user or the credential',
      next: 'Check MEMPHIS_USERNAME and MEMPHIS_PASSWORD (or MEMPHIS_CONNECTION_TOKEN); the user must be root or of type application',
      cause: error,
    });
  }
  return new ConnectionError({
    attempted: `reach the broker at ${where}`,
    found: errorText(error),
    next: 'Check MEMPHIS_HOST and MEMPHIS_PORT and that the broker is running',
    cause: error,
  });
}
