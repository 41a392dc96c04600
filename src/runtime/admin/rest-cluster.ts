import type { ClusterSettings } from '../../model/cluster-config';
import { count, object, text } from '../connection/shape';
import type { RestApi } from './rest';

const settings = object({
  dls_retention: count,
  logs_retention: count,
  gc_producer_consumer_retention_hours: count,
  tiered_storage_time_sec: count,
  max_msg_size_mb: count,
  broker_host: text,
  ui_host: text,
  rest_gw_host: text,
});

/** Reads the settings of the broker. */
export function readClusterSettings(rest: RestApi): Promise<ClusterSettings> {
  return rest.call({
    method: 'GET',
    path: '/configurations/getClusterConfig',
    attempted: 'read the settings of the broker',
    reply: settings,
  });
}

/** Writes all settings; the broker shows them only after it has read its configuration again. */
export async function writeClusterSettings(rest: RestApi, wanted: ClusterSettings): Promise<void> {
  await rest.call({
    method: 'PUT',
    path: '/configurations/editClusterConfig',
    body: wanted,
    attempted: 'change the settings of the broker',
    reply: object({}),
  });
}
