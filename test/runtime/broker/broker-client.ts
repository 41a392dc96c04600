import type { NatsConnection } from 'nats';
import { connect } from 'nats';

import type { LocalBroker } from '../../../src/runtime/broker';

/** The few things the tests of the broker itself do as its client. */
export class BrokerClient {
  private constructor(
    private readonly broker: LocalBroker,
    readonly nats: NatsConnection,
    private readonly token: string,
  ) {}

  static async connect(
    broker: LocalBroker,
    password = 'memphis',
    name = 'test::root',
    servers = `${broker.host}:${broker.port}`,
  ): Promise<BrokerClient> {
    const nats = await connect({
      servers,
      user: 'root$1',
      pass: password,
      name,
      reconnect: false,
    });
    const login = await fetch(`${broker.restUrl}/api/usermgmt/login`, {
      method: 'POST',
      body: JSON.stringify({ username: 'root', password }),
    });
    return new BrokerClient(broker, nats, ((await login.json()) as { jwt: string }).jwt);
  }

  async manage(subject: string, request: object, timeout = 5_000): Promise<string> {
    const payload = JSON.stringify({ username: 'root', ...request });
    return (await this.nats.request(`$memphis_${subject}`, payload, { timeout })).string();
  }

  async rest<Body>(method: string, path: string, body?: object, token = this.token): Promise<Body> {
    const reply = await fetch(`${this.broker.restUrl}/api${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await reply.json()) as Body;
  }

  async stationNames(): Promise<string[]> {
    const rows = await this.rest<{ name: string }[]>('GET', '/stations/getAllStations');
    return rows.map(({ name }) => name).sort();
  }

  async streams(): Promise<string[]> {
    const reply = await this.nats.request('$JS.API.STREAM.NAMES', '', { timeout: 5_000 });
    return (reply.json<{ streams: string[] | null }>().streams ?? [])
      .filter((name) => !/^(KV_|\$memphis)/.test(name))
      .sort();
  }

  async jetstream<Body>(operation: string, request: object = {}): Promise<Body> {
    return (
      await this.nats.request(`$JS.API.${operation}`, JSON.stringify(request), { timeout: 5_000 })
    ).json<Body>();
  }

  get jwt(): string {
    return this.token;
  }

  close(): Promise<void> {
    return this.nats.close();
  }
}
