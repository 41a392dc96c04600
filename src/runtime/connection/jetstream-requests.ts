import { setTimeout } from 'node:timers/promises';
import type { Msg, MsgHdrs, NatsConnection } from 'nats';
import { BrokerRefusedError, ProtocolError, TimeoutError } from '../../model/errors';
import { plural } from '../../model/error-text';
import { explainRequestError } from './request-error';
import type { Origin, Shape, Shaped } from './shape';
import {
  checked,
  count,
  listOf,
  nonEmptyText,
  nullable,
  object,
  optional,
  parsed,
  recordOf,
  text,
  wholeNumber,
} from './shape';
import { storeAdvice } from './store-advice';
import { checkedSubject } from './subject';

/** Codes of JetStream's refusals that callers act on. */
export const jetStreamCodes = {
  /** A cluster that is too small. */
  noSuitablePeers: 10_005,
  consumerNotFound: 10_014,
  messageNotFound: 10_037,
  streamNameInUse: 10_058,
  streamNotFound: 10_059,
  /** The subject has another last message than the one that was expected. */
  wrongLastSequence: 10_071,
  /** A single server. */
  replicasNotSupported: 10_074,
  /** The same as `wrongLastSequence`, since server 2.12 without the number. */
  wrongLastSequenceConstant: 10_164,
} as const;

/** JetStream understood a request and refused it; `found` is its own text, with its code in brackets. */
class JetStreamRefusal extends BrokerRefusedError {
  constructor(
    attempted: string,
    found: string,
    /** JetStream's `err_code`; 0 when the reply has none. */
    readonly apiCode: number,
    advice: { readonly next?: string } = storeAdvice(found),
  ) {
    super({ attempted, found, ...advice });
    // The name by which users know it.
    this.name = BrokerRefusedError.name;
  }
}

/** True when the error is JetStream's refusal with one of these codes, or with any when none is named. */
export function isJetStreamRefusal(error: unknown, ...codes: readonly number[]): error is JetStreamRefusal {
  return error instanceof JetStreamRefusal && (codes.length === 0 || codes.includes(error.apiCode));
}

/** The same refusal with what to do about it. Its code stays, by which callers know it. */
export function advised(refusal: JetStreamRefusal, advice: { readonly next: string }): BrokerRefusedError {
  return new JetStreamRefusal(refusal.attempted, refusal.found, refusal.apiCode, advice);
}

/** How JetStream says why it refuses something. */
export const apiRefusal = object({
  code: optional(wholeNumber),
  err_code: optional(wholeNumber),
  description: optional(text),
});

/** The broker's own words, and its code. */
export function refusalText({
  description = 'unknown error',
  err_code,
  code,
}: Shaped<typeof apiRefusal>): string {
  return `${description} (${err_code ?? code ?? 0})`;
}

/** Every reply of the API is one of these two: what was asked for, or a refusal. */
const anyReply = object({ error: optional(nullable(apiRefusal)) });

export const streamNamed = object({ config: object({ name: nonEmptyText }) });

/** A page of a listing, without its items. */
const listing = object({
  total: count,
  /** Streams whose servers did not answer for them, in a cluster. */
  missing: optional(nullable(listOf(text))),
  /** Streams that the server cannot read, with the reason; since server 2.12. */
  offline: optional(nullable(recordOf(text))),
});

