import { ValidationError } from '../../model/errors';
import { unknownNameProblems } from '../../model/unknown-names';
import type { WaitOptions } from '../connection/waiting';
import type { ConnectOptions } from './connection/connect-options';
import type { RequestOptions } from './connection/request-options';
import type { ConsumerOptions, StopOptions } from './consume/consumer-options';
import type { FetchOptions, PartitionOptions } from './consume/fetch-options';
import type { DeserializeOptions } from './consume/message';
import type { FlushOptions, ProduceOptions } from './produce/produce-options';
import type { ProducerOptions } from './produce/producer-options';
import type {
  CreateSchemaOptions,
  DetachSchemaOptions,
  EnforceSchemaOptions,
} from './station/schema-lifecycle';
import type { StationOptions } from './station/station-options';

/** The names of the options of a call. */
export type OptionNames = ReadonlySet<string>;

/** The keys of each member of a union. */
type KeysOf<O> = O extends unknown ? keyof O & string : never;

/** A name that is missing here, or is no option any more, does not compile. */
const namesOf = <O extends object>(names: Record<KeysOf<O>, true>): OptionNames =>
  new Set(Object.keys(names));

const wait = { signal: true } as const;
const request = { ...wait, timeoutRetries: true } as const;
const partition = { consumerPartitionKey: true, consumerPartitionNumber: true } as const;
const fetch = { ...wait, ...partition, batchSize: true, batchMaxTimeToWaitMs: true, prefetch: true } as const;
const producer = { ...request, stationName: true, producerName: true, generateRandomSuffix: true } as const;
const produce = {
  ...wait,
  message: true,
  ackWaitSec: true,
  headers: true,
  msgId: true,
  nonblocking: true,
  asyncProduce: true,
  concurrentTaskLimit: true,
  limitConcurrentTasks: true,
  producerPartitionKey: true,
  producerPartitionNumber: true,
} as const;
const consumer = {
  ...request,
  stationName: true,
  consumerName: true,
  consumerGroup: true,
  pullIntervalMs: true,
  batchSize: true,
  batchMaxTimeToWaitMs: true,
  maxAckTimeMs: true,
  maxMsgDeliveries: true,
  startConsumeFromSequence: true,
  lastMessages: true,
  generateRandomSuffix: true,
} as const;

const { pullIntervalMs: _, ...withoutPullInterval } = consumer;

/** The names of all options of all calls. */
export const optionNames = {
  wait: namesOf<WaitOptions>(wait),
  request: namesOf<RequestOptions>(request),
  flush: namesOf<FlushOptions>({ ...wait, timeoutMs: true }),
  stop: namesOf<StopOptions>({ ...wait, timeoutMs: true }),
  partition: namesOf<PartitionOptions>(partition),
  fetch: namesOf<FetchOptions>(fetch),
  producer: namesOf<ProducerOptions>(producer),
  produce: namesOf<ProduceOptions>(produce),
  producerAndProduce: namesOf<ProducerOptions & ProduceOptions>({ ...producer, ...produce }),
  consumer: namesOf<ConsumerOptions>(consumer),
  consumerAndFetch: namesOf<Omit<ConsumerOptions, 'pullIntervalMs'> & FetchOptions>({
    ...withoutPullInterval,
    ...fetch,
  }),
  deserialize: namesOf<DeserializeOptions>({ strict: true }),
  delay: namesOf<{ seconds: number }>({ seconds: true }),
  connect: namesOf<ConnectOptions>({
    ...wait,
    host: true,
    username: true,
    accountId: true,
    password: true,
    connectionToken: true,
    port: true,
    reconnect: true,
    maxReconnect: true,
    reconnectIntervalMs: true,
    timeoutMs: true,
    pingIntervalMs: true,
    keyFile: true,
    certFile: true,
    caFile: true,
  }),
  station: namesOf<StationOptions>({
    ...request,
    name: true,
    retentionType: true,
    retentionValue: true,
    storageType: true,
    replicas: true,
    idempotencyWindowMs: true,
    schemaName: true,
    sendPoisonMsgToDls: true,
    sendSchemaFailedMsgToDls: true,
    tieredStorageEnabled: true,
    partitionsNumber: true,
    dlsStation: true,
  }),
  createSchema: namesOf<CreateSchemaOptions>({
    ...request,
    schemaName: true,
    schemaType: true,
    schemaFilePath: true,
    schemaContent: true,
  }),
  enforceSchema: namesOf<EnforceSchemaOptions>({ ...request, name: true, stationName: true }),
  detachSchema: namesOf<DetachSchemaOptions>({ ...request, stationName: true }),
} as const;

/**
 * Refuses options that no call has, which would be dropped in silence. It runs for each message, and makes nothing as long
 * as all is well; what holds no options at all is for the other checks.
 * @throws ValidationError with each unknown name and the nearest known one.
 */
export function assertKnownOptions(attempted: string, options: unknown, names: OptionNames): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return;
  for (const name in options) {
    if (names.has(name)) continue;
    const problems = unknownNameProblems(options, [...names], 'an option of this call');
    if (problems.length > 0) throw new ValidationError(attempted, problems);
  }
}
