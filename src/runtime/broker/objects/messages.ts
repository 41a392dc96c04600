import type { StoredMessage } from '../jetstream/api';
import { isJetStreamRefusal, jetStreamCodes } from '../../connection/jetstream-requests';
import { headersOf } from '../jetstream/headers';
import { streamOf } from '../jetstream/stream-names';
import type { StationRow } from '../store/rows';
import type { BrokerContext } from './context';

/** A message of a station, unpacked. */
export interface StationMessage {
  readonly partition: number;
  readonly seq: number;
  readonly time: string;
  readonly data: Buffer;
  /** All headers its producer sent, also those of Memphis. undefined when the message has none. */
  readonly headers: ReadonlyMap<string, string> | undefined;
  /** Bytes of data and headers. */
  readonly size: number;
}

const IN_FLIGHT = 64;

/** The newest messages of one partition, oldest first. */
export async function newestMessages(
  context: BrokerContext,
  station: StationRow,
  partition: number,
  limit: number,
): Promise<StationMessage[]> {
  const stream = streamOf(station, partition);
  const { state } = await context.jetstream.streamInfo(stream);
  if (state.messages === 0) return [];
  const found: StationMessage[] = [];
  // By sequence number, backwards: numbers of deleted messages are passed over.
  for (
    let last = state.last_seq;
    last > 0 && found.length < Math.min(limit, state.messages);
    last -= IN_FLIGHT
  ) {
    const sequences = Array.from({ length: Math.min(IN_FLIGHT, last) }, (_, index) => last - index);
    const batch = await Promise.all(sequences.map((seq) => findMessage(context, station, partition, seq)));
    found.push(...batch.filter((message) => message !== undefined));
  }
  return found.slice(0, limit).reverse();
}

/** One message; undefined when it or its partition is gone. */
export async function findMessage(
  { jetstream }: BrokerContext,
  station: StationRow,
  partition: number,
  seq: number,
): Promise<StationMessage | undefined> {
  try {
    return unpacked(partition, await jetstream.message(streamOf(station, partition), seq));
  } catch (error) {
    if (isJetStreamRefusal(error, jetStreamCodes.messageNotFound, jetStreamCodes.streamNotFound))
      return undefined;
    throw error;
  }
}

function unpacked(partition: number, { seq, time, data = '', hdrs = '' }: StoredMessage): StationMessage {
  const bytes = Buffer.from(data, 'base64');
  const block = Buffer.from(hdrs, 'base64');
  const headers = block.length === 0 ? undefined : headersOf(block.toString('utf8'));
  return { partition, seq, time, data: bytes, headers, size: bytes.length + block.length - added(headers) };
}

/** The header by which a stock server knows duplicates. A real broker takes `msg-id`, so that nobody sees this one. */
export const STOCK_MESSAGE_ID = 'Nats-Msg-Id';
export const MESSAGE_ID = 'msg-id';

/** Takes out what was added on the way to a stock server. @returns the bytes it had. */
function added(headers: Map<string, string> | undefined): number {
  const id = headers?.get(STOCK_MESSAGE_ID);
  if (id === undefined || id !== headers?.get(MESSAGE_ID)) return 0;
  headers.delete(STOCK_MESSAGE_ID);
  return Buffer.byteLength(`${STOCK_MESSAGE_ID}: ${id}\r\n`);
}

/** The headers that its producer gave it, without those of Memphis. */
export function ownHeaders(headers: ReadonlyMap<string, string> | undefined): Record<string, string> {
  const own = Object.entries(allHeaders(headers)).filter(([name]) => !name.startsWith('$memphis'));
  return Object.fromEntries(own);
}

/** All headers as replies show them: in the order of their names, which is how Go writes a map. */
export function allHeaders(headers: ReadonlyMap<string, string> | undefined): Record<string, string> {
  return Object.fromEntries([...(headers ?? [])].sort(([left], [right]) => (left < right ? -1 : 1)));
}
