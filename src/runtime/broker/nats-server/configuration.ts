import path from 'node:path';

import type { ServerUser } from './users-file';
import { quoted } from './users-file';

/** What the configuration file of the server says. */
export interface ServerConfiguration {
  readonly serverName: string;
  readonly host: string;
  /** 0 lets the server choose. */
  readonly port: number;
  /** Where clients are told to find the server, `host:port`. */
  readonly clientAdvertise: string;
  readonly storeFolder: string;
  readonly usersFile: string;
  /** Who may watch connections come and go. */
  readonly systemUser: ServerUser;
  /** Who reads and writes the metadata, and answers management requests. */
  readonly metadataUser: ServerUser;
  /** Subjects of requests that this user answers to the users of the account of the stations. */
  readonly servedSubjects: readonly string[];
  readonly logLevel: 'error' | 'info' | 'debug';
  /** Greatest message, in bytes of headers and payload. */
  readonly maxPayload: number;
  /** undefined: connections are in clear. */
  readonly tls: ServerTlsFiles | undefined;
  /** undefined: the server is alone. */
  readonly cluster: ClusterConfiguration | undefined;
}

/** What a server speaks TLS with, PEM. Given an authority, clients have to show a certificate of it. */
export interface ServerTlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string | undefined;
}

/** How a server finds the others of its cluster, all of them on the loopback address. */
interface ClusterConfiguration {
  readonly name: string;
  /** Where this server listens for the others. */
  readonly port: number;
  /** Where each of them listens. */
  readonly routes: readonly number[];
  /** Who they are to each other. */
  readonly user: ServerUser;
}

/** The account that holds the stations. All users of clients are in it. */
export const ACCOUNT = '$memphis';

/**
 * The account that holds the metadata. No client has a user in it, and it shares nothing but the subjects of management
 * requests, so that not even a user with every permission reaches what it holds.
 */
const METADATA_ACCOUNT = '$memphis_metadata';

/**
 * The text of the configuration file. It holds passwords: write it for the owner only.
 * @param folder where the file will stand.
 */
export function serverConfiguration(configuration: ServerConfiguration, folder: string): string {
  const { serverName, host, port, clientAdvertise, storeFolder, usersFile, logLevel } = configuration;
  const { systemUser, metadataUser, servedSubjects, maxPayload, tls, cluster } = configuration;
  return `server_name: ${quoted(serverName)}
host: ${quoted(host)}
port: ${port === 0 ? -1 : port}
client_advertise: ${quoted(clientAdvertise)}
max_payload: ${maxPayload}
debug: ${logLevel === 'debug'}
jetstream { store_dir: ${quoted(storeFolder)} }
accounts {
${stationsAccount(path.relative(folder, usersFile), servedSubjects)}${metadataAccount(metadataUser, servedSubjects)}  "$SYS" { users: [${user(systemUser)}] }
}
system_account: "$SYS"
${tls === undefined ? '' : tlsBlock(tls)}${cluster === undefined ? '' : clusterBlock(cluster, serverName)}`;
}

const TLS_TIMEOUT_SECONDS = 5;

function tlsBlock({ certFile, keyFile, caFile }: ServerTlsFiles): string {
  const verification = caFile === undefined ? '' : `  ca_file: ${quoted(caFile)}\n  verify: true\n`;
  return `tls {
  cert_file: ${quoted(certFile)}
  key_file: ${quoted(keyFile)}
${verification}  timeout: ${TLS_TIMEOUT_SECONDS}
}
`;
}

/**
 * The name of the server is also a tag, by which a stream can be given to it. There is one route between two servers, which
 * carries all: with the several of 2.10, one of which is for the system account alone, servers that start together take
 * longer to know each other, and more often never do.
 */
function clusterBlock(
  { name, port, routes, user: { user: routeUser, password } }: ClusterConfiguration,
  serverName: string,
): string {
  const urls = routes.map((route) => quoted(`nats://${routeUser}:${password}@127.0.0.1:${route}`));
  return `server_tags: [${quoted(serverName)}]
cluster {
  name: ${quoted(name)}
  host: "127.0.0.1"
  port: ${port}
  pool_size: -1
  authorization { user: ${quoted(routeUser)}, password: ${quoted(password)} }
  routes: [${urls.join(', ')}]
}
`;
}

/** The server takes the name of an included file as relative to the one that includes it. */
function stationsAccount(usersFile: string, servedSubjects: readonly string[]): string {
  return `  ${quoted(ACCOUNT)} {
    jetstream: enabled
    imports: [${servedSubjects.map(importLine).join(', ')}]
    include ${quoted(usersFile)}
  }
`;
}

/** A request may get several replies, so none of them ends it. */
function metadataAccount(metadataUser: ServerUser, servedSubjects: readonly string[]): string {
  const exported = servedSubjects.map(
    (subject) => `{ service: ${quoted(subject)}, response_type: "Stream", accounts: [${quoted(ACCOUNT)}] }`,
  );
  return `  ${quoted(METADATA_ACCOUNT)} {
    jetstream: enabled
    users: [${user(metadataUser)}]
    exports: [${exported.join(', ')}]
  }
`;
}

/** With `share` the server writes into each request which user sent it. */
function importLine(subject: string): string {
  return `{ service: { account: ${quoted(METADATA_ACCOUNT)}, subject: ${quoted(subject)} }, share: true }`;
}

function user({ user: name, password }: ServerUser): string {
  return `{ user: ${quoted(name)}, password: ${quoted(password)} }`;
}
