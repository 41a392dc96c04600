import { BrokerMismatchError } from '../../model/errors';
import { externalName, fromInternalName, parsePartitionStream } from '../../model/names';
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
 * Refuses two sides that have no station in common, although one of those whose streams are here was deployed: the REST
 * API would know it. Costs a request only when there are streams and none of them belongs to a station.
 * @throws BrokerMismatchError
 */
export async function refuseTwoBrokers(
  admin: Admin,
  stations: Iterable<LiveStation>,
  orphans: readonly StreamInfo[],
): Promise<void> {
  if (orphans.length === 0) return;
  for (const { streams } of stations) if (streams.length > 0) return;
  const records = await admin.ledger.list('station');
  const names = orphans.map(({ config }) =>
    externalName(fromInternalName(parsePartitionStream(config.name)?.internal ?? '')),
  );
  const known = names.find((name) => records.get(name)?.state === 'complete');
  if (known === undefined) return;
  throw notOneBroker(
    admin,
    'use the broker',
    `the REST API does not know station "${known}", whose streams are at ${admin.facts.address}`,
  );
}
