import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { EnvironmentError, errorText } from '../../../model/errors';
import { hostInUrl, reachableHost } from '../addresses';
import { SERVED_SUBJECTS } from '../management/subjects';
import type { ServerTlsFiles } from '../nats-server/configuration';
import type { ServerUser } from '../nats-server/users-file';
import type { NatsServerExecutable } from '../nats-server/executable';
import type { ConnectHook, Encryption } from '../proxy';
import { ClientProxy, SERVER_MAX_PAYLOAD } from '../proxy';
import type { BrokerSettings } from '../settings';
import { diskAdvice } from '../nats-server/disk-advice';
import { freePorts } from './free-ports';
import { BrokerNode } from './node';
import { checkStoreLayout } from './store-layout';

/** What the nodes of a broker need to start. */
export interface ClusterSettings {
  readonly broker: BrokerSettings;
  readonly executable: NatsServerExecutable;
  readonly storeFolder: string;
  /** A private folder for what the running servers need. */
  readonly runFolder: string;
  readonly usersFile: string;
  readonly systemUser: ServerUser;
  readonly metadataUser: ServerUser;
  readonly encryption: Encryption | undefined;
  /** What the servers speak TLS with. */
  readonly serverTls: ServerTlsFiles | undefined;
  readonly log: (line: string) => void;
}

const CLUSTER_NAME = 'memphis';
const RESTART_PAUSE_MS = 500;
/** A server that ends more often than that has a reason that will not go away. */
const MOST_RESTARTS = 5;

/**
 * The nats-servers of a broker: one, or several that form a JetStream cluster over routes on the loopback address. Each has
 * a proxy of its own, which is where it tells clients to come.
 */
export class Cluster {
  #hook: ConnectHook | undefined;
  #serverGone: ((name: string) => void) | undefined;
  /** Nodes that shall be down: all of them once the broker ends, or those that a test has killed. */
  readonly #down = new Set<BrokerNode>();

  readonly #settings: ClusterSettings;

  private constructor(
    settings: ClusterSettings,
    readonly nodes: readonly BrokerNode[],
  ) {
    this.#settings = settings;

    if (nodes.length > 1) for (const node of nodes) void this.#keepUp(node);
  }

  /** Starts every server. Clients wait until `serve` is called. */
  static async start(settings: ClusterSettings): Promise<Cluster> {
    const { broker, storeFolder } = settings;
    await checkStoreLayout(storeFolder, broker.nodes);
    const proxies: ClientProxy[] = [];
    const nodes: BrokerNode[] = [];
    try {
      // The first node has the port that was asked for, the others any.
      for (let index = 0; index < broker.nodes; index++) {
        proxies.push(await ClientProxy.listen(broker.host, index === 0 ? broker.port : 0));
      }
      const routes = await routesOf(broker);
      const starts = await Promise.allSettled(
        proxies.map(async (proxy, index) => {
          const port = routes?.serverPorts[index] ?? 0;
          return BrokerNode.start(nodeSettings(settings, proxy, routes, index), proxy, port);
        }),
      );
      for (const start of starts) if (start.status === 'fulfilled') nodes.push(start.value);
      for (const start of starts) if (start.status === 'rejected') throw start.reason;
      return new Cluster(settings, nodes);
    } catch (error) {
      await Promise.all(nodes.map((node) => node.kill().then(() => node.release())));
      await Promise.all(proxies.map((proxy) => proxy.close()));
      throw error;
    }
  }

  /** The port that clients are told. */
  get port(): number {
    return this.#node(0).proxy.port;
  }

