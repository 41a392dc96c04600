import { NotFoundError, ProtocolError } from '../../../model/errors';
import { defaultIdempotencyWindowMs } from '../../../model/station';
import { externalName } from '../../../model/names';
import { Retention } from '../../../model/retention';
import { Storage } from '../../../model/storage';
import type { ClientConnection } from '../connection/client-connection';
import type { RequestOptions } from '../connection/request-options';
import { assertRequestOptions } from '../connection/request-options';
import { CREATION_TIMEOUT_MS, DESTRUCTION_TIMEOUT_MS, sendForText } from '../connection/request';
import { stationExists } from './station-presence';
import type { StationOptions } from './station-options';
import { stationAttempt } from './station-options';
import type { StationSessions } from './station-sessions';

export type { StationOptions } from './station-options';

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
   * @throws ValidationError for wrong options; the reason of the signal, and then the station may still be removed.
   */
  async destroy(options: RequestOptions = {}): Promise<void> {
    const attempted = `destroy station "${this.name}"`;
    assertRequestOptions(attempted, options);
    const { timeoutRetries, signal } = options;
    await sendForText(
      this.#connection,
      {
        subject: '$memphis_station_destructions',
        body: { station_name: this.name, username: this.#connection.username },
        attempted,
        timeoutMs: DESTRUCTION_TIMEOUT_MS,
        timeoutRetries,
        signal,
      },
      /not exist/,
    );
    this.#sessions.remove(this.name, false);
  }
}

/**
 * Makes a station, or finds the one that exists, which is left as it is.
 * @param options have been checked.
 * @internal
 */
export async function sendStationCreation(
  connection: ClientConnection,
  sessions: StationSessions,
  options: StationOptions,
): Promise<Station> {
  const { name } = options;
  const attempted = stationAttempt(options);
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
    idempotency_window_in_ms: options.idempotencyWindowMs ?? defaultIdempotencyWindowMs(options),
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
