export type { SchemaType } from '../../schema';
export type { WaitOptions } from '../connection/waiting';
export type { ConnectOptions } from './connection/connect-options';
export type { ConsumeContext, MessageHandler } from './consume/consume-loop';
export { Consumer } from './consume/consumer';
export type { ConsumerOptions, StopOptions } from './consume/consumer-options';
export type { FetchMessagesOptions } from './consume/consumers';
export type { ErrorListener } from './connection/error-listeners';
export type { FetchOptions, PartitionOptions } from './consume/fetch-options';
export { Headers } from './connection/headers';
export type { HeadersInput } from './connection/headers';
export { Memphis } from './memphis';
export type { ConnectionProduceOptions, MultiStationProduceOptions } from './memphis';
export { Message } from './consume/message';
export type { DeserializeOptions } from './consume/message';
export { MultiStationProducer } from './produce/multi-station-producer';
export type { MultiStationProducerOptions } from './produce/multi-station-producer';
export type { FlushOptions, ProduceOptions, ProduceReceipt } from './produce/produce-options';
export { Producer } from './produce/producer';
export type { ProducerOptions } from './produce/producers';
export type { RequestOptions } from './connection/request-options';
export type {
  CreateSchemaOptions,
  DetachSchemaOptions,
  EnforceSchemaOptions,
} from './station/schema-lifecycle';
export { Station } from './station/station';
export type { StationOptions } from './station/station';
