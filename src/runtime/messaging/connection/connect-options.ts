import type { SettingNames } from '../../../model/connection';
import { hostProblems, withoutScheme } from '../../../model/connection';
import { environmentVariables, readEnvironment } from '../../../model/environment';
import * as setting from '../../../model/setting-problems';
import type { WaitOptions } from '../../connection/waiting';
import type { NativeConnectionOptions } from '../../connection/open-connection';
import {
  assertIsObject,
  assertNoProblems,
  flagProblem,
  isWholeNumber,
  secretProblem,
  shownOption,
  signalProblem,
  textProblem,
  wholeNumberProblem,
} from './option-checks';

/**
 * How to reach a broker and log in. What is left out comes from the MEMPHIS_* environment, as everywhere in this package, and
 * then from the defaults. Exactly one of `password` and `connectionToken`, except with client TLS files.
 */
export interface ConnectOptions extends WaitOptions {
  /**
   * Host name or address of the broker, without a port, which is an option of its own. A leading `http://` or `https://`
   * is cut off.
   */
  readonly host?: string | undefined;
  /** A user of type root or application. */
  readonly username?: string | undefined;
  /** Account id, for Memphis.dev Cloud; other brokers ignore it. Default 1. */
  readonly accountId?: number | string | undefined;
  /** The password of the user. */
  readonly password?: string | undefined;
  /** The token of a broker in connection-token mode. */
  readonly connectionToken?: string | undefined;
  /** TCP port for clients, 1 to 65535. Default 6666. */
  readonly port?: number | undefined;
  /** Whether a lost connection is made again. Default true. */
  readonly reconnect?: boolean | undefined;
  /** How often it is tried to make a lost connection again: 0 or more, or -1 for ever. Default -1. */
  readonly maxReconnect?: number | undefined;
  /** The pause between two tries, in milliseconds, exactly (there is no jitter), 0 to 3600000. Default 1500. */
  readonly reconnectIntervalMs?: number | undefined;
  /** How long making a connection may take, in milliseconds, 1 to 600000. It is no limit for requests. Default 2000. */
  readonly timeoutMs?: number | undefined;
  /**
   * How often it is tried whether the broker still answers, in milliseconds. A connection that gives no answer until the
   * next try is lost. 10 to 3600000. Default 15000.
   */
  readonly pingIntervalMs?: number | undefined;
  /** Path of the client key (PEM); `~` is not expanded. Needs `certFile` and `caFile`. */
  readonly keyFile?: string | undefined;
  /** Path of the client certificate (PEM). Needs `keyFile` and `caFile`. */
  readonly certFile?: string | undefined;
  /** Path of the certificate authority (PEM) that the broker is trusted by. Alone it gives TLS without a client certificate. */
  readonly caFile?: string | undefined;
}

const ATTEMPTED = 'connect to the broker';

/** The options with every default filled in. @internal */
export type CompleteConnectOptions = Omit<NativeConnectionOptions, 'settingNames'> & {
  /** What the program calls each setting: its name, or the environment variable that it came from. */
  readonly called: SettingNames;
};

/**
 * Checks options and fills in the defaults, without any use of the network.
 * @throws ValidationError with every problem.
 * @internal
 */
export function completeConnectOptions(
  given: ConnectOptions,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): CompleteConnectOptions {
  assertIsObject(ATTEMPTED, given);
  const { options, called } = withEnvironment(given, environment);
  const { username, port = 6666, timeoutMs = 2000, maxReconnect = -1, reconnectIntervalMs = 1500 } = options;
  const { pingIntervalMs = 15_000 } = options;
  const password = nonEmpty(options.password);
  const connectionToken = nonEmpty(options.connectionToken);
  const tls = completeTls(options);
  assertNoProblems(ATTEMPTED, [
    ...hostOptionProblems(options.host, called),
    usernameProblem(username, called.username),
    accountProblem(options.accountId, called.accountId),
    secretProblem('password', password),
    secretProblem('connectionToken', connectionToken),
    ...textProblems(options, called),
    ...tlsProblems(options),
    credentialProblem(password, connectionToken, tls),
    wholeNumberProblem(called.port, port, 1, 65_535),
    wholeNumberProblem('timeoutMs', timeoutMs, 1, 600_000),
    wholeNumberProblem('pingIntervalMs', pingIntervalMs, 10, 3_600_000),
    flagProblem('reconnect', options.reconnect),
    wholeNumberProblem('maxReconnect', maxReconnect, -1, Number.MAX_SAFE_INTEGER),
    wholeNumberProblem('reconnectIntervalMs', reconnectIntervalMs, 0, 3_600_000),
    reconnectProblem(options),
    signalProblem(options.signal),
  ]);
  return {
    host: withoutScheme(options.host ?? ''),
    port,
    username: username ?? '',
    accountId: String(options.accountId ?? 1),
    password,
    connectionToken,
    reconnect: (options.reconnect ?? true) && maxReconnect !== 0,
    maxReconnect,
    reconnectIntervalMs,
    timeoutMs,
    pingIntervalMs,
    tls,
    called,
  };
}

