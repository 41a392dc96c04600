import { fromInternalName } from '../../model/names';
import type { Admin, ConsumerInfo } from '../admin';
import { inParallel } from '../admin';
import type { InventoryStation } from './inventory';
import { byName } from './inventory';

/** A consumer group of a station. */
export interface ConsumerGroup {
  readonly name: string;
  /** Messages that it has not acknowledged yet, over all partitions. */
  readonly backlog: number;
  /** Those of them that a consumer has and has not acknowledged. */
  readonly unacknowledged: number;
}

/**
 * Reads the consumer groups of stations, one request for each partition that has any.
 * @returns the groups by the name of the station; a station without groups has no entry
 */
export async function readConsumerGroups(
  admin: Admin,
  stations: readonly InventoryStation[],
): Promise<ReadonlyMap<string, readonly ConsumerGroup[]>> {
  const streams = stations.flatMap(({ name, live }) =>
    live.streams
      .filter(({ state }) => state.consumer_count > 0)
      .map(({ config }) => ({ station: name, stream: config.name })),
  );
  const consumers = await inParallel(streams, ({ stream }) => admin.listConsumers(stream));
  const all = new Map<string, Map<string, ConsumerGroup>>();
  for (const [index, { station }] of streams.entries()) {
    const groups = all.get(station) ?? new Map<string, ConsumerGroup>();
    all.set(station, groups);
    for (const consumer of consumers[index] ?? []) {
      const group = groupOf(consumer);
      const known = groups.get(group.name) ?? { backlog: 0, unacknowledged: 0 };
      groups.set(group.name, {
        name: group.name,
        backlog: known.backlog + group.backlog,
        unacknowledged: known.unacknowledged + group.unacknowledged,
      });
    }
  }
  return new Map([...all].map(([station, groups]) => [station, [...groups.values()].sort(byName)]));
}

function groupOf({
  name,
  num_pending: pending,
  num_ack_pending: unacknowledged = 0,
}: ConsumerInfo): ConsumerGroup {
  return { name: fromInternalName(name), backlog: pending + unacknowledged, unacknowledged };
}
