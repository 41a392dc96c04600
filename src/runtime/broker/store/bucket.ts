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

/** @param replicas on how many servers each row is kept. */
export async function openBucket(
  connection: NatsConnection,
  storage: 'file' | 'memory',
  replicas: number,
): Promise<Bucket> {
  const kv = await connection.jetstream({ timeout: TIMEOUT_MS }).views.kv(BUCKET_NAME, {
    history: 1,
    replicas,
    storage: storage === 'file' ? StorageType.File : StorageType.Memory,
    timeout: TIMEOUT_MS,
  });
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