/** One request on a NATS connection. */
interface AskOptions {
  readonly attempted: string;
  readonly timeoutMs: number;
  readonly headers?: MsgHdrs | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Reply = Pick<Msg, 'data' | 'string'>;

/** Sends a request and resolves with its reply; rejects as `explainRequestError` understands it. */
export type Ask = (subject: string, payload: string | Uint8Array, options: AskOptions) => Promise<Reply>;

/** Requests by the NATS client's own means. */
export function askBy(nats: NatsConnection): Ask {
  return (subject, payload, { timeoutMs, headers }) =>
    nats.request(subject, payload, { timeout: timeoutMs, ...(headers === undefined ? {} : { headers }) });
}

/** What one call says about itself. */
export interface CallOptions {
  /** What the request is for, as an error begins. */
  readonly attempted: string;
  /** Default: that of the connection. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What one listing says about itself. */
export interface ListOptions extends CallOptions {
  /**
   * Accepts that servers of a cluster are down: their streams are shown without state, or left out. Default false, which
   * makes that an error, because a stream without state looks empty.
   */
  readonly partial?: boolean;
}

/** How often a listing starts again because streams were created or removed before its current page. */
const MOST_LISTINGS = 20;

/**
 * How long, and for how many listings at least, streams may stay without an answer before that is an error: for some
 * seconds after a change of their replicas no server of a cluster speaks for them, and a server waits up to four
 * seconds for the others before it sends an incomplete listing.
 */
const SETTLE_MS = 2_500;
const SETTLE_STEP_MS = 250;
const SETTLE_LISTINGS = 4;

/** The requests of the JetStream API, written out: a client library would merge or drop parts of a configuration. */
export class JetStreamRequests {
  readonly #ask: Ask;
  readonly #timeoutMs: number;
  readonly #explain: (error: unknown, attempted: string, timeoutMs: number) => Error;

  /**
   * @param explain makes the typed error of a request without a reply; what it gets is what `ask` threw.
   */
  constructor(
    ask: Ask,
    timeoutMs: number,
    explain: (error: unknown, attempted: string, timeoutMs: number) => Error = (error, attempted, waited) =>
      explainRequestError(error, attempted, `${waited} ms`),
  ) {
    this.#ask = ask;
    this.#timeoutMs = timeoutMs;
    this.#explain = explain;
  }

  /**
   * Sends one request of the API.
   * @param api the subject below `$JS.API`: `STREAM.INFO.orders$1`
   * @throws JetStreamRefusal; ProtocolError for a reply that does not fit; TimeoutError, ConnectionError; the reason of
   *   the signal.
   */
  async request<T>(api: string, body: object | undefined, reply: Shape<T>, options: CallOptions): Promise<T> {
    const subject = `$JS.API.${api}`;
    const payload = body === undefined ? '' : JSON.stringify(body);
    return this.#answer(subject, await this.#send(subject, payload, options), reply, options);
  }

  /**
   * Publishes to a stream and waits until the message is stored.
   * @returns the sequence of the message in the stream.
   * @throws as `request`
   */
  async store(
    subject: string,
    payload: string | Uint8Array,
    headers: MsgHdrs | undefined,
    options: CallOptions,
  ): Promise<number> {
    const { seq } = this.#answer(
      subject,
      await this.#send(subject, payload, options, headers),
      stored,
      options,
    );
    return seq;
  }

