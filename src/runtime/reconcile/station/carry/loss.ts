import { Retention } from '../../../../model/retention';
import type { CanonicalStation } from '../../../../model/station';
import type { Admin, LedgerCarry, StreamInfo } from '../../../admin';
import { plural } from '../../../../model/error-text';
import type { LiveStation } from '../live';
import { stored } from '../live';
import type { Loss } from '../message-loss';
import { lossOfUpdate, messageLossError } from '../message-loss';
import { targetOf } from './placement';
import type { Carry } from './carry';
import { partitionOf } from './copies';

/**
 * What a message that a stream copies takes more than before: the header that names where it comes from. Longer names
 * make it longer.
 */
const HEADER_BYTES = 160;

/**
 * What the limits of the new station drop of what is carried, although none of it is old: several partitions may come
 * into one, and a copied message is larger. Undefined when everything stays.
 */
function lossByLimits(streams: readonly StreamInfo[], after: CanonicalStation): Loss | undefined {
  const { retentionType, retentionValue, partitionsNumber } = after;
  if (retentionType !== Retention.MESSAGES && retentionType !== Retention.BYTES) return undefined;
  const arriving = new Map<number, { messages: number; bytes: number }>();
  for (const stream of streams) {
    const { messages, bytes } = stream.state;
    const target = targetOf(partitionOf(stream), partitionsNumber);
    const before = arriving.get(target) ?? { messages: 0, bytes: 0 };
    const size = before.bytes + bytes + messages * HEADER_BYTES;
    arriving.set(target, { messages: before.messages + messages, bytes: size });
  }
  const unit = retentionType === Retention.BYTES ? 'bytes' : 'messages';
  const parts: string[] = [];
  const lost = { messages: 0, bytes: 0 };
  for (const [target, held] of arriving) {
    const above = held[unit] - retentionValue;
    if (above <= 0) continue;
    const share = above / held[unit];
    lost.messages += Math.ceil(held.messages * share);
    lost.bytes += Math.round(held.bytes * share);
    parts.push(`up to ${plural(Math.ceil(held.messages * share), 'message')} in partition ${target}`);
  }
  if (parts.length === 0) return undefined;
  const limit = `the limit of ${retentionValue} ${unit} for a partition of the new station`;
  const { consumerGroups } = stored({ streams });
  return {
    operation: 'replace',
    ...lost,
    consumerGroups,
    consequence: `drop ${parts.join(', ')}, by ${limit}`,
  };
}

/** What the new station drops of what is carried; undefined when everything stays. */
export function lossOfCarry(
  admin: Admin,
  live: LiveStation,
  after: CanonicalStation,
  method: LedgerCarry['method'],
): Promise<Loss | undefined> {
  // Restored messages keep their times; copied ones are new for a retention by age.
  return method === 'snapshot'
    ? lossOfUpdate(admin, live, after)
    : Promise.resolve(lossByLimits(live.streams, after));
}

/** Refuses, once nothing can be added any more, what the new station would drop. */
export async function refuseTrimming(
  carry: Carry,
  live: LiveStation,
  frozen: readonly StreamInfo[],
): Promise<void> {
  if (carry.allowMessageLoss) return;
  const { run, station, record } = carry;
  const loss = await lossOfCarry(run.admin, { ...live, streams: frozen }, station, record.method);
  if (loss !== undefined) throw messageLossError(carry.from, loss);
}