/**
 * The options with what they leave out from the environment. A password or token of the environment is not used beside one
 * that is given: it may well be that of another broker.
 */
function withEnvironment(
  options: ConnectOptions,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly options: ConnectOptions; readonly called: SettingNames } {
  const { password, connectionToken, port, ...others } = readEnvironment(environment);
  const hasCredential = nonEmpty(options.password) ?? nonEmpty(options.connectionToken);
  const credential = connectionToken === undefined ? { password } : { connectionToken };
  const found: Readonly<Record<string, unknown>> = {
    ...others,
    ...(hasCredential === undefined ? credential : {}),
    port: port !== undefined && /^\d+$/.test(port) ? Number(port) : port,
  };
  const merged: Record<string, unknown> = { ...options };
  const called: Record<string, string> = {};
  for (const [name, variable] of Object.entries(environmentVariables)) {
    const value = merged[name];
    const isLeftOut = value === undefined || (value === '' && variable.secret);
    const isFound = isLeftOut && found[name] !== undefined;
    if (isFound) merged[name] = found[name];
    called[name] = isFound ? variable.name : name;
  }
  return { options: merged, called: called as SettingNames };
}

function hostOptionProblems(given: unknown, called: SettingNames): string[] {
  if (given === undefined) return [`host is missing; give it, or set ${environmentVariables.host.name}`];
  if (typeof given !== 'string') return [textProblem('host', given) ?? ''];
  return withoutScheme(given).trim() === '' ? [`${called.host} is empty`] : hostProblems(given, called);
}

function usernameProblem(username: unknown, called: string): string | undefined {
  if (username === undefined)
    return `username is missing; give it, or set ${environmentVariables.username.name}`;
  if (typeof username !== 'string') return textProblem('username', username);
  return username === '' ? 'username is empty' : setting.usernameProblem(called, username);
}

function accountProblem(id: unknown, called: string): string | undefined {
  if (id === undefined || isWholeNumber(id, 0, Number.MAX_SAFE_INTEGER)) return undefined;
  return typeof id === 'string'
    ? setting.accountProblem(called, id)
    : `${called} is ${shownOption(id)}; it must be a whole number of 0 or more, or such a text`;
}

/** What is wrong with the characters of secrets and of paths. */
function textProblems(options: ConnectOptions, called: SettingNames): (string | undefined)[] {
  const check = (name: 'password' | 'connectionToken' | (typeof tlsKeys)[number]): string | undefined => {
    const given: unknown = options[name];
    if (typeof given !== 'string' || given === '') return undefined;
    const isSecret = name === 'password' || name === 'connectionToken';
    return isSecret ? setting.secretProblem(called[name], given) : setting.fileProblem(called[name], given);
  };
  return [check('password'), check('connectionToken'), ...tlsKeys.map(check)];
}

function credentialProblem(
  password: unknown,
  connectionToken: unknown,
  tls: CompleteConnectOptions['tls'],
): string | undefined {
  const hasNone = password === undefined && connectionToken === undefined;
  const hasBoth = password !== undefined && connectionToken !== undefined;
  if (!hasBoth && (!hasNone || tls?.certFile !== undefined)) return undefined;
  return 'You have to connect with one of the following methods: connection token / password';
}

/** What says that a lost connection is made again beside what says that it is not. */
function reconnectProblem({ reconnect, maxReconnect }: ConnectOptions): string | undefined {
  return reconnect === true && maxReconnect === 0
    ? 'reconnect is true and maxReconnect is 0; give one of them'
    : undefined;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

const tlsKeys = ['caFile', 'certFile', 'keyFile'] as const;

function tlsProblems(options: ConnectOptions): (string | undefined)[] {
  const [hasCa, hasCert, hasKey] = tlsKeys.map((key) => nonEmpty(options[key]) !== undefined);
  return [
    ...tlsKeys.map((key) => textProblem(key, options[key])),
    hasCa !== true && (hasCert === true || hasKey === true) ? 'Must provide a TLS ca file' : undefined,
    hasCert !== true && hasKey === true ? 'Must provide a TLS cert file' : undefined,
    hasKey !== true && hasCert === true ? 'Must provide a TLS key file' : undefined,
  ];
}

function completeTls(options: ConnectOptions): CompleteConnectOptions['tls'] {
  const [caFile, certFile, keyFile] = tlsKeys.map((key) => nonEmpty(options[key]));
  if (caFile === undefined && certFile === undefined && keyFile === undefined) return undefined;
  return {
    caFile: caFile ?? '',
    ...(certFile === undefined ? {} : { certFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
  };
}
