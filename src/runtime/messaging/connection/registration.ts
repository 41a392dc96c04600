import { randomBytes } from 'node:crypto';
import { ProtocolError } from '../../../model/errors';
import type { ClientConnection } from './client-connection';
import { applicationId } from './client-connection';
import type { RequestOptions } from './request-options';
import { CREATION_TIMEOUT_MS, DESTRUCTION_TIMEOUT_MS, sendForJson, sendForText } from './request';

/** The newest form of creation requests that Memphis 1.4.4 knows. */
const REQUEST_VERSION = 4;

/** What the broker answers when a producer or a consumer is registered. */
export interface Registration {
  /** Numbers of the partitions; empty for a station without any. */
  readonly partitions: readonly number[];
  /** In the broker's form, see `readSchemaUpdate`. */
  readonly schemaUpdate: unknown;
  readonly reply: Readonly<Record<string, unknown>>;
  /** How many registrations the broker may hold by now. */
  readonly tries: number;
}

/** Registers a producer or a consumer. A station that does not exist is made by the broker, with its defaults. */
export async function register(
  connection: ClientConnection,
  subject: string,
  body: Readonly<Record<string, unknown>>,
  attempted: string,
  options: RequestOptions,
): Promise<Registration> {
  const { json, tries } = await sendForJson(connection, {
    subject,
    body: {
      ...body,
      connection_id: connection.connectionId,
      req_version: REQUEST_VERSION,
      username: connection.username,
      app_id: applicationId,
      sdk_lang: 'node.js',
    },
    attempted,
    timeoutMs: CREATION_TIMEOUT_MS,
    ...options,
  });
  return {
    partitions: readPartitions(json.partitions_update, attempted),
    schemaUpdate: json.schema_update,
    reply: json,
    tries,
  };
}

/** The numbers of the partitions; a station without any has null in one of the two places, or nothing. */
function readPartitions(update: unknown, attempted: string): readonly number[] {
  const list: unknown =
    typeof update === 'object' && update !== null
      ? (update as { partitions_list?: unknown }).partitions_list
      : update;
  if (list === undefined || list === null) return [];
  if (Array.isArray(list) && list.every((number) => Number.isSafeInteger(number) && number > 0)) {
    return list as number[];
  }
  throw new ProtocolError({
    attempted,
    found: `the broker says that the partitions are ${JSON.stringify(list).slice(0, 100)}`,
    next: 'Check that the address is a Memphis broker',
  });
}

/** Takes a producer from the broker, with all registrations of its name. */
export async function unregisterProducer(
  connection: ClientConnection,
  { producerName, stationName }: { readonly producerName: string; readonly stationName: string },
  options: RequestOptions,
): Promise<void> {
  await sendForText(
    connection,
    {
      subject: '$memphis_producer_destructions',
      body: destructionBody(connection, producerName, stationName),
      attempted: `destroy the producer "${producerName}" of station "${stationName}"`,
      timeoutMs: DESTRUCTION_TIMEOUT_MS,
      ...options,
    },
    /not exist/,
  );
}

/**
 * Takes a consumer from the broker. The broker removes one registration per request, and a creation that was sent again
 * may have made several; one that is left would keep the group alive.
 */
export async function unregisterConsumer(
  connection: ClientConnection,
  consumer: { readonly consumerName: string; readonly stationName: string; readonly registrations: number },
  options: RequestOptions = {},
): Promise<void> {
  const { consumerName, stationName } = consumer;
  for (let left = consumer.registrations; left > 0; left -= 1) {
    const { text } = await sendForText(
      connection,
      {
        subject: '$memphis_consumer_destructions',
        body: destructionBody(connection, consumerName, stationName),
        attempted: `destroy the consumer "${consumerName}" of station "${stationName}"`,
        timeoutMs: DESTRUCTION_TIMEOUT_MS,
        ...options,
      },
      /not exist/,
    );
    if (text !== '') return;
  }
}

function destructionBody(connection: ClientConnection, name: string, stationName: string) {
  return {
    name: name.toLowerCase(),
    station_name: stationName.toLowerCase(),
    username: connection.username,
    connection_id: connection.connectionId,
    req_version: 1,
  };
}

/** The name to register, with `_` and 8 random hex digits when the deprecated option asks for them. */
export function registeredName(kind: 'producer' | 'consumer', name: string, withSuffix = false): string {
  if (!withSuffix) return name;
  process.emitWarning(
    `generateRandomSuffix is deprecated; give each ${kind} a name of its own`,
    'DeprecationWarning',
  );
  return `${name}_${randomBytes(4).toString('hex')}`;
}
