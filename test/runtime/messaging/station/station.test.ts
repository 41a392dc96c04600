import { BrokerRefusedError, NotFoundError, ValidationError } from '../../../../src/model/errors';
import { Retention } from '../../../../src/model/retention';
import { Storage } from '../../../../src/model/storage';
import type { Memphis, StationOptions } from '../../../../src/runtime/messaging';
import { TestBroker } from '../../../support/broker';

const broker = TestBroker.forThisFile();
let memphis: Memphis;
beforeAll(async () => {
  memphis = await broker.client();
});

test('a station with a name only has the defaults of the seed', async () => {
  const name = broker.stationName();
  await memphis.station({ name });
  expect((await broker.stream(name))?.config).toMatchObject({
    max_age: 3600e9,
    duplicate_window: 120e9,
    storage: 'file',
    num_replicas: 1,
    retention: 'limits',
  });
  expect(await broker.stream(name, 2)).toBeUndefined();
});

test.each<[why: string, options: Omit<StationOptions, 'name'>, config: object]>([
  [
    'retention by number',
    { retentionType: Retention.MESSAGES, retentionValue: 10 },
    { max_msgs: 10, max_age: 0 },
  ],
  ['retention by size', { retentionType: Retention.BYTES, retentionValue: 4096 }, { max_bytes: 4096 }],
  [
    'retention by acks; the value has no effect',
    { retentionType: Retention.ACK_BASED, retentionValue: 1 },
    { retention: 'interest', max_msgs: -1 },
  ],
  ['storage in memory', { storageType: Storage.MEMORY }, { storage: 'memory' }],
  ['the idempotency window', { idempotencyWindowMs: 180_000 }, { duplicate_window: 180e9 }],
])('%s', async (_why, options, config) => {
  const name = broker.stationName();
  await memphis.station({ name, ...options });
  expect((await broker.stream(name))?.config).toMatchObject(config);
});

test('names: letter case does not matter, a dot becomes # inside', async () => {
  const name = broker.stationName('My.Station');
  const station = await memphis.station({ name, partitionsNumber: 3 });
  expect(station.name).toBe(name.toLowerCase());
  expect(await broker.stream(name.toLowerCase(), 3)).toBeDefined();
  await station.destroy();
  expect(await broker.stream(name.toLowerCase(), 1)).toBeUndefined();
});

test('an existing station is found, and nothing of it changes', async () => {
  const name = broker.stationName();
  await memphis.station({ name, retentionType: Retention.MESSAGES, retentionValue: 10 });
  await memphis.station({ name, retentionType: Retention.MESSAGES, retentionValue: 99 });
  expect((await broker.stream(name))?.config).toMatchObject({ max_msgs: 10 });
});

test('an unknown schema is an error, although the broker answers as if all went well', async () => {
  const name = broker.stationName();
  await expect(memphis.station({ name, schemaName: 'no-such-schema' })).rejects.toThrow(NotFoundError);
  expect(await broker.stream(name)).toBeUndefined();
});

test("the broker's own text is in the error", async () => {
  const creation = memphis.station({
    name: broker.stationName(),
    retentionValue: 60,
    idempotencyWindowMs: 120_000,
  });
  await expect(creation).rejects.toThrow(BrokerRefusedError);
  await expect(creation).rejects.toThrow('idempotency window cannot be greater than the station retention');
});

test.each<[why: string, options: StationOptions, problem: string]>([
  [
    'no whole number',
    { name: 's', retentionValue: 1.5 },
    'retentionValue is 1.5; it must be a whole number from 1 to 2147483647 (seconds, messages per partition or bytes per partition, as retentionType says)',
  ],
  [
    'a number that the broker cannot store leaves streams behind',
    { name: 's', retentionValue: 3e9 },
    'retentionValue is 3000000000; it must be a whole number from 1 to 2147483647 (seconds, messages per partition or bytes per partition, as retentionType says)',
  ],
  [
    'NaN would become null on the way',
    { name: 's', idempotencyWindowMs: NaN },
    'idempotencyWindowMs is NaN; it must be a whole number from 100 to 86400000 (milliseconds)',
  ],
  [
    'no partition',
    { name: 's', partitionsNumber: 0 },
    'partitionsNumber is 0; it must be a whole number from 1 to 10000 (partitions)',
  ],
  [
    'a bad name, in the words of the broker',
    { name: '_s' },
    'Station name can not start or end with non alphanumeric character',
  ],
  [
    'itself: the broker would make a default station and call that done',
    { name: 'S', dlsStation: 's' },
    'dlsStation is the station itself; name another one',
  ],
])('refused before anything is sent: %s', async (_why, options, problem) => {
  const error: unknown = await memphis.station(options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ValidationError);
  expect((error as ValidationError).problems).toEqual([problem]);
});

