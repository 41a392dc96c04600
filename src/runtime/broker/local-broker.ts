import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { environmentVariables } from '../../model/environment';
import type { ControlPlane, ControlPlaneUsers } from './control-plane';
import { startControlPlane } from './control-plane';
import { findNatsServer } from './nats-server/executable';
import type { ServerProcess } from './nats-server/server-process';
import { startServerProcess } from './nats-server/server-process';
import { ClientProxy } from './proxy';
import type { BrokerSettings, LocalBrokerOptions } from './settings';
import { brokerSettings, hostInUrl, reachableHost } from './settings';
import type { StoreLock } from './store/store-lock';
import { lockStore } from './store/store-lock';

/**
 * A Memphis broker on this machine: a stock nats-server with the management protocol and the REST API of Memphis 1.4.4.
 * It ends with the process that started it, however that ends.
 */
export class LocalBroker {
  readonly host: string;
  /** TCP port for clients. */
  readonly port: number;
  /** TCP port of the REST API. */
  readonly restPort: number;
  /** Base address of the REST API, without a slash at its end. */
  readonly restUrl: string;
  /** The folder everything is kept in, or `memory`. */
  readonly store: string;
  private ending: Promise<void> | undefined;

  private constructor(
    private readonly settings: BrokerSettings,
    storeFolder: string,
    /** Version of the nats-server in use. */
    readonly version: string,
    private readonly proxy: ClientProxy,
    private readonly server: ServerProcess,
    private readonly controlPlane: ControlPlane,
    private readonly lock: StoreLock,
  ) {
    this.host = settings.host;
    this.port = proxy.port;
    this.restPort = controlPlane.rest.port;
    this.restUrl = `http://${hostInUrl(reachableHost(settings.host))}:${this.restPort}`;
    this.store = settings.store === 'memory' ? 'memory' : storeFolder;
    // A server that dies takes the rest of the broker with it.
    void server.ended.then(() => this.stop());
  }

  /**
   * Starts a broker and waits until it can be used. The first start on a machine may have to fetch nats-server.
   * @throws EnvironmentError when there is no nats-server, or the store is in use or not writable.
   * @throws ConnectionError when a port is in use.
   * @throws ValidationError when the options are not legal.
   */
  static async start(options: LocalBrokerOptions = {}): Promise<LocalBroker> {
    const settings = brokerSettings(options);
    const log = options.log ?? ((line: string): void => void process.stderr.write(`${line}\n`));
    const executable = await findNatsServer(log);
    const runFolder = await mkdtemp(path.join(tmpdir(), 'cdktf-memphis-broker-'));
    const { store, logLevel } = settings;
    const isKept = store !== undefined && store !== 'memory';
    const storeFolder = isKept ? path.resolve(store) : path.join(runFolder, 'store');
    // What a later failure has to undo, newest first.
    const undo = [() => rm(runFolder, { recursive: true, force: true })];
    try {
      const lock = await lockStore(storeFolder);
      undo.unshift(() => lock.release());
      const proxy = await ClientProxy.listen(settings.host, settings.port);
      undo.unshift(() => proxy.close());
      const users = controlPlaneUsers();
      const publicHost = reachableHost(settings.host);
      const configuration = {
        ...settings,
        port: 0,
        clientAdvertise: `${hostInUrl(publicHost)}:${proxy.port}`,
        storeFolder,
        users: accountUsers(settings, users),
        systemUser: users.system,
      };
      const server = await startServerProcess(executable, configuration, runFolder, (line) => {
        if (logLevel !== 'error') log(`nats-server: ${line}`);
      });
      undo.unshift(() => server.kill());
      await lock.serverStarted(server.pid);
      const controlPlane = await startControlPlane(settings, server.port, proxy.port, users, log);
      proxy.serve({
        server: { host: publicHost, port: server.port },
        info: { host: publicHost, port: proxy.port, directPort: server.port, tls: undefined },
        hook: controlPlane.connectHook,
        secure: undefined,
      });
      return new LocalBroker(settings, storeFolder, executable.version, proxy, server, controlPlane, lock);
    } catch (error) {
      for (const step of undo) await step();
      throw error;
    }
  }

  /** The variables that point a program of this package at this broker. */
  environment(): Record<string, string> {
    return {
      [environmentVariables.host.name]: reachableHost(this.host),
      [environmentVariables.port.name]: String(this.port),
      [environmentVariables.restUrl.name]: this.restUrl,
      [environmentVariables.accountId.name]: '1',
      [environmentVariables.username.name]: this.settings.username,
      [environmentVariables.password.name]: this.settings.password,
    };
  }

  /** Settles when the broker has ended: stopped, killed, or because its nats-server died. */
  async ended(): Promise<void> {
    await this.server.ended;
    await this.stop();
  }

  /** Ends the broker and removes all it made, except a store of your own. May be called twice. */
  stop(): Promise<void> {
    this.ending ??= this.controlPlane.close().then(() => this.release(this.server.stop()));
    return this.ending;
  }

  /** For tests: ends nats-server with SIGKILL, in the middle of whatever it does. */
  kill(): Promise<void> {
    this.ending ??= this.release(this.server.kill()).then(() => this.controlPlane.close());
    return this.ending;
  }

  private async release(serverGone: Promise<void>): Promise<void> {
    await serverGone;
    await this.proxy.close();
    await this.lock.release();
  }
}

function controlPlaneUsers(): ControlPlaneUsers {
  const password = (): string => randomBytes(24).toString('base64url');
  return {
    account: { user: '$memphis_control_plane', password: password() },
    system: { user: '$SYS', password: password() },
  };
}

/** A real broker knows root with and without the id of the account. */
function accountUsers({ username, password }: BrokerSettings, users: ControlPlaneUsers) {
  return [{ user: username, password }, { user: `${username}$1`, password }, users.account];
}
