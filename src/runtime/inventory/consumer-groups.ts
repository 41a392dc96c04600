import type { Admin } from '../admin';
import { inParallel } from '../admin/batch';
import type { ConsumerGroup } from '../reconcile';
import { consumerGroupsOf } from '../reconcile';
import type { InventoryStation } from './inventory';

/**
 * Reads the consumer groups of stations, one request for each partition that has any.
 * @returns the groups by the name of the station, sorted; a station without groups has no entry
 */
export async function readConsumerGroups(
  admin: Admin,
  stations: readonly InventoryStation[],
): Promise<ReadonlyMap<string, readonly ConsumerGroup[]>> {
  const read = stations.filter(({ stored }) => stored.consumerGroups > 0);
  const groups = await inParallel(read, ({ live }) => consumerGroupsOf(admin, live));
  return new Map(read.map(({ name }, index) => [name, groups[index] ?? []]));
}
