import { AlreadyExistsError, UnsafeRequestError } from '../../../../model/errors';
import { plural, quotedNames } from '../../../../model/error-text';
import { Retention } from '../../../../model/retention';
import type { CanonicalStation } from '../../../../model/station';
import { Storage } from '../../../../model/storage';
import type { Admin, LedgerCarry } from '../../../admin';
import type { ConsumerGroup } from '../consumer-groups';
import { consumerGroupsOf } from '../consumer-groups';
import type { LiveStation } from '../live';
import { describeStored, stored } from '../live';
import { targetOf } from './placement';

/** What carrying the messages of a station into the one that replaces it means. */
export interface CarryPlan {
  readonly from: string;
  readonly to: string;
  readonly method: LedgerCarry['method'];
  readonly messages: number;
  readonly bytes: number;
  readonly groups: readonly ConsumerGroup[];
  readonly partitions: { readonly before: number; readonly after: number };
}

/** Snapshots keep more, but only of partitions that stay on disk and keep their names. */
export function methodOf(live: LiveStation, after: CanonicalStation): LedgerCarry['method'] {
  const { row, streams, missingPartitions } = live;
  const isOnDisk = streams.every(({ config }) => config.storage === 'file');
  const staysThere =
    row.name === after.name &&
    after.storageType === Storage.DISK &&
    after.partitionsNumber >= row.partitions.length;
  return isOnDisk && staysThere && missingPartitions.length === 0 ? 'snapshot' : 'sources';
}

/** Plans a carry. Requests: one for each partition with consumer groups. */
export async function planCarry(
  admin: Admin,
  live: LiveStation,
  after: CanonicalStation,
): Promise<CarryPlan> {
  const { messages, bytes } = stored(live);
  return {
    from: live.row.name,
    to: after.name,
    method: methodOf(live, after),
    messages,
    bytes,
    groups: await consumerGroupsOf(admin, live),
    partitions: { before: live.row.partitions.length, after: after.partitionsNumber },
  };
}

/** Refuses a carry of a station that drops messages by acknowledgement, as it is or as it becomes. */
export function refusalOfAckBased(
  live: LiveStation,
  after: CanonicalStation,
): UnsafeRequestError | undefined {
  const is = live.streams.some(({ config }) => config.retention !== 'limits');
  if (!is && after.retentionType !== Retention.ACK_BASED) return undefined;
  return new UnsafeRequestError({
    attempted: `carry the messages of station "${live.row.name}"`,
    found: `the station ${is ? 'is' : 'becomes'} ACK_BASED: a copy counts as a consumer group there, and messages that every group has acknowledged are dropped; nothing was changed`,
    next: is
      ? 'Change retentionType in a deploy of its own first, or leave onReplace out'
      : 'Change the station with another retentionType first, and to ACK_BASED in the next deploy',
  });
}

/** The refusal to give a station a name that another one has. */
export function takenNameError(from: string, to: string): AlreadyExistsError {
  return new AlreadyExistsError({
    attempted: `rename station "${from}" to "${to}"`,
    found: 'the broker has a station of that name; nothing was changed',
    next: 'Choose another name, or remove that station first',
  });
}

/** What users should know of a carry before they allow it, as whole sentences. */
export function describeCarry(plan: CarryPlan): readonly string[] {
  const { from, to, messages, groups, partitions } = plan;
  const sentences = [
    `The run destroys the station and recreates it${from === to ? '' : ` as "${to}"`}, and carries ${messages === 0 ? 'no messages, because it holds none' : `${describeStored({ ...plan, consumerGroups: 0 })} over inside the broker`}.`,
    'Meanwhile a publish fails with an error and can be repeated. Clients of the station end with it and have to produce and consume anew. Dead letters that the broker recorded for it are dropped.',
  ];
  if (messages > 0) sentences.push(fateOf(plan));
  if (groups.length > 0) sentences.push(fateOfGroups(plan));
  if (partitions.before !== partitions.after) sentences.push(...fateOfKeys(partitions));
  return sentences;
}

function fateOf({ method }: CarryPlan): string {
  return method === 'snapshot'
    ? 'Messages keep their times and sequence numbers.'
    : 'Messages keep their order within each old partition, their headers and ids. They get new times, so a retention by age starts again, new sequence numbers, and a header Nats-Stream-Source.';
}

function fateOfGroups({ groups, method, messages }: CarryPlan): string {
  const names = quotedNames(groups.map(({ name }) => name));
  const isOne = groups.length === 1;
  const subject = isOne ? `Consumer group ${names}` : `The consumer groups ${names}`;
  if (method === 'snapshot')
    return `${subject} ${isOne ? 'keeps its position' : 'keep their positions'}; what is acknowledged while the run copies may be delivered again.`;
  return `${subject} ${isOne ? 'is' : 'are'} lost with the old station. A group of that name that registers again reads all ${plural(messages, 'message')} again.`;
}

function fateOfKeys({ before, after }: CarryPlan['partitions']): string[] {
  const moved = Array.from({ length: Math.max(0, before - after) }, (_, index) => after + index + 1);
  const shown = moved.slice(0, 4).map((partition) => `${partition} to ${targetOf(partition, after)}`);
  const moves =
    moved.length === 0
      ? 'Stored messages stay in their partitions'
      : `The messages of partitions above ${after} move (${shown.join(', ')}${moved.length > shown.length ? ', ...' : ''})`;
  return [
    `The number of partitions changes from ${before} to ${after}, so a partition key may belong to another partition than before. ${moves}; new messages with the same key may go elsewhere, and are not in order with them.`,
  ];
}
