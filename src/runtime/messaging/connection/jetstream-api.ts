import { NotFoundError } from '../../../model/errors';
import type { WaitOptions } from '../../connection/waiting';
import {
  advised,
  isJetStreamRefusal,
  jetStreamCodes,
  JetStreamRequests,
} from '../../connection/jetstream-requests';
import type { Shape, Shaped } from '../../connection/shape';
import { count, object, oneOf } from '../../connection/shape';
import { refusalAdvice } from './refusal-advice';
import type { ClientConnection } from './client-connection';

const API_TIMEOUT_MS = 5_000;

/** Nanoseconds of a millisecond; JetStream counts time in nanoseconds. */
export const NANOSECONDS_PER_MILLISECOND = 1_000_000;

/** The parts of a stream's information that this client reads. */
const streamInformation = object({
  config: object({ retention: oneOf('limits', 'interest', 'workqueue') }),
  state: object({ last_seq: count }),
});

export type StreamInformation = Shaped<typeof streamInformation>;

/** What this client wants to know of a reply that only says that all went well. */
const done = object({});

/** How long to wait for the answer. */
export interface JetStreamRequestOptions extends WaitOptions {
  /** Default 5000. */
  readonly timeoutMs?: number;
}

/**
 * Sends one request of the JetStream API, as soon as there is a live connection.
 * @throws NotFoundError if the stream or the consumer is not there; BrokerRefusedError for every other refusal;
 *   ProtocolError for a reply that does not fit; the reason of the signal.
 */
export async function jetStreamRequest<T = unknown>(
  connection: ClientConnection,
  api: string,
  body: object | undefined,
  attempted: string,
  options: JetStreamRequestOptions = {},
  reply: Shape<T> = done as Shape<T>,
): Promise<T> {
  const requests = new JetStreamRequests(async (subject, payload, { timeoutMs, signal }) => {
    await connection.ready(attempted, timeoutMs, signal);
    return connection.request(subject, String(payload), timeoutMs, signal);
  }, API_TIMEOUT_MS);
  try {
    return await requests.request(api, body, reply, { attempted, ...options });
  } catch (error) {
    const { streamNotFound, consumerNotFound } = jetStreamCodes;
    if (isJetStreamRefusal(error, streamNotFound, consumerNotFound)) {
      const next = 'Create the station again, then its producers and consumers';
      throw new NotFoundError({ attempted, found: error.found, next });
    }
    if (!isJetStreamRefusal(error) || error.next !== '') throw error;
    throw advised(error, refusalAdvice(error.found));
  }
}

/** What is known about a stream; undefined if there is no such stream. */
export async function readStream(
  connection: ClientConnection,
  stream: string,
  attempted: string,
  options?: WaitOptions,
): Promise<StreamInformation | undefined> {
  return undefinedIfNotFound(
    jetStreamRequest(connection, `STREAM.INFO.${stream}`, undefined, attempted, options, streamInformation),
  );
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
    jetStreamRequest(connection, `CONSUMER.INFO.${stream}.${durable}`, undefined, attempted, options),
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
