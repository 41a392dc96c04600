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

export function clusterConfig(restPort: number): ClusterConfig {
  return {
    broker_host: 'localhost',
    dls_retention: 0,
    gc_producer_consumer_retention_hours: 0,
    logs_retention: 7,
    max_msg_size_mb: 1,
    rest_gw_host: 'http://localhost:4444',
    tiered_storage_time_sec: 8,
    ui_host: `http://localhost:${restPort}`,
  };
}
