import { readFile } from 'node:fs/promises';
import { BrokerRefusedError, EnvironmentError, errorText, ValidationError } from '../../../model/errors';
import type { SchemaType } from '../../../schema';
import { firstMessageName, schemaContentProblem, schemaTypes } from '../../../schema';
import type { WaitOptions } from '../../connection/waiting';
import { untilAborted } from '../../connection/waiting';
import {
  assertIsObject,
  assertNoProblems,
  attemptedWith,
  nameOptionProblem,
  requiredTextProblem,
  shownOption,
  textProblem,
} from '../connection/option-checks';
import type { ClientConnection } from '../connection/client-connection';
import type { RequestOptions } from '../connection/request-options';
import { requestProblems } from '../connection/request-options';
import { CREATION_TIMEOUT_MS, sendForJson, sendForText } from '../connection/request';

/** Which schema to make: its content from a file or as text. */
export type CreateSchemaOptions = RequestOptions & {
  /** Name of the schema, in lower case. */
  readonly schemaName: string;
  readonly schemaType: SchemaType;
} & (
    | {
        /** Path of the file, read as UTF-8. */ readonly schemaFilePath: string;
        readonly schemaContent?: undefined;
      }
    | {
        /** The text of the schema. */ readonly schemaContent: string;
        readonly schemaFilePath?: undefined;
      }
  );

/** Which schema a station is to enforce. */
export interface EnforceSchemaOptions extends RequestOptions {
  /** Name of the schema. */
  readonly name: string;
  /** Name of the station; upper and lower case are the same. */
  readonly stationName: string;
}

/** Which station is to enforce no schema any more. */
export interface DetachSchemaOptions extends RequestOptions {
  /** Name of the station; upper and lower case are the same. */
  readonly stationName: string;
}

/**
 * Registers a schema, or a new version of it, which is not active until somebody activates it.
 * @param options have been checked.
 * @internal
 */
export async function sendSchemaCreation(
  connection: ClientConnection,
  options: CreateSchemaOptions,
): Promise<void> {
  const { schemaName, schemaType } = options;
  const attempted = createSchemaAttempt(options);
  const content = options.schemaContent ?? (await readContent(options, attempted));
  // A file without a message ends the process of a Memphis broker, so it must be certain that there is one.
  if (schemaType === 'protobuf' && firstMessageName(content) === undefined) {
    throw new ValidationError(attempted, [
      schemaContentProblem(schemaType, content) ?? 'the file declares no message',
    ]);
  }
  const created = sendForJson(
    connection,
    {
      subject: '$memphis_schema_creations',
      body: {
        name: schemaName,
        type: schemaType,
        created_by_username: connection.username,
        schema_content: content,
        message_struct_name: '',
      },
      attempted,
      timeoutMs: CREATION_TIMEOUT_MS,
      ...requestOptions(options),
    },
    // "already exist with type ..." is another case, and an error.
    /already exists/,
  );
  await created.catch((error: unknown) => {
    // The broker says that the content is wrong, not where.
    if (!(error instanceof BrokerRefusedError) || !/schema is invalid/i.test(error.found)) throw error;
    const problem = schemaContentProblem(schemaType, content);
    const next = `Correct the content${problem === undefined ? '' : `: ${problem}`}`;
    throw new BrokerRefusedError({ attempted, found: error.found, next, cause: error });
  });
}

/**
 * Binds the active version of a schema to a station; producers that are running follow at once.
 * @param options have been checked.
 * @internal
 */
export async function sendSchemaEnforcement(
  connection: ClientConnection,
  options: EnforceSchemaOptions,
): Promise<void> {
  const { name, stationName } = options;
  const attempted = enforceSchemaAttempt(options);
  await sendForText(connection, {
    subject: '$memphis_schema_attachments',
    body: { name, station_name: stationName, username: connection.username },
    attempted,
    timeoutMs: CREATION_TIMEOUT_MS,
    ...requestOptions(options),
  });
}

/**
 * Ends the enforcement; producers that are running follow at once.
 * @param options have been checked.
 * @internal
 */
