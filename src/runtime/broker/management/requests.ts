import { bool, int, int64, string, struct, uint64 } from '../go/struct-decoder';

/**
 * The requests of the management protocol as the Go structs that a broker decodes them into: their names and types stand
 * in its error texts. Clients of different ages send different forms; V0 is the oldest. The broker overwrites
 * `tenant_name`, so that its value never counts, but it is a field and must be a text.
 */

export const createStationRequest = struct('server.createStationRequest', {
  name: string,
  schema_name: string,
  retention_type: string,
  retention_value: int,
  storage_type: string,
  replicas: int,
  idempotency_window_in_ms: int64,
  dls_configuration: struct('models.DlsConfiguration', { poison: bool, schemaverse: bool }),
  username: string,
  tiered_storage_enabled: bool,
  partitions_number: int,
  dls_station: string,
  tenant_name: string,
});

export const destroyStationRequest = struct('server.destroyStationRequest', {
  station_name: string,
  username: string,
  tenant_name: string,
});

const producerV0 = {
  name: string,
  station_name: string,
  connection_id: string,
  producer_type: string,
  username: string,
  tenant_name: string,
};
export const createProducerRequestV0 = struct('server.createProducerRequestV0', producerV0);
export const createProducerRequestV1 = struct('server.createProducerRequestV1', {
  ...producerV0,
  req_version: int,
});
export const createProducerRequest = struct('server.createProducerRequestV3', {
  ...producerV0,
  req_version: int,
  app_id: string,
  sdk_lang: string,
});

export const destructionV0 = { name: string, station_name: string, username: string, tenant_name: string };
export const destructionV1 = { ...destructionV0, connection_id: string, req_version: int };
export const destroyProducerRequestV0 = struct('server.destroyProducerRequestV0', destructionV0);
export const destroyProducerRequest = struct('server.destroyProducerRequestV1', destructionV1);

const consumerV0 = {
  name: string,
  station_name: string,
  connection_id: string,
  consumer_type: string,
  consumers_group: string,
  max_ack_time_ms: int,
  max_msg_deliveries: int,
  username: string,
  tenant_name: string,
};
const consumerV1 = {
  ...consumerV0,
  start_consume_from_sequence: uint64,
  last_messages: int64,
  req_version: int,
};
export const createConsumerRequestV0 = struct('server.createConsumerRequestV0', consumerV0);
export const createConsumerRequestV1 = struct('server.createConsumerRequestV1', consumerV1);
export const createConsumerRequest = struct('server.createConsumerRequestV3', {
  ...consumerV1,
  app_id: string,
  sdk_lang: string,
});

export const destroyConsumerRequestV0 = struct('server.destroyConsumerRequestV0', destructionV0);
export const destroyConsumerRequest = struct('server.destroyConsumerRequestV1', destructionV1);

export const createSchemaRequest = struct('server.CreateSchemaReq', {
  name: string,
  type: string,
  created_by_username: string,
  schema_content: string,
  message_struct_name: string,
});

export const attachSchemaRequest = struct('server.attachSchemaRequest', {
  name: string,
  station_name: string,
  username: string,
  tenant_name: string,
});

export const detachSchemaRequest = struct('server.detachSchemaRequest', {
  station_name: string,
  username: string,
  tenant_name: string,
});
