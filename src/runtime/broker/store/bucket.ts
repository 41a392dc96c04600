import type { KV, NatsConnection } from 'nats';
import { StorageType } from 'nats';

/** Where rows are kept: a JetStream key-value bucket on the broker's own server. */
export interface Bucket {
  /** Every stored value. */
  load(): Promise<Map<string, string>>;
  put(key: string, value: string): Promise<void>;
  remove(key: string): Promise<void>;
  /** A number greater than any that was used for a row of this bucket before this start. */
  readonly firstFreeId: number;
}

/** Upper case, so that its stream can never be the stream of a station. */
const BUCKET_NAME = 'MEMPHIS_METADATA';

const TIMEOUT_MS = 10_000;
// Below that they cost nothing; above it a start takes the time to sweep them.
const GREATEST_NUMBER_OF_MARKERS = 1_000;
const IN_FLIGHT = 64;

/**
 * Opens the bucket, with what an earlier version left in the account of the stations.
 * @param stations a connection to the account of the stations.
 * @param replicas on how many servers each row is kept.
 */
export async function openBucket(
  connection: NatsConnection,
  stations: NatsConnection,
  storage: 'file' | 'memory',
  replicas: number,
): Promise<Bucket> {
  const kv = await connection.jetstream({ timeout: TIMEOUT_MS }).views.kv(BUCKET_NAME, {
    history: 1,
    replicas,
    storage: storage === 'file' ? StorageType.File : StorageType.Memory,
    timeout: TIMEOUT_MS,
  });
  // What is in memory is from this start.
  if (storage === 'file') await moveEarlierBucket(stations, kv);
  const { streamInfo, values } = await kv.status();
  return {
    // Every row costs at least one message, so ids that start after the last message were never given out.
    firstFreeId: streamInfo.state.last_seq + 1,
    load: () => (values === 0 ? Promise.resolve(new Map<string, string>()) : load(kv, connection)),
    async put(key, value) {
      const most = connection.info?.max_payload ?? Infinity;
      if (Buffer.byteLength(value) > most)
        throw new Error(`${key} is larger than the ${most} bytes that can be kept`);
      await kv.put(key, value);
    },
    async remove(key) {
      // This writes a marker. Taking the message out instead is undone when the server is killed (seen with 2.10.26).
      await kv.delete(key);
    },
  };
}

async function load(kv: KV, connection: NatsConnection): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const markers: string[] = [];
  const entries = await kv.watch({ initializedFn: () => entries.stop() });
  for await (const entry of entries) {
    if (entry.operation === 'PUT') found.set(entry.key, entry.string());
    else markers.push(entry.key);
  }
  if (markers.length > GREATEST_NUMBER_OF_MARKERS) await sweep(markers, connection);
  return found;
}

/** Takes markers out. When that is undone by a kill, the markers are back, which changes nothing. */
async function sweep(markers: readonly string[], connection: NatsConnection): Promise<void> {
  const manager = await connection.jetstreamManager({ timeout: TIMEOUT_MS, checkAPI: false });
  for (let at = 0; at < markers.length; at += IN_FLIGHT) {
    const batch = markers.slice(at, at + IN_FLIGHT);
    await Promise.all(
      batch.map((key) => manager.streams.purge(`KV_${BUCKET_NAME}`, { filter: `$KV.${BUCKET_NAME}.${key}` })),
    );
  }
}

/** Its own id is the greatest that the earlier bucket can have given out. */
const MOVE_KEY = 'move.0';
/** Secrets that clients may have read there. All sessions of the REST API end with them. */
const EXPOSED_SECRETS: readonly unknown[] = ['jwt', 'refresh-jwt'];

/**
 * Earlier versions kept the bucket in the account of the stations, where clients could read it. It is copied once in the
 * life of a store: what lies there later was put there by a client.
 */
async function moveEarlierBucket(stations: NatsConnection, kv: KV): Promise<void> {
  const state = (await kv.get(MOVE_KEY))?.json<{ readonly id: number; readonly isDone: boolean }>();
  if (state?.isDone === true) return;
  const manager = await stations.jetstreamManager({ timeout: TIMEOUT_MS, checkAPI: false });
  const name = `KV_${BUCKET_NAME}`;
  const earlier = await manager.streams.info(name).catch((error: unknown) => {
    if ((error as { readonly api_error?: { readonly code?: number } }).api_error?.code === 404)
      return undefined;
    throw error;
  });
  const id = state?.id ?? earlier?.state.last_seq ?? 0;
  if (earlier !== undefined && state === undefined) {
    const from = await stations
      .jetstream({ timeout: TIMEOUT_MS })
      .views.kv(BUCKET_NAME, { bindOnly: true, timeout: TIMEOUT_MS });
    const rows = [...(await load(from, stations))].filter(([key, value]) => !isExposed(key, value));
    for (let at = 0; at < rows.length; at += IN_FLIGHT) {
      await Promise.all(rows.slice(at, at + IN_FLIGHT).map(([key, value]) => kv.put(key, value)));
    }
  }
  // The copy is complete before the original goes, whenever a kill comes.
  await kv.put(MOVE_KEY, JSON.stringify({ id, isDone: false }));
  if (earlier !== undefined) await manager.streams.delete(name);
  await kv.put(MOVE_KEY, JSON.stringify({ id, isDone: true }));
}

function isExposed(key: string, value: string): boolean {
  if (!key.startsWith('secret.')) return false;
  return EXPOSED_SECRETS.includes((JSON.parse(value) as { readonly name?: unknown }).name);
}
