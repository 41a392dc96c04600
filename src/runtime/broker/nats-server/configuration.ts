/** A user of the server, with the password in clear. */
export interface ServerUser {
  readonly user: string;
  readonly password: string;
}

/** What the configuration file of the server says. */
export interface ServerConfiguration {
  readonly host: string;
  /** 0 lets the server choose. */
  readonly port: number;
  /** Where clients are told to find the server, `host:port`. */
  readonly clientAdvertise: string;
  readonly storeFolder: string;
  /** Users of the one account that holds the stations. */
  readonly users: readonly ServerUser[];
  /** Who may watch connections come and go. */
  readonly systemUser: ServerUser;
  readonly logLevel: 'error' | 'info' | 'debug';
}

/** The account of a real broker in user/password mode. */
export const ACCOUNT = '$memphis';

/** The text of the configuration file. It holds passwords: write it for the owner only. */
export function serverConfiguration(configuration: ServerConfiguration): string {
  const { host, port, clientAdvertise, storeFolder, users, systemUser, logLevel } = configuration;
  return `server_name: memphis-0
host: ${quoted(host)}
port: ${port === 0 ? -1 : port}
client_advertise: ${quoted(clientAdvertise)}
max_payload: 1048576
debug: ${logLevel === 'debug'}
jetstream { store_dir: ${quoted(storeFolder)} }
accounts {
  ${quoted(ACCOUNT)} { jetstream: enabled, users: [${users.map(user).join(', ')}] }
  "$SYS" { users: [${user(systemUser)}] }
}
system_account: "$SYS"
`;
}

function user({ user: name, password }: ServerUser): string {
  return `{ user: ${quoted(name)}, password: ${quoted(password)} }`;
}

/** A quoted string of the server's configuration language; every byte that could mean something is written as hex. */
function quoted(text: string): string {
  const bytes = Array.from(Buffer.from(text, 'utf8'), (byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9_./: $-]/.test(char) ? char : `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return `"${bytes.join('')}"`;
}
