import { setTimeout as delay } from 'node:timers/promises';
import { plural } from '../../model/error-text';
import { internalName, partitionStream } from '../../model/names';
import { Retention, retentionOf } from '../../model/retention';
import type { StreamInfo } from '../../model/stream';
import type { Admin } from '../admin';
import { object, wholeNumber } from '../connection/shape';
import type { Producer } from '../messaging';
import { jetStreamRequest } from '../messaging/connection/jetstream-api';
import type { MessagingSession } from '../messaging/messaging-session';
import type { SmokeExpectation } from './result';

const POLL_MS = 50;

/** What the broker may take to drop a message that is due. */
const SETTLE_MS = 3_000;

/** The messages of a test in one partition. */
interface Stored {
  readonly partition: number;
  readonly sequences: readonly number[];
}

/** What a stored message takes beside its payload, roughly: subject and headers. */
const MESSAGE_OVERHEAD_BYTES = 400;

/** How many messages a partition holds at least before it drops the oldest; Infinity without such a limit. */
export async function mostUnread(
  { connection }: MessagingSession,
  station: string,
  { partitionNumbers: [partition = 0] }: Producer,
  payloads: readonly Uint8Array[],
): Promise<number> {
  const stream = partition === 0 ? internalName(station) : partitionStream(station, partition);
  const attempted = `read the limits of station "${station}"`;
  const { config } = await jetStreamRequest(
    connection,
    `STREAM.INFO.${stream}`,
    undefined,
    attempted,
    {},
    limits,
  );
  const bytes = Math.max(...payloads.map(({ byteLength }) => byteLength)) + MESSAGE_OVERHEAD_BYTES;
  const byNumber = config.max_msgs > 0 ? config.max_msgs : Infinity;
  const bySize = config.max_bytes > 0 ? Math.floor(config.max_bytes / bytes) : Infinity;
  return Math.max(1, Math.min(byNumber, bySize));
}

const limits = object({ config: object({ max_msgs: wholeNumber, max_bytes: wholeNumber }) });

/**
 * Whether the station keeps the messages, or drops them, as its retention says. All groups have acknowledged them.
 * @param remainingMs the time that is left for waiting until messages are too old
 */
export async function checkRetention(
  admin: Pick<Admin, 'readStream'>,
  station: string,
  places: Iterable<{ readonly partition: number; readonly sequence: number }>,
  remainingMs: number,
): Promise<SmokeExpectation> {
  const stored = byPartition(places);
  const read = async (): Promise<readonly (StreamInfo | undefined)[]> =>
    Promise.all(stored.map(async ({ partition }) => admin.readStream(partitionStream(station, partition))));
  const [first] = await read();
  if (first === undefined) return missing(station);
  const { type, value } = retentionOf(first.config, undefined);
  const waitMs = type === Retention.MAX_MESSAGE_AGE_SECONDS ? value * 1_000 : 0;
  const isTooLong = waitMs + SETTLE_MS > remainingMs;
  const dropsByAge = type === Retention.MAX_MESSAGE_AGE_SECONDS && !isTooLong;
  const total = stored.reduce((sum, { sequences }) => sum + sequences.length, 0);
  const keptAtMost = type === Retention.MESSAGES ? keptByNumber(stored, value) : total;
  const wanted = type === Retention.ACK_BASED || dropsByAge ? 0 : keptAtMost;
  if (dropsByAge) await delay(waitMs);
  const deadline = performance.now() + SETTLE_MS;
  let seen = keptIn(stored, await read());
  const isMet = (): boolean =>
    type === Retention.BYTES
      ? seen > 0 && seen <= total
      : type === Retention.MESSAGES
        ? seen <= wanted
        : seen === wanted;
  while (!isMet() && performance.now() < deadline) {
    await delay(POLL_MS);
    seen = keptIn(stored, await read());
  }
  return {
    what: 'the station keeps or drops messages as its retention says',
    expected: `${retentionText(type, value)}: ${expectedText(type, wanted, total)}`,
    seen: `${seen} of ${total} kept`,
    isMet: isMet(),
  };
}

function byPartition(places: Iterable<{ readonly partition: number; readonly sequence: number }>): Stored[] {
  const found = new Map<number, number[]>();
  for (const { partition, sequence } of places) {
    const sequences = found.get(partition);
    if (sequences === undefined) found.set(partition, [sequence]);
    else sequences.push(sequence);
  }
  return [...found].map(([partition, sequences]) => ({ partition, sequences }));
}

/** Of a partition at its limit the newest messages are kept; those of others may push out ours. */
function keptByNumber(stored: readonly Stored[], limit: number): number {
  return stored.reduce((sum, { sequences }) => sum + Math.min(sequences.length, limit), 0);
}

/** How many of the messages are still there: a partition drops its oldest first. */
function keptIn(stored: readonly Stored[], streams: readonly (StreamInfo | undefined)[]): number {
  return stored.reduce((sum, { sequences }, index) => {
    const state = streams[index]?.state;
    if (state === undefined || state.messages === 0) return sum;
    return sum + sequences.filter((sequence) => sequence >= state.first_seq).length;
  }, 0);
}

function retentionText(type: Retention, value: number): string {
  switch (type) {
    case Retention.ACK_BASED:
      return 'until acknowledged';
    case Retention.MAX_MESSAGE_AGE_SECONDS:
      return plural(value, 'second');
    case Retention.MESSAGES:
      return `${plural(value, 'message')} a partition`;
    case Retention.BYTES:
      return `${plural(value, 'byte')} a partition`;
  }
}

function expectedText(type: Retention, wanted: number, total: number): string {
  if (type === Retention.BYTES) return `the newest of ${total} kept`;
  return `${type === Retention.MESSAGES && wanted < total ? 'at most ' : ''}${wanted} of ${total} kept`;
}

function missing(station: string): SmokeExpectation {
  return {
    what: 'the station keeps or drops messages as its retention says',
    expected: 'the messages of the test',
    seen: `no messages in "${station}"`,
    isMet: false,
  };
}
