import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';

import { environmentVariables } from '../../model/environment';
import { errorText } from '../../model/errors';
import { hostInUrl, reachableHost } from './addresses';
import { Cluster } from './cluster/cluster';
import type { ControlPlane, ControlPlaneUsers } from './control-plane';
import { startControlPlane } from './control-plane';
import { temporaryFolder } from './make-folder';
import type { NatsServerExecutable } from './nats-server/executable';
import { findNatsServer } from './nats-server/executable';
import { Encryption } from './proxy';
import { PortTakenError } from './nats-server/server-process';
import { UsersFile } from './nats-server/users-file';
import type { BrokerSettings, LocalBrokerOptions } from './settings';
import { brokerSettings } from './settings';

/**
 * A Memphis broker on this machine: a stock nats-server with the management protocol and the REST API of Memphis 1.4.4.
 * It ends with the process that started it, however that ends.
 */
export class LocalBroker {
  /** The address it listens on, as given. */
  readonly host: string;
  /** TCP port for clients. */
  readonly port: number;
  /** TCP port of the REST API. */
  readonly restPort: number;
  /** Base address of the REST API, without a slash at its end. */
  readonly restUrl: string;
  /** The folder everything is kept in, or `memory`. */
  readonly store: string;
  #ending: Promise<void> | undefined;

  readonly #settings: BrokerSettings;
  readonly #runFolder: string;
  readonly #cluster: Cluster;
  readonly #controlPlane: ControlPlane;

  private constructor(
    settings: BrokerSettings,
    storeFolder: string,
    runFolder: string,
    /** Version of the nats-server in use. */
    readonly version: string,
    cluster: Cluster,
    controlPlane: ControlPlane,
  ) {
    this.#settings = settings;
    this.#runFolder = runFolder;
    this.#cluster = cluster;
    this.#controlPlane = controlPlane;

    this.host = settings.host;
    this.port = cluster.port;
    this.restPort = controlPlane.rest.port;
    this.restUrl = `http://${hostInUrl(reachableHost(settings.host))}:${this.restPort}`;
    this.store = settings.store === 'memory' ? 'memory' : storeFolder;
    // The last server that dies takes the rest of the broker with it.
    void cluster.ended().then(() => this.stop());
  }

  /**
   * Starts a broker and waits until it can be used. The first start on a machine may have to fetch nats-server.
   * @throws EnvironmentError when there is no nats-server, or the store is in use or not writable.
   * @throws EnvironmentError when a port is in use.
   * @throws ValidationError when the options are not legal.
   */
  static async start(options: LocalBrokerOptions = {}): Promise<LocalBroker> {
    const settings = brokerSettings(options);
    const log = options.log ?? ((line: string): void => void process.stderr.write(`${line}\n`));
    const executable = await findNatsServer(log);
    for (let tries = 1; ; tries++) {
      try {
        return await LocalBroker.#startOnce(settings, executable, log);
      } catch (error) {
        if (settings.nodes === 1 || tries === MOST_STARTS || !mayGoBetter(error)) throw error;
        log(`the servers of the broker did not come together (${errorText(error)}); they are started again`);
      }
    }
  }

