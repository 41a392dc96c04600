import type { Msg, NatsConnection } from 'nats';
import { createInbox } from 'nats';
import { BrokerRefusedError, ProtocolError, TimeoutError } from '../../model/errors';
import { partitionText } from '../../model/names';
import type { StreamConfig, StreamInfo, StreamState } from '../../model/stream';
import type { JetStreamRequests } from '../connection/jetstream-requests';
import { apiRefusal, refusalText } from '../connection/jetstream-requests';
import {
  anything,
  checked,
  count,
  nonEmptyText,
  nullable,
  object,
  optional,
  parsed,
} from '../connection/shape';
import { streamInfo } from './stream-shapes';

/** Bytes of a chunk: below every sensible limit of a broker for messages. */
const CHUNK_BYTES = 128 * 1024;

/** Chunks under way between this run and the broker. */
const IN_FLIGHT = 16;

/** How long the broker may take for a chunk. */
const CHUNK_TIMEOUT_MS = 30_000;

/** How long it may take to put a restored stream into place. */
const FINISH_TIMEOUT_MS = 300_000;

/** What a snapshot holds, as the broker says before it sends the first chunk. */
export interface StreamSnapshot {
  readonly state: Pick<StreamState, 'messages' | 'last_seq'>;
  readonly chunks: number;
}

/**
 * Snapshots of whole streams with their consumers, kept as chunks in another stream of the same broker: this process and
 * its machine may be gone when a snapshot is needed.
 */
export class StreamSnapshots {
  readonly #nats: NatsConnection;
  readonly #requests: JetStreamRequests;

  constructor(nats: NatsConnection, requests: JetStreamRequests) {
    this.#nats = nats;
    this.#requests = requests;
  }

  /**
   * Takes a snapshot of a stream.
   * @param into the stream that gets the chunks; it is empty, and its subject is its name
   * @throws JetStreamRefusal for a stream in memory, of which no server takes snapshots
   */
  async take(name: string, into: string): Promise<StreamSnapshot> {
    const attempted = `take a snapshot of ${partitionText(name)}`;
    const deliver = createInbox();
    const queue = new Chunks(attempted);
    const subscription = this.#nats.subscribe(deliver, {
      callback: (error, chunk) => queue.push(error, chunk),
    });
    try {
      const body = { deliver_subject: deliver, no_consumers: false, chunk_size: CHUNK_BYTES };
      const { state } = await this.#requests.request(`STREAM.SNAPSHOT.${name}`, body, snapshotReply, {
        attempted,
      });
      const pending = new Set<Promise<void>>();
      let chunks = 0;
      for (;;) {
        const chunk = await queue.next();
        if (chunk.data.length === 0) break;
        chunks += 1;
        const order = chunks;
        // One after the other in the order of the snapshot, several under way.
        const stored = this.#requests
          .store(into, chunk.data, undefined, { attempted, timeoutMs: CHUNK_TIMEOUT_MS })
          .then((sequence) => {
            if (sequence !== order) throw outOfOrder(attempted, into);
            chunk.respond();
          });
        pending.add(stored);
        void stored.then(() => pending.delete(stored)).catch(() => undefined);
        if (pending.size >= IN_FLIGHT) await Promise.race(pending);
      }
      await Promise.all(pending);
      return { state, chunks };
    } finally {
      subscription.unsubscribe();
    }
  }

  /**
   * Restores a stream with its consumers. It appears as a whole or not at all.
   * @param from the stream that has the chunks
   * @param config what the restored stream is to be like; its name is that of the stream the snapshot was taken of
   */
  async restore(from: string, chunks: number, config: StreamConfig): Promise<StreamInfo> {
    const attempted = `restore ${partitionText(config.name)}`;
    const { deliver_subject: deliver } = await this.#requests.request(
      `STREAM.RESTORE.${config.name}`,
      { config },
      restoreReply,
      { attempted },
    );
    const send = async (data: Uint8Array, timeout = CHUNK_TIMEOUT_MS): Promise<Msg> => {
      try {
        return await this.#nats.request(deliver, data, { timeout });
      } catch (cause) {
        throw new TimeoutError({
          attempted,
          found: `the broker did not take a chunk within ${timeout / 1000} s`,
          next: 'Check the health of the broker and deploy again',
          cause,
        });
      }
    };
    // Read ahead, sent in order.
    const reads: Promise<Uint8Array>[] = [];
    const sent: Promise<void>[] = [];
    for (let sequence = 1; sequence <= chunks || reads.length > 0; sequence += 1) {
      if (sequence <= chunks) reads.push(handled(this.#chunk(from, sequence, attempted)));
      if (sequence < IN_FLIGHT && sequence < chunks) continue;
      const next = reads.shift();
      if (next === undefined) break;
      sent.push(handled(send(await next).then((reply) => refused(reply, attempted))));
      if (sent.length >= IN_FLIGHT) await sent.shift();
    }
    await Promise.all(sent);
    const last = await send(new Uint8Array(), FINISH_TIMEOUT_MS);
    refused(last, attempted);
    const origin = { attempted, from: `the last reply to $JS.API.STREAM.RESTORE.${config.name}` };
    return checked(parsed(last.string(), anything, origin), streamInfo, origin);
  }

  async #chunk(from: string, seq: number, attempted: string): Promise<Uint8Array> {
    const { message } = await this.#requests.request(`STREAM.MSG.GET.${from}`, { seq }, storedChunk, {
      attempted,
    });
    return Buffer.from(message.data, 'base64');
  }
}

const snapshotReply = object({ state: object({ messages: count, last_seq: count }) });
const restoreReply = object({ deliver_subject: nonEmptyText });
const storedChunk = object({ message: object({ data: nonEmptyText }) });

/** A promise that is awaited later, and whose failure until then does not count as unhandled. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function outOfOrder(attempted: string, into: string): ProtocolError {
  return new ProtocolError({
    attempted,
    found: `the chunks are not in their order in stream "${into}"`,
    next: 'Deploy again; nothing was removed',
  });
}

/** A chunk that the broker does not take is answered with the reason. */
function refused(reply: Msg, attempted: string): void {
  const reason = reply.string();
  if (reason === '' || !reason.startsWith('{')) {
    if (reason !== '') throw new BrokerRefusedError({ attempted, found: reason });
    return;
  }
  const origin = { attempted, from: 'the reply to a chunk of a restored stream' };
  const { error } = parsed(reason, object({ error: optional(nullable(apiRefusal)) }), origin);
  if (error !== undefined && error !== null)
    throw new BrokerRefusedError({ attempted, found: refusalText(error) });
}

/** The chunks of a snapshot, in the order in which they came. */
class Chunks {
  readonly #come: Msg[] = [];
  #failure: Error | undefined;
  #wake: (() => void) | undefined;
  readonly #attempted: string;

  constructor(attempted: string) {
    this.#attempted = attempted;
  }

  push(error: Error | null, chunk: Msg): void {
    if (error === null) this.#come.push(chunk);
    else this.#failure = error;
    this.#wake?.();
  }

  async next(): Promise<Msg> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const chunk = this.#come.shift();
      if (chunk !== undefined) return chunk;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(this.#silence()), CHUNK_TIMEOUT_MS);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  #silence(): TimeoutError {
    return new TimeoutError({
      attempted: this.#attempted,
      found: `the broker sent nothing for ${CHUNK_TIMEOUT_MS / 1000} s`,
      next: 'Check the health of the broker and deploy again',
    });
  }
}
