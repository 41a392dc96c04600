import type { Msg, NatsConnection } from 'nats';

import { askBy, JetStreamRequests } from '../../connection/jetstream-requests';
import type { Shape, Shaped } from '../../connection/shape';
import { anything, count, listOf, object, optional, recordOf, text } from '../../connection/shape';
import { headersFrom } from './headers';

// As long as the broker waits for its own JetStream calls.
const TIMEOUT_MS = 40_000;

/** Configuration of a stream or durable as it stands on the wire. */
export type WireConfig = Readonly<Record<string, unknown>>;

const streamInfo = object({
  config: object({ name: text, subjects: optional(listOf(text)) }),
  state: object({
    messages: count,
    bytes: count,
    first_seq: count,
    last_seq: count,
    consumer_count: count,
    subjects: optional(recordOf(count)),
  }),
});
export type StreamInfo = Shaped<typeof streamInfo>;

const consumerInfo = object({
  name: text,
  num_pending: count,
  num_ack_pending: count,
  num_redelivered: count,
  num_waiting: count,
});
export type ConsumerInfo = Shaped<typeof consumerInfo>;

/** A stored message; data and headers as they are on the wire, in base64. */
const storedMessage = object({ seq: count, time: text, data: optional(text), hdrs: optional(text) });
export type StoredMessage = Shaped<typeof storedMessage>;
const messageReply = object({ message: storedMessage });

/** What the broker asks of the server behind it. */
export class JetStreamApi {
  readonly #requests: JetStreamRequests;

  constructor(connection: NatsConnection) {
    this.#requests = new JetStreamRequests(askBy(connection), TIMEOUT_MS);
  }

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
    const body = subject === undefined ? undefined : { subjects_filter: subject };
    return this.call(`STREAM.INFO.${name}`, body, streamInfo);
  }

  /** All streams of the account, page by page. */
  async streams(): Promise<StreamInfo[]> {
    return this.#requests.list('STREAM.LIST', 'streams', streamInfo, ({ config }) => config.name, {
      attempted: 'list the streams of the server',
      // Streams of nodes that are down count as empty until these are back, as on a real broker.
      partial: true,
    });
  }

  /** Creates a durable or changes it. */
  async putConsumer(stream: string, durable: string, config: WireConfig): Promise<void> {
    await this.call(`CONSUMER.DURABLE.CREATE.${stream}.${durable}`, { stream_name: stream, config });
  }

  async deleteConsumer(stream: string, durable: string): Promise<void> {
    await this.call(`CONSUMER.DELETE.${stream}.${durable}`);
  }

  async consumerInfo(stream: string, durable: string): Promise<ConsumerInfo> {
    return this.call(`CONSUMER.INFO.${stream}.${durable}`, undefined, consumerInfo);
  }

  async message(stream: string, seq: number): Promise<StoredMessage> {
    return this.#getMessage(stream, { seq });
  }

  /** The first message of a subject at or after a sequence number. */
  async nextMessage(stream: string, subject: string, seq: number): Promise<StoredMessage> {
    return this.#getMessage(stream, { seq, next_by_subj: subject });
  }

  /** The newest message of a subject. */
  async lastMessage(stream: string, subject: string): Promise<StoredMessage> {
    return this.#getMessage(stream, { last_by_subj: subject });
  }

  /** Stores a message in whatever stream listens to the subject. */
  async publish(subject: string, data: Uint8Array, headers?: ReadonlyMap<string, string>): Promise<void> {
    await this.#requests.store(
      subject,
      data,
      headers === undefined || headers.size === 0 ? undefined : headersFrom(headers),
      { attempted: `store a message on "${subject}"` },
    );
  }

  async deleteMessage(stream: string, seq: number): Promise<void> {
    await this.call(`STREAM.MSG.DELETE.${stream}`, { seq });
  }

  /** Passes the request of somebody else on. @returns the reply as the server sent it. */
  async forward(operation: string, request: Pick<Msg, 'data' | 'headers'>): Promise<Uint8Array> {
    return this.#requests.forward(operation, request, { attempted: `pass on a request to ${operation}` });
  }

  protected async call<Reply>(
    operation: string,
    request?: object,
    reply: Shape<Reply> = anything as Shape<Reply>,
    timeoutMs?: number,
  ): Promise<Reply> {
    const attempted = `ask JetStream for ${operation}`;
    return this.#requests.request(operation, request, reply, { attempted, timeoutMs });
  }

  async #getMessage(stream: string, which: object): Promise<StoredMessage> {
    return (await this.call(`STREAM.MSG.GET.${stream}`, which, messageReply)).message;
  }
}
