import { BrokerRefusedError, errorText, MemphisError } from '../../../model/errors';
import type { ClientConnection } from '../connection/client-connection';
import type { HeadersInput } from '../connection/headers';
import { headerObject } from '../connection/headers';

/** How long a record waits for a lost connection to come back. */
const RECONNECT_TIMEOUT_MS = 15_000;

/** A message that broke its schema and was not sent. */
export interface SchemaFailure {
  readonly stationInternal: string;
  readonly stationName: string;
  readonly producerName: string;
  /** The bytes that would have been sent. */
  readonly bytes: Uint8Array;
  readonly headers: HeadersInput | undefined;
  /** The partition, where it is known before the message is checked. */
  readonly partition: number | undefined;
  /** Why the message does not fit. */
  readonly reason: string;
}

/** Tells the broker to keep a dead-letter record. The broker trusts the client with the station's flag. */
export function recordSchemaFailure(connection: ClientConnection, failure: SchemaFailure): void {
  const { stationInternal, producerName, bytes, reason, partition } = failure;
  const record = {
    station_name: stationInternal,
    producer: { name: producerName, connection_id: connection.connectionId },
    message: {
      data: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex'),
      // Always an object with something in it: without headers the copy to a dead-letter station ends a broker.
      headers: {
        ...validHeaders(failure.headers),
        $memphis_producedBy: producerName,
        $memphis_connectionId: connection.connectionId,
      },
      size: bytes.byteLength,
    },
    validation_error: reason,
    ...(partition === undefined ? {} : { partition_number: partition }),
  };
  publishQuietly(connection, '$memphis_schemaverse_dls', record);
}

/** Tells the broker to notify people, where they asked for it. */
export function notifySchemaFailure(connection: ClientConnection, failure: SchemaFailure): void {
  publishQuietly(connection, '$memphis_notifications', {
    title: 'Schema validation has failed',
    msg: `Station: ${failure.stationName}\nProducer: ${failure.producerName}\nError: ${failure.reason}`,
    type: 'schema_validation_fail_alert',
    code: Buffer.from(failure.bytes).toString('utf8'),
  });
}

/** The caller gets the schema error in any case, at once; trouble with the record must not take its place. */
function publishQuietly(connection: ClientConnection, subject: string, body: object): void {
  const attempted = 'record a message that broke its schema';
  const send = (): void => connection.publish(subject, JSON.stringify(body));
  const failed = (cause: unknown): void =>
    connection.errors.report(
      new BrokerRefusedError({
        attempted,
        found: errorText(cause),
        next: 'It does not become a dead letter; the record of a message takes more than twice its bytes',
        cause,
      }),
    );
  if (!connection.isConnected) {
    connection
      .ready(attempted, RECONNECT_TIMEOUT_MS)
      .then(send)
      .catch((error: unknown) =>
        error instanceof MemphisError ? connection.errors.report(error) : failed(error),
      );
    return;
  }
  try {
    send();
  } catch (cause) {
    failed(cause);
  }
}

function validHeaders(headers: HeadersInput | undefined): Record<string, string> {
  try {
    return headerObject(headers);
  } catch {
    return {};
  }
}
