import type { ConnectionOptions, NatsConnection } from 'nats';
import { AuthenticationError, ConnectionError, errorText, TimeoutError } from '../../model/errors';
import { withoutAbandonedSockets } from './abandoned-sockets';
import { addressesBehindProxy, hostAndPort } from './direct-port';
import { probeForHttp } from './http-port';
import { skipUnreadableMessages } from './nats-internals';
import { readPemFiles } from './pem-files';

/** Where to connect, as whom, and what happens when the connection is lost. */
export interface NativeConnectionOptions {
  readonly host: string;
  /** TCP port, 1 to 65535. */
  readonly port: number;
  readonly username: string;
  readonly accountId: string;
  readonly password: string | undefined;
  readonly connectionToken: string | undefined;
  readonly reconnect: boolean;
  /** -1 tries for ever. */
  readonly maxReconnect: number;
  readonly reconnectIntervalMs: number;
  readonly timeoutMs: number;
  /** How often it is tried whether the broker still answers. Default 15000. */
  readonly pingIntervalMs?: number;
  readonly tls:
    { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string } | undefined;
  /** What users call the settings, for the advice in errors. */
  readonly settingNames: {
    /** `host and port` */
    readonly address: string;
    /** `username and password` */
    readonly credential: string;
    /** Default `the token`. */
    readonly token?: string;
    /** What the files of TLS are called. Default: as they are here. */
    readonly files?: Readonly<Record<'caFile' | 'certFile' | 'keyFile', string>>;
  };
}

/**
 * Opens the connection: as `<user>$<account>` first and, only if the broker refuses that user, as the bare user, which
 * is what brokers without accounts know.
 * @param name the connection's name `<uuid>::<user>`; it tells the broker that this is a Memphis client, and stays the
 *   same when the connection is made again, so that the broker finds the producers and consumers of it. Streams that are
 *   touched from a connection with a name of another form become stations, or destroy the row of a station.
 * @param signal ends the attempt; no socket is left.
 */
export async function openConnection(
  options: NativeConnectionOptions,
  name: string,
  signal?: AbortSignal,
): Promise<NatsConnection> {
  // The NATS client reads them, again each time that it connects, but only if the broker speaks TLS, and tells the first.
  const { caFile, certFile, keyFile } = options.tls ?? {};
  const { files } = options.settingNames;
  await readPemFiles({
    [files?.certFile ?? 'certFile']: certFile,
    [files?.keyFile ?? 'keyFile']: keyFile,
    [files?.caFile ?? 'caFile']: caFile,
  });
  signal?.throwIfAborted();
  const connection = await openAsEitherUser(options, name, signal);
  if (signal?.aborted !== true) return connection;
  await connection.close();
  throw signal.reason;
}

async function openAsEitherUser(
  options: NativeConnectionOptions,
  name: string,
  signal: AbortSignal | undefined,
): Promise<NatsConnection> {
  const { username, accountId, password } = options;
  try {
    return await openOrExplain(options, name, `${username}$${accountId}`, signal);
  } catch (error) {
    const mayHelp =
      password !== undefined && isAuthorizationViolation((error as Error | null | undefined)?.cause);
    if (!mayHelp) throw error;
  }
  return openOrExplain(options, name, username, signal);
}

/** Its errors are those of the project, with the NATS client's as the cause. */
async function openOrExplain(
  options: NativeConnectionOptions,
  name: string,
  user: string,
  signal: AbortSignal | undefined,
): Promise<NatsConnection> {
  const probe = probeForHttp(options.host, options.port, options.timeoutMs);
  try {
    return await open(options, name, user, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw connectError(options, error, await probe.isHttp());
  } finally {
    probe.stop();
  }
}

async function open(
  options: NativeConnectionOptions,
  name: string,
  user: string,
  signal: AbortSignal | undefined,
): Promise<NatsConnection> {
  const connection = await dial(options, name, user, [address(options)], signal);
  const addresses = addressesBehindProxy(options.host, options.port, connection.info);
  if (addresses === undefined) return connection;
  try {
    const direct = await dial(options, name, user, addresses, signal);
    await connection.close();
    return direct;
  } catch {
    // The proxy does all that the direct port does, only slower.
    return connection;
  }
}

async function dial(
  options: NativeConnectionOptions,
  name: string,
  user: string,
  servers: string[],
  signal: AbortSignal | undefined,
): Promise<NatsConnection> {
  const { password, connectionToken, tls } = options;
  const natsOptions: ConnectionOptions = {
    servers,
    noRandomize: true,
    // One entry for the host keeps maxReconnect exact; Node itself tries all of its addresses.
    resolve: false,
    // A connection that swallows everything is given up after two of these.
    pingInterval: options.pingIntervalMs ?? 15_000,
    maxPingOut: 1,
    // Otherwise each request records a stack trace in advance, for the error that it may end in.
    noAsyncTraces: true,
    name,
    timeout: options.timeoutMs,
    reconnect: options.reconnect,
    maxReconnectAttempts: options.maxReconnect,
    reconnectTimeWait: options.reconnectIntervalMs,
    reconnectJitter: 0,
    reconnectJitterTLS: 0,
    // A broker that is starting refuses every user until its metadata is loaded.
    ignoreAuthErrorAbort: true,
    // Addresses that a broker tells about itself often lie inside its cluster and lead nowhere.
    ignoreClusterUpdates: true,
    ...(password === undefined ? {} : { user, pass: password }),
    ...(connectionToken === undefined ? {} : { token: connectionToken }),
    ...(tls === undefined ? {} : { tls }),
  };
  // Loaded here and not at the top: a program may import this package without ever connecting.
  const nats = await import('nats');
  signal?.throwIfAborted();
  const longestTryMs = options.timeoutMs + options.reconnectIntervalMs;
  return skipUnreadableMessages(
    await withoutAbandonedSockets(() => nats.connect(natsOptions), longestTryMs, signal),
  );
}

function address({ host, port }: NativeConnectionOptions): string {
  return hostAndPort(host, port);
}

function isAuthorizationViolation(error: unknown): boolean {
  return (
    errorText(error).toLowerCase().includes('authorization violation') ||
    codeOf(error) === 'AUTHORIZATION_VIOLATION'
  );
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | undefined)?.code;
}

