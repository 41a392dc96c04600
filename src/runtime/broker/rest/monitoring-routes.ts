import { ok } from './reply';
import type { Route } from './route';
import { reads } from './route';

export const monitoringRoutes: readonly Route[] = [
  // The number of configured cluster routes, which is 0 on a single node.
  reads('/monitoring/getAvailableReplicas', () => ok({ available_replicas: 0 })),
  reads('/monitoring/getSystemGeneralInfo', ({ context: { metadata } }) =>
    ok({
      total_amount_brokers: 1,
      total_schemas: metadata.schemas.size,
      total_stations: metadata.stations.size,
      total_users: metadata.users.size,
    }),
  ),
];
