import type { Msg, NatsConnection } from 'nats';
import { headers as messageHeaders } from 'nats';
import {
  BrokerRefusedError,
  ConnectionError,
  errorText,
  MemphisError,
  ProtocolError,
  TimeoutError,
} from '../../model/errors';
import { newInbox } from '../connection/subject';
import type { JetStreamRequests } from '../connection/jetstream-requests';
import { isJetStreamRefusal, jetStreamCodes } from '../connection/jetstream-requests';
import { isForbidden, isNoResponders } from '../connection/request-error';
import { anything, count, nonEmptyText, object, optional, text } from '../connection/shape';
import { adminRequests } from './jetstream';
import { untilHeard } from './reload';

const BUCKET = 'CDKTF_MEMPHIS';
const STREAM = `KV_${BUCKET}`;
const SUBJECTS = `$KV.${BUCKET}.`;

/** How long a listing waits for its next record. */
const LIST_TIMEOUT_MS = 10_000;

/** What stands under a key. */
export interface Entry {
  /** Rises with every change in the bucket; 0 when nothing was ever written to the key. */
  readonly revision: number;
  /** undefined when nothing was written, or it was removed. */
  readonly value: string | undefined;
  /** When it was written, by the clock of the broker; unknown after a listing. */
  readonly storedAt?: string;
}

const storedMessage = object({
  message: object({
    subject: nonEmptyText,
    seq: count,
    data: optional(text),
    hdrs: optional(text),
    time: optional(text),
  }),
});

const createdConsumer = object({ num_pending: count, delivered: object({ consumer_seq: count }) });

/**
 * A KV bucket, with one request for each call: the client library makes up to three. It comes into being with the first
 * write, because planning never changes a broker.
 */
export class LedgerBucket {
  readonly #requests: JetStreamRequests;

  readonly #nats: NatsConnection;
  /** How many servers keep the bucket. */
  readonly #replicas: number;
  readonly #listTimeoutMs: number;

  constructor(
    nats: NatsConnection,

    replicas: number,
    listTimeoutMs = LIST_TIMEOUT_MS,
  ) {
    this.#nats = nats;
    this.#replicas = replicas;
    this.#listTimeoutMs = listTimeoutMs;

    this.#requests = adminRequests(nats);
  }

