import type { ServerConfiguration } from '../nats-server/configuration';
import type { NatsServerExecutable } from '../nats-server/executable';
import type { ServerProcess } from '../nats-server/server-process';
import { startServerProcess } from '../nats-server/server-process';
import type { ClientProxy, ConnectHook, Encryption } from '../proxy';
import type { StoreLock } from '../store/store-lock';
import { lockStore } from '../store/store-lock';

/** What stays the same when a node starts again. */
export interface NodeSettings {
  readonly executable: NatsServerExecutable;
  readonly configuration: Omit<ServerConfiguration, 'port'>;
  /** Where clients on this machine find the node. */
  readonly publicHost: string;
  /** A private folder of its own for the running server. */
  readonly runFolder: string;
  /** The folder that has to go when this process is killed. */
  readonly leftovers: string;
  readonly log: (line: string) => void;
}

/** One nats-server with the proxy before it and its part of the store. */
export class BrokerNode {
  #isGone = false;

  readonly #settings: NodeSettings;
  #server: ServerProcess;
  #lock: StoreLock;

  private constructor(
    settings: NodeSettings,
    readonly proxy: ClientProxy,
    server: ServerProcess,
    lock: StoreLock,
  ) {
    this.#settings = settings;
    this.#server = server;
    this.#lock = lock;

    this.#watch();
  }

  /** @param port of the server, which it keeps when it starts again; 0 takes a free one. */
  static async start(settings: NodeSettings, proxy: ClientProxy, port: number): Promise<BrokerNode> {
    const [server, lock] = await launch(settings, port);
    return new BrokerNode(settings, proxy, server, lock);
  }

  get name(): string {
    return this.#settings.configuration.serverName;
  }

  /** The port of the server itself. */
  get serverPort(): number {
    return this.#server.port;
  }

  /** Settles when the server that runs now has ended. */
  get ended(): Promise<unknown> {
    return this.#server.ended;
  }

  get isRunning(): boolean {
    return !this.#isGone;
  }

  /** Begins to bring clients to the server. */
  serve(hook: ConnectHook, encryption: Encryption | undefined, hasDirectPort: boolean): void {
    const { publicHost, configuration } = this.#settings;
    const isEverywhere = publicHost !== configuration.host;
    this.proxy.serve({
      server: { host: publicHost, port: this.#server.port },
      info: {
        host: isEverywhere ? undefined : publicHost,
        port: this.proxy.port,
        directPort: hasDirectPort ? this.#server.port : undefined,
      },
      hook,
      encryption,
    });
  }

  /** Starts the server again after it has ended, on the port that it had. */
  async restart(): Promise<void> {
    const { port } = this.#server;
    await this.release();
    [this.#server, this.#lock] = await launch(this.#settings, port);
    this.#isGone = false;
    this.#watch();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  kill(): Promise<void> {
    return this.#server.kill();
  }

  /** Gives the store back, after the server has ended. */
  release(): Promise<void> {
    return this.#lock.release();
  }

  #watch(): void {
    void this.#server.ended.then(() => (this.#isGone = true));
  }
}

async function launch(settings: NodeSettings, port: number): Promise<[ServerProcess, StoreLock]> {
  const { executable, configuration, runFolder, leftovers, log } = settings;
  const lock = await lockStore(configuration.storeFolder);
  try {
    const server = await startServerProcess(
      executable,
      { ...configuration, port },
      runFolder,
      leftovers,
      log,
    );
    await lock.serverStarted(server.pid);
    return [server, lock];
  } catch (error) {
    await lock.release();
    throw error;
  }
}
