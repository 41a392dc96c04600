import type { NatsConnection } from 'nats';
import { StorageType } from 'nats';

/** Where rows are kept: a JetStream key-value bucket on the broker's own server. */
export interface Bucket {
  /** Every stored value. */
  load(): Promise<Map<string, string>>;
  put(key: string, value: string): Promise<void>;
  /** Removes the key without a trace; nothing happens when it is not there. */
  remove(key: string): Promise<void>;
  /** A number greater than any that was used for a row of this bucket before this start. */
  readonly firstFreeId: number;
}

/** Upper case, so that its stream can never be the stream of a station. */
export const BUCKET_NAME = 'MEMPHIS_METADATA';

const TIMEOUT_MS = 10_000;

export async function openBucket(connection: NatsConnection, storage: 'file' | 'memory'): Promise<Bucket> {
  const kv = await connection.jetstream({ timeout: TIMEOUT_MS }).views.kv(BUCKET_NAME, {
    history: 1,
    storage: storage === 'file' ? StorageType.File : StorageType.Memory,
    timeout: TIMEOUT_MS,
  });
  const status = await kv.status();
  const stream = `KV_${BUCKET_NAME}`;
  const manager = await connection.jetstreamManager({ timeout: TIMEOUT_MS, checkAPI: false });
  // Every row costs at least one message, so ids that start after the last message were never given out.
  const firstFreeId = status.streamInfo.state.last_seq + 1;
  return {
    firstFreeId,
    async load() {
      const found = new Map<string, string>();
      if (status.values === 0) return found;
      const entries = await kv.watch({ initializedFn: () => entries.stop() });
      for await (const entry of entries) {
        if (entry.operation === 'PUT') found.set(entry.key, entry.string());
      }
      return found;
    },
    async put(key, value) {
      await kv.put(key, value);
    },
    async remove(key) {
      // Not a KV delete: that leaves a marker for ever, and rows of clients come and go.
      await manager.streams.purge(stream, { filter: `$KV.${BUCKET_NAME}.${key}` });
    },
  };
}
