import type { NatsConnection } from 'nats';
import { ErrorCode, NatsError } from 'nats';
import {
  BrokerRefusedError,
  ConnectionError,
  ProtocolError,
  TimeoutError,
  errorText,
} from '../../model/errors';
import { parsePartitionStream } from '../../model/names';
import { checkedSubject } from '../connection/subject';
import type { ConsumerInfo, StreamConfig, StreamInfo } from '../../model/stream';

const REQUEST_TIMEOUT_MS = 10_000;

/** JetStream's code for "no such stream". */
const STREAM_NOT_FOUND = 10059;

const TIMEOUT: string = ErrorCode.Timeout;
const NO_RESPONDERS: string = ErrorCode.NoResponders;

interface Reply {
  readonly error?: { readonly code: number; readonly err_code?: number; readonly description?: string };
  readonly [key: string]: unknown;
}

/** The reads and updates of streams, spoken directly: a client library would merge or drop parts of a configuration. */
export class JetStreamApi {
  constructor(
    private readonly nats: NatsConnection,
    private readonly timeoutMs = REQUEST_TIMEOUT_MS,
  ) {}

  async listPartitionStreams(): Promise<StreamInfo[]> {
    const all = await this.listPaged<StreamInfo>('STREAM.LIST', 'streams', 'list the streams of the broker');
    return all.filter((stream) => parsePartitionStream(stream.config.name) !== undefined);
  }

  async readStream(name: string): Promise<StreamInfo | undefined> {
    const reply = await this.request(`STREAM.INFO.${name}`, {}, `read stream "${name}"`);
    if (reply.error?.err_code === STREAM_NOT_FOUND) return undefined;
    return this.accept<StreamInfo>(reply, `read stream "${name}"`);
  }

  async updateStream(config: StreamConfig): Promise<StreamInfo> {
    const attempted = `update stream "${config.name}"`;
    return this.accept<StreamInfo>(
      await this.request(`STREAM.UPDATE.${config.name}`, config, attempted),
      attempted,
    );
  }

  async createStream(config: StreamConfig): Promise<StreamInfo> {
    const attempted = `create stream "${config.name}"`;
    return this.accept<StreamInfo>(
      await this.request(`STREAM.CREATE.${config.name}`, config, attempted),
      attempted,
    );
  }

  listConsumers(stream: string): Promise<ConsumerInfo[]> {
    return this.listPaged<ConsumerInfo>(
      `CONSUMER.LIST.${stream}`,
      'consumers',
      `list the consumer groups of stream "${stream}"`,
    );
  }

  private async listPaged<T>(api: string, key: string, attempted: string): Promise<T[]> {
    const found: T[] = [];
    for (;;) {
      const page = this.accept<Reply>(
        await this.request(api, { offset: found.length }, attempted),
        attempted,
      );
      const items = (page[key] ?? []) as T[];
      found.push(...items);
      if (items.length === 0 || found.length >= Number(page.total ?? 0)) return found;
    }
  }

  private async request(api: string, body: unknown, attempted: string): Promise<Reply> {
    const subject = checkedSubject(`$JS.API.${api}`, attempted);
    try {
      const message = await this.nats.request(subject, JSON.stringify(body), {
        timeout: this.timeoutMs,
      });
      return message.json<Reply>();
    } catch (error) {
      throw explain(error, attempted, this.timeoutMs);
    }
  }

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names what it asked for
  private accept<T>(reply: Reply, attempted: string): T {
    if (reply.error !== undefined) {
      const { description, err_code } = reply.error;
      throw new BrokerRefusedError({
        attempted,
        found: `${description ?? 'refused without a reason'} (${err_code ?? reply.error.code})`,
      });
    }
    return reply as unknown as T;
  }
}

function explain(error: unknown, attempted: string, timeoutMs: number): Error {
  const code: string | undefined = error instanceof NatsError ? error.code : undefined;
  if (code === TIMEOUT) {
    return new TimeoutError({
      attempted,
      found: `no answer within ${timeoutMs / 1000} s`,
      next: 'Look at the health of the broker and run again; nothing was changed by this request that a second run would not find',
      cause: error,
    });
  }
  if (code === NO_RESPONDERS) {
    return new ProtocolError({
      attempted,
      found: 'the server has no JetStream for this user',
      next: 'Check that MEMPHIS_PORT is the client port of a Memphis broker and that the user is not limited to some stations',
      cause: error,
    });
  }
  if (error instanceof SyntaxError)
    return new ProtocolError({ attempted, found: errorText(error), cause: error });
  return new ConnectionError({
    attempted,
    found: errorText(error),
    next: 'Check that the broker is running and run again',
    cause: error,
  });
}
