import { UnsafeRequestError } from '../../model/errors';
import { partitionText } from '../../model/names';
import type { CanonicalStation } from '../../model/station';
import type { Admin, BrokerFacts } from './port';
import type { StreamConfig } from '../../model/stream';

/**
 * Inputs that crash a real broker, stall it or damage its data, as measured on Memphis 1.4.4.
 * Each is refused here, before it is sent.
 */

/**
 * Refuses more than one replica on a single node. The node accepts an update to three replicas and loses the stream at
 * its next start; a creation with more than one fails with an error that explains nothing.
 */
export function refuseReplicasOnSingleNode(attempted: string, replicas: number, facts: BrokerFacts): void {
  if (replicas <= 1 || facts.clustered) return;
  throw new UnsafeRequestError({
    attempted,
    found: `the broker at ${facts.address} is a single node; with ${replicas} replicas it would lose the station at its next start`,
    next: `Set replicas to 1, or use a cluster of at least ${replicas} brokers`,
  });
}

/** Refuses a stream update that the broker accepts although it ruins the stream. */
export function refuseUnsafeStreamUpdate(config: StreamConfig, facts: BrokerFacts): void {
  refuseReplicasOnSingleNode(`update ${partitionText(config.name)}`, config.num_replicas, facts);
}

/**
 * Refuses a missing dead-letter station: the broker would create it with default settings, even if the creation fails.
 * Costs one request when the station has a dead-letter station.
 */
export async function refuseMissingDlsStation(
  admin: Pick<Admin, 'readStation'>,
  station: Pick<CanonicalStation, 'name' | 'dlsStation'>,
): Promise<void> {
  if (station.dlsStation === '' || (await admin.readStation(station.dlsStation)) !== undefined) return;
  throw missingDlsStationError(station);
}

/** The refusal of a dead-letter station that does not exist. */
export function missingDlsStationError(
  station: Pick<CanonicalStation, 'name' | 'dlsStation'>,
): UnsafeRequestError {
  return new UnsafeRequestError({
    attempted: `use "${station.dlsStation}" as the dead-letter station of station "${station.name}"`,
    found: 'that station does not exist, and the broker would create it with default settings',
    next: 'Declare the dead-letter station in the same stack and pass its construct as dlsStation (in HCL: refer to its name), so that Terraform creates it first; or check the name',
  });
}
