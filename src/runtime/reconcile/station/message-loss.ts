import { MessageLossError } from '../../../model/errors';
import { plural } from '../../../model/error-text';
import { partitionText } from '../../../model/names';
import { Retention } from '../../../model/retention';
import type { CanonicalStation } from '../../../model/station';
import type { Admin, StreamInfo } from '../../admin';
import type { LiveStation } from './live';
import { describeStored, stored } from './live';

/** The ways in which an operation can drop stored messages. */
export type LossyOperation = 'destroy' | 'replace' | 'update';

/** What an operation would drop. */
export interface Loss {
  readonly operation: LossyOperation;
  /** The end of the sentence "this would ...". */
  readonly consequence: string;
}

/** What destroying or replacing a station drops; undefined when it holds nothing. */
export function lossOfRemoval(
  station: Pick<LiveStation, 'streams'>,
  operation: 'destroy' | 'replace',
): Loss | undefined {
  const held = stored(station);
  if (held.messages === 0) return undefined;
  return { operation, consequence: `drop ${describeStored(held)}` };
}

/** What a change of retention drops; undefined when every stored message stays. */
export async function lossOfUpdate(
  admin: Admin,
  station: LiveStation,
  after: CanonicalStation,
  now: number = Date.now(),
): Promise<Loss | undefined> {
  const parts: string[] = [];
  for (const stream of station.streams) {
    const consequence = await lossOfStream(admin, stream, after, now);
    if (consequence !== undefined) parts.push(`${consequence} of ${partitionText(stream.config.name)}`);
  }
  return parts.length === 0 ? undefined : { operation: 'update', consequence: `drop ${parts.join(', ')}` };
}

async function lossOfStream(
  admin: Admin,
  stream: StreamInfo,
  after: CanonicalStation,
  now: number,
): Promise<string | undefined> {
  const { state } = stream;
  if (state.messages === 0) return undefined;
  switch (after.retentionType) {
    case Retention.MESSAGES:
      return state.messages > after.retentionValue
        ? `the oldest ${state.messages - after.retentionValue} of ${plural(state.messages, 'message')}`
        : undefined;
    case Retention.BYTES:
      return state.bytes > after.retentionValue
        ? `the oldest ${state.bytes - after.retentionValue} of ${state.bytes} bytes`
        : undefined;
    case Retention.MAX_MESSAGE_AGE_SECONDS: {
      const ageSeconds = (now - Date.parse(state.first_ts)) / 1000;
      return ageSeconds > after.retentionValue
        ? `those older than ${after.retentionValue} s (the oldest has ${Math.floor(ageSeconds)} s) of ${plural(state.messages, 'message')}`
        : undefined;
    }
    case Retention.ACK_BASED:
      return stream.config.retention === 'interest' ? undefined : lossByAcknowledgement(admin, stream);
  }
}

/** A message goes when every group has acknowledged it; without any group newer servers drop all of them. */
async function lossByAcknowledgement(admin: Admin, stream: StreamInfo): Promise<string | undefined> {
  const { state } = stream;
  const consumers = await admin.listConsumers(stream.config.name);
  if (consumers.length === 0)
    return `all of ${plural(state.messages, 'message')} (no consumer group waits for them)`;
  const acknowledged = Math.min(...consumers.map((consumer) => consumer.ack_floor.stream_seq));
  if (acknowledged < state.first_seq) return undefined;
  return `up to ${Math.min(state.messages, acknowledged - state.first_seq + 1)} of ${plural(state.messages, 'message')}, which every consumer group has acknowledged,`;
}

const doing: Readonly<Record<LossyOperation, string>> = {
  destroy: 'destroy',
  replace: 'replace',
  update: 'change',
};

/** The refusal of an operation that would drop messages without permission. */
export function messageLossError(station: string, loss: Loss, why?: string): MessageLossError {
  const again = loss.operation === 'destroy' ? 'destroy again' : 'deploy';
  return new MessageLossError({
    attempted: `${doing[loss.operation]} station "${station}"`,
    found: `this would ${loss.consequence}${why === undefined ? '' : ` (${why})`}; nothing was changed`,
    next:
      loss.operation === 'destroy'
        ? `If that is what you want, set allowMessageLoss: true on MemphisProvider, or set it on the station and deploy; then ${again}`
        : `If that is what you want, set allowMessageLoss: true on the station and ${again}`,
  });
}