  /** One request. */
  read(key: string, attempted: string): Promise<Entry> {
    return explainedFailure(attempted, async () => {
      const subject = SUBJECTS + key;
      try {
        const { message } = await this.#requests.request(
          `STREAM.MSG.GET.${STREAM}`,
          { last_by_subj: subject },
          storedMessage,
          { attempted },
        );
        if (message.subject !== subject) throw misplaced(message.subject, attempted);
        const block = Buffer.from(message.hdrs ?? '', 'base64').toString();
        const isRemoved = /^KV-Operation: *(?:DEL|PURGE)\r?$/im.test(block);
        const value = isRemoved ? undefined : Buffer.from(message.data ?? '', 'base64').toString();
        const { seq: revision, time } = message;
        return { revision, value, ...(time === undefined ? {} : { storedAt: time }) };
      } catch (error) {
        const { streamNotFound, messageNotFound } = jetStreamCodes;
        if (isJetStreamRefusal(error, streamNotFound, messageNotFound)) return nothing;
        throw error;
      }
    });
  }

  /**
   * Reads all entries whose keys begin with `prefix` and a dot: one request, and one message for each entry.
   * @returns the values, by the rest of the key; without those that were removed.
   * @throws TimeoutError or ProtocolError when not all of them came.
   */
  list(prefix: string, attempted: string): Promise<ReadonlyMap<string, Entry>> {
    return explainedFailure(attempted, async () => {
      const deliveries = new Deliveries(attempted, this.#listTimeoutMs);
      const inbox = `${newInbox()}all`;
      const subscription = this.#nats.subscribe(inbox, {
        callback: (error, message) => deliveries.take(error, message),
      });
      try {
        // The server removes the consumer some seconds after its inbox is gone.
        const { num_pending: pending, delivered } = await this.#requests.request(
          `CONSUMER.CREATE.${STREAM}`,
          {
            stream_name: STREAM,
            config: {
              deliver_subject: inbox,
              deliver_policy: 'last_per_subject',
              filter_subject: `${SUBJECTS}${prefix}.>`,
              ack_policy: 'none',
              max_deliver: 1,
              mem_storage: true,
              num_replicas: 1,
            },
          },
          createdConsumer,
          { attempted },
        );
        const messages = pending + delivered.consumer_seq === 0 ? [] : await deliveries.all();
        return entriesOf(messages, `${SUBJECTS}${prefix}.`, attempted);
      } catch (error) {
        if (isJetStreamRefusal(error, jetStreamCodes.streamNotFound)) return new Map();
        throw error;
      } finally {
        subscription.unsubscribe();
      }
    });
  }

  /**
   * One request; the first write to a broker makes two more, which create the bucket.
   * @param expected the revision that the write replaces, 0 for none; undefined for any.
   * @returns the new revision; undefined when the key has another revision than the expected one.
   */
  write(
    key: string,
    value: string,
    expected: number | undefined,
    attempted: string,
  ): Promise<number | undefined> {
    return explainedFailure(attempted, async () => {
      try {
        return await this.#store(key, value, expected, {}, attempted);
      } catch (error) {
        if (!hasNobody(error)) throw error;
        await this.#create(attempted);
        return untilHeard(() => this.#store(key, value, expected, {}, attempted));
      }
    });
  }

  /** Removes what stands under a key: one request. The parameters and the result are those of `write`. */
  purge(key: string, expected: number | undefined, attempted: string): Promise<number | undefined> {
    return explainedFailure(attempted, async () => {
      const marks = { 'KV-Operation': 'PURGE', 'Nats-Rollup': 'sub' };
      try {
        return await this.#store(key, '', expected, marks, attempted);
      } catch (error) {
        // Nobody takes the message when there is no bucket, while the broker reloads, and when its servers are down.
        if (!hasNobody(error)) throw error;
        if ((await this.read(key, attempted)).revision === 0) return 0;
        return untilHeard(() => this.#store(key, '', expected, marks, attempted));
      }
    });
  }

  async #store(
    key: string,
    value: string,
    expected: number | undefined,
    marks: Readonly<Record<string, string>>,
    attempted: string,
  ): Promise<number | undefined> {
    const headers = messageHeaders();
    for (const [name, mark] of Object.entries(marks)) headers.set(name, mark);
    if (expected !== undefined) headers.set('Nats-Expected-Last-Subject-Sequence', String(expected));
    try {
      return await this.#requests.store(SUBJECTS + key, value, headers, { attempted });
    } catch (error) {
      const { wrongLastSequence, wrongLastSequenceConstant } = jetStreamCodes;
      if (isJetStreamRefusal(error, wrongLastSequence, wrongLastSequenceConstant)) return undefined;
      throw error;
    }
  }

  /** As the client library creates buckets, so that either may come first. */
  async #create(attempted: string): Promise<void> {
    const config = {
      name: STREAM,
      subjects: [`${SUBJECTS}>`],
      retention: 'limits',
      storage: 'file',
      discard: 'new',
      max_msgs_per_subject: 1,
      max_bytes: -1,
      max_msg_size: -1,
      num_replicas: this.#replicas,
      allow_direct: true,
      allow_rollup_hdrs: true,
    };
    try {
      await this.#requests.request(`STREAM.CREATE.${STREAM}`, config, anything, { attempted });
    } catch (error) {
      // Another run created it, or another version of this program with other settings.
      if (!isJetStreamRefusal(error, jetStreamCodes.streamNameInUse)) throw error;
    }
  }
}

const nothing: Entry = { revision: 0, value: undefined };

/** A record of a listing, with the revision of its key. */
interface Delivery {
  readonly message: Msg;
  readonly revision: number;
}

