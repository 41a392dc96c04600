import type { NatsConnection } from 'nats';
import { ProtocolError, TimeoutError } from '../../model/errors';
import { fromInternalName, parsePartitionStream, partitionText } from '../../model/names';
import type { Ask } from '../connection/jetstream-requests';
import {
  askBy,
  isJetStreamRefusal,
  jetStreamCodes,
  JetStreamRequests,
  streamNamed,
} from '../connection/jetstream-requests';
import { explainRequestError, isNoResponders, isTimeout } from '../connection/request-error';
import { checked } from '../connection/shape';
import type { ConsumerConfig, ConsumerInfo, StreamConfig, StreamInfo } from '../../model/stream';
import { untilHeard } from './reload';
import { consumerInfo, deletion, streamInfo, subjectCounts } from './stream-shapes';

const REQUEST_TIMEOUT_MS = 10_000;

/** The JetStream API on the connection of an `Admin`, with errors that name its settings. */
export function adminRequests(nats: NatsConnection, timeoutMs = REQUEST_TIMEOUT_MS): JetStreamRequests {
  const ask = askBy(nats);
  // Nobody listens to a message where its stream is missing, which callers want to know at once.
  const patient: Ask = (subject, ...request) =>
    subject.startsWith('$JS.API.') ? untilHeard(() => ask(subject, ...request)) : ask(subject, ...request);
  return new JetStreamRequests(patient, timeoutMs, explain);
}

/** The reads and updates of streams. */
export class PartitionStreams {
  readonly #requests: JetStreamRequests;

  constructor(nats: NatsConnection, timeoutMs = REQUEST_TIMEOUT_MS) {
    this.#requests = adminRequests(nats, timeoutMs);
  }

  async listPartitionStreams(): Promise<StreamInfo[]> {
    const attempted = 'list the streams of the broker';
    const all = await this.#requests.list(
      'STREAM.LIST',
      'streams',
      streamNamed,
      ({ config }) => config.name,
      {
        attempted,
      },
    );
    // Streams of others may be of any kind.
    return all
      .filter(({ config }) => parsePartitionStream(config.name) !== undefined)
      .map((stream) => checked(stream, streamInfo, { attempted, from: 'the reply to $JS.API.STREAM.LIST' }));
  }

  async readStream(name: string): Promise<StreamInfo | undefined> {
    try {
      return await this.#aboutStream('INFO', name, {}, `read ${partitionText(name)}`);
    } catch (error) {
      if (isJetStreamRefusal(error, jetStreamCodes.streamNotFound)) return undefined;
      throw error;
    }
  }

  updateStream(config: StreamConfig): Promise<StreamInfo> {
    return this.#aboutStream('UPDATE', config.name, config, `update ${partitionText(config.name)}`);
  }

  createStream(config: StreamConfig): Promise<StreamInfo> {
    return this.#aboutStream('CREATE', config.name, config, `create ${partitionText(config.name)}`);
  }

  listConsumers(stream: string): Promise<ConsumerInfo[]> {
    return this.#requests.list(`CONSUMER.LIST.${stream}`, 'consumers', consumerInfo, ({ name }) => name, {
      attempted: `list the consumer groups of ${partitionText(stream)}`,
    });
  }

  /** Counts of messages by subject: one request. */
  async countBySubject(name: string): Promise<ReadonlyMap<string, number>> {
    const attempted = `count the messages of ${partitionText(name)}`;
    const body = { subjects_filter: '>' };
    const { state } = await this.#requests.request(`STREAM.INFO.${name}`, body, subjectCounts, { attempted });
    return new Map(Object.entries(state.subjects ?? {}));
  }

  async deleteStream(name: string): Promise<void> {
    const attempted = `delete ${partitionText(name)}`;
    try {
      await this.#requests.request(`STREAM.DELETE.${name}`, {}, deletion, { attempted });
    } catch (error) {
      if (!isJetStreamRefusal(error, jetStreamCodes.streamNotFound)) throw error;
    }
  }

  async createConsumer(stream: string, config: ConsumerConfig): Promise<void> {
    const { durable_name: name = '' } = config;
    const attempted = `create consumer group "${fromInternalName(name)}" on ${partitionText(stream)}`;
    const body = { stream_name: stream, config };
    const subject = `CONSUMER.DURABLE.CREATE.${stream}.${name}`;
    await this.#requests.request(subject, body, consumerInfo, { attempted });
  }

  async #aboutStream(
    operation: 'INFO' | 'UPDATE' | 'CREATE',
    name: string,
    body: object,
    attempted: string,
  ): Promise<StreamInfo> {
    const info = await this.#requests.request(`STREAM.${operation}.${name}`, body, streamInfo, { attempted });
    if (info.config.name === name) return info;
    throw new ProtocolError({
      attempted,
      found: `the reply to $JS.API.STREAM.${operation}.${name} is about stream "${info.config.name}"`,
      next: 'Check that the address is that of a Memphis broker (version 1.4), and run again',
    });
  }
}

function explain(error: unknown, attempted: string, timeoutMs: number): Error {
  if (isTimeout(error)) {
    return new TimeoutError({
      attempted,
      found: `no answer within ${timeoutMs / 1000} s`,
      next: "Check the broker's health and run again; nothing was changed by this request that a second run would not find",
      cause: error,
    });
  }
  if (isNoResponders(error)) {
    return new ProtocolError({
      attempted,
      found: 'the server has no JetStream for this user',
      next: 'Check that MEMPHIS_PORT is the client port of a Memphis broker and that the user is not limited to some stations',
      cause: error,
    });
  }
  return explainRequestError(error, attempted, `${timeoutMs / 1000} s`);
}
