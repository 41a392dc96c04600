import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ConnectionOptions, NatsConnection } from 'nats';
import { connect } from 'nats';
import { resolveConnection } from '../../src/model/connection';
import { partitionStream } from '../../src/model/names';
import { LocalBroker } from '../../src/runtime/broker';
import type { ConnectOptions } from '../../src/runtime/messaging';
import { Memphis } from '../../src/runtime/messaging';

/** True when the tests run against the broker of the MEMPHIS_* environment instead of a local one. */
export const brokerIsExternal = process.env.MEMPHIS_TEST_BROKER === 'external';

/**
 * One broker for all tests of a file, with what they need to look behind the client's back. With
 * MEMPHIS_TEST_BROKER=external it is the broker that the MEMPHIS_* environment names; otherwise a local one.
 */
export class TestBroker {
  #local: LocalBroker | undefined;
  #observer: NatsConnection | undefined;
  readonly #clients: Memphis[] = [];
  readonly #stations: string[] = [];
  readonly #users: string[] = [];
  #token: string | undefined;

  /** Registers the start before and the end after the tests of the file. */
  static forThisFile(): TestBroker {
    const broker = new TestBroker();
    beforeAll(() => broker.#start());
    afterAll(() => broker.#stop());
    return broker;
  }

  /** How a client reaches it. */
  get options(): ConnectOptions & { readonly port: number } {
    const { host, port, username, accountId, password, connectionToken, tls } = this.#connection();
    return {
      host,
      port,
      username,
      accountId,
      ...(password === undefined ? {} : { password }),
      ...(connectionToken === undefined ? {} : { connectionToken }),
      ...tls,
    };
  }

  /** The same for a plain NATS client; its name decides whether the broker takes it for a client of Memphis. */
  get plainLogin(): ConnectionOptions {
    const { host, port, username, accountId, password, connectionToken, tls } = this.#connection();
    return {
      servers: `${host}:${port}`,
      ...(connectionToken === undefined
        ? { user: `${username}$${accountId}`, pass: password ?? '' }
        : { token: connectionToken }),
      ...(tls === undefined ? {} : { tls }),
    };
  }

  /** The MEMPHIS_* variables for a child process. */
  get environment(): Record<string, string> {
    if (this.#local !== undefined) return this.#local.environment();
    return Object.fromEntries(
      Object.entries(process.env).flatMap(([name, value]) =>
        name.startsWith('MEMPHIS_') && value !== undefined ? [[name, value]] : [],
      ),
    );
  }

  /** A connected client that is closed after the tests. */
  async client(options: Partial<ConnectOptions> = {}): Promise<Memphis> {
    const memphis = new Memphis();
    this.#clients.push(memphis);
    await memphis.connect({ ...this.options, ...options });
    return memphis;
  }

  /** A name that no other test uses; a station or a schema of that name is removed after the tests. */
  stationName(prefix = 'test'): string {
    const name = `${prefix}-${randomBytes(4).toString('hex')}`;
    this.#stations.push(name);
    return name;
  }

  /** Has a station or a schema of this name removed after the tests. */
  remove(name: string): void {
    this.#stations.push(name);
  }

  /** A second connection, to see what a client sends and what the broker holds. */
  get observer(): NatsConnection {
    if (this.#observer === undefined) throw new Error('the broker is not started');
    return this.#observer;
  }

  /** Everything that is published to a subject from now on. */
  async tap(subject: string): Promise<{
    readonly texts: string[];
    end(): void;
    /** Ends it, with all that the server has had until now. */
    all(): Promise<readonly string[]>;
  }> {
    const texts: string[] = [];
    const subscription = this.observer.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) texts.push(message.string());
      },
    });
    await this.observer.flush();
    const all = async (): Promise<readonly string[]> => {
      await this.observer.flush();
      subscription.unsubscribe();
      return texts;
    };
    return { texts, end: () => subscription.unsubscribe(), all };
  }

  /**
   * Whether anybody subscribes to a subject at this moment. Whoever does gets `payload`, so it must be one that does no
   * harm there.
   */
  async hasListener(subject: string, payload = ''): Promise<boolean> {
    try {
      await this.observer.request(subject, payload, { timeout: 250 });
      return true;
    } catch (error) {
      // Nobody there is told at once; somebody who gives no answer runs into the time.
      return (error as { code?: unknown }).code !== '503';
    }
  }

  /** A new user, as a client of this broker logs in with it; removed after the tests. */
  async addUser(type: 'application' | 'management'): Promise<Pick<ConnectOptions, 'username' | 'password'>> {
    const [username, password] = [`user-${randomBytes(4).toString('hex')}`, 'Abc123!@#x'];
    const { status } = await this.rest('POST', '/usermgmt/addUser', { username, user_type: type, password });
    if (status !== 200) throw new Error(`the broker made no user: ${status}`);
    this.#users.push(username);
    if (type === 'application' && this.options.connectionToken === undefined)
      await this.#isAdmitted(username, password);
    return this.options.connectionToken === undefined ? { username, password } : { username };
  }

