import { NotFoundError, ProtocolError, ValidationError } from '../../../model/errors';
import { externalName, nameProblem } from '../../../model/names';
import { Retention } from '../../../model/retention';
import { MAX_STORED_INTEGER } from '../../../model/station';
import { Storage } from '../../../model/storage';
import type { ClientConnection } from '../connection/client-connection';
import type { RequestOptions } from '../connection/request-options';
import { CREATION_TIMEOUT_MS, DESTRUCTION_TIMEOUT_MS, sendForText } from '../connection/request';
import { stationExists } from './station-exists';
import type { StationSessions } from './station-sessions';

/** Which station to make. */
export interface StationOptions extends RequestOptions {
  /** Name of the station; upper and lower case are the same. */
  readonly name: string;
  /** What makes the station drop messages. Default `Retention.MAX_MESSAGE_AGE_SECONDS`. */
  readonly retentionType?: Retention;
  /** Seconds, messages per partition or bytes per partition, as `retentionType` says; none for ACK_BASED. Default 3600. */
  readonly retentionValue?: number;
  /** Default `Storage.DISK`. */
  readonly storageType?: Storage;
  /** Copies of each message, 1 to 5, in a cluster only; the broker keeps 1, 3 or 5. Default 1. */
  readonly replicas?: number;
  /** For how long a message id is remembered, in milliseconds, 100 to 86400000. Default 120000. */
  readonly idempotencyWindowMs?: number;
  /** Name of an existing schema that messages must fit. Default none. */
  readonly schemaName?: string;
  /** Whether messages that run out of deliveries become dead letters. Default true. */
  readonly sendPoisonMsgToDls?: boolean;
  /** Whether messages that break the schema become dead letters. Default true. */
  readonly sendSchemaFailedMsgToDls?: boolean;
  /** Whether messages that retention drops go to a second tier of storage, if the broker has one. Default false. */
  readonly tieredStorageEnabled?: boolean;
  /** 1 to 10000. Default 1. */
  readonly partitionsNumber?: number;
  /** Station that gets a copy of each dead letter; made by the broker if it is absent. Default none. */
  readonly dlsStation?: string;
}

/** A station of the broker. Made by `Memphis.station`. */
export class Station {
  /** External name. */
  readonly name: string;
  readonly #connection: ClientConnection;
  readonly #sessions: StationSessions;

  private constructor(connection: ClientConnection, sessions: StationSessions, name: string) {
    this.#connection = connection;
    this.#sessions = sessions;
    this.name = externalName(name);
  }

  /** @internal */
  static of(connection: ClientConnection, sessions: StationSessions, name: string): Station {
    return new Station(connection, sessions, name);
  }

  /**
   * Removes the station with its messages, dead letters, producers and consumers. Those of this connection end: their
   * calls fail from then on. A station that does not exist is fine.
   * @throws the reason of the signal, and then the station may still be removed.
   */
  async destroy(options: RequestOptions = {}): Promise<void> {
    await sendForText(
      this.#connection,
      {
        subject: '$memphis_station_destructions',
        body: { station_name: this.name, username: this.#connection.username },
        attempted: `destroy station "${this.name}"`,
        timeoutMs: DESTRUCTION_TIMEOUT_MS,
        ...options,
      },
      /not exist/,
    );
    this.#sessions.remove(this.name, false);
  }
}

/** Makes a station, or finds the one that exists, which is left as it is. @internal */
export async function createStation(
  connection: ClientConnection,
  sessions: StationSessions,
  options: StationOptions,
): Promise<Station> {
  const { name } = options;
  const attempted = `create station "${name}"`;
  const problems = stationProblems(options);
  if (problems.length > 0) throw new ValidationError(attempted, problems);
  await sendForText(
    connection,
    {
      subject: '$memphis_station_creations',
      body: requestBody(options, connection.username),
      attempted,
      timeoutMs: CREATION_TIMEOUT_MS,
      timeoutRetries: options.timeoutRetries,
      signal: options.signal,
    },
    /already exists?/i,
  );
  await assertCreated(connection, options, attempted);
  return Station.of(connection, sessions, name);
}

function requestBody(options: StationOptions, username: string): Record<string, unknown> {
  return {
    name: options.name,
    retention_type: options.retentionType ?? Retention.MAX_MESSAGE_AGE_SECONDS,
    retention_value: options.retentionValue ?? 3600,
    storage_type: options.storageType ?? Storage.DISK,
    replicas: options.replicas ?? 1,
    idempotency_window_in_ms: options.idempotencyWindowMs ?? 120_000,
    schema_name: options.schemaName ?? '',
    dls_configuration: {
      poison: options.sendPoisonMsgToDls ?? true,
      // With the capital letter that the Memphis SDKs send.
      Schemaverse: options.sendSchemaFailedMsgToDls ?? true,
    },
    username,
    tiered_storage_enabled: options.tieredStorageEnabled ?? false,
    partitions_number: options.partitionsNumber ?? 1,
    dls_station: options.dlsStation ?? '',
  };
}

/** Only what the broker would not answer with a clear text of its own. */
function stationProblems(options: StationOptions): string[] {
  const { name, retentionValue, partitionsNumber = 1, dlsStation } = options;
  const problems: string[] = [];
  const badName = nameProblem('Station', name);
  if (badName !== undefined) problems.push(badName);
  if (
    retentionValue !== undefined &&
    (!Number.isInteger(retentionValue) || retentionValue > MAX_STORED_INTEGER)
  ) {
    problems.push(
      `retentionValue is ${retentionValue}; it must be a whole number up to ${MAX_STORED_INTEGER}`,
    );
  }
  if (!Number.isInteger(partitionsNumber) || partitionsNumber < 1 || partitionsNumber > 10_000) {
    problems.push(`partitionsNumber is ${partitionsNumber}; it must be a whole number from 1 to 10000`);
  }
  for (const key of ['replicas', 'idempotencyWindowMs'] as const) {
    const value = options[key];
    if (value !== undefined && !Number.isInteger(value))
      problems.push(`${key} is ${value}; it must be a whole number`);
  }
  // The broker would make it a station with default settings and say that it exists already.
  if (dlsStation !== undefined && dlsStation !== '' && externalName(dlsStation) === externalName(name)) {
    problems.push('dlsStation is the station itself; name another one');
  }
  return problems;
}

/** The broker says "done" in some cases in which it has made nothing, such as an unknown schema. */
async function assertCreated(
  connection: ClientConnection,
  { name, schemaName = '', signal }: StationOptions,
  attempted: string,
): Promise<void> {
  if (await stationExists(connection, name, attempted, { signal })) return;
  if (schemaName === '') {
    throw new ProtocolError({
      attempted,
      found: 'the broker said that it is done, but there is no such station',
      next: 'Check that the user exists on the broker, and its plan',
    });
  }
  throw new NotFoundError({
    attempted,
    found: `the station was not created; does the schema "${schemaName}" exist?`,
    next: 'Create the schema first',
  });
}