/** The messages of one listing, which end with the one that says that none is left. */
class Deliveries {
  readonly #messages: Delivery[] = [];
  #failure: Error | undefined;
  #isComplete = false;
  #changed = (): void => undefined;

  readonly #attempted: string;
  readonly #timeoutMs: number;

  constructor(attempted: string, timeoutMs: number) {
    this.#attempted = attempted;
    this.#timeoutMs = timeoutMs;
  }

  take(error: Error | null, message: Msg): void {
    if (error === null) this.#add(message);
    else this.#failure ??= error;
    this.#changed();
  }

  /** @throws TimeoutError when a message stays out; ProtocolError when one was lost. */
  all(): Promise<readonly Delivery[]> {
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      this.#changed = () => {
        clearTimeout(timer);
        if (this.#failure !== undefined) reject(this.#failure);
        else if (this.#isComplete) resolve(this.#messages);
        else timer = setTimeout(() => reject(this.#late()), this.#timeoutMs);
      };
      this.#changed();
    });
  }

  #add(message: Msg): void {
    const place = placeOf(message);
    if (place?.delivery !== this.#messages.length + 1) {
      this.#failure ??= new ProtocolError({
        attempted: this.#attempted,
        found: `record ${this.#messages.length + 1} of the listing did not come, or in another form`,
        next: 'Run again',
      });
      return;
    }
    this.#messages.push({ message, revision: place.revision });
    this.#isComplete = place.left === 0;
  }

  #late(): TimeoutError {
    return new TimeoutError({
      attempted: this.#attempted,
      found: `the listing ($JS.API.CONSUMER.CREATE.${STREAM}) stopped after ${this.#messages.length} records, and nothing came for ${this.#timeoutMs / 1000} s`,
      next: "Check the broker's health and run again",
    });
  }
}

/** What the subject for the acknowledgement says of a delivered message; undefined when it has another form. */
function placeOf({
  reply = '',
}: Msg): { readonly revision: number; readonly delivery: number; readonly left: number } | undefined {
  const tokens = reply.split('.');
  // $JS.ACK.[domain.account.]stream.consumer.deliveries.sequence.delivery.time.left
  const start = tokens.length >= 11 ? 7 : 5;
  const [revision, delivery, , left] = tokens.slice(start).map(Number);
  const isRight = [revision, delivery, left].every((number) => Number.isSafeInteger(number));
  return isRight ? { revision: revision ?? 0, delivery: delivery ?? 0, left: left ?? 0 } : undefined;
}

function entriesOf(messages: readonly Delivery[], prefix: string, attempted: string): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const { message, revision } of messages) {
    if (!message.subject.startsWith(prefix)) throw misplaced(message.subject, attempted);
    const key = message.subject.slice(prefix.length);
    const operation = message.headers?.get('KV-Operation') ?? '';
    // A record that changes during the listing comes again.
    if (operation === 'DEL' || operation === 'PURGE') entries.delete(key);
    else entries.set(key, { revision, value: message.string() });
  }
  return entries;
}

function misplaced(subject: string, attempted: string): ProtocolError {
  return new ProtocolError({
    attempted,
    found: `the reply is about ${JSON.stringify(subject.slice(0, 80))}`,
    next: 'Check that the address is that of a Memphis broker (version 1.4), and run again',
  });
}

/** True when nothing listens on the subject of the request. */
function hasNobody(error: unknown): boolean {
  return error instanceof Error && isNoResponders(error.cause);
}

/** Adds the advice about permissions where they are the cause, and a type to what the NATS client throws. */
async function explainedFailure<T>(attempted: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    if (isForbidden(cause)) {
      throw new BrokerRefusedError({
        attempted,
        found: errorText(cause),
        next: `Ownership is recorded in the KV bucket ${BUCKET} on the broker. Allow the user to create and write it, or deploy as root`,
        cause,
      });
    }
    if (error instanceof MemphisError) throw error;
    throw new ConnectionError({
      attempted,
      found: errorText(error),
      next: 'Check that the broker is running and run again',
      cause: error,
    });
  }
}
