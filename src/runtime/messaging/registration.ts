import type { ClientConnection } from './client-connection';
import { applicationId } from './client-connection';
import type { RequestOptions } from './request';
import { CREATION_TIMEOUT_MS, sendForJson } from './request';

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
  const update = json.partitions_update as { readonly partitions_list?: unknown } | null | undefined;
  const list = update?.partitions_list;
  return {
    partitions: Array.isArray(list) ? list.map(Number) : [],
    schemaUpdate: json.schema_update,
    reply: json,
    tries,
  };
}

/** The name with `_` and 8 random hex digits. */
export function withRandomSuffix(name: string, random: (bytes: number) => Buffer): string {
  return `${name}_${random(4).toString('hex')}`;
}
