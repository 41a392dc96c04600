import { NotFoundError, ValidationError } from '../../../src/model/errors';
import { partitionStream } from '../../../src/model/names';
import { Retention } from '../../../src/model/retention';
import { Storage } from '../../../src/model/storage';
import { eventually } from '../../support/broker';
import { row } from './row';
import { trafficForThisFile } from './station-traffic';
import { rejection } from '../../support/rejection';

const traffic = trafficForThisFile();
const { broker } = traffic;

row('STA-1', async () => {
  const station = await traffic.station();
  expect(typeof station.destroy).toBe('function');
  expect((await traffic.row(station.name)).status).toBe(200);
  expect(await broker.stream(station.name)).toBeDefined();
});

row('STA-2', async () => {
  const name = `My.${broker.stationName()}`;
  const station = await traffic.memphis.station({ name });
  try {
    expect(station.name).toBe(name.toLowerCase());
    const stream = `${name.toLowerCase().replaceAll('.', '#')}$1`;
    expect(partitionStream(name, 1)).toBe(stream);
    expect(await broker.jetStream(`STREAM.INFO.${stream}`)).not.toHaveProperty('error');
    expect((await traffic.row(name.toLowerCase())).body).toMatchObject({ name: name.toLowerCase() });
    // In another letter case it is the same station.
    await traffic.memphis.station({ name: name.toUpperCase(), retentionValue: 7 });
    expect((await broker.stream(name))?.config).toMatchObject({ max_age: 3600e9 });
  } finally {
    await station.destroy();
  }
  const texts: readonly (readonly [bad: string, text: string])[] = [
    ['', 'Station name can not be empty'],
    ['a b', "Only alphanumeric and the '_', '-', '.' characters are allowed in Station"],
    ['a-', 'Station name can not start or end with non alphanumeric character'],
    ['-a', 'Station name can not start or end with non alphanumeric character'],
    ['a'.repeat(129), 'Station should be under 128 characters'],
  ];
  for (const [bad, text] of texts) {
    await expect(traffic.memphis.station({ name: bad })).rejects.toThrow(text);
  }
});

/** All defaults of a station, as REST and the stream show them. */
async function expectDefaults(name: string): Promise<void> {
  const { body } = await traffic.row(name);
  expect(body).toMatchObject({
    retention_type: 'message_age_sec',
    retention_value: 3600,
    replicas: 1,
    idempotency_window_in_ms: 120000,
    partitions_number: 1,
    dls_configuration: { poison: true, schemaverse: true },
    tiered_storage_enabled: false,
  });
  expect(body.dls_station ?? '').toBe('');
  expect((await broker.stream(name))?.config).toMatchObject({
    storage: 'file',
    retention: 'limits',
    max_age: 3600e9,
    max_msgs: -1,
    max_bytes: -1,
    num_replicas: 1,
    duplicate_window: 120e9,
  });
  expect(await broker.stream(name, 2)).toBeUndefined();
  expect((await traffic.overview(name)).schema.name ?? '').toBe('');
}

row('STA-3', async () => {
  await expectDefaults((await traffic.station()).name);
});

row('STA-4', async () => {
  const { name } = await traffic.station({ retentionValue: 1000 });
  await traffic.fill(name, 1);
  const again = await traffic.memphis.station({
    name,
    retentionType: Retention.MESSAGES,
    retentionValue: 2000,
    storageType: Storage.MEMORY,
    partitionsNumber: 3,
  });
  expect(again.name).toBe(name);
  const stream = await broker.stream(name);
  expect(stream?.config).toMatchObject({ max_age: 1000e9, max_msgs: -1, storage: 'file' });
  expect(stream?.state.messages).toBe(1);
  expect(await broker.stream(name, 2)).toBeUndefined();
});

row('STA-5', async () => {
  const name = broker.stationName();
  await traffic.memphis.producer({ stationName: name, producerName: 'p' });
  await expectDefaults(name);
});

row('STA-6', async () => {
  const name = broker.stationName();
  await traffic.consumer(name);
  await expectDefaults(name);
});

row('STA-7', async () => {
  const name = broker.stationName();
  const made = await broker.rest('POST', '/stations/createStation', {
    name,
    retention_type: 'message_age_sec',
    retention_value: 3600,
    storage_type: 'file',
    replicas: 1,
    partitions_number: 2,
    idempotency_window_in_ms: 120000,
    dls_configuration: { poison: true, schemaverse: true },
  });
  expect(made.status).toBe(200);
  const producer = await traffic.memphis.producer({ stationName: name, producerName: 'p' });
  const consumer = await traffic.consumer(name);
  await producer.produce({ message: 'm', producerPartitionNumber: 2 });
  expect(await consumer.fetch({ batchSize: 1, consumerPartitionNumber: 2 })).toHaveLength(1);
  const removed = await broker.rest('DELETE', '/stations/removeStation', { station_names: [name] });
  expect(removed.status).toBe(200);
  await eventually(
    async () => (await rejection(producer.produce({ message: 'm' }))) instanceof NotFoundError,
    'the producer says that the station is gone',
  );
  // It was told by the broker, and not only found out by trying.
  for (const late of [rejection(producer.produce({ message: 'm' })), rejection(consumer.fetch())]) {
    expect(await late).toBeInstanceOf(NotFoundError);
    expect((await late).message).toContain(`station "${name}" was removed`);
  }
  // The station is not made again behind the user's back.
  expect(await traffic.memphis.stationExists(name)).toBe(false);
});

row('STA-8', async () => {
  // What retention drops is the broker's doing: a client sees a shorter station and nothing else.
  const { name } = await traffic.station({ retentionType: Retention.MESSAGES, retentionValue: 2 });
  await traffic.fill(name, 3);
  expect((await broker.stream(name))?.state).toMatchObject({ messages: 2, last_seq: 3 });
});

row('STA-9', async () => {
  const name = broker.stationName();
  // A text of the broker becomes an error; where it says that all went well and does nothing, that is found out.
  const error = await rejection(traffic.memphis.station({ name, schemaName: 'there-is-none' }));
  expect(error).toBeInstanceOf(NotFoundError);
  expect(error.message).toContain('does the schema "there-is-none" exist?');
  expect(await broker.stream(name)).toBeUndefined();
  await expect(traffic.memphis.station({ name, idempotencyWindowMs: 25 * 3_600_000 })).rejects.toThrow(
    'idempotency window can not exceed 24 hours',
  );
  expect(await rejection(traffic.memphis.station({ name, partitionsNumber: 0 }))).toBeInstanceOf(
    ValidationError,
  );
});
