import { randomUUID } from 'node:crypto';
import { connect, headers as natsHeaders, type NatsConnection } from 'nats';

import { LocalBroker, type LocalBrokerOptions } from '../../../src/runtime/broker';
import { eventually } from '../../support/broker';

/** A JSON value of a recording. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
/* eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- a type that refers to itself */
export type JsonObject = { readonly [key: string]: Json };

/** The text of a value that is one; empty otherwise. */
export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** A fork-only key of the real broker; on a stock server it lives in the metadata of the stream. */
export function asOnStockServer(config: JsonObject | undefined): JsonObject {
  const { tiered_storage_enabled: tiered, ...rest } = config ?? {};
  return tiered === true ? { ...rest, metadata: { 'memphis.tiered': 'true' } } : rest;
}

export interface RestReply {
  readonly status: number;
  readonly contentType: string | null;
  readonly headers: Headers;
  readonly text: string;
}

/** A fresh broker that recordings are replayed on, with the hands that the recording side had. */
export class GoldenBroker {
  private constructor(
    readonly broker: LocalBroker,
    readonly nats: NatsConnection,
    /** Stands in requests where the recordings say <connection-id>. */
    readonly connectionId: string,
    readonly token: string,
  ) {}

  static async start(options: LocalBrokerOptions = {}): Promise<GoldenBroker> {
    const broker = await LocalBroker.start({ log: () => undefined, ...options });
    const connectionId = randomUUID();
    const nats = await connectTo(broker, `${connectionId}::root`);
    const login = await fetch(`${broker.restUrl}/api/usermgmt/login`, {
      method: 'POST',
      body: '{"username":"root","password":"memphis"}',
    });
    const { jwt } = (await login.json()) as { jwt: string };
    return new GoldenBroker(broker, nats, connectionId, jwt);
  }

  async stop(): Promise<void> {
    await this.nats.close();
    await this.broker.stop();
  }

  connect(name?: string): Promise<NatsConnection> {
    return connectTo(this.broker, name);
  }

  /** Sends a management request; all replies on its inbox. */
  async manage(
    subject: string,
    payload: string,
    expectedReplies = 1,
    headers: Readonly<Record<string, string>> = {},
    connection = this.nats,
  ): Promise<string[]> {
    const inbox = `_INBOX.${randomUUID().replaceAll('-', '')}`;
    const replies: string[] = [];
    const subscription = connection.subscribe(inbox, { callback: (_error, message) => replies.push(message.string()) });
    const block = natsHeaders();
    for (const [name, value] of Object.entries(headers)) block.set(name, value);
    connection.publish(subject, payload, { reply: inbox, ...(Object.keys(headers).length > 0 ? { headers: block } : {}) });
    await eventually(() => replies.length >= expectedReplies, `a reply to ${subject} ${payload}`, 2);
    // Further replies would stand in the same queue before this one.
    await this.barrier(connection);
    subscription.unsubscribe();
    return replies;
  }

  /** Everything the control plane has sent so far has arrived after this. */
  async barrier(connection = this.nats): Promise<void> {
    await connection.request('$memphis_schema_creations', '', { timeout: 5_000 });
  }

  async rest(
    method: string,
    path: string,
    body?: Json,
    options: { readonly query?: JsonObject; readonly raw?: string; readonly headers?: Record<string, string> } = {},
  ): Promise<RestReply> {
    const query = new URLSearchParams(
      Object.entries(options.query ?? {}).map(([name, value]): [string, string] => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
    ).toString();
    const text = options.raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const reply = await fetch(`${this.broker.restUrl}/api${path}${query === '' ? '' : `?${query}`}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...options.headers },
      ...(text === undefined || method === 'GET' ? {} : { body: text }),
    });
    return {
      status: reply.status,
      contentType: reply.headers.get('content-type'),
      headers: reply.headers,
      text: await reply.text(),
    };
  }

  async restJson(method: string, path: string, body?: Json, query?: JsonObject): Promise<Json> {
    const reply = await this.rest(method, path, body, query === undefined ? {} : { query });
    return JSON.parse(reply.text) as Json;
  }

  /** The rows of getAllStations by name. */
  async stations(): Promise<Map<string, JsonObject>> {
    const rows = (await this.restJson('GET', '/stations/getAllStations')) as readonly JsonObject[];
    return new Map(rows.map((row) => [textOf(row.name), row]));
  }

  /** Names of streams, sorted; only those that hold messages of stations or look like it. */
  async streams(): Promise<string[]> {
    return (await this.allStreams()).filter((name) => !/^(KV_|\$memphis)/.test(name)).sort();
  }

  async allStreams(): Promise<string[]> {
    return ((await this.jetstream('STREAM.NAMES')) as { streams: string[] | null }).streams ?? [];
  }

  async jetstream(operation: string, request?: JsonObject): Promise<JsonObject> {
    const reply = await this.nats.request(`$JS.API.${operation}`, request === undefined ? '' : JSON.stringify(request), {
      timeout: 5_000,
    });
    return reply.json();
  }

  async publish(stream: string, count: number, data = 'hello'): Promise<void> {
    for (let i = 0; i < count; i++) await this.nats.jetstream().publish(`${stream}.final`, data);
  }

  async createStation(request: JsonObject): Promise<void> {
    const [reply] = await this.manage('$memphis_station_creations', JSON.stringify({ username: 'root', ...request }));
    expect(reply).toBe('');
  }

  async destroyStation(name: string): Promise<void> {
    await this.manage('$memphis_station_destructions', JSON.stringify({ station_name: name, username: 'root' }));
  }

  async deleteStream(name: string): Promise<void> {
    expect(await this.jetstream(`STREAM.DELETE.${name}`)).toMatchObject({ success: true });
  }
}

function connectTo(broker: LocalBroker, name: string | undefined): Promise<NatsConnection> {
  const { MEMPHIS_CONNECTION_TOKEN: token } = broker.environment();
  return connect({
    servers: `${broker.host}:${broker.port}`,
    ...(token === undefined ? { user: 'root$1', pass: 'memphis' } : { token }),
    ...(name === undefined ? {} : { name }),
    reconnect: false,
  });
}
