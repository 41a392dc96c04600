import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { NatsConnection } from 'nats';
import { connect } from 'nats';

import { environmentVariables } from '../../model/environment';
import { ValidationError } from '../../model/errors';
import { JetStreamApi } from './jetstream/api';
import { serveManagement } from './management/listener';
import type { ServerUser } from './nats-server/configuration';
import { findNatsServer } from './nats-server/executable';
import type { ServerProcess } from './nats-server/server-process';
import { startServerProcess } from './nats-server/server-process';
import { Broadcasts } from './objects/broadcasts';
import { Connections } from './objects/connections';
import type { BrokerContext } from './objects/context';
import { ensureDefaults, ensureRootUser } from './objects/first-start';
import { recover } from './objects/recovery';
import type { RestServer } from './rest/server';
import { serveRest } from './rest/server';
import { Sessions } from './rest/sessions';
import { openBucket } from './store/bucket';
import { ChangeQueue } from './store/change-queue';
import { loadMetadata } from './store/metadata';
import type { StoreLock } from './store/store-lock';
import { lockStore } from './store/store-lock';

/** How much the broker tells on stderr. */
export type BrokerLogLevel = 'error' | 'info' | 'debug';

/** How a local broker is started. Every setting has a default. */
export interface LocalBrokerOptions {
  /** Address to listen on; default `127.0.0.1`. Another one needs a password of your own. */
  readonly host?: string;
  /** TCP port for clients, 0 to 65535; default 0, a free one. */
  readonly port?: number;
  /** TCP port of the REST API, 0 to 65535; default 0, a free one. */
  readonly restPort?: number;
  /**
   * Where stations, schemas and messages are kept: a folder, or `memory` for nothing that outlives the broker.
   * Default: a temporary folder that goes with the broker.
   */
  readonly store?: string;
  /** Name of the root user; default `root`. */
  readonly username?: string;
  /** Password of the root user; default `memphis`. */
  readonly password?: string;
  /** Default `error`. */
  readonly logLevel?: BrokerLogLevel;
  /** Gets every line for people; default: stderr. */
  readonly log?: (line: string) => void;
}

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_USERNAME = 'root';
const DEFAULT_PASSWORD = 'memphis';
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * A Memphis broker on this machine: a stock nats-server with the management protocol and the REST API of Memphis 1.4.4.
 * It ends with the process that started it.
 */
export class LocalBroker {
  readonly host: string;
  /** TCP port for clients. */
  readonly port: number;
  /** TCP port of the REST API. */
  readonly restPort: number;
  /** Base address of the REST API, without a slash at its end. */
  readonly restUrl: string;
  /** Version of the nats-server in use. */
  readonly version: string;
  /** The folder everything is kept in, or `memory`. */
  readonly store: string;
  private stopping: Promise<void> | undefined;

  private constructor(
    private readonly settings: Required<Pick<LocalBrokerOptions, 'username' | 'password'>>,
    private readonly parts: {
      readonly server: ServerProcess;
      readonly rest: RestServer;
      readonly connections: readonly NatsConnection[];
      readonly lock: StoreLock;
      readonly changes: ChangeQueue;
    },
    told: { readonly host: string; readonly version: string; readonly store: string },
  ) {
    this.host = told.host;
    this.port = parts.server.port;
    this.restPort = parts.rest.port;
    this.restUrl = `http://${told.host.includes(':') ? `[${told.host}]` : told.host}:${parts.rest.port}`;
    this.version = told.version;
    this.store = told.store;
  }

  /**
   * Starts a broker and waits until it can be used.
   * @throws EnvironmentError when there is no nats-server, or the store is in use or not writable.
   * @throws ConnectionError when a port is in use.
   * @throws ValidationError when the settings are not legal.
   */
  static async start(options: LocalBrokerOptions = {}): Promise<LocalBroker> {
    const settings = checkedSettings(options);
    const log = leveledLog(options);
    const executable = await findNatsServer((line) => log.always(line));
    const runFolder = await mkdtemp(path.join(tmpdir(), 'cdktf-memphis-broker-'));
    const storeFolder =
      settings.store !== undefined && settings.store !== 'memory'
        ? path.resolve(settings.store)
        : path.join(runFolder, 'store');
    // Undone in reverse order when a later step fails.
    const undo: (() => Promise<unknown>)[] = [() => rm(runFolder, { recursive: true, force: true })];
    try {
      const lock = await lockStore(storeFolder);
      undo.push(() => lock.release());
      const controlPlane = {
        user: '$memphis_control_plane',
        password: randomBytes(24).toString('base64url'),
      };
      const systemUser = { user: '$SYS', password: randomBytes(24).toString('base64url') };
      const server = await startServerProcess(
        executable,
        {
          host: settings.host,
          port: settings.port,
          storeFolder,
          users: [
            { user: settings.username, password: settings.password },
            { user: `${settings.username}$1`, password: settings.password },
            controlPlane,
          ],
          systemUser,
          logLevel: settings.logLevel,
        },
        runFolder,
        log.server,
      );
      undo.push(() => server.kill());
      await lock.serverStarted(server.pid);
      const address = `${loopbackOf(settings.host)}:${server.port}`;
      const connection = await connectAs(controlPlane, address);
      undo.push(() => connection.close());
      const system = await connectAs(systemUser, address);
      undo.push(() => system.close());
      const bucket = await openBucket(connection, settings.store === 'memory' ? 'memory' : 'file');
      const metadata = await loadMetadata(bucket);
      const context: BrokerContext = {
        metadata,
        jetstream: new JetStreamApi(connection),
        broadcasts: new Broadcasts(connection),
        changes: new ChangeQueue(),
        sdkOf: (connectionId) => clients.sdkOf(connectionId),
        log: log.always,
      };
      const clients: Connections = new Connections(context);
      await clients.markAllAway();
      clients.watch(system);
      await recover(context);
      const root = await ensureRootUser(context, settings.username);
      await ensureDefaults(context, root);
      const [tokenSecret, refreshSecret] = [
        await metadata.secret('jwt'),
        await metadata.secret('refresh-jwt'),
      ];
      serveManagement(connection, context);
      const rest = await serveRest(
        context,
        settings.host,
        settings.restPort,
        (restPort) =>
          new Sessions(context, {
            username: settings.username,
            password: settings.password,
            port: server.port,
            restPort,
            tokenSecret,
            refreshSecret,
          }),
      );
      undo.push(() => rest.close());
      await Promise.all([connection.flush(), system.flush()]);
      return new LocalBroker(
        settings,
        { server, rest, connections: [system, connection], lock, changes: context.changes },
        {
          host: settings.host,
          version: executable.version,
          store: settings.store === 'memory' ? 'memory' : storeFolder,
        },
      );
    } catch (error) {
      for (const step of undo.reverse()) await step();
      throw error;
    }
  }

