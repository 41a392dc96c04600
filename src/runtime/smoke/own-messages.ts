import { BrokerRefusedError, NotFoundError } from '../../model/errors';
import { SMOKE_HEADER } from '../../model/smoke-test';
import { isJetStreamRefusal, jetStreamCodes } from '../connection/jetstream-requests';
import { count, object, optional, text } from '../connection/shape';
import type { ClientConnection } from '../messaging/connection/client-connection';
import { jetStreamRequest } from '../messaging/connection/jetstream-api';

/** Messages that are read, or deleted, at the same time. */
export const BATCH = 250;

const information = object({ created: text, state: object({ first_seq: count, last_seq: count }) });

/** The stream of that name at this moment, and which sequences it has. */
export interface StreamNow {
  readonly created: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
}

/** What a stream is at this moment; undefined when there is none. */
export async function streamNow(
  connection: ClientConnection,
  stream: string,
): Promise<StreamNow | undefined> {
  const attempted = `look at "${stream}", which a smoke test has stored messages in`;
  try {
    const { created, state } = await jetStreamRequest(
      connection,
      `STREAM.INFO.${stream}`,
      undefined,
      attempted,
      {},
      information,
    );
    return { created, firstSequence: state.first_seq, lastSequence: state.last_seq };
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** What became of a batch. */
export interface Deleted {
  readonly count: number;
  /** False when the stream is gone, or was recreated meanwhile. */
  readonly isSameStream: boolean;
  /** When the latest of the messages was stored, by the clock of the broker; 0 when none was there. */
  readonly latestAt: number;
}

const nothing: Deleted = { count: 0, isSameStream: false, latestAt: 0 };

/**
 * Deletes those of a few messages that a run has sent. A sequence does not prove that: somebody may have recreated or restored the
 * station, and its new messages have the same sequences. So the header of each is read right before, and the stream must be the same
 * before and after the reading.
 * @param created when the stream was created; left out, it is the one of now.
 * @param sequences at most a batch of them
 */
export async function deleteOwn(
  connection: ClientConnection,
  { stream, created }: { readonly stream: string; readonly created?: string },
  runId: string,
  sequences: readonly number[],
): Promise<Deleted> {
  const before = await streamNow(connection, stream);
  if (before === undefined || (created !== undefined && before.created !== created)) return nothing;
  const found = await Promise.all(sequences.map(async (sequence) => messageAt(connection, stream, sequence)));
  const messages = found.filter((message) => message !== undefined);
  const own = messages.filter((message) => isOf(runId, message));
  if (own.length > 0) {
    const now = await streamNow(connection, stream);
    if (now?.created !== before.created) return nothing;
    await Promise.all(own.map(async ({ sequence }) => deleteMessage(connection, stream, sequence)));
  }
  const latestAt = Math.max(0, ...messages.map(({ storedAt }) => storedAt));
  return { count: own.length, isSameStream: true, latestAt };
}

/**
 * Deletes messages that a run has received, header and all, from these places. Only when the stream is another one by now, or the first
 * and the last of them are not what they were, each is looked at again.
 */
export async function deleteReceived(
  connection: ClientConnection,
  { stream, created }: { readonly stream: string; readonly created: string | undefined },
  runId: string,
  sequences: readonly number[],
): Promise<void> {
  const ends = [...new Set([sequences[0], sequences.at(-1)])].filter((end) => end !== undefined);
  const [now, ...messages] = await Promise.all([
    streamNow(connection, stream),
    ...ends.map(async (sequence) => messageAt(connection, stream, sequence)),
  ]);
  const isUnchanged =
    now?.created === created && messages.every((message) => message !== undefined && isOf(runId, message));
  if (isUnchanged)
    await Promise.all(sequences.map(async (sequence) => deleteMessage(connection, stream, sequence)));
  else await deleteOwn(connection, { stream }, runId, sequences);
}

function isOf(runId: string, { headers }: StoredMessage): boolean {
  return new RegExp(`^${SMOKE_HEADER}: *${runId}(?:-|\r|$)`, 'm').test(headers);
}

const storedMessage = object({
  message: object({ hdrs: optional(text), time: optional(text) }),
});

interface StoredMessage {
  readonly sequence: number;
  readonly headers: string;
  readonly storedAt: number;
}

async function messageAt(
  connection: ClientConnection,
  stream: string,
  sequence: number,
): Promise<StoredMessage | undefined> {
  const attempted = `look at message ${sequence} of "${stream}", which a smoke test may have stored`;
  const { messageNotFound } = jetStreamCodes;
  try {
    const { message } = await jetStreamRequest(
      connection,
      `STREAM.MSG.GET.${stream}`,
      { seq: sequence },
      attempted,
      {},
      storedMessage,
    );
    const headers = Buffer.from(message.hdrs ?? '', 'base64').toString('latin1');
    return { sequence, headers, storedAt: Date.parse(message.time ?? '') || 0 };
  } catch (error) {
    if (error instanceof NotFoundError || isJetStreamRefusal(error, messageNotFound)) return undefined;
    throw error;
  }
}

async function deleteMessage(connection: ClientConnection, stream: string, seq: number): Promise<void> {
  try {
    await jetStreamRequest(
      connection,
      `STREAM.MSG.DELETE.${stream}`,
      // Overwriting the bytes of each takes longer than everything else.
      { seq, no_erase: true },
      `delete message ${seq} of "${stream}", which the smoke test has stored`,
    );
  } catch (error) {
    // Retention, or the acknowledgements of an ACK_BASED station, may have been faster; so may a removal of the station.
    const gone =
      error instanceof NotFoundError ||
      (error instanceof BrokerRefusedError && /not found|no message found/i.test(error.found));
    if (!gone) throw error;
  }
}
