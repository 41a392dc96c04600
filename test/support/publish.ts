import { randomUUID } from 'node:crypto';
import { connect } from 'nats';
import { partitionStream, partitionSubject } from '../../src/model/names';
import type { LocalBroker } from '../../src/runtime/broker';

/** Stores messages in a station, spread over its partitions in turn; every one of them is acknowledged. */
export async function publish(
  broker: LocalBroker,
  station: string,
  count: number,
  partitions = 1,
): Promise<void> {
  const nats = await connect({
    servers: `${broker.host}:${broker.port}`,
    user: 'root',
    pass: 'memphis',
    name: `${randomUUID()}::root`,
  });
  try {
    const stream = nats.jetstream();
    for (let index = 0; index < count; index += 1) {
      const partition = (index % partitions) + 1;
      await stream.publish(partitionSubject(partitionStream(station, partition)), JSON.stringify({ index }));
    }
  } finally {
    await nats.close();
  }
}