  static async #startOnce(
    settings: BrokerSettings,
    executable: NatsServerExecutable,
    log: (line: string) => void,
  ): Promise<LocalBroker> {
    const runFolder = await temporaryFolder();
    const { store } = settings;
    const isKept = store !== undefined && store !== 'memory';
    const storeFolder = isKept ? path.resolve(store) : path.join(runFolder, 'store');
    // What a later failure has to undo, newest first.
    const undo = [() => rm(runFolder, { recursive: true, force: true })];
    try {
      const users = controlPlaneUsers();
      const usersFile = new UsersFile(path.join(runFolder, USERS_FILE));
      const always = accountUsers(settings, users);
      await usersFile.write(always);
      const encryption = settings.tls === undefined ? undefined : await Encryption.load(settings.tls);
      const cluster = await Cluster.start({
        broker: settings,
        executable,
        storeFolder,
        runFolder,
        usersFile: path.join(runFolder, USERS_FILE),
        systemUser: users.system,
        metadataUser: users.metadata,
        encryption,
        serverTls: await encryption?.writeServerFiles(runFolder),
        log,
      });
      undo.unshift(() => cluster.kill());
      const controlPlane = await startControlPlane(
        settings,
        {
          addresses: cluster.serverAddresses,
          running: () => cluster.running,
          tls: encryption?.ownServers,
        },
        cluster.port,
        users,
        { file: usersFile, always },
        log,
      );
      cluster.serve(controlPlane.connectHook, controlPlane.serverGone);
      return new LocalBroker(settings, storeFolder, runFolder, executable.version, cluster, controlPlane);
    } catch (error) {
      for (const step of undo) await step();
      throw error;
    }
  }

  /** The variables that point a program of this package at this broker. */
  environment(): Record<string, string> {
    const { tls, connectionToken } = this.#settings;
    return {
      [environmentVariables.host.name]: reachableHost(this.host),
      [environmentVariables.port.name]: String(this.port),
      [environmentVariables.restUrl.name]: this.restUrl,
      [environmentVariables.accountId.name]: '1',
      [environmentVariables.username.name]: this.#settings.username,
      [environmentVariables.password.name]: this.#settings.password,
      // A certificate that signed itself is its own authority.
      ...(connectionToken === undefined
        ? {}
        : { [environmentVariables.connectionToken.name]: connectionToken }),
      ...(tls === undefined
        ? {}
        : { [environmentVariables.caFile.name]: path.resolve(tls.caFile ?? tls.certFile) }),
    };
  }

  /** Settles when the broker has ended: stopped, killed, or because its nats-server died. */
  async ended(): Promise<void> {
    await this.#cluster.ended();
    await this.stop();
  }

  /** Ends the broker and removes all it made, except a store of your own. May be called twice. */
  stop(): Promise<void> {
    this.#ending ??= this.#controlPlane
      .close()
      .then(() => this.#cluster.stop())
      .then(() => this.#cleanUp());
    return this.#ending;
  }

  /** @internal Ends nats-server, all of them, with SIGKILL, in the middle of whatever it does. */
  kill(): Promise<void> {
    this.#ending ??= this.#cluster
      .kill()
      .then(() => this.#controlPlane.close())
      .then(() => this.#cleanUp());
    return this.#ending;
  }

  /** @internal Ends one server of several with SIGKILL; counted from 0. */
  killNode(index: number): Promise<void> {
    return this.#cluster.killNode(index);
  }

  /** @internal Starts a server again that was ended with `killNode`. */
  restartNode(index: number): Promise<void> {
    return this.#cluster.restartNode(index);
  }

  async #cleanUp(): Promise<void> {
    await rm(this.#runFolder, { recursive: true, force: true });
  }
}

const USERS_FILE = 'users.conf';
const MOST_STARTS = 3;

function mayGoBetter(error: unknown): boolean {
  return error instanceof PortTakenError || isApart(error);
}

/**
 * Of several servers that start together one now and then stays unknown to the leader for good, although all have routes to
 * each other and have elected it (seen on 2.10.26, in a few of a hundred starts on a busy machine).
 */
function isApart(error: unknown): boolean {
  const isUnanswered = (error as { readonly code?: unknown } | undefined)?.code === 'TIMEOUT';
  return isUnanswered || errorText(error).includes('no suitable peers for placement');
}

function controlPlaneUsers(): ControlPlaneUsers {
  const password = (): string => randomBytes(24).toString('base64url');
  return {
    account: { user: '$memphis_control_plane', password: password() },
    system: { user: '$SYS', password: password() },
    metadata: { user: '$memphis_metadata', password: password() },
    clients: { user: '$memphis_clients', password: password() },
    limitedPrefix: `$memphis_limited_${password()}_`,
  };
}

/** A real broker knows root with and without the id of the account. With a token all clients are one user of the server. */
function accountUsers({ username, password, connectionToken }: BrokerSettings, users: ControlPlaneUsers) {
  if (connectionToken !== undefined) return [users.clients, users.account];
  return [{ user: username, password }, { user: `${username}$1`, password }, users.account];
}