  /** A broker may let clients log in as a new user only half a second after it was added. */
  async #isAdmitted(username: string, password: string): Promise<void> {
    const user = `${username}$${this.options.accountId ?? 1}`;
    const login = { ...this.plainLogin, user, pass: password, name: `${randomUUID()}::${username}` };
    for (let tries = 1; ; tries += 1) {
      try {
        await (await connect({ ...login, reconnect: false })).close();
        return;
      } catch (error) {
        if (tries === 20) throw error;
        await pause(100);
      }
    }
  }

  /** The reply of one request of the JetStream API. */
  async jetStream(api: string, body?: object): Promise<unknown> {
    const payload = body === undefined ? '' : JSON.stringify(body);
    const reply = await this.observer.request(`$JS.API.${api}`, payload, { timeout: 5_000 });
    return reply.json<unknown>();
  }

  /** Configuration and state of a partition stream; `undefined` when there is none. */
  async stream(station: string, partition = 1): Promise<StreamView | undefined> {
    const info = (await this.jetStream(
      `STREAM.INFO.${partitionStream(station, partition)}`,
    )) as StreamView & { error?: object };
    return info.error === undefined ? info : undefined;
  }

  /** How many messages a partition holds; `undefined` when there is none. */
  async messagesIn(station: string, partition = 1): Promise<number | undefined> {
    return (await this.stream(station, partition))?.state.messages;
  }

  /** The consumer groups of the first partition of a station. */
  async groupsOf(station: string): Promise<string[]> {
    const reply = await this.jetStream(`CONSUMER.NAMES.${partitionStream(station, 1)}`);
    return (reply as { consumers: string[] }).consumers;
  }

  async durable(station: string, partition: number, group: string): Promise<DurableView | undefined> {
    const info = (await this.jetStream(
      `CONSUMER.INFO.${partitionStream(station, partition)}.${group}`,
    )) as DurableView & { error?: object };
    return info.error === undefined ? info : undefined;
  }

  /** A stored message with its header block as text. */
  async storedMessage(station: string, partition: number, sequence: number) {
    const { message } = (await this.jetStream(`STREAM.MSG.GET.${partitionStream(station, partition)}`, {
      seq: sequence,
    })) as { message: { data?: string; hdrs?: string } };
    return {
      data: Buffer.from(message.data ?? '', 'base64'),
      headers: Buffer.from(message.hdrs ?? '', 'base64').toString('utf8'),
    };
  }

  /** One call of the REST API, logged in. */
  async rest(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
    this.#token ??= await this.#login();
    const response = await fetch(`${this.#connection().restUrl}/api${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(10_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  }

  async #login(): Promise<string> {
    const { restUrl, restUsername, restPassword } = this.#connection();
    const response = await fetch(`${restUrl}/api/usermgmt/login`, {
      method: 'POST',
      body: JSON.stringify({ username: restUsername, password: restPassword }),
      signal: AbortSignal.timeout(10_000),
    });
    return ((await response.json()) as { jwt: string }).jwt;
  }

  #connection() {
    return resolveConnection({}, this.environment);
  }

  async #start(): Promise<void> {
    if (!brokerIsExternal) this.#local = await LocalBroker.start();
    this.#observer = await connect({
      ...this.plainLogin,
      name: `${randomUUID()}::${this.#connection().username}`,
    });
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    if (brokerIsExternal) {
      for (const station of this.#stations) {
        await this.observer
          .request('$memphis_station_destructions', JSON.stringify({ station_name: station }), {
            timeout: 10_000,
          })
          .catch(() => undefined);
      }
      const { body } = await this.rest('GET', '/schemas/getAllSchemas');
      const schemas = ((body ?? []) as { name: string }[]).map(({ name }) => name);
      const made = schemas.filter((name) => this.#stations.includes(name));
      if (made.length > 0) await this.rest('DELETE', '/schemas/removeSchema', { schema_names: made });
      for (const username of this.#users) await this.rest('DELETE', '/usermgmt/removeUser', { username });
    }
    await this.#observer?.close();
    await this.#local?.stop();
  }
}

export interface StreamView {
  readonly config: Readonly<Record<string, unknown>>;
  readonly state: { readonly messages: number; readonly bytes: number; readonly last_seq: number };
}

export interface DurableView {
  readonly config: Readonly<Record<string, unknown>>;
  readonly num_ack_pending: number;
  readonly ack_floor: { readonly stream_seq: number };
}

/** Waits until `condition` holds, up to 5 seconds. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  what: string,
  everyMs = 20,
): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`still not so after 5 s: ${what}`);
    await pause(everyMs);
  }
}
