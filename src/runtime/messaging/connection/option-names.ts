import { ValidationError } from '../../../model/errors';
import { unknownNameProblems } from '../../../model/unknown-names';

/** The names of the options of a call. */
export type OptionNames = ReadonlySet<string>;

/** A test holds that the names are those of the types of the options, which other parts of the client have. */
type NamesOf<N extends string> = OptionNames & { readonly names?: N };

const namesOf = <const O extends object>(names: O): NamesOf<keyof O & string> => new Set(Object.keys(names));

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
  wait: namesOf(wait),
  request: namesOf(request),
  flush: namesOf({ ...wait, timeoutMs: true }),
  stop: namesOf({ ...wait, timeoutMs: true }),
  partition: namesOf(partition),
  fetch: namesOf(fetch),
  producer: namesOf(producer),
  produce: namesOf(produce),
  producerAndProduce: namesOf({ ...producer, ...produce }),
  consumer: namesOf(consumer),
  consumerAndFetch: namesOf({
    ...withoutPullInterval,
    ...fetch,
  }),
  deserialize: namesOf({ strict: true }),
  delay: namesOf({ seconds: true }),
  connect: namesOf({
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
  station: namesOf({
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
  createSchema: namesOf({
    ...request,
    schemaName: true,
    schemaType: true,
    schemaFilePath: true,
    schemaContent: true,
  }),
  enforceSchema: namesOf({ ...request, name: true, stationName: true }),
  detachSchema: namesOf({ ...request, stationName: true }),
} as const;

/**
 * Refuses options that a call does not have, which would be dropped in silence.
 * @throws ValidationError with each unknown name and the nearest known one.
 */
export function assertKnownOptions(attempted: string, options: unknown, names: OptionNames): void {
  const refusal = unknownOptionsError(attempted, options, names);
  if (refusal !== undefined) throw refusal;
}

/**
 * Checks the names of options, and then their values.
 * @param check checks the values, and throws a ValidationError
 * @throws ValidationError with the problems of both.
 */
export function assertOptions(
  attempted: string,
  options: unknown,
  names: OptionNames,
  check: () => unknown,
): void {
  const refusal = unknownOptionsError(attempted, options, names);
  if (refusal !== undefined) throw withOtherProblems(refusal, check);
  check();
}

/**
 * The refusal of unknown options together with what else is wrong.
 * @param check checks the values, and throws a ValidationError
 */
export function withOtherProblems(refusal: ValidationError, check: () => unknown): ValidationError {
  try {
    check();
  } catch (error) {
    if (error instanceof ValidationError)
      return new ValidationError(error.attempted, [...refusal.problems, ...error.problems]);
  }
  return refusal;
}

/**
 * The same as `assertKnownOptions` without throwing. It runs for each message, and makes nothing as long as all is well; what holds no options at
 * all is for the other checks.
 */
export function unknownOptionsError(
  attempted: string,
  options: unknown,
  names: OptionNames,
): ValidationError | undefined {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return undefined;
  for (const name in options) {
    if (names.has(name)) continue;
    const problems = unknownNameProblems(options, [...names], 'an option of this call');
    return problems.length > 0 ? new ValidationError(attempted, problems) : undefined;
  }
  return undefined;
}
