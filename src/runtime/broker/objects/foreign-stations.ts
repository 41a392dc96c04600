import { errorText } from '../../../model/errors';
import { lowerCase, MAX_NAME_BYTES } from '../../../model/names';
import type { ForeignSender } from '../proxy';
import type { BrokerContext } from './context';
import { findStation } from './context';
import { Refusal, ServerFailure } from './errors';
import {
  checkIdempotency,
  DEFAULT_RETENTION,
  normaliseIdempotency,
  normaliseReplicas,
} from './station-settings';
import type { NewStation } from './stations';
import { insertStation, removeStationRow } from './stations';

/**
 * Stations that stand for streams of clients that are none of Memphis. They have no partitions; their stream keeps the name
 * it was given, while the station is written in lower case.
 */

/** What a client asked JetStream for; nothing is known about the types of its values. */
export interface StreamRequest {
  readonly name?: unknown;
  readonly retention?: unknown;
  readonly max_age?: unknown;
  readonly max_bytes?: unknown;
  readonly max_msgs?: unknown;
  readonly duplicate_window?: unknown;
  readonly storage?: unknown;
  readonly num_replicas?: unknown;
}

const NANOSECONDS_IN_SECOND = 1_000_000_000;
const NANOSECONDS_IN_MILLISECOND = 1_000_000;

/** @throws Refusal for a stream that a Memphis broker does not let such a client make. */
export function checkForeignStream({ retention, name }: StreamRequest): void {
  if (retention === 'workqueue') {
    throw new Refusal('the only supported retention types are limits/interest');
  }
  const lower = typeof name === 'string' ? lowerCase(name) : '';
  if (lower === '') throw new Refusal('stream name can not be empty');
  if (Buffer.byteLength(lower) > MAX_NAME_BYTES)
    throw new Refusal('stream name should be under 128 characters');
  if (!/^[a-z0-9_-]*$/.test(lower)) {
    throw new Refusal("only alphanumeric and the '_', '-' characters are allowed in stream name");
  }
  if (/^[_-]|[_-]$/.test(lower)) {
    throw new Refusal('stream name can not start or end with non alphanumeric character');
  }
}

/** Makes the station of a new stream, unless there is one of that name, or the settings are none that a station can have. */
export async function foreignStreamCreated(
  context: BrokerContext,
  sender: ForeignSender,
  request: StreamRequest,
): Promise<void> {
  const name = lowerCase(String(request.name));
  const user = context.metadata.users.find(sender.username);
  if (user === undefined || findStation(context, name) !== undefined) return;
  try {
    const audit = `Station ${name} has been created by user ${user.username}`;
    await insertStation(context, stationFor(name, request), user, audit);
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof ServerFailure)) throw error;
    context.log(`the stream ${String(request.name)} does not become a station: ${errorText(error)}`);
  }
}

/** @throws Refusal for a window that a station of that retention cannot have. */
function stationFor(name: string, request: StreamRequest): NewStation {
  const retention = retentionOfStream(request);
  // The window that was asked for counts, not the one that JetStream makes of it.
  const window = numberIn(request.duplicate_window) / NANOSECONDS_IN_MILLISECOND;
  const idempotencyWindowMs = normaliseIdempotency(Math.trunc(window));
  checkIdempotency(idempotencyWindowMs, retention.type, retention.value);
  return {
    name,
    retentionType: retention.type,
    retentionValue: retention.value,
    storageType: request.storage === 'memory' ? 'memory' : 'file',
    replicas: normaliseReplicas(numberIn(request.num_replicas)),
    idempotencyWindowMs,
    dlsPoison: true,
    dlsSchemaverse: false,
    dlsStation: '',
    tieredStorageEnabled: false,
    partitionsNumber: 0,
    schema: undefined,
    tags: undefined,
  };
}

/** The first limit that the stream has, in this order. */
function retentionOfStream(request: StreamRequest): { readonly type: string; readonly value: number } {
  const age = numberIn(request.max_age);
  if (age > 0) return { type: 'message_age_sec', value: Math.trunc(age / NANOSECONDS_IN_SECOND) };
  const bytes = numberIn(request.max_bytes);
  if (bytes > 0) return { type: 'bytes', value: bytes };
  const messages = numberIn(request.max_msgs);
  if (messages > 0) return { type: 'messages', value: messages };
  return request.retention === 'interest' ? { ...DEFAULT_RETENTION, type: 'ack_based' } : DEFAULT_RETENTION;
}

function numberIn(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/**
 * Forgets the station of that name. A quirk of a real broker that clients see: this goes for every station, also one with
 * partitions, whose streams then belong to nobody.
 */
export async function foreignStreamDeleted(
  context: BrokerContext,
  sender: ForeignSender,
  stream: string,
): Promise<void> {
  const station = findStation(context, stream);
  if (station === undefined) return;
  const user = context.metadata.users.find(sender.username) ?? { id: 0, username: sender.username };
  await removeStationRow(context, station, user);
}