  /** Where the control plane finds the servers themselves. */
  get serverAddresses(): string[] {
    const host = hostInUrl(reachableHost(this.#settings.broker.host));
    return this.nodes.map((node) => `${host}:${node.serverPort}`);
  }

  /** Names of the servers that run now. */
  get running(): string[] {
    return this.nodes.flatMap((node) => (node.isRunning ? [node.name] : []));
  }

  /**
   * Lets clients in.
   * @param serverGone is told the name of each server that ends while others go on.
   */
  serve(hook: ConnectHook, serverGone: (name: string) => void): void {
    this.#hook = hook;
    this.#serverGone = serverGone;
    for (const node of this.nodes) node.serve(hook, this.#settings.encryption, this.#hasDirectPort);
  }

  /** Settles when no server is left. */
  async ended(): Promise<void> {
    do await Promise.all(this.nodes.map((node) => node.ended));
    while (this.nodes.some((node) => node.isRunning));
  }

  async stop(): Promise<void> {
    this.#shallEnd();
    await Promise.all(this.nodes.map((node) => node.stop()));
    await this.#release();
  }

  async kill(): Promise<void> {
    this.#shallEnd();
    await Promise.all(this.nodes.map((node) => node.kill()));
    await this.#release();
  }

  /** Ends one server with SIGKILL; it stays down until `restartNode`. */
  killNode(index: number): Promise<void> {
    const node = this.#node(index);
    this.#down.add(node);
    return node.kill();
  }

  /** Starts a server again that has ended. */
  async restartNode(index: number): Promise<void> {
    const node = this.#node(index);
    this.#down.delete(node);
    await this.#restart(node);
    void this.#keepUp(node);
  }

  /** Starts a server of several again when it ends by itself. */
  async #keepUp(node: BrokerNode): Promise<void> {
    const { log } = this.#settings;
    for (let restarts = 0; restarts < MOST_RESTARTS; restarts++) {
      await node.ended;
      if (this.nodes.some(({ isRunning }) => isRunning)) this.#serverGone?.(node.name);
      if (this.#down.has(node)) return;
      await delay(RESTART_PAUSE_MS, undefined, { ref: false });
      if (this.#down.has(node) || this.nodes.every(({ isRunning }) => !isRunning)) return;
      log(`${node.name} ended by itself; it is started again`);
      try {
        await this.#restart(node);
        // The broker may have been asked to end meanwhile.
        if (this.#down.has(node)) {
          await node.kill();
          await node.release();
        }
      } catch (error) {
        log(`${node.name} could not be started again: ${errorText(error)}`);
        return;
      }
    }
  }

  async #restart(node: BrokerNode): Promise<void> {
    await node.restart();
    if (this.#hook !== undefined) node.serve(this.#hook, this.#settings.encryption, this.#hasDirectPort);
  }

  /** The servers know no token; the proxies do. */
  get #hasDirectPort(): boolean {
    return this.#settings.broker.connectionToken === undefined;
  }

  #shallEnd(): void {
    for (const node of this.nodes) this.#down.add(node);
  }

  #node(index: number): BrokerNode {
    const node = this.nodes[index];
    if (node === undefined) {
      throw new EnvironmentError({
        attempted: `use node ${index} of the broker`,
        found: `it has ${this.nodes.length}, counted from 0`,
      });
    }
    return node;
  }

  async #release(): Promise<void> {
    await Promise.all(this.nodes.map((node) => Promise.all([node.proxy.close(), node.release()])));
  }
}

interface Routes {
  readonly ports: readonly number[];
  readonly serverPorts: readonly number[];
  readonly user: ServerUser;
}

async function routesOf({ nodes, host }: BrokerSettings): Promise<Routes | undefined> {
  if (nodes === 1) return undefined;
  const password = randomBytes(24).toString('hex');
  return {
    ports: await freePorts('127.0.0.1', nodes),
    serverPorts: await freePorts(host, nodes),
    user: { user: 'route', password },
  };
}

function nodeSettings(
  settings: ClusterSettings,
  proxy: ClientProxy,
  routes: Routes | undefined,
  index: number,
) {
  const { broker, executable, storeFolder, runFolder, usersFile, serverTls, log } = settings;
  const { systemUser, metadataUser } = settings;
  const { host } = broker;
  const publicHost = reachableHost(host);
  const serverName = `memphis-${index}`;
  const isAlone = broker.nodes === 1;
  let lastAdvice: string | undefined;
  return {
    executable,
    configuration: {
      serverName,
      host,
      clientAdvertise: `${hostInUrl(publicHost)}:${proxy.port}`,
      storeFolder: isAlone ? storeFolder : path.join(storeFolder, serverName),
      usersFile,
      systemUser,
      metadataUser,
      servedSubjects: SERVED_SUBJECTS,
      logLevel: broker.logLevel,
      maxPayload: SERVER_MAX_PAYLOAD,
      tls: serverTls,
      cluster:
        routes === undefined
          ? undefined
          : { name: CLUSTER_NAME, port: routes.ports[index] ?? 0, routes: routes.ports, user: routes.user },
    },
    publicHost,
    runFolder: isAlone ? runFolder : path.join(runFolder, serverName),
    leftovers: runFolder,
    log: (line: string) => {
      const advice = diskAdvice(line);
      // It is logged for every message that does not fit.
      if (advice !== undefined && advice !== lastAdvice) log((lastAdvice = advice));
      if (broker.logLevel !== 'error') log(`nats-server${isAlone ? '' : ` ${serverName}`}: ${line}`);
    },
  };
}
