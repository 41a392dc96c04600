import { isIP } from 'node:net';
import type { ConnectionSetting } from './environment';
import { environmentVariables, readEnvironment } from './environment';
import { ValidationError } from './errors';
import {
  accountProblem,
  fileProblem,
  portProblem,
  restUrlProblem,
  secretProblem,
  usernameProblem,
  withoutCredentials,
} from './setting-problems';

/** Where a broker is and how to log in, complete and checked. */
export interface Connection {
  readonly host: string;
  /** TCP port for clients, 1 to 65535. */
  readonly port: number;
  /** Base address of the REST API, without a slash at its end. */
  readonly restUrl: string;
  readonly accountId: string;
  readonly username: string;
  readonly password: string | undefined;
  readonly connectionToken: string | undefined;
  readonly restUsername: string;
  readonly restPassword: string | undefined;
  readonly tls:
    { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string } | undefined;
  /** What the user calls each setting: its name, or the environment variable that it came from. */
  readonly called: SettingNames;
}

/** What the user calls each setting, for errors. */
export type SettingNames = Readonly<Record<ConnectionSetting, string>>;

/** Settings as a user gives them: all of them optional, all of them strings or numbers. */
export type ConnectionSettings = Partial<Record<ConnectionSetting, string | number | undefined>>;

/** Settings with which no broker can be reached. To a pipeline they are the same as a broker that does not answer. */
export class ConnectionSettingsError extends ValidationError {
  constructor(problems: readonly string[]) {
    super('read the connection settings', problems);
    // Programs know it by the name of its class of errors.
    this.name = ValidationError.name;
  }
}

/**
 * Completes settings from the environment and the defaults. A token of the environment is not used beside a given password:
 * it may well be that of another broker.
 * @param given undefined where the user can give them by the environment alone
 * @param prefix what stands before the names of the variables: with `STAGING_` only `STAGING_MEMPHIS_HOST` and its like
 *   are read
 * @throws ConnectionSettingsError naming every setting that is missing or wrong.
 */
export function resolveConnection(
  given?: ConnectionSettings,
  environment: Readonly<Record<string, string | undefined>> = process.env,
  prefix = '',
): Connection {
  const takesSettings = given !== undefined;
  const settings = given ?? {};
  const fromEnvironment = forSameBroker(settings, readEnvironment(environment, prefix));
  const variable = (setting: ConnectionSetting): string => prefix + environmentVariables[setting].name;
  // Where only the environment is read, nothing else can be given.
  const adviceOn = (setting: ConnectionSetting): string =>
    takesSettings ? `give it or set ${variable(setting)}` : `set ${variable(setting)}`;
  const value = (setting: ConnectionSetting): string | undefined => {
    const given = settings[setting];
    return given === undefined || given === '' ? fromEnvironment[setting] : String(given);
  };
  const called = settingNamesOf(settings, fromEnvironment, variable);
  const problems: string[] = [];
  const required = (setting: ConnectionSetting): string => {
    const found = value(setting);
    if (found === undefined) problems.push(`${setting} is not set; ${adviceOn(setting)}`);
    return found ?? '';
  };

  const givenHost = required('host');
  const host = withoutScheme(givenHost);
  if (givenHost !== '') problems.push(...hostProblems(givenHost, called, variable('host'), variable('port')));
  const username = required('username');
  const portText = value('port') ?? '6666';
  const port = Number(portText);
  const givenRestUrl = value('restUrl');
  const restUrl = (givenRestUrl ?? `http://${inUrl(host)}:9000`).replace(/\/+$/, '');
  const restCredentials = `${variable('restUsername')} and ${variable('restPassword')}`;
  const isWrong: Readonly<
    Partial<Record<ConnectionSetting, (called: string, given: string) => string | undefined>>
  > = {
    port: portProblem,
    restUrl: (name) => restUrlProblem(name, restUrl, restCredentials),
    accountId: accountProblem,
    username: usernameProblem,
    password: secretProblem,
    connectionToken: secretProblem,
    restUsername: usernameProblem,
    restPassword: secretProblem,
    caFile: fileProblem,
    certFile: fileProblem,
    keyFile: fileProblem,
  };
  for (const [setting, problemOf] of Object.entries(isWrong)) {
    const given = value(setting as ConnectionSetting);
    const problem = given === undefined ? undefined : problemOf(called[setting as ConnectionSetting], given);
    if (problem !== undefined) problems.push(problem);
  }
  const password = value('password');
  const isPasswordGiven = isGiven(settings.password) && !isGiven(settings.connectionToken);
  const connectionToken = isPasswordGiven ? undefined : value('connectionToken');
  const tls = tlsFiles(value('caFile'), value('certFile'), value('keyFile'), called, variable, problems);
  if (password === undefined && connectionToken === undefined && tls === undefined) {
    problems.push(`no credential is set; set ${variable('password')} or ${variable('connectionToken')}`);
  }
  if (problems.length > 0) throw new ConnectionSettingsError(problems);

  return {
    host,
    port,
    restUrl,
    accountId: value('accountId') ?? '1',
    username,
    // In connection-token mode the password still is the one of the REST side.
    password: connectionToken === undefined ? password : undefined,
    connectionToken,
    restUsername: value('restUsername') ?? username,
    restPassword: value('restPassword') ?? password,
    tls,
    called,
  };
}

