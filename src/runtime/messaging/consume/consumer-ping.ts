import { NotFoundError } from '../../../model/errors';
import type { ClientConnection } from '../connection/client-connection';
import { durableExists } from '../connection/jetstream-api';
import type { Partition } from '../station/partition';

const PING_INTERVAL_MS = 30_000;

/** Looks every 30 seconds whether a consumer group is still on the broker, and reports when it is not. */
export class ConsumerPing {
  readonly #timer: NodeJS.Timeout;

  constructor(connection: ClientConnection, partitions: readonly Partition[], durable: string) {
    this.#timer = setInterval(() => {
      if (connection.isConnected) void ping(connection, partitions, durable);
    }, PING_INTERVAL_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

async function ping(
  connection: ClientConnection,
  partitions: readonly Partition[],
  durable: string,
): Promise<void> {
  const attempted = `find the consumer group "${durable}"`;
  const results = await Promise.allSettled(
    partitions.map(async ({ stream }) => durableExists(connection, stream, durable, attempted)),
  );
  const missing = partitions.filter((_partition, index) => {
    const result = results[index];
    return result?.status === 'fulfilled' && !result.value;
  });
  if (missing.length === 0) return;
  connection.errors.report(
    new NotFoundError({
      attempted,
      found: `station/consumer were not found: ${missing.map((partition) => partition.stream).join(', ')}`,
      next: 'Create the station and the consumer again',
    }),
  );
}
