import { UnsafeRequestError } from '../../model/errors';
import type { CanonicalStation } from '../../model/station';
import type { Admin, BrokerFacts } from './port';
import type { StreamConfig } from '../../model/stream';

/**
 * What a real broker cannot take: inputs that crash it, stall it or damage its data, as measured on Memphis 1.4.4.
 * Every request of that kind is refused here, before it is sent.
 */

/**
 * A single node accepts an update to three replicas and then loses the stream at its next start; creation with more
 * than one fails there with an error that says nothing.
 */
export function refuseReplicasOnSingleNode(attempted: string, replicas: number, facts: BrokerFacts): void {
  if (replicas <= 1 || facts.clustered) return;
  throw new UnsafeRequestError({
    attempted,
    found: `it asks for ${replicas} replicas, but the broker at ${facts.address} is a single node, which would lose the station at its next start`,
    next: 'Set replicas to 1, or use a cluster with at least that many brokers',
  });
}

/** A stream update that the broker accepts although it ruins the stream. */
export function refuseUnsafeStreamUpdate(config: StreamConfig, facts: BrokerFacts): void {
  refuseReplicasOnSingleNode(`update stream "${config.name}"`, config.num_replicas, facts);
}

/**
 * The broker makes a dead-letter station that does not exist as a default one, also when the creation then fails. Costs
 * one request when the station has one.
 */
export async function refuseMissingDlsStation(
  admin: Pick<Admin, 'readStation'>,
  station: Pick<CanonicalStation, 'name' | 'dlsStation'>,
): Promise<void> {
  if (station.dlsStation === '' || (await admin.readStation(station.dlsStation)) !== undefined) return;
  throw new UnsafeRequestError({
    attempted: `use "${station.dlsStation}" as the dead-letter station of station "${station.name}"`,
    found: 'there is no station of that name, and the broker would make one with default settings',
    next: 'Declare the dead-letter station too and pass that construct as dlsStation, so that it is created first',
  });
}