/**
 * What the user calls each setting: a variable where only the environment has it. Whoever sets the host there would set
 * there, too, what is not set at all.
 */
function settingNamesOf(
  settings: ConnectionSettings,
  fromEnvironment: Readonly<Partial<Record<ConnectionSetting, string>>>,
  variable: (setting: ConnectionSetting) => string,
): SettingNames {
  const isHostFromEnvironment = !isGiven(settings.host) && fromEnvironment.host !== undefined;
  const names = (Object.keys(environmentVariables) as ConnectionSetting[]).map((setting) => {
    const isFromEnvironment = fromEnvironment[setting] !== undefined || isHostFromEnvironment;
    const isVariable = !isGiven(settings[setting]) && isFromEnvironment;
    return [setting, isVariable ? variable(setting) : setting];
  });
  return Object.fromEntries(names) as SettingNames;
}

/**
 * What of the environment is about the broker that the settings name: where both name a host and the two differ, its REST
 * API and the login there are those of the other broker, which must not get a password of this one.
 */
function forSameBroker(
  settings: ConnectionSettings,
  fromEnvironment: Readonly<Partial<Record<ConnectionSetting, string>>>,
): Readonly<Partial<Record<ConnectionSetting, string>>> {
  const { restUrl: _url, restUsername: _name, restPassword: _password, ...others } = fromEnvironment;
  const [given, other] = [settings.host, fromEnvironment.host];
  if (!isGiven(given) || other === undefined) return fromEnvironment;
  const plain = (host: unknown): string => withoutScheme(String(host)).toLowerCase().replace(/\/+$/, '');
  return plain(given) === plain(other) ? fromEnvironment : others;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== '';
}

/** A host as it was given, without a leading `http://` or `https://`. */
export function withoutScheme(host: string): string {
  return host.replace(/^https?:\/\//i, '');
}

/** What is wrong with a host that is to be the name or the address of one machine, and nothing else. */
export function hostProblems(
  given: string,
  called: Pick<SettingNames, 'host' | 'port'>,
  hostVariable: string = environmentVariables.host.name,
  portVariable: string = environmentVariables.port.name,
): string[] {
  const shown = JSON.stringify(withoutCredentials(given));
  const host = withoutScheme(given);
  const port = /^(?:[^:@]*|\[.*\]):(\d+)\/*$/.exec(host)?.[1];
  if (port !== undefined) {
    const setting = called.host === hostVariable ? portVariable : called.port;
    return [
      `${called.host} is ${shown}; it must not have a port; take it out, and set ${setting} to ${port}`,
    ];
  }
  // An address of IPv6 has colons.
  const isOneHost =
    /^(?![-.])(?!.*\.\.)[\p{L}\p{N}._-]+$/u.test(host.replace(/\/+$/, '')) ||
    isIP(host.replace(/^\[(.*)\]$/, '$1')) === 6;
  return isOneHost
    ? []
    : [
        `${called.host} is ${shown}; it must be the name or the address of one machine, without port and path`,
      ];
}

function inUrl(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}

function tlsFiles(
  caFile: string | undefined,
  certFile: string | undefined,
  keyFile: string | undefined,
  called: SettingNames,
  variableOf: (setting: ConnectionSetting) => string,
  problems: string[],
): Connection['tls'] {
  if (caFile === undefined && certFile === undefined && keyFile === undefined) return undefined;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    const [given, missing] =
      certFile === undefined ? (['keyFile', 'certFile'] as const) : (['certFile', 'keyFile'] as const);
    const variable = variableOf(missing);
    const other = called[given] === given ? missing : variable;
    problems.push(`${called[given]} and ${other} belong together; ${other} is missing`);
  }
  return {
    ...(caFile === undefined ? {} : { caFile }),
    ...(certFile === undefined ? {} : { certFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
  };
}