export async function sendSchemaDetachment(
  connection: ClientConnection,
  options: DetachSchemaOptions,
): Promise<void> {
  const { stationName } = options;
  const attempted = detachSchemaAttempt(options);
  await sendForText(connection, {
    subject: '$memphis_schema_detachments',
    body: { station_name: stationName, username: connection.username },
    attempted,
    timeoutMs: CREATION_TIMEOUT_MS,
    ...requestOptions(options),
  });
}

/** What `createSchema` attempts. @internal */
export function createSchemaAttempt(options: unknown): string {
  return attemptedWith(options, [['create the schema', 'schemaName']]);
}

/** What `enforceSchema` attempts. @internal */
export function enforceSchemaAttempt(options: unknown): string {
  return attemptedWith(options, [
    ['enforce the schema', 'name'],
    ['on station', 'stationName'],
  ]);
}

/** What `detachSchema` attempts. @internal */
export function detachSchemaAttempt(options: unknown): string {
  return attemptedWith(options, [['detach the schema of station', 'stationName']]);
}

/** @throws ValidationError with every problem. @internal */
export function assertCreateSchemaOptions(options: CreateSchemaOptions): void {
  assertIsObject('create a schema', options);
  const { schemaName, schemaType } = options;
  assertNoProblems(createSchemaAttempt(options), [
    schemaNameProblem(schemaName),
    schemaTypeProblem(schemaType),
    contentSourceProblem(options),
    ...requestProblems(options),
  ]);
}

/** @throws ValidationError with every problem. @internal */
export function assertEnforceSchemaOptions(options: EnforceSchemaOptions): void {
  assertIsObject('enforce a schema', options);
  const { name, stationName } = options;
  assertNoProblems(enforceSchemaAttempt(options), [
    requiredTextProblem('name', name),
    requiredTextProblem('stationName', stationName),
    name === '' || stationName === '' ? 'name and station name can not be empty' : undefined,
    ...requestProblems(options),
  ]);
}

/** @throws ValidationError with every problem. @internal */
export function assertDetachSchemaOptions(options: DetachSchemaOptions): void {
  assertIsObject('detach a schema', options);
  const { stationName } = options;
  assertNoProblems(detachSchemaAttempt(options), [
    requiredTextProblem('stationName', stationName),
    stationName === '' ? 'station name is missing' : undefined,
    ...requestProblems(options),
  ]);
}

function requestOptions({ timeoutRetries, signal }: RequestOptions): RequestOptions {
  return { timeoutRetries, signal };
}

/** The broker takes any name here, but one with an upper-case letter could never be found or removed again. */
function schemaNameProblem(name: unknown): string | undefined {
  if (typeof name === 'string' && name !== name.toLowerCase()) {
    return 'Only lower-case letters are allowed in the schema name';
  }
  return nameOptionProblem('Schema', 'schemaName', name);
}

function schemaTypeProblem(type: unknown): string | undefined {
  if (type === undefined) return 'schemaType is missing';
  return (schemaTypes as readonly unknown[]).includes(type)
    ? undefined
    : `Schema type not supported: ${shownOption(type)}; supported are ${schemaTypes.join(', ')}`;
}

function contentSourceProblem({ schemaContent, schemaFilePath }: CreateSchemaOptions): string | undefined {
  // Types are of no help where both come from somewhere else.
  const both: { content: unknown; path: unknown } = { content: schemaContent, path: schemaFilePath };
  if (both.content === undefined) {
    if (both.path === '') return 'schemaFilePath is empty';
    return both.path === undefined
      ? 'schemaContent and schemaFilePath are both missing; give one of them'
      : textProblem('schemaFilePath', both.path);
  }
  if (both.path !== undefined) return 'schemaContent and schemaFilePath are both given; give one of them';
  return textProblem('schemaContent', both.content);
}

async function readContent(
  { schemaFilePath, signal }: { readonly schemaFilePath: string } & WaitOptions,
  attempted: string,
): Promise<string> {
  try {
    return await untilAborted(signal, async () => readFile(schemaFilePath, 'utf8'));
  } catch (cause) {
    signal?.throwIfAborted();
    throw new EnvironmentError({
      attempted,
      found: `the file cannot be read: ${errorText(cause)}`,
      next: 'Check schemaFilePath',
      cause,
    });
  }
}
