import { randomUUID } from 'node:crypto';
import { AckPolicy, connect } from 'nats';
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

/** Makes a consumer group on the first partition of a station that acknowledges so many messages and waits for the rest. */
export async function acknowledge(broker: LocalBroker, station: string, count: number): Promise<void> {
  const nats = await connect({
    servers: `${broker.host}:${broker.port}`,
    user: 'root',
    pass: 'memphis',
    name: `${randomUUID()}::root`,
  });
  try {
    const stream = partitionStream(station, 1);
    const manager = await nats.jetstreamManager();
    await manager.consumers.add(stream, {
      durable_name: 'group',
      ack_policy: AckPolicy.Explicit,
      filter_subject: partitionSubject(stream),
    });
    const consumer = await nats.jetstream().consumers.get(stream, 'group');
    for (let index = 0; index < count; index += 1) {
      const message = await consumer.next();
      await message?.ackAck();
    }
  } finally {
    await nats.close();
  }
}
