import { externalName, nameProblem } from '../../../model/names';
import { Retention } from '../../../model/retention';
import { MAX_STORED_INTEGER, missingLimitProblem, stationFields } from '../../../model/station';
import type { Storage } from '../../../model/storage';
import { fieldProblem } from '../../../model/validation';
import {
  assertIsObject,
  assertNoProblems,
  attemptedOn,
  isWholeNumber,
  nameOptionProblem,
  shownOption,
  textProblem,
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

/** What the table alone says of an option. */
const checkedByTable = [
  'sendPoisonMsgToDls',
  'sendSchemaFailedMsgToDls',
  'tieredStorageEnabled',
  'partitionsNumber',
] as const;

/** The broker itself corrects any number of copies, and with ACK_BASED it ignores the limit. */
const replicas = { ...stationFields.replicas, minimum: 0, maximum: MAX_STORED_INTEGER };
const ignoredLimit = { ...stationFields.retentionValue, minimum: 0 };

/** Problems name values as a program writes them. */
const inCode = { words: 'typescript' } as const;

/** @throws ValidationError with every problem. @internal */
export function assertStationOptions(options: StationOptions): void {
  assertIsObject('create a station', options);
  assertNoProblems(stationAttempt(options), [
    nameOptionProblem('Station', 'name', options.name),
    fieldProblem('retentionType', options.retentionType, stationFields.retentionType, inCode),
    retentionProblem(options),
    fieldProblem('storageType', options.storageType, stationFields.storageType, inCode),
    fieldProblem('replicas', options.replicas, replicas),
    windowProblem(options.idempotencyWindowMs),
    textProblem('schemaName', options.schemaName),
    ...checkedByTable.map((name) => fieldProblem(name, options[name], stationFields[name])),
    dlsProblem(options),
    ...requestProblems(options),
  ]);
}

function retentionProblem(options: StationOptions): string | undefined {
  const { retentionType, retentionValue } = options;
  const field = retentionType === Retention.ACK_BASED ? ignoredLimit : stationFields.retentionValue;
  return missingLimitProblem(options) ?? fieldProblem('retentionValue', retentionValue, field);
}

function windowProblem(window: unknown): string | undefined {
  const field = stationFields.idempotencyWindowMs;
  const problem = fieldProblem('idempotencyWindowMs', window, field);
  // The broker has words of its own for one that is too long.
  const isTooLong = isWholeNumber(window, field.maximum, Number.MAX_SAFE_INTEGER);
  return problem !== undefined && isTooLong
    ? `${problem}: idempotency window can not exceed 24 hours`
    : problem;
}

function dlsProblem({ name, dlsStation }: StationOptions): string | undefined {
  if (typeof dlsStation !== 'string') return textProblem('dlsStation', dlsStation);
  if (dlsStation === '') return undefined;
  const problem = nameProblem('Station', dlsStation);
  if (problem !== undefined) return `dlsStation is ${shownOption(dlsStation)}: ${problem}`;
  // The broker would make it a station with default settings and say that it exists already.
  return typeof name === 'string' && externalName(dlsStation) === externalName(name)
    ? 'dlsStation is the station itself; name another one'
    : undefined;
}