  /** Passes a request on as it is. @returns the reply as it came, unchecked. */
  async forward(
    api: string,
    { data, headers }: Pick<Msg, 'data' | 'headers'>,
    options: CallOptions,
  ): Promise<Uint8Array> {
    return (await this.#send(`$JS.API.${api}`, data, options, headers)).data;
  }

  /**
   * Lists all streams, or all consumers of a stream, page by page.
   *
   * The server sorts by name and cuts pages by number, so whatever is created or removed before a page shifts it. Each
   * page therefore begins with the last item of the one before; if it does not, the listing starts again.
   * @param api `STREAM.LIST`, `CONSUMER.LIST.orders$1`
   * @param nameOf tells items apart.
   * @throws ProtocolError when the listing ends early; TimeoutError when servers of a cluster did not answer for streams
   *   of theirs.
   */
  async list<T>(
    api: string,
    key: 'streams' | 'consumers',
    item: Shape<T>,
    nameOf: (item: T) => string,
    options: ListOptions,
  ): Promise<T[]> {
    const page = object({ [key]: optional(nullable(listOf(item))) });
    const settled = performance.now() + SETTLE_MS;
    for (let listings = 0, incomplete = 0; listings < MOST_LISTINGS;) {
      try {
        const found = await this.#listOnce(api, page, key, nameOf, options);
        if (found !== undefined) return found;
        listings += 1;
      } catch (error) {
        if (!(error instanceof UnansweredError)) throw error;
        incomplete += 1;
        if (incomplete >= SETTLE_LISTINGS && performance.now() > settled) throw error;
        await setTimeout(SETTLE_STEP_MS, undefined, { signal: options.signal });
      }
    }
    throw new ProtocolError({
      attempted: options.attempted,
      found: `the ${key} changed during each of ${MOST_LISTINGS} listings ($JS.API.${api})`,
      next: 'Run again when no other run is creating or removing stations',
    });
  }

  /** @returns undefined when what is listed shifted between two pages. */
  async #listOnce<T>(
    api: string,
    page: Shape<Page<T>>,
    key: string,
    nameOf: (item: T) => string,
    options: ListOptions,
  ): Promise<T[] | undefined> {
    const origin = { attempted: options.attempted, from: `the reply to $JS.API.${api}` };
    const found: T[] = [];
    let offset = 0;
    let repeated: T | undefined;
    for (;;) {
      const reply = await this.request(api, { offset }, listing, options);
      const items = checked(reply, page, origin)[key] ?? [];
      const unanswered = [...(reply.missing ?? []), ...Object.keys(reply.offline ?? {})];
      if (unanswered.length > 0 && options.partial !== true) throw leftOut(unanswered, origin);
      const [first] = items;
      const shifted = repeated !== undefined && (first === undefined || nameOf(first) !== nameOf(repeated));
      if (shifted) return undefined;
      found.push(...(repeated === undefined ? items : items.slice(1)));
      const shown = new Set(unanswered.length === 0 ? [] : items.map(nameOf));
      const end = offset + items.length + unanswered.filter((name) => !shown.has(name)).length;
      if (end >= reply.total) return found;
      if (end <= offset + (repeated === undefined ? 0 : 1)) {
        throw new ProtocolError({
          attempted: options.attempted,
          found: `${origin.from} ends after ${found.length} of ${reply.total} ${key}`,
          next: 'Run again; if the problem persists, check the log of the broker',
        });
      }
      repeated = unanswered.length === 0 ? items.at(-1) : undefined;
      offset = repeated === undefined ? end : end - 1;
    }
  }

  async #send(
    subject: string,
    payload: string | Uint8Array,
    { attempted, timeoutMs = this.#timeoutMs, signal }: CallOptions,
    headers?: MsgHdrs,
  ): Promise<Reply> {
    const valid = checkedSubject(subject, attempted);
    try {
      return await this.#ask(valid, payload, { attempted, timeoutMs, headers, signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#explain(error, attempted, timeoutMs);
    }
  }

  #answer<T>(request: string, message: Reply, reply: Shape<T>, options: CallOptions): T {
    const { attempted } = options;
    const origin = { attempted, from: `the reply to ${request}` };
    const value = parsed(message.string(), anyReply, origin);
    const { error } = value;
    if (error !== undefined && error !== null) {
      throw new JetStreamRefusal(attempted, refusalText(error), error.err_code ?? 0);
    }
    return checked(value, reply, origin);
  }
}

type Page<T> = Readonly<Record<string, readonly T[] | null | undefined>>;

/** The acknowledgement of a stored message. */
const stored = object({ stream: text, seq: count });

/** Servers of a cluster did not answer for streams of theirs. */
class UnansweredError extends TimeoutError {
  constructor(parts: ConstructorParameters<typeof TimeoutError>[0]) {
    super(parts);
    // The name by which users know it.
    this.name = TimeoutError.name;
  }
}

function leftOut(names: readonly string[], { attempted, from }: Origin): UnansweredError {
  const some = names.slice(0, 3).join(', ');
  return new UnansweredError({
    attempted,
    found: `${from} is incomplete, because the servers of ${plural(names.length, 'stream')} did not answer: ${some}${names.length > 3 ? ', …' : ''}`,
    next: 'Check that all nodes of the cluster are up and run again',
  });
}
