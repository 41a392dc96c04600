import { randomUUID } from 'node:crypto';
import type { NatsConnection } from 'nats';
import { connect } from 'nats';
import { resolveConnection } from '../../src/model/connection';
import type { Admin } from '../../src/runtime/admin';
import { connectAdmin } from '../../src/runtime/admin';
import type { LocalBrokerOptions } from '../../src/runtime/broker';
import { LocalBroker } from '../../src/runtime/broker';
import { observeStation, stored } from '../../src/runtime/reconcile';
import { AttachedProvider } from './attached-provider';
import { RestProxy } from './rest-proxy';
import { Stack } from './stack';

/** A local broker, and stacks that are deployed on it, for all tests of a file. */
export class Deployment {
  private running: { broker: LocalBroker; admin: Admin; proxy: RestProxy } | undefined;
  private readonly provider = new AttachedProvider();
  private template: Promise<Stack> | undefined;
  private readonly stacks: Stack[] = [];
  private readonly connections: NatsConnection[] = [];

  /** Registers the start before and the end after the tests of the file. */
  static forThisFile(options: LocalBrokerOptions = { store: 'memory' }): Deployment {
    const deployment = new Deployment();
    beforeAll(() => deployment.start(options));
    afterAll(() => deployment.stop());
    return deployment;
  }

  get broker(): LocalBroker {
    return this.parts.broker;
  }

  /** The broker as the provider's own engine sees it. */
  get admin(): Admin {
    return this.parts.admin;
  }

  /** In front of the REST API, for all stacks. */
  get proxy(): RestProxy {
    return this.parts.proxy;
  }

  /** The environment of a stack that reaches the broker. */
  get environment(): Record<string, string> {
    return { ...this.broker.environment(), MEMPHIS_REST_URL: this.proxy.url };
  }

  /** A new stack without a state, whose provider runs already. */
  stack(env: Readonly<Record<string, string>> = {}): Stack {
    return this.removedLater(Stack.attached(this.provider, { ...this.environment, ...env }));
  }

  /**
   * A new stack without a state, where Terraform starts the provider itself: for tests that read its log, or have
   * `terraform init` install something. Each command takes about ten times as long as that of `stack()`.
   */
  stackThatStartsItsProvider(env: Readonly<Record<string, string>> = {}): Promise<Stack> {
    return this.initialisedStack(env);
  }

  /** Like `stack()`, but `terraform.start` can be used, too: for tests that kill a provider or its Terraform. */
  stackToKill(env: Readonly<Record<string, string>> = {}): Promise<Stack> {
    return this.initialisedStack(env, this.provider);
  }

  private async initialisedStack(
    env: Readonly<Record<string, string>>,
    provider?: AttachedProvider,
  ): Promise<Stack> {
    this.template ??= Stack.create({}).then((template) => this.removedLater(template));
    return this.removedLater((await this.template).copy({ ...this.environment, ...env }, provider));
  }

  /** A stack in a directory that has one already, with its state if it has one. */
  stackIn(directory: string, env: Readonly<Record<string, string>> = {}): Stack {
    return Stack.open(directory, { ...this.environment, ...env }, this.provider);
  }

  private removedLater(stack: Stack): Stack {
    this.stacks.push(stack);
    return stack;
  }

  /** Another broker as the provider's own engine sees it. */
  async adminOf(broker: LocalBroker): Promise<{ admin: Admin; close: () => Promise<void> }> {
    const admin = await connectAdmin(resolveConnection({}, broker.environment()));
    return { admin, close: () => admin.close() };
  }

  /** A plain NATS connection of root, under a name that leaves stations alone; it is closed after the tests. */
  async nats(): Promise<NatsConnection> {
    const { host, port } = this.broker;
    const nats = await connect({
      servers: `${host}:${port}`,
      user: 'root',
      pass: this.broker.environment().MEMPHIS_PASSWORD ?? '',
      name: `${randomUUID()}::root`,
    });
    this.connections.push(nats);
    return nats;
  }

  /** How many messages a station holds; -1 when it is not there. */
  async messages(station: string): Promise<number> {
    const live = await observeStation(this.admin, station);
    return live === undefined ? -1 : stored(live).messages;
  }

  /** Everything on the broker that a refused operation must leave as it is, by name. */
  async everything(): Promise<Record<string, unknown>> {
    const { admin } = this;
    const [rows, streams, schemas] = await Promise.all([
      admin.listStations(),
      admin.listStreams(),
      admin.listSchemas(),
    ]);
    const texts = await Promise.all(schemas.map(({ name }) => admin.readSchema(name)));
    return Object.fromEntries([
      ...rows.map((row) => [`station ${row.name}`, row]),
      ...streams.map(({ config, state }) => [`stream ${config.name}`, { config, messages: state.messages }]),
      ...texts.map((schema) => [`schema ${schema?.name ?? ''}`, schema]),
    ]) as Record<string, unknown>;
  }

  private get parts() {
    if (this.running === undefined) throw new Error('the broker is not started');
    return this.running;
  }

  private async start(options: LocalBrokerOptions): Promise<void> {
    const broker = await LocalBroker.start(options);
    const proxy = await RestProxy.start(broker.restUrl);
    const admin = await connectAdmin(resolveConnection({}, broker.environment()));
    this.running = { broker, admin, proxy };
  }

  private async stop(): Promise<void> {
    for (const stack of this.stacks) stack.remove();
    for (const connection of this.connections) await connection.close();
    await this.provider.stop();
    await this.running?.admin.close();
    await this.running?.proxy.stop();
    await this.running?.broker.stop();
  }
}
