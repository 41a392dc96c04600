import { isJetStreamRefusal, jetStreamCodes } from '../../connection/jetstream-requests';
import type { JetStreamApi } from '../jetstream/api';
import { headersOf } from '../jetstream/headers';

/** What a dead letter says. */
export interface Content {
  readonly data: Buffer;
  /** undefined when the message had none. */
  readonly headers: ReadonlyMap<string, string> | undefined;
}

const STREAM = '$memphis_dls_contents';

/**
 * The contents of dead letters, each raw in a stream. Data and headers are messages of their own, so that together they
 * may be as large as a message of a client.
 */
export class DeadLetterContents {
  readonly #jetstream: JetStreamApi;

  private constructor(jetstream: JetStreamApi) {
    this.#jetstream = jetstream;
  }

  static async open(
    jetstream: JetStreamApi,
    storage: 'file' | 'memory',
    replicas: number,
  ): Promise<DeadLetterContents> {
    await jetstream.createStream({
      name: STREAM,
      subjects: [`${STREAM}.>`],
      storage,
      num_replicas: replicas,
      max_msgs_per_subject: 1,
      // Everything may be written again after a crash; nothing in it is a duplicate.
      duplicate_window: 0,
    });
    return new DeadLetterContents(jetstream);
  }

  /** May be repeated. */
  async put(key: string, { data, headers }: Content): Promise<void> {
    if (headers !== undefined) {
      const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`);
      await this.#jetstream.publish(subject(key, 'headers'), Buffer.from(`NATS/1.0\r\n${lines.join('')}`));
    }
    await this.#jetstream.publish(subject(key, 'data'), data);
  }

  /** undefined when somebody removed it behind our back. */
  async get(key: string): Promise<Content | undefined> {
    const [data, headers] = await Promise.all([
      this.#last(subject(key, 'data')),
      this.#last(subject(key, 'headers')),
    ]);
    if (data === undefined) return undefined;
    return { data, headers: headers === undefined ? undefined : headersOf(headers.toString('utf8')) };
  }

  async remove(key: string): Promise<void> {
    await this.#jetstream.purgeStream(STREAM, subject(key, '*'));
  }

  /** Removes what a kill left without a row. */
  async removeAllBut(keys: ReadonlySet<string>): Promise<void> {
    const { state } = await this.#jetstream.streamInfo(STREAM, `${STREAM}.>`);
    const stored = Object.keys(state.subjects ?? {}).map((name) =>
      name.slice(STREAM.length + 1, name.lastIndexOf('.')),
    );
    for (const key of new Set(stored)) if (!keys.has(key)) await this.remove(key);
  }

  async #last(of: string): Promise<Buffer | undefined> {
    try {
      return Buffer.from((await this.#jetstream.lastMessage(STREAM, of)).data ?? '', 'base64');
    } catch (error) {
      if (isJetStreamRefusal(error, jetStreamCodes.messageNotFound)) return undefined;
      throw error;
    }
  }
}

function subject(key: string, part: 'data' | 'headers' | '*'): string {
  return `${STREAM}.${key}.${part}`;
}
