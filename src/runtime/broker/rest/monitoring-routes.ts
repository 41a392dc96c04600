import { placesOf } from '../jetstream/stream-names';
import { Refusal, ServerFailure } from '../objects/errors';
import { nameProblem } from '../../../model/names';
import { countMessages } from '../objects/message-counts';
import { bindQuery } from './binding';
import { clusterConfig, editClusterConfig } from './cluster-config';
import type { Reply } from './reply';
import { ok } from './reply';
import type { Call, Route } from './route';
import { ALL_PARTITIONS, changes, reads } from './route';
import { existingStation } from './station-routes';
import { stationOverview } from './station-overview';

/** What the broker tells about itself and about the traffic of a station. */
export const monitoringRoutes: readonly Route[] = [
  // The number of configured cluster routes, which is 0 on a single node.
  reads('/monitoring/getAvailableReplicas', ({ context: { nodes } }) =>
    ok({ available_replicas: nodes === 1 ? 0 : nodes }),
  ),
  reads('/monitoring/getSystemGeneralInfo', ({ context: { metadata, nodes } }) =>
    ok({
      total_amount_brokers: nodes,
      total_schemas: metadata.schemas.size,
      total_stations: metadata.stations.size,
      total_users: metadata.users.size,
    }),
  ),
  // There are none: Slack, S3 and GitHub are for a broker that runs for long.
  reads('/integrations/getAllIntegrations', () => ok([])),
  reads('/configurations/getClusterConfig', ({ context, restPort }) => ok(clusterConfig(context, restPort))),
  changes('PUT', '/configurations/editClusterConfig', editClusterConfig),
  reads('/monitoring/getStationOverviewData', getStationOverviewData),
];

async function getStationOverviewData({ context, query }: Call): Promise<Reply> {
  const { station_name: name, partition_number: number } = bindQuery(
    { station_name: 'text', partition_number: 'number' },
    { station_name: { required: true }, partition_number: { required: true } },
    query,
  );
  const problem = nameProblem('Station', name);
  if (problem !== undefined) throw new ServerFailure(problem);
  const station = existingStation(context, name);
  const partitions = number === ALL_PARTITIONS ? placesOf(station) : [number];
  const overview =
    station.partitions.includes(number) || number === ALL_PARTITIONS
      ? await stationOverview(context, station, partitions)
      : undefined;
  if (overview !== undefined) return ok(overview);
  // Somebody made a stream that looks like one more partition. (A real broker appends a second document here.)
  const isSurplus = !partitions.some((partition) => station.partitions.includes(partition));
  if (isSurplus && (await countMessages(context, station, number)) !== undefined) {
    throw new Refusal(`Partition number ${number} does not exist`);
  }
  throw new Refusal(`Station ${station.name} does not exist`);
}