test('looking for a station does not make it', async () => {
  const name = broker.stationName();
  expect(await memphis.stationExists(name)).toBe(false);
  expect(await broker.stream(name)).toBeUndefined();
  await memphis.station({ name });
  expect(await memphis.stationExists(name.toUpperCase())).toBe(true);
});

test.each([
  ['', 'nothing'],
  [' ', 'a blank'],
  ['my station', 'two words'],
  ['x'.repeat(5_000), 'a line that is too long for a server, which ends the connection then'],
  ['x foo 0\r\n\r\nPUB $memphis_station_destructions 0\r\n\r\nPUB a', 'commands of their own'],
])(
  'stationExists(%j): what is no name is refused, and never becomes a part of the protocol (%s)',
  async (name) => {
    const heard = await broker.tap('$memphis_station_destructions');
    await expect(memphis.stationExists(name)).rejects.toThrow(ValidationError);
    // The connection is as good as before.
    expect(await memphis.stationExists(broker.stationName())).toBe(false);
    expect(await heard.all()).toEqual([]);
  },
);

test('a producer and a consumer make a station that is not there, with the defaults', async () => {
  const [forProducer, forConsumer] = [broker.stationName(), broker.stationName()];
  await memphis.producer({ stationName: forProducer, producerName: 'p' });
  await memphis.consumer({ stationName: forConsumer, consumerName: 'c' });
  expect((await broker.stream(forProducer))?.config).toMatchObject({ max_age: 3600e9 });
  expect((await broker.stream(forConsumer))?.config).toMatchObject({ max_age: 3600e9 });
});

test('destroy is done twice without an error, also by a handle of a station that is gone', async () => {
  const name = broker.stationName();
  const station = await memphis.station({ name });
  await station.destroy();
  await station.destroy();
  expect(await broker.stream(name)).toBeUndefined();
});

test('destroy ends the producers and consumers of this station, and of no other whose name contains it (SDK defect)', async () => {
  const foo = broker.stationName('foo');
  const foobar = `${foo}bar`;
  const station = await memphis.station({ name: foo });
  const of = async (stationName: string) => ({
    producer: await memphis.producer({ stationName, producerName: 'foo' }),
    consumer: await memphis.consumer({ stationName, consumerName: 'foo' }),
  });
  const [gone, kept] = [await of(foo), await of(foobar)];
  await station.destroy();
  await expect(gone.producer.produce({ message: 'm' })).rejects.toThrow(`station "${foo}" was removed`);
  await expect(gone.consumer.fetch()).rejects.toThrow(`station "${foo}" was removed`);
  expect(await broker.stream(foo)).toBeUndefined();
  expect(await memphis.producer({ stationName: foobar, producerName: 'foo' })).toBe(kept.producer);
  await kept.producer.produce({ message: 'm' });
  expect(await kept.consumer.fetch({ batchSize: 1 })).toHaveLength(1);
  // Destroying what went with the station is not an error.
  await gone.producer.destroy();
  await gone.consumer.destroy();
});

test('a station that was removed over REST ends its producers with a clear error, and is not made again', async () => {
  const name = broker.stationName();
  await memphis.station({ name });
  const producer = await memphis.producer({ stationName: name, producerName: 'p' });
  await producer.produce({ message: 'm' });
  expect((await broker.rest('DELETE', '/stations/removeStation', { station_names: [name] })).status).toBe(
    200,
  );
  await expect(producer.produce({ message: 'm' })).rejects.toThrow(NotFoundError);
  expect(await broker.stream(name)).toBeUndefined();
});
