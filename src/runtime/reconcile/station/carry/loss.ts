import { Retention } from '../../../../model/retention';
import type { CanonicalStation } from '../../../../model/station';
import type { Admin, LedgerCarry, StreamInfo } from '../../../admin';
import { plural } from '../../../../model/error-text';
import type { LiveStation } from '../live';
import { stored } from '../live';
import type { Loss } from '../message-loss';
import { lossOfUpdate, messageLossError } from '../message-loss';
import { byTarget } from './placement';
import type { Carry } from './carry';
import { partitionOf } from './copies';

/**
 * How many bytes a message grows by at most when a stream copies it: by the header that names where it comes from, with
 * the subjects of all partitions that come into one.
 */
function headerBytes(station: string, partitions: number): number {
  return 80 + station.length + 2 * partitions * (station.length + 10);
}

/**
 * What the limits of the new station drop of what is carried, although none of it is old: several partitions may come
 * into one, and a copied message is larger. Undefined when everything stays.
 */
function lossByLimits(streams: readonly StreamInfo[], after: CanonicalStation): Loss | undefined {
  const { retentionType, retentionValue, partitionsNumber } = after;
  if (retentionType !== Retention.MESSAGES && retentionType !== Retention.BYTES) return undefined;
  const old = streams.map((stream) => ({ partition: partitionOf(stream), ...stream.state }));
  const unit = retentionType === Retention.BYTES ? 'bytes' : 'messages';
  const parts: string[] = [];
  const lost = { messages: 0, bytes: 0 };
  for (const [target, sources] of byTarget(old, partitionsNumber)) {
    const messages = sum(sources.map((each) => each.messages));
    const growth = messages * headerBytes(after.name, sources.length);
    const held = { messages, bytes: sum(sources.map((each) => each.bytes)) + growth };
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
    operation: 'update',
    ...lost,
    consumerGroups,
    consequence: `drop ${parts.join(', ')}, by ${limit}`,
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

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