  /** The variables that point a program of this package at this broker. */
  environment(): Record<string, string> {
    const host = loopbackOf(this.host);
    return {
      [environmentVariables.host.name]: host,
      [environmentVariables.port.name]: String(this.port),
      [environmentVariables.restUrl.name]: `http://${host}:${this.restPort}`,
      [environmentVariables.accountId.name]: '1',
      [environmentVariables.username.name]: this.settings.username,
      [environmentVariables.password.name]: this.settings.password,
    };
  }

  /** Settles when the broker has ended: stopped, killed, or because its nats-server died. */
  async ended(): Promise<void> {
    await this.parts.server.ended;
    await this.stop();
  }

  /** Ends the broker and removes all it made, except a store of your own. May be called twice. */
  stop(): Promise<void> {
    this.stopping ??= this.end(() => this.parts.server.stop());
    return this.stopping;
  }

  /** For tests: ends nats-server with SIGKILL, in the middle of whatever it does. */
  kill(): Promise<void> {
    this.stopping ??= this.end(() => this.parts.server.kill());
    return this.stopping;
  }

  private async end(endServer: () => Promise<void>): Promise<void> {
    const { rest, connections, lock } = this.parts;
    await rest.close();
    await Promise.all(connections.map((connection) => connection.close().catch(() => undefined)));
    await endServer();
    await lock.release();
  }
}

function connectAs({ user, password }: ServerUser, address: string): Promise<NatsConnection> {
  return connect({
    servers: address,
    user,
    pass: password,
    name: 'cdktf-memphis control plane',
    timeout: CONNECT_TIMEOUT_MS,
    // The server is our child: when it is gone, it does not come back.
    reconnect: false,
  });
}

type CheckedSettings = Required<Omit<LocalBrokerOptions, 'store' | 'log'>> & {
  readonly store: string | undefined;
};

function checkedSettings(options: LocalBrokerOptions): CheckedSettings {
  const settings = {
    host: options.host ?? DEFAULT_HOST,
    port: options.port ?? 0,
    restPort: options.restPort ?? 0,
    store: options.store,
    username: options.username ?? DEFAULT_USERNAME,
    password: options.password ?? DEFAULT_PASSWORD,
    logLevel: options.logLevel ?? 'error',
  } as const;
  const problems: string[] = [];
  for (const name of ['port', 'restPort'] as const) {
    const port = settings[name];
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      problems.push(`${name} is ${port}; it must be a whole number from 0 to 65535`);
    }
  }
  if (!/^[a-z0-9_.-]+$/.test(settings.username)) {
    problems.push(`username is "${settings.username}"; it may hold lower-case letters, digits and . _ -`);
  }
  if (settings.password === '') problems.push('password is empty');
  if (!isLoopback(settings.host) && settings.password === DEFAULT_PASSWORD) {
    problems.push(
      `host ${settings.host} can be reached from other machines; set a password that is not the default`,
    );
  }
  if (settings.store === '') problems.push('store is empty; give a folder or "memory"');
  if (problems.length > 0) throw new ValidationError('start the local broker', problems);
  return settings;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Where a client on this machine finds what listens on that address. */
function loopbackOf(host: string): string {
  return host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
}

interface LeveledLog {
  readonly always: (line: string) => void;
  readonly server: (line: string) => void;
}

function leveledLog({ log, logLevel = 'error' }: LocalBrokerOptions): LeveledLog {
  const write = log ?? ((line: string) => void process.stderr.write(`${line}\n`));
  return {
    always: write,
    server: (line) => {
      if (logLevel !== 'error') write(`nats-server: ${line}`);
    },
  };
}
