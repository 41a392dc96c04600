import { MessageLossError } from '../../../model/errors';
import { plural } from '../../../model/error-text';
import { partitionText } from '../../../model/names';
import { Retention } from '../../../model/retention';
import type { CanonicalStation } from '../../../model/station';
import type { Admin, StreamInfo } from '../../admin';
import type { LiveStation } from './live';
import type { Stored } from './live';
import { describeStored, stored } from './live';

/** The ways in which an operation can drop stored messages. */
type LossyOperation = 'destroy' | 'replace' | 'update';

/**
 * What an operation would drop, as far as the broker tells without reading messages: at most so many messages, and the
 * bytes that so many take on average. The groups are those that read the station.
 */
export interface Loss extends Stored {
  readonly operation: LossyOperation;
  /** The end of the sentence "this would ...". */
  readonly consequence: string;
}

/** What destroying or replacing a station drops; undefined when it holds nothing. */
export function lossOfRemoval(
  station: Pick<LiveStation, 'streams'>,
  operation: 'destroy' | 'replace',
): Loss | undefined {
  return lossOfAll(stored(station), operation);
}

/** The same where only the sums are known. */
export function lossOfAll(held: Stored, operation: 'destroy' | 'replace'): Loss | undefined {
  if (held.messages === 0) return undefined;
  return { operation, ...held, consequence: `drop ${describeStored(held)}` };
}

/** What a change of retention drops; undefined when every stored message stays. */
export async function lossOfUpdate(
  admin: Admin,
  station: Pick<LiveStation, 'streams'>,
  after: CanonicalStation,
  now: number = Date.now(),
): Promise<Loss | undefined> {
  const parts: string[] = [];
  let messages = 0;
  let bytes = 0;
  for (const stream of station.streams) {
    const loss = await lossOfStream(admin, stream, after, now);
    if (loss === undefined) continue;
    parts.push(`${loss.consequence} of ${partitionText(stream.config.name)}`);
    messages += loss.messages;
    bytes += loss.bytes;
  }
  if (parts.length === 0) return undefined;
  const { consumerGroups } = stored(station);
  return { operation: 'update', messages, bytes, consumerGroups, consequence: `drop ${parts.join(', ')}` };
}

/** What one partition drops. */
export interface PartitionLoss {
  readonly messages: number;
  readonly bytes: number;
  readonly consequence: string;
}

/** What a partition stores. */
type Content = Pick<Stored, 'messages' | 'bytes'>;

/** The loss of a number of the messages of a partition. */
function lossOfMessages(content: Content, messages: number, consequence: string): PartitionLoss {
  return { messages, bytes: Math.round((content.bytes / content.messages) * messages), consequence };
}

/** What a limit of the number or the size of the messages drops of a partition; undefined when every message stays. */
export function lossByLimit(
  content: Content,
  retentionType: Retention.MESSAGES | Retention.BYTES,
  limit: number,
): PartitionLoss | undefined {
  const { messages, bytes } = content;
  if (messages === 0) return undefined;
  if (retentionType === Retention.MESSAGES) {
    const above = messages - limit;
    const consequence = `the oldest ${above} of ${plural(messages, 'message')}`;
    return above > 0 ? lossOfMessages(content, above, consequence) : undefined;
  }
  const above = bytes - limit;
  if (above <= 0) return undefined;
  const consequence = `the oldest ${above} of ${bytes} bytes`;
  return { messages: Math.ceil((messages / bytes) * above), bytes: above, consequence };
}

async function lossOfStream(
  admin: Admin,
  stream: StreamInfo,
  after: CanonicalStation,
  now: number,
): Promise<PartitionLoss | undefined> {
  const { messages, first_ts: oldest } = stream.state;
  if (messages === 0) return undefined;
  const all = plural(messages, 'message');
  switch (after.retentionType) {
    case Retention.MESSAGES:
    case Retention.BYTES:
      return lossByLimit(stream.state, after.retentionType, after.retentionValue);
    case Retention.MAX_MESSAGE_AGE_SECONDS: {
      const ageSeconds = (now - Date.parse(oldest)) / 1000;
      const consequence = `those older than ${after.retentionValue} s (the oldest has ${Math.floor(ageSeconds)} s) of ${all}`;
      return ageSeconds > after.retentionValue
        ? lossOfMessages(stream.state, messages, consequence)
        : undefined;
    }
    case Retention.ACK_BASED:
      return stream.config.retention === 'interest' ? undefined : lossByAcknowledgement(admin, stream);
  }
}

/** A message goes when every group has acknowledged it; without any group newer servers drop all of them. */
async function lossByAcknowledgement(admin: Admin, stream: StreamInfo): Promise<PartitionLoss | undefined> {
  const { messages, first_seq: first } = stream.state;
  const all = plural(messages, 'message');
  const consumers = await admin.listConsumers(stream.config.name);
  if (consumers.length === 0)
    return lossOfMessages(stream.state, messages, `all of ${all} (no consumer group waits for them)`);
  const acknowledged = Math.min(...consumers.map((consumer) => consumer.ack_floor.stream_seq));
  if (acknowledged < first) return undefined;
  const lost = Math.min(messages, acknowledged - first + 1);
  const consequence = `up to ${lost} of ${all}, which every consumer group has acknowledged,`;
  return lossOfMessages(stream.state, lost, consequence);
}

const doing: Readonly<Record<LossyOperation, string>> = {
  destroy: 'destroy',
  replace: 'replace',
  update: 'change',
};

/** The refusal of an operation that would drop messages without permission. */
export function messageLossError(station: string, loss: Loss, why?: string): MessageLossError {
  const again = loss.operation === 'destroy' ? 'destroy again' : 'deploy';
  // A replacement without a reason is one that Terraform forces, which destroys the station whatever it declares.
  const choice =
    loss.operation === 'replace' && why !== undefined
      ? "To take the messages along, set onReplace: 'carryMessages' on the station, and moveFrom with a new name. If they may be lost"
      : 'If that is what you want';
  return new MessageLossError({
    attempted: `${doing[loss.operation]} station "${station}"`,
    found: `this would ${loss.consequence}${why === undefined ? '' : ` (${why})`}; nothing was changed`,
    next:
      loss.operation === 'destroy'
        ? `If that is what you want, set allowMessageLoss: true on MemphisProvider, or set it on the station and deploy; then ${again}`
        : `${choice}, set allowMessageLoss: true on the station and ${again}`,
  });
}
