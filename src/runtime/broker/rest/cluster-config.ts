import { int, string, struct } from '../go/struct-decoder';
import type { BrokerContext } from '../objects/context';
import { Refusal } from '../objects/errors';
import type { ClusterSettingsRow } from '../store/rows';
import { bindBody } from './binding';
import type { Reply } from './reply';
import { ok } from './reply';
import type { Call } from './route';

/** The settings that a broker tells about itself, in the spelling of its replies. */
export interface ClusterConfig {
  readonly broker_host: string;
  readonly dls_retention: number;
  readonly gc_producer_consumer_retention_hours: number;
  readonly logs_retention: number;
  readonly max_msg_size_mb: number;
  readonly rest_gw_host: string;
  readonly tiered_storage_time_sec: number;
  readonly ui_host: string;
}

export function clusterConfig({ metadata }: BrokerContext, restPort: number): ClusterConfig {
  const [changed] = metadata.clusterSettings.all();
  return {
    broker_host: changed?.brokerHost ?? 'localhost',
    dls_retention: changed?.dlsRetentionHours ?? 0,
    gc_producer_consumer_retention_hours: changed?.gcRetentionHours ?? 0,
    logs_retention: changed?.logsRetentionDays ?? 7,
    max_msg_size_mb: changed?.maxMessageMegabytes ?? 1,
    rest_gw_host: changed?.restGatewayHost ?? 'http://localhost:4444',
    tiered_storage_time_sec: changed?.tieredStorageSeconds ?? 8,
    ui_host: changed?.uiHost ?? `http://localhost:${restPort}`,
  };
}

const editRequest = struct('models.EditClusterConfigSchema', {
  dls_retention: int,
  logs_retention: int,
  gc_producer_consumer_retention_hours: int,
  tiered_storage_time_sec: int,
  max_msg_size_mb: int,
  broker_host: string,
  ui_host: string,
  rest_gw_host: string,
});

const LEAST_TIERED_SECONDS = 5;
const GREATEST_TIERED_SECONDS = 3600;

/**
 * Texts that are not sent are saved as empty, as on a real broker. The retention of dead letters and of members counts from
 * now on; the other settings are only told.
 */
export async function editClusterConfig({ context, body, restPort }: Call): Promise<Reply> {
  const request = bindBody(
    editRequest,
    {
      dls_retention: { required: true },
      logs_retention: { required: true },
      gc_producer_consumer_retention_hours: { required: true },
    },
    body,
  );
  const before = clusterConfig(context, restPort);
  const seconds = request.tiered_storage_time_sec;
  const isTieredLegal = seconds >= LEAST_TIERED_SECONDS && seconds <= GREATEST_TIERED_SECONDS;
  await save(context, {
    dlsRetentionHours: request.dls_retention,
    logsRetentionDays: request.logs_retention,
    gcRetentionHours: request.gc_producer_consumer_retention_hours,
    tieredStorageSeconds: isTieredLegal ? seconds : before.tiered_storage_time_sec,
    maxMessageMegabytes: isTieredLegal ? request.max_msg_size_mb : before.max_msg_size_mb,
    brokerHost: isTieredLegal ? request.broker_host : before.broker_host,
    uiHost: isTieredLegal ? request.ui_host : before.ui_host,
    restGatewayHost: isTieredLegal ? request.rest_gw_host : before.rest_gw_host,
  });
  if (!isTieredLegal) {
    throw new Refusal("Tiered storage time can't be less than 5 seconds or more than 60 minutes");
  }
  return ok(clusterConfig(context, restPort));
}

async function save({ metadata }: BrokerContext, settings: Omit<ClusterSettingsRow, 'id'>): Promise<void> {
  const [row] = metadata.clusterSettings.all();
  if (row === undefined) await metadata.clusterSettings.insert(settings);
  else await metadata.clusterSettings.update(row.id, settings);
}
