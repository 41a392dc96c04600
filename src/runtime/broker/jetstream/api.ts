import type { Msg, NatsConnection } from 'nats';

import { headersFrom } from './headers';

// As long as the broker waits for its own JetStream calls.
const TIMEOUT_MS = 40_000;

/** JetStream refused a request; the message is how a Memphis broker passes it on. */
export class JetStreamError extends Error {
  constructor(
    readonly description: string,
    readonly code: number,
  ) {
    super(`${description} (${code})`);
  }
}

/** Codes of JetStream that the broker acts on. */
export const jetStreamCodes = {
  /** A single server. */
  replicasNotSupported: 10074,
  /** A cluster that is too small. */
  noSuitablePeers: 10005,
  consumerNotFound: 10014,
  streamNotFound: 10059,
  messageNotFound: 10037,
} as const;

/** Configuration of a stream or durable as it stands on the wire. */
export type WireConfig = Readonly<Record<string, unknown>>;

export interface StreamState {
  readonly messages: number;
  readonly bytes: number;
  readonly first_seq: number;
  readonly last_seq: number;
  readonly consumer_count: number;
  readonly subjects?: Readonly<Record<string, number>>;
}

export interface StreamInfo {
  readonly config: WireConfig & { readonly name: string; readonly subjects?: readonly string[] };
  readonly state: StreamState;
}

export interface ConsumerInfo {
  readonly name: string;
  readonly num_pending: number;
  readonly num_ack_pending: number;
  readonly num_redelivered: number;
  readonly num_waiting: number;
}

/** A stored message; data and headers as they are on the wire, in base64. */
export interface StoredMessage {
  readonly seq: number;
  readonly time: string;
  readonly data?: string;
  readonly hdrs?: string;
}

/**
 * The JetStream API as requests, without a client in between: what the broker sends and what comes back has to be exact.
 */
export class JetStreamApi {
  constructor(private readonly connection: NatsConnection) {}

  async createStream(config: WireConfig & { readonly name: string }): Promise<void> {
    await this.call(`STREAM.CREATE.${config.name}`, config);
  }

  async deleteStream(name: string): Promise<void> {
    await this.call(`STREAM.DELETE.${name}`);
  }

  async purgeStream(name: string, subject: string): Promise<void> {
    await this.call(`STREAM.PURGE.${name}`, { filter: subject });
  }

  async streamInfo(name: string, subject?: string): Promise<StreamInfo> {
    return this.call<StreamInfo>(
      `STREAM.INFO.${name}`,
      subject === undefined ? undefined : { subjects_filter: subject },
    );
  }

  /** All streams of the account, page by page. */
  async streams(): Promise<StreamInfo[]> {
    const found: StreamInfo[] = [];
    for (;;) {
      const page = await this.call<{ total: number; streams: StreamInfo[] | null }>('STREAM.LIST', {
        offset: found.length,
      });
      found.push(...(page.streams ?? []));
      if (found.length >= page.total || (page.streams ?? []).length === 0) return found;
    }
  }

  /** Creates a durable or changes it. */
  async putConsumer(stream: string, durable: string, config: WireConfig): Promise<void> {
    await this.call(`CONSUMER.DURABLE.CREATE.${stream}.${durable}`, { stream_name: stream, config });
  }

  async deleteConsumer(stream: string, durable: string): Promise<void> {
    await this.call(`CONSUMER.DELETE.${stream}.${durable}`);
  }

  async consumerInfo(stream: string, durable: string): Promise<ConsumerInfo> {
    return this.call<ConsumerInfo>(`CONSUMER.INFO.${stream}.${durable}`);
  }

  async message(stream: string, seq: number): Promise<StoredMessage> {
    return (await this.call<{ message: StoredMessage }>(`STREAM.MSG.GET.${stream}`, { seq })).message;
  }

  /** The first message of a subject at or after a sequence number. */
  async nextMessage(stream: string, subject: string, seq: number): Promise<StoredMessage> {
    return (
      await this.call<{ message: StoredMessage }>(`STREAM.MSG.GET.${stream}`, { seq, next_by_subj: subject })
    ).message;
  }

  /** The newest message of a subject. */
  async lastMessage(stream: string, subject: string): Promise<StoredMessage> {
    return (
      await this.call<{ message: StoredMessage }>(`STREAM.MSG.GET.${stream}`, { last_by_subj: subject })
    ).message;
  }

  /** Stores a message in whatever stream listens to the subject. */
  async publish(subject: string, data: Uint8Array, headers?: ReadonlyMap<string, string>): Promise<void> {
    const reply = await this.connection.request(subject, data, {
      timeout: TIMEOUT_MS,
      ...(headers === undefined || headers.size === 0 ? {} : { headers: headersFrom(headers) }),
    });
    const { error } = reply.json<{ error?: { description: string; err_code: number } }>();
    if (error !== undefined) throw new JetStreamError(error.description, error.err_code);
  }

  async deleteMessage(stream: string, seq: number): Promise<void> {
    await this.call(`STREAM.MSG.DELETE.${stream}`, { seq });
  }

  /** Passes the request of somebody else on. @returns the reply as the server sent it. */
  async forward(operation: string, request: Msg): Promise<Uint8Array> {
    const { data, headers } = request;
    const reply = await this.connection.request(`$JS.API.${operation}`, data, {
      timeout: TIMEOUT_MS,
      ...(headers === undefined ? {} : { headers }),
    });
    return reply.data;
  }

  protected async call<Reply>(operation: string, request?: object, timeout = TIMEOUT_MS): Promise<Reply> {
    const payload = request === undefined ? '' : JSON.stringify(request);
    const reply = await this.connection.request(`$JS.API.${operation}`, payload, { timeout });
    const body = reply.json<Reply & { error?: { description: string; err_code: number } }>();
    if (body.error !== undefined) throw new JetStreamError(body.error.description, body.error.err_code);
    return body;
  }
}

/** True when the error is JetStream's refusal with one of these codes. */
export function isJetStreamError(error: unknown, ...codes: readonly number[]): error is JetStreamError {
  return error instanceof JetStreamError && (codes.length === 0 || codes.includes(error.code));
}
