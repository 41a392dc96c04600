import { ValidationError } from '../../../model/errors';
import type { WaitOptions } from '../../connection/abort';
import type { NativeConnectionOptions } from '../../connection/open-connection';

/** How to reach a broker and log in. Exactly one of `password` and `connectionToken`, except with client TLS files. */
export interface ConnectOptions extends WaitOptions {
  /** Host name or address of the broker. A leading `http://` or `https://` is cut off. */
  readonly host: string;
  /** A user of type root or application. */
  readonly username: string;
  /** Account id, for Memphis.dev Cloud; other brokers ignore it. Default 1. */
  readonly accountId?: number | string;
  /** The password of the user. */
  readonly password?: string;
  /** The token of a broker in connection-token mode. */
  readonly connectionToken?: string;
  /** TCP port for clients, 1 to 65535. Default 6666. */
  readonly port?: number;
  /** Whether a lost connection is made again. Default true. */
  readonly reconnect?: boolean;
  /** How often it is tried to make a lost connection again: 0 or more, or -1 for ever. Default -1. */
  readonly maxReconnect?: number;
  /** The pause between two tries, in milliseconds, exactly (there is no jitter). Default 1500. */
  readonly reconnectIntervalMs?: number;
  /** How long making a connection may take, in milliseconds. It is no limit for requests. Default 2000. */
  readonly timeoutMs?: number;
  /**
   * How often it is tried whether the broker still answers, in milliseconds. A connection that gives no answer until the
   * next try is lost. Default 15000.
   */
  readonly pingIntervalMs?: number;
  /** Path of the client key (PEM); `~` is not expanded. Needs `certFile` and `caFile`. */
  readonly keyFile?: string;
  /** Path of the client certificate (PEM). Needs `keyFile` and `caFile`. */
  readonly certFile?: string;
  /** Path of the certificate authority (PEM) that the broker is trusted by. Alone it gives TLS without a client certificate. */
  readonly caFile?: string;
}

/** The options with every default filled in. @internal */
export type CompleteConnectOptions = Omit<NativeConnectionOptions, 'settingNames'>;

/**
 * Checks options and fills in the defaults, without any use of the network.
 * @throws ValidationError with every problem.
 * @internal
 */
export function completeConnectOptions(options: ConnectOptions): CompleteConnectOptions {
  const problems: string[] = [];
  const host = options.host.replace(/^https?:\/\//i, '');
  const { username, port = 6666, timeoutMs = 2000, maxReconnect = -1, reconnectIntervalMs = 1500 } = options;
  const { pingIntervalMs = 15_000 } = options;
  if (host === '') problems.push('host is empty');
  if (username === '') problems.push('username is empty');
  // The broker splits the connection's name at "::", so such a user could only be refused, without a reason.
  if (username.includes('::')) problems.push('username must not hold "::"');
  const password = given(options.password);
  const connectionToken = given(options.connectionToken);
  const tls = tlsFiles(options, problems);
  const hasClientCertificate = tls?.certFile !== undefined;
  if (
    (password !== undefined && connectionToken !== undefined) ||
    (password === undefined && connectionToken === undefined && !hasClientCertificate)
  ) {
    problems.push('You have to connect with one of the following methods: connection token / password');
  }
  wholeNumber('port', port, 1, 65_535, problems);
  wholeNumber('timeoutMs', timeoutMs, 1, 600_000, problems);
  wholeNumber('pingIntervalMs', pingIntervalMs, 10, 3_600_000, problems);
  wholeNumber('maxReconnect', maxReconnect, -1, Number.MAX_SAFE_INTEGER, problems);
  wholeNumber('reconnectIntervalMs', reconnectIntervalMs, 0, 3_600_000, problems);
  if (problems.length > 0) throw new ValidationError('connect to the broker', problems);
  return {
    host,
    port,
    username,
    accountId: String(options.accountId ?? 1),
    password,
    connectionToken,
    reconnect: (options.reconnect ?? true) && maxReconnect !== 0,
    maxReconnect,
    reconnectIntervalMs,
    timeoutMs,
    pingIntervalMs,
    tls,
  };
}

function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function tlsFiles(options: ConnectOptions, problems: string[]): CompleteConnectOptions['tls'] {
  const caFile = given(options.caFile);
  const certFile = given(options.certFile);
  const keyFile = given(options.keyFile);
  if (caFile === undefined && certFile === undefined && keyFile === undefined) return undefined;
  if (caFile === undefined) problems.push('Must provide a TLS ca file');
  if (certFile === undefined && keyFile !== undefined) problems.push('Must provide a TLS cert file');
  if (keyFile === undefined && certFile !== undefined) problems.push('Must provide a TLS key file');
  return {
    caFile: caFile ?? '',
    ...(certFile === undefined ? {} : { certFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
  };
}

function wholeNumber(name: string, value: number, least: number, most: number, problems: string[]): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  problems.push(`${name} is ${value}; it must be a whole number from ${least} to ${most}`);
}
