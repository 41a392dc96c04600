import { fromInternalName, internalName, parsePartitionStream } from '../../model/names';
import type { Admin, StationRow, StreamInfo } from '../admin';
import { isOneBroker, notOneBroker } from '../admin/one-broker';
import type { LiveStation } from './station/live';

/**
 * Refuses two sides that are not one broker. Where neither is proven, those of which the one holds the streams of deployed
 * stations, and the other knows none of the deployed ones. The station `default`, which every broker has, proves nothing.
 * Costs one request, and another one when there are streams that belong to no station.
 * @param stations by internal name
 * @throws BrokerMismatchError
 */
export async function refuseTwoBrokers(
  admin: Admin,
  stations: ReadonlyMap<string, LiveStation & { readonly row: StationRow }>,
  orphans: readonly StreamInfo[],
): Promise<void> {
  const rows = [...stations.values()].map(({ row }) => row);
  const streams = [...stations.values()].flatMap((station) => station.streams);
  const isProven = await isOneBroker(admin, rows, streams);
  if (isProven || orphans.length === 0) return;
  const records = await admin.ledger.list('station');
  for (const [name, { uid }] of records) {
    if (uid !== undefined && String(stations.get(internalName(name))?.row.id) === uid) return;
  }
  const names = orphans.map(({ config }) =>
    fromInternalName(parsePartitionStream(config.name)?.internal ?? ''),
  );
  const known = names.find((name) => records.get(name)?.state === 'complete');
  if (known === undefined) return;
  throw notOneBroker(
    admin,
    'use the broker',
    `the REST API does not know station "${known}", whose streams are at ${admin.facts.address}`,
  );
}
