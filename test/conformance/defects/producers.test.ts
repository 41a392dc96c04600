import { ClosedError, NotFoundError, PartialFailureError } from '../../../src/model/errors';
import type { Memphis } from '../../../src/runtime/messaging';
import { Headers } from '../../../src/runtime/messaging';
import { eventually, TestBroker } from '../../support/broker';
import { notRepeated } from './not-repeated';

const broker = TestBroker.forThisFile();
let memphis: Memphis;
beforeAll(async () => {
  memphis = await broker.client();
});

const stored = async (station: string, partition = 1): Promise<number> =>
  (await broker.stream(station, partition))?.state.messages ?? 0;

/** Jest fails the test in which a rejection stays unhandled; Node tells of it some turns later. */
async function untilUnhandledIsTold(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

notRepeated(
  'a failed produce that nobody awaits is an unhandled rejection, which ends the process',
  async () => {
    const station = broker.stationName();
    const client = await broker.client();
    const errors: Error[] = [];
    client.onError((error) => errors.push(error));
    const producer = await client.producer({ stationName: station, producerName: 'p' });
    await broker.jetStream(`STREAM.DELETE.${station}$1`);
    void producer.produce({ message: 'm', nonblocking: true });
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the old name of the option
    void producer.produce({ message: 'm', asyncProduce: true });
    await eventually(() => errors.length > 0, 'the listener hears of it');
    await expect(producer.flush()).rejects.toThrow(NotFoundError);
    await untilUnhandledIsTold();
  },
);

notRepeated('closing with failures outstanding leaves rejections that nobody handles', async () => {
  const station = broker.stationName();
  const client = await broker.client();
  client.onError(() => undefined);
  const producer = await client.producer({ stationName: station, producerName: 'p' });
  await broker.jetStream(`STREAM.DELETE.${station}$1`);
  for (let count = 0; count < 50; count += 1) void producer.produce({ message: 'm', nonblocking: true });
  await client.close();
  await untilUnhandledIsTold();
});

notRepeated('produce resolves before the message is stored, unless it is told not to', async () => {
  const station = broker.stationName();
  await memphis.produce({ stationName: station, producerName: 'p', message: 'm' });
  expect(await stored(station)).toBe(1);
  const producer = await memphis.producer({ stationName: station, producerName: 'p' });
  await broker.jetStream(`STREAM.DELETE.${station}$1`);
  await expect(producer.produce({ message: 'm' })).rejects.toThrow(NotFoundError);
});

notRepeated('a destroyed producer stays in the cache and produces on', async () => {
  const station = broker.stationName();
  const producer = await memphis.producer({ stationName: station, producerName: 'P' });
  await producer.destroy();
  await expect(producer.produce({ message: 'm' })).rejects.toThrow(ClosedError);
  const registrations = await broker.tap('$memphis_producer_creations');
  await memphis.produce({ stationName: station, producerName: 'P', message: 'm' });
  await broker.observer.flush();
  expect(registrations.texts.filter((text) => text.includes(station))).toHaveLength(1);
  registrations.end();
  expect(await memphis.producer({ stationName: station, producerName: 'p' })).not.toBe(producer);
});

notRepeated('a producer with a random suffix is found under the name without it', async () => {
  const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const station = broker.stationName();
  const options = { stationName: station, producerName: 'p', generateRandomSuffix: true };
  const suffixed = await memphis.producer(options);
  warnings.mockRestore();
  expect(await memphis.producer({ stationName: station, producerName: 'p' })).not.toBe(suffixed);
  await suffixed.destroy();
  await memphis.produce({ stationName: station, producerName: 'p', message: 'm' });
});

notRepeated('destroying one producer takes the schema from the others of its station', async () => {
  const station = broker.stationName();
  const schemaName = broker.stationName('schema');
  await memphis.createSchema({ schemaName, schemaType: 'json', schemaContent: '{"type":"object"}' });
  const client = await broker.client();
  const one = await client.producer({ stationName: station, producerName: 'one' });
  // The same one from the cache: it must not count twice, neither here nor when it is destroyed.
  await client.producer({ stationName: station, producerName: 'one' });
  const other = await client.producer({ stationName: station, producerName: 'other' });
  const consumer = await client.consumer({ stationName: station, consumerName: 'c' });
  await Promise.all([one.destroy(), one.destroy(), consumer.destroy()]);
  await one.destroy();
  await memphis.enforceSchema({ name: schemaName, stationName: station });
  await eventually(() => other.schemaName === schemaName, 'the one that is left follows');
  await expect(other.produce({ message: 'no object' })).rejects.toThrow('Schema validation has failed');
});

notRepeated('destroying a producer fails after its station was destroyed', async () => {
  const name = broker.stationName();
  const station = await memphis.station({ name });
  const producer = await memphis.producer({ stationName: name, producerName: 'p' });
  const consumer = await memphis.consumer({ stationName: name, consumerName: 'c' });
  await station.destroy();
  await producer.destroy();
  await consumer.destroy();
});

notRepeated(
  'headers of a message are added to the object of the caller, and go out with its next message',
  async () => {
    const station = broker.stationName();
    const headers = new Headers().add('trace', 'x');
    const producer = await memphis.producer({ stationName: station, producerName: 'p' });
    await producer.produce({ message: 'm', headers, msgId: '1' });
    await producer.produce({ message: 'm', headers });
    expect([...headers.entries()]).toEqual([['trace', 'x']]);
    expect(await stored(station)).toBe(2);
  },
);

notRepeated(
  'a plain object of headers is refused, as is the name that the seed gives the limit of tasks',
  async () => {
    const station = broker.stationName();
    const options = { stationName: station, producerName: 'p', headers: { trace: 'x' } };
    await memphis.produce({ ...options, message: 'm' });
    await memphis.produce({ ...options, message: 'm', nonblocking: true, limitConcurrentTasks: 2 });
    await memphis.flush();
    expect((await broker.storedMessage(station, 1, 2)).headers).toContain('trace: x');
  },
);

notRepeated('the options of non-blocking produce are lost on the way to several stations', async () => {
  const stations = [broker.stationName(), broker.stationName()] as const;
  const producer = await memphis.producer({ stationName: stations, producerName: 'p' });
  const receipts = await producer.produce({ message: 'm', nonblocking: true, concurrentTaskLimit: 1 });
  // Nobody waited for them.
  expect(receipts).toEqual([]);
  await producer.flush();
  expect([await stored(stations[0]), await stored(stations[1])]).toEqual([1, 1]);
});

notRepeated(
  'the first station that fails keeps a message from the others, and nobody says which have it',
  async () => {
    const [gone, good] = [broker.stationName(), broker.stationName()];
    const producer = await memphis.producer({ stationName: [gone, good], producerName: 'p' });
    await producer.produce({ message: 'm' });
    await broker.jetStream(`STREAM.DELETE.${gone}$1`);
    const error: unknown = await producer.produce({ message: 'm' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PartialFailureError);
    expect((error as PartialFailureError).succeeded).toEqual([good]);
    expect(await stored(good)).toBe(2);
  },
);

notRepeated(
  'a wrong partition number is published all the same, to a stream that does not exist',
  async () => {
    const name = broker.stationName();
    await memphis.station({ name, partitionsNumber: 2 });
    const producer = await memphis.producer({ stationName: name, producerName: 'p' });
    const published = await broker.tap(`${name}$3.final`);
    await expect(producer.produce({ message: 'm', producerPartitionNumber: 3 })).rejects.toThrow(
      'out of range',
    );
    await untilUnhandledIsTold();
    await broker.observer.flush();
    expect(published.texts).toEqual([]);
    published.end();
  },
);

notRepeated('a key leads to the partition before the right one', async () => {
  const name = broker.stationName();
  await memphis.station({ name, partitionsNumber: 3 });
  const producer = await memphis.producer({ stationName: name, producerName: 'p' });
  const partitionOf = async (producerPartitionKey: string): Promise<number> =>
    (await producer.produce({ message: 'm', producerPartitionKey })).partition;
  // As the Python and the Go client have it; `a` would be partition 0, which is none.
  expect([await partitionOf('a'), await partitionOf('key'), await partitionOf('ab')]).toEqual([1, 2, 3]);
});

notRepeated('a failed schema check moves the turn of the partitions on', async () => {
  const name = broker.stationName();
  const schemaName = broker.stationName('schema');
  await memphis.createSchema({ schemaName, schemaType: 'json', schemaContent: '{"type":"object"}' });
  await memphis.station({ name, partitionsNumber: 2, schemaName });
  const producer = await memphis.producer({ stationName: name, producerName: 'p' });
  await producer.produce({ message: {} });
  await expect(producer.produce({ message: [] })).rejects.toThrow('Schema validation has failed');
  expect((await producer.produce({ message: {} })).partition).toBe(2);
});

notRepeated('close does not wait for what was produced without waiting', async () => {
  const station = broker.stationName();
  const client = await broker.client();
  const producer = await client.producer({ stationName: station, producerName: 'p' });
  for (let count = 0; count < 2_000; count += 1) void producer.produce({ message: 'm', nonblocking: true });
  await client.close();
  expect(await stored(station)).toBe(2_000);
});

notRepeated('close forgets the messages of a producer that is not in the cache any more', async () => {
  const [station, other] = [broker.stationName(), broker.stationName()];
  const client = await broker.client();
  const errors: Error[] = [];
  client.onError((error) => errors.push(error));
  const producer = await client.producer({ stationName: station, producerName: 'p' });
  await client.station({ name: other, partitionsNumber: 2 });
  const half = await client.producer({ stationName: other, producerName: 'p' });
  await broker.jetStream(`STREAM.DELETE.${other}$1`);
  // A partition that is gone takes the producer out of the cache, but its other partition goes on.
  await half.produce({ message: 'm', producerPartitionNumber: 1 }).catch(() => undefined);
  for (let count = 0; count < 2_000; count += 1) {
    void half.produce({ message: 'm', producerPartitionNumber: 2, nonblocking: true });
  }
  // One that is being destroyed waits for its messages; close must let it.
  for (let count = 0; count < 2_000; count += 1) void producer.produce({ message: 'm', nonblocking: true });
  void producer.destroy().catch(() => undefined);
  await client.close();
  expect([await stored(other, 2), await stored(station)]).toEqual([2_000, 2_000]);
  // What is stored is not called lost either.
  expect(errors).toEqual([]);
});

notRepeated(
  'failures of non-blocking produces on the connection are lost with the producer that had them',
  async () => {
    const station = broker.stationName();
    const client = await broker.client();
    client.onError(() => undefined);
    const names = { stationName: station, producerName: 'p' };
    const options = { ...names, message: 'm', nonblocking: true };
    await client.produce(options);
    await client.flush();
    await broker.jetStream(`STREAM.DELETE.${station}$1`);
    const producer = await client.producer(names);
    await client.produce(options);
    // The failure takes the producer out of the cache.
    await eventually(async () => (await client.producer(names)) !== producer, 'it has failed');
    await expect(client.flush()).rejects.toThrow(NotFoundError);
    await client.flush();
  },
);
