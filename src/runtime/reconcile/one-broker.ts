import { BrokerMismatchError } from '../../model/errors';
import { fromInternalName, internalName, parsePartitionStream } from '../../model/names';
import type { Admin, StreamInfo } from '../admin';
import type { LiveStation } from './station/live';

/** The error for a REST API and a client port that belong to different brokers. */
export function notOneBroker(
  { facts }: Pick<Admin, 'facts'>,
  attempted: string,
  proof: string,
): BrokerMismatchError {
  return new BrokerMismatchError({
    attempted,
    found: `${facts.restAddress} and ${facts.address} are not the same broker: ${proof}; nothing was changed`,
    next: 'Set MEMPHIS_REST_URL to the REST API of the broker that MEMPHIS_HOST and MEMPHIS_PORT name',
  });
}

/**
 * Refuses two sides of which the one holds the streams of deployed stations, and the other knows none of the deployed
 * ones. The station `default`, which every broker has, proves nothing. Costs a request only when there are streams that
 * belong to no station.
 * @param stations by internal name
 * @throws BrokerMismatchError
 */
export async function refuseTwoBrokers(
  admin: Admin,
  stations: ReadonlyMap<string, LiveStation>,
  orphans: readonly StreamInfo[],
): Promise<void> {
  if (orphans.length === 0) return;
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
