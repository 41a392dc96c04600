/**
 * The environment variables that say where the broker is and how to log in. This is the only list of them:
 * the provider, the runtime and the command line all read it.
 */
export const environmentVariables = {
  host: { name: 'MEMPHIS_HOST', description: 'Host name or address of the broker.', secret: false },
  port: { name: 'MEMPHIS_PORT', description: 'Port of the broker for clients; default 6666.', secret: false },
  restUrl: {
    name: 'MEMPHIS_REST_URL',
    description: 'Address of the REST API; default http://HOST:9000.',
    secret: false,
  },
  accountId: {
    name: 'MEMPHIS_ACCOUNT_ID',
    description: 'Account id, for Memphis.dev Cloud; default 1.',
    secret: false,
  },
  username: { name: 'MEMPHIS_USERNAME', description: 'User name, for both sides.', secret: false },
  password: { name: 'MEMPHIS_PASSWORD', description: 'Password of that user.', secret: true },
  connectionToken: {
    name: 'MEMPHIS_CONNECTION_TOKEN',
    description: 'Token for brokers in connection-token mode, instead of the password on the client port.',
    secret: true,
  },
  restUsername: {
    name: 'MEMPHIS_REST_USERNAME',
    description: 'User name for the REST API; default MEMPHIS_USERNAME.',
    secret: false,
  },
  restPassword: {
    name: 'MEMPHIS_REST_PASSWORD',
    description: 'Password for the REST API; default MEMPHIS_PASSWORD.',
    secret: true,
  },
  caFile: {
    name: 'MEMPHIS_CA_FILE',
    description: 'Path of the certificate authority (PEM) that the broker is trusted by.',
    secret: false,
  },
  certFile: {
    name: 'MEMPHIS_CERT_FILE',
    description: 'Path of the client certificate (PEM).',
    secret: false,
  },
  keyFile: { name: 'MEMPHIS_KEY_FILE', description: 'Path of the client key (PEM).', secret: false },
} as const satisfies Record<string, EnvironmentVariable>;

export interface EnvironmentVariable {
  readonly name: string;
  readonly description: string;
  /** True for values that must never be written anywhere. */
  readonly secret: boolean;
}

/** The settings of a connection by their names in code. */
export type ConnectionSetting = keyof typeof environmentVariables;

/**
 * Values of the environment by setting; a variable that is not set, or empty, is left out.
 * @param prefix what stands before each name
 */
export function readEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  prefix = '',
): Partial<Record<ConnectionSetting, string>> {
  const found: Partial<Record<ConnectionSetting, string>> = {};
  for (const [setting, variable] of Object.entries(environmentVariables)) {
    const value = environment[prefix + variable.name];
    if (value !== undefined && value !== '') found[setting as ConnectionSetting] = value;
  }
  return found;
}

/** Whether a string can stand before the names of variables: `STAGING_`. */
export function isEnvPrefix(text: string): boolean {
  return /^[A-Z][A-Z0-9_]*_$/.test(text);
}
