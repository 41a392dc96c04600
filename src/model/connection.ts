import type { ConnectionSetting } from './environment';
import { environmentVariables, readEnvironment } from './environment';
import { ValidationError } from './errors';

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
}

/** Settings as a user gives them: all of them optional, all of them strings or numbers. */
export type ConnectionSettings = Partial<Record<ConnectionSetting, string | number | undefined>>;

/**
 * Completes settings from the environment and the defaults.
 * @throws ValidationError naming every setting that is missing or wrong.
 */
export function resolveConnection(
  settings: ConnectionSettings = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Connection {
  const fromEnvironment = readEnvironment(environment);
  const value = (setting: ConnectionSetting): string | undefined => {
    const given = settings[setting];
    return given === undefined || given === '' ? fromEnvironment[setting] : String(given);
  };
  const problems: string[] = [];
  const required = (setting: ConnectionSetting): string => {
    const found = value(setting);
    if (found === undefined)
      problems.push(`${setting} is not set; give it or set ${environmentVariables[setting].name}`);
    return found ?? '';
  };

  const host = required('host').replace(/^https?:\/\//, '');
  const username = required('username');
  const portText = value('port') ?? '6666';
  const port = Number(portText);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    problems.push(`port is "${portText}"; it must be a whole number from 1 to 65535`);
  }
  const restUrl = (value('restUrl') ?? `http://${host}:9000`).replace(/\/+$/, '');
  if (!/^https?:\/\/[^/]+/.test(restUrl)) {
    problems.push(`restUrl is "${restUrl}"; it must start with http:// or https:// and name a host`);
  }
  const password = value('password');
  const connectionToken = value('connectionToken');
  const tls = tlsFiles(value('caFile'), value('certFile'), value('keyFile'), problems);
  if (password === undefined && connectionToken === undefined && tls === undefined) {
    problems.push(
      `no credential is set; set ${environmentVariables.password.name} or ${environmentVariables.connectionToken.name}`,
    );
  }
  if (problems.length > 0) throw new ValidationError('read the connection settings', problems);

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
  };
}

function tlsFiles(
  caFile: string | undefined,
  certFile: string | undefined,
  keyFile: string | undefined,
  problems: string[],
): Connection['tls'] {
  if (caFile === undefined && certFile === undefined && keyFile === undefined) return undefined;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    problems.push('certFile and keyFile belong together; one of them is missing');
  }
  return {
    ...(caFile === undefined ? {} : { caFile }),
    ...(certFile === undefined ? {} : { certFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
  };
}
