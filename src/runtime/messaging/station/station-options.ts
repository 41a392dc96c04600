import { externalName, nameProblem } from '../../../model/names';
import { Retention } from '../../../model/retention';
import { namesOfValues } from '../../../model/field';
import {
  MAX_IDEMPOTENCY_WINDOW_MS,
  MAX_STORED_INTEGER,
  missingLimitProblem,
  stationFields,
} from '../../../model/station';
import type { Storage } from '../../../model/storage';
import {
  assertIsObject,
  assertNoProblems,
  attemptedOn,
  choiceProblem,
  flagProblem,
  isWholeNumber,
  nameOptionProblem,
  shownValue,
  textProblem,
  wholeNumberProblem,
} from '../connection/option-checks';
import type { RequestOptions } from '../connection/request-options';
import { requestProblems } from '../connection/request-options';

/** Which station to make. */
export interface StationOptions extends RequestOptions {
  /** Name of the station; upper and lower case are the same. */
  readonly name: string;
  /** What makes the station drop messages. Default `Retention.MAX_MESSAGE_AGE_SECONDS`. */
  readonly retentionType?: Retention | undefined;
  /**
   * Seconds, messages per partition or bytes per partition, as `retentionType` says, 1 to 2147483647. Required with MESSAGES
   * and BYTES; it has no effect with ACK_BASED. Default 3600.
   */
  readonly retentionValue?: number | undefined;
  /** Default `Storage.DISK`. */
  readonly storageType?: Storage | undefined;
  /**
   * Copies of each message, in a cluster only. The broker keeps 1, 3 or 5: 0 counts as 1, 2 and 4 as 3, more than 5 as 5.
   * Default 1.
   */
  readonly replicas?: number | undefined;
  /** For how long a message id is remembered, in milliseconds, 100 to 86400000. Default 120000. */
  readonly idempotencyWindowMs?: number | undefined;
  /** Name of an existing schema that messages must fit. Default none. */
  readonly schemaName?: string | undefined;
  /** Whether messages that run out of deliveries become dead letters. Default true. */
  readonly sendPoisonMsgToDls?: boolean | undefined;
  /** Whether messages that break the schema become dead letters. Default true. */
  readonly sendSchemaFailedMsgToDls?: boolean | undefined;
  /** Whether messages that retention drops go to a second tier of storage, if the broker has one. Default false. */
  readonly tieredStorageEnabled?: boolean | undefined;
  /** 1 to 10000. Default 1. */
  readonly partitionsNumber?: number | undefined;
  /** Station that gets a copy of each dead letter; made by the broker if it is absent. Default none. */
  readonly dlsStation?: string | undefined;
}

/** What is attempted with these options, for errors. @internal */
export function stationAttempt({ name }: StationOptions): string {
  return attemptedOn('create station', name);
}

/** @throws ValidationError with every problem. @internal */
export function assertStationOptions(options: StationOptions): void {
  assertIsObject('create a station', options);
  const { retentionType, replicas = 1, partitionsNumber = 1, idempotencyWindowMs = 120_000 } = options;
  assertNoProblems(stationAttempt(options), [
    nameOptionProblem('Station', 'name', options.name),
    enumProblem('retentionType', retentionType),
    retentionProblem(options),
    enumProblem('storageType', options.storageType),
    wholeNumberProblem('replicas', replicas, 0, MAX_STORED_INTEGER),
    windowProblem(idempotencyWindowMs),
    textProblem('schemaName', options.schemaName),
    ...(['sendPoisonMsgToDls', 'sendSchemaFailedMsgToDls', 'tieredStorageEnabled'] as const).map((flag) =>
      flagProblem(flag, options[flag]),
    ),
    wholeNumberProblem('partitionsNumber', partitionsNumber, 1, 10_000),
    dlsProblem(options),
    ...requestProblems(options),
  ]);
}

function enumProblem(name: 'retentionType' | 'storageType', value: unknown): string | undefined {
  const field = stationFields[name];
  return choiceProblem(name, value, field.values, namesOfValues(field, 'typescript'));
}

function retentionProblem(options: StationOptions): string | undefined {
  const { retentionType, retentionValue = 3600 } = options;
  const missing = missingLimitProblem(options);
  if (missing !== undefined) return missing;
  // With the type of acknowledgements the broker looks at no value.
  const least = retentionType === Retention.ACK_BASED ? 0 : 1;
  return wholeNumberProblem('retentionValue', retentionValue, least, MAX_STORED_INTEGER);
}

function windowProblem(window: unknown): string | undefined {
  const problem = wholeNumberProblem('idempotencyWindowMs', window, 100, MAX_IDEMPOTENCY_WINDOW_MS);
  // The broker has words of its own for one that is too long.
  const isTooLong = isWholeNumber(window, MAX_IDEMPOTENCY_WINDOW_MS, Number.MAX_SAFE_INTEGER);
  return problem !== undefined && isTooLong
    ? `${problem}: idempotency window can not exceed 24 hours`
    : problem;
}

function dlsProblem({ name, dlsStation }: StationOptions): string | undefined {
  if (typeof dlsStation !== 'string') return textProblem('dlsStation', dlsStation);
  if (dlsStation === '') return undefined;
  const problem = nameProblem('Station', dlsStation);
  if (problem !== undefined) return `dlsStation is ${shownValue(dlsStation)}: ${problem}`;
  // The broker would make it a station with default settings and say that it exists already.
  return typeof name === 'string' && externalName(dlsStation) === externalName(name)
    ? 'dlsStation is the station itself; name another one'
    : undefined;
}
