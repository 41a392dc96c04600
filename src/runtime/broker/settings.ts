import { ValidationError } from '../../model/errors';
import { unknownNameProblems } from '../../model/unknown-names';
import { isLoopback } from './addresses';
import type { TlsFiles } from './proxy';

/** How much the broker reports on stderr. */
export type BrokerLogLevel = 'error' | 'info' | 'debug';

/** How a local broker is started. Every setting has a default. */
export interface LocalBrokerOptions {
  /** Address to listen on; default `127.0.0.1`. One that other machines reach needs a password of your own. */
  readonly host?: string;
  /** TCP port for clients, 0 to 65535; default 0, a free one. */
  readonly port?: number;
  /** TCP port of the REST API, 0 to 65535; default 0, a free one. */
  readonly restPort?: number;
  /**
   * Host names and addresses, besides `host` and the loopback ones, under which the REST API may be called and whose web pages
   * may use it, without port; `*` allows all. Default: none.
   */
  readonly allowedHosts?: readonly string[];
  /**
   * Where stations, schemas and messages are kept: a folder, or `memory` for nothing that outlives the broker.
   * Default: a temporary folder that goes with the broker.
   */
  readonly store?: string;
  /** Name of the root user; default `root`. */
  readonly username?: string;
  /** Password of the root user; default `memphis`. */
  readonly password?: string;
  /**
   * Lets clients in by this token instead of a user and a password of their own; it may hold letters, digits and `_ . -`.
   * The REST API keeps its users. Default: users and passwords.
   */
  readonly connectionToken?: string;
  /**
   * Makes the port for clients speak TLS, and the one that INFO tells of as `memphis_direct_port`; neither takes a password in
   * clear then. The REST API never speaks TLS. Default: no TLS.
   */
  readonly tls?: TlsFiles;
  /** How many servers the broker has, 1 or 3. With 3, stations may have 3 replicas. Default 1. */
  readonly nodes?: number;
  /**
   * Shows what a real broker does with a store after a restart, where this one is kinder on purpose: streams that are
   * missing, as those of memory stations always are, stay missing, and 15 minutes after the start their stations go, too;
   * what is left of half-made stations stays. Nor does it keep stations apart that are created at once with one tag that is
   * new: all but one are made without it, and answered with 500. It lists the newest 5,000 stations alone, where this one
   * lists all. And it lets clients log in as a new user only half a second after it was added. Default false.
   */
  readonly faithful?: boolean;
  /**
   * @internal With `faithful`: how long after the start stations go that lack a stream, in milliseconds, 0 to 2147483647;
   * default 900000, as on a real broker.
   */
  readonly staleStationsAfterMs?: number;
  /** Default `error`. */
  readonly logLevel?: BrokerLogLevel;
  /** Gets every line for people; default: stderr. */
  readonly log?: (line: string) => void;
}

/** Options with their defaults. `store` undefined is the temporary folder. */
export interface BrokerSettings {
  readonly host: string;
  readonly port: number;
  readonly restPort: number;
  readonly allowedHosts: readonly string[];
  readonly store: string | undefined;
  readonly username: string;
  readonly password: string;
  readonly connectionToken: string | undefined;
  readonly tls: TlsFiles | undefined;
  readonly nodes: number;
  readonly logLevel: BrokerLogLevel;
  /** undefined: kinder than a real broker. */
  readonly faithful: { readonly staleStationsAfterMs: number } | undefined;
}

const STALE_STATIONS_AFTER_MS = 900_000;
/** The longest that a timer can wait. */
const LONGEST_MS = 2_147_483_647;
const DEFAULT_PASSWORD = 'memphis';

const optionNames = Object.keys({
  ...{ host: true, port: true, restPort: true, allowedHosts: true, store: true, username: true },
  ...{ password: true, connectionToken: true, tls: true, nodes: true, faithful: true },
  ...{ staleStationsAfterMs: true, logLevel: true, log: true },
} satisfies Record<keyof LocalBrokerOptions, true>);

/** @throws ValidationError naming everything that is wrong. */
export function brokerSettings(options: LocalBrokerOptions): BrokerSettings {
  const unknown = unknownNameProblems(options, optionNames, 'an option of a local broker');
  if (unknown.length > 0) throw new ValidationError('start the local broker', unknown);
  const settings = {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    restPort: options.restPort ?? 0,
    allowedHosts: options.allowedHosts ?? [],
    store: options.store,
    username: options.username ?? 'root',
    password: options.password ?? DEFAULT_PASSWORD,
    connectionToken: options.connectionToken,
    tls: options.tls,
    nodes: options.nodes ?? 1,
    logLevel: options.logLevel ?? 'error',
    faithful: faithfulSettings(options),
  };
  const problems: string[] = [];
  for (const name of ['port', 'restPort'] as const) {
    const port = settings[name];
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      problems.push(`${name} is ${port}; it must be a whole number from 0 to 65535`);
    }
  }
  for (const allowed of settings.allowedHosts) {
    if (!/^(\*|[A-Za-z0-9_.:-]+)$/.test(allowed) || /^[^:]*:\d*$/.test(allowed)) {
      problems.push(
        `allowedHosts has ${JSON.stringify(allowed)}; it may hold names and addresses without scheme and port, such as dev.example.com, and *`,
      );
    }
  }
  if (!/^[a-z0-9_.-]+$/.test(settings.username)) {
    problems.push(`username is "${settings.username}"; it may hold lower-case letters, digits and . _ -`);
  }
  if (settings.password === '') problems.push('password is empty');
  if (!isLoopback(settings.host) && settings.password === DEFAULT_PASSWORD) {
    problems.push(
      `host ${settings.host} can be reached from other machines; set a password that is not the default (for the command: MEMPHIS_PASSWORD)`,
    );
  }
  if (settings.connectionToken !== undefined && !/^[A-Za-z0-9_.-]+$/.test(settings.connectionToken)) {
    problems.push('connectionToken may hold letters, digits and _ . -, at least one');
  }
  if (settings.nodes !== 1 && settings.nodes !== 3)
    problems.push(`nodes is ${settings.nodes}; it may be 1 or 3`);
  const afterMs = settings.faithful?.staleStationsAfterMs ?? 0;
  if (!Number.isInteger(afterMs) || afterMs < 0 || afterMs > LONGEST_MS) {
    problems.push(`staleStationsAfterMs is ${afterMs}; it must be a whole number from 0 to ${LONGEST_MS}`);
  }
  if (settings.store === '') problems.push('store is empty; give a folder or "memory"');
  if (problems.length > 0) throw new ValidationError('start the local broker', problems);
  return settings;
}

function faithfulSettings(options: LocalBrokerOptions): BrokerSettings['faithful'] {
  const { faithful = false, staleStationsAfterMs = STALE_STATIONS_AFTER_MS } = options;
  return faithful ? { staleStationsAfterMs } : undefined;
}
