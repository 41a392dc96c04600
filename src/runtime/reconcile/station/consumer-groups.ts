import { fromInternalName } from '../../../model/names';
import type { Admin } from '../../admin';
import type { LiveStation } from './live';

/** A consumer group of a station, over all of its partitions. */
export interface ConsumerGroup {
  readonly name: string;
  /** Messages that are stored and that the group has not acknowledged. */
  readonly backlog: number;
}

/**
 * Reads the consumer groups of a station: one request for each partition that has any.
 * @returns sorted by name; the broker's own consumers are left out
 */
export async function consumerGroupsOf(
  admin: Admin,
  { streams }: Pick<LiveStation, 'streams'>,
): Promise<ConsumerGroup[]> {
  const backlogs = new Map<string, number>();
  const read = streams.filter(({ state }) => state.consumer_count > 0);
  const listed = await Promise.all(read.map(({ config }) => admin.listConsumers(config.name)));
  for (const { name, num_pending: pending, num_ack_pending: unacknowledged = 0 } of listed.flat()) {
    if (name.startsWith('$memphis')) continue;
    const group = fromInternalName(name);
    backlogs.set(group, (backlogs.get(group) ?? 0) + pending + unacknowledged);
  }
  return [...backlogs]
    .map(([name, backlog]) => ({ name, backlog }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
