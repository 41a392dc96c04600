import { BrokerRefusedError, NotFoundError, ProtocolError } from '../../../model/errors';
import type { WaitOptions } from '../../connection/abort';
import type { ApiRefusal } from './api-refusal';
import { refusalText } from './api-refusal';
import type { ClientConnection } from './client-connection';
import { explainRequestError } from './request';

const API_TIMEOUT_MS = 5_000;

const STREAM_NOT_FOUND = 10_059;
const CONSUMER_NOT_FOUND = 10_014;

/** Nanoseconds of a millisecond; JetStream counts time in nanoseconds. */
export const NANOSECONDS_PER_MILLISECOND = 1_000_000;

/** The parts of a stream's information that this client reads. */
export interface StreamInformation {
  readonly config: { readonly retention: string };
  readonly state: { readonly first_seq: number; readonly last_seq: number; readonly messages: number };
}

/** How long to wait for the answer. */
export interface JetStreamRequestOptions extends WaitOptions {
  /** Default 5000. */
  readonly timeoutMs?: number;
}

/**
 * Sends one request of the JetStream API.
 * @throws NotFoundError if the stream or the consumer is not there; BrokerRefusedError for every other refusal;
 *   the reason of the signal.
 */
export async function jetStreamRequest<T>(
  connection: ClientConnection,
  api: string,
  body: object | undefined,
  attempted: string,
  { timeoutMs = API_TIMEOUT_MS, signal }: JetStreamRequestOptions = {},
): Promise<T> {
  await connection.ready(attempted, timeoutMs, signal);
  let text: string;
  try {
    const reply = await connection.request(
      `$JS.API.${api}`,
      body === undefined ? '' : JSON.stringify(body),
      timeoutMs,
      signal,
    );
    text = reply.string();
  } catch (error) {
    signal?.throwIfAborted();
    throw explainRequestError(error, attempted, `${timeoutMs} ms`);
  }
  return checked(text, attempted) as T;
}

function checked(text: string, attempted: string): unknown {
  let reply: { readonly error?: ApiRefusal | null } | null;
  try {
    reply = JSON.parse(text) as typeof reply;
  } catch (cause) {
    throw new ProtocolError({ attempted, found: 'the reply is no JSON', cause });
  }
  if (typeof reply !== 'object' || reply === null) {
    throw new ProtocolError({ attempted, found: 'the reply is no JSON object' });
  }
  const { error = null } = reply;
  if (error === null) return reply;
  const { err_code: code } = error;
  const found = refusalText(error);
  if (code === STREAM_NOT_FOUND || code === CONSUMER_NOT_FOUND) throw new NotFoundError({ attempted, found });
  throw new BrokerRefusedError({ attempted, found });
}

/** What is known about a stream; undefined if there is no such stream. */
export async function readStream(
  connection: ClientConnection,
  stream: string,
  attempted: string,
  options?: WaitOptions,
): Promise<StreamInformation | undefined> {
  const information = await undefinedIfNotFound(
    jetStreamRequest<object>(connection, `STREAM.INFO.${stream}`, undefined, attempted, options),
  );
  if (information === undefined || isStreamInformation(information)) return information;
  throw new ProtocolError({ attempted, found: 'the reply has not the facts of a stream' });
}

function isStreamInformation(value: object): value is StreamInformation {
  const { config, state } = value as {
    config?: { retention?: unknown } | null;
    state?: { last_seq?: unknown } | null;
  };
  return typeof config?.retention === 'string' && typeof state?.last_seq === 'number';
}

/** Whether a stream has a durable consumer of this name. A missing stream is an error. */
export async function durableExists(
  connection: ClientConnection,
  stream: string,
  durable: string,
  attempted: string,
  options?: WaitOptions,
): Promise<boolean> {
  const information = await undefinedIfNotFound(
    jetStreamRequest<object>(connection, `CONSUMER.INFO.${stream}.${durable}`, undefined, attempted, options),
  );
  return information !== undefined;
}

async function undefinedIfNotFound<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