function connectError(options: NativeConnectionOptions, error: unknown, isHttp: boolean): Error {
  const where = address(options);
  const { settingNames } = options;
  const attempted = `connect to the broker at ${where} as "${options.username}"`;
  if (isAuthorizationViolation(error)) return loginRefused(options, attempted, error);
  switch (codeOf(error)) {
    case 'TIMEOUT':
    case 'CONNECTION_TIMEOUT':
      if (isHttp) return httpPort(options, attempted, error);
      return new TimeoutError({
        attempted,
        found: `no answer within ${options.timeoutMs} ms`,
        next:
          options.tls === undefined || options.tls.certFile !== undefined
            ? `Check ${settingNames.address}, or increase the time-out`
            : `Check ${settingNames.address}; a broker that requires a client certificate (certFile, keyFile) does not answer either`,
        cause: error,
      });
    case 'CONNECTION_REFUSED':
      return new ConnectionError({
        attempted,
        found: 'nothing listens on that port',
        next: `Check ${settingNames.address} and that the broker is running`,
        cause: error,
      });
    case 'SERVER_OPT_NA':
      return new ConnectionError({
        attempted,
        found: 'TLS files are set, but the broker does not use TLS',
        next: 'Remove keyFile, certFile and caFile, or enable TLS on the broker',
        cause: error,
      });
  }
  return new ConnectionError({
    attempted,
    found: errorText(error) === '' ? 'the connection was closed' : errorText(error),
    next: adviceOn(error, options),
    cause: error,
  });
}

/** The two ports of a broker are easily mixed up. */
function httpPort({ port, settingNames }: NativeConnectionOptions, attempted: string, cause: unknown): Error {
  return new ConnectionError({
    attempted,
    found: `port ${port} answers in HTTP: it is a REST API or a web page, not the client port of a broker`,
    next: `Check ${settingNames.address}: clients connect to port 6666 by default; the REST API has port 9000`,
    cause,
  });
}

function adviceOn(error: unknown, { tls, settingNames: { address } }: NativeConnectionOptions): string {
  if (tls !== undefined) return `Check ${address}, that the broker is running, and the TLS files`;
  // The server asks for TLS, and the NATS client does as it is asked, with the authorities that Node trusts.
  if (/certificate/i.test(errorText(error))) {
    return 'The broker uses TLS: set caFile, and certFile and keyFile if it requires a client certificate';
  }
  return `Check ${address} and that the broker is running`;
}

/** The broker gives no reason, so the message names the way of logging in that failed. */
function loginRefused(options: NativeConnectionOptions, attempted: string, cause: unknown): Error {
  if (options.connectionToken !== undefined) {
    return new AuthenticationError({
      attempted,
      found: 'the broker refused the connection token (Authorization Violation)',
      next: `Check ${options.settingNames.token ?? 'the token'} and that the user exists; a broker in user/password mode expects a password instead of a token`,
      cause,
    });
  }
  if (options.password !== undefined) {
    return new AuthenticationError({
      attempted,
      found: 'the broker refused the user or the password (Authorization Violation)',
      next: `Check ${options.settingNames.credential}, and that the user is root or of type application; a broker in connection-token mode expects a token instead of a password`,
      cause,
    });
  }
  return new AuthenticationError({
    attempted,
    found: 'the broker requires more than the client certificate (Authorization Violation)',
    next: 'Set a password or a connection token as well',
    cause,
  });
}
