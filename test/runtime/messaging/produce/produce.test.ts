import { setTimeout as pause } from 'node:timers/promises';
import {
  ClosedError,
  NotFoundError,
  PartialFailureError,
  TimeoutError,
  ValidationError,
} from '../../../../src/model/errors';
import type { Memphis, ProduceOptions } from '../../../../src/runtime/messaging';
import { eventually, TestBroker } from '../../../support/broker';

const broker = TestBroker.forThisFile();
let memphis: Memphis;
beforeAll(async () => {
  memphis = await broker.client();
});

type Blocking = Partial<Omit<ProduceOptions, 'nonblocking' | 'asyncProduce'>>;

const produced = async (stationName: string, options: Blocking = {}, producerName = 'p') =>
  (await memphis.producer({ stationName, producerName })).produce({ message: 'm', ...options });

test('a message is stored with the reserved headers and the ack tells where', async () => {
  const station = broker.stationName();
  expect(await produced(station, { headers: { trace: 'x' } }, 'Prod.One')).toEqual({
    station,
    partition: 1,
    sequence: 1,
    duplicate: false,
  });
  const { data, headers } = await broker.storedMessage(station, 1, 1);
  expect(data.toString()).toBe('m');
  expect(headers).toMatch(
    /^NATS\/1\.0\r\ntrace: x\r\n\$memphis_producedBy: prod\.one\r\n\$memphis_connectionId: [0-9a-f-]{36}\r\n\r\n$/,
  );
});

test('random bytes come back unchanged', async () => {
  const station = broker.stationName();
  const bytes = Uint8Array.from({ length: 256 }, (_value, index) => index);
  await produced(station, { message: bytes });
  expect(new Uint8Array((await broker.storedMessage(station, 1, 1)).data)).toEqual(bytes);
});

test('the same names give the same producer and one registration', async () => {
  const station = broker.stationName();
  const requests = await broker.tap('$memphis_producer_creations');
  const make = () => memphis.producer({ stationName: station, producerName: 'P' });
  const [one, other] = await Promise.all([make(), make()]);
  expect(await memphis.producer({ stationName: station.toUpperCase(), producerName: 'p' })).toBe(one);
  expect(other).toBe(one);
  await memphis.produce({ stationName: station, producerName: 'p', message: 'm' });
  expect(requests.texts.filter((text) => text.includes(station))).toHaveLength(1);
  requests.end();
});

test('names that would read the same when joined are not mixed up (SDK defect)', async () => {
  const base = broker.stationName('a');
  const one = await memphis.producer({ stationName: `${base}_b`, producerName: 'c' });
  const other = await memphis.producer({ stationName: base, producerName: 'b_c' });
  expect(other).not.toBe(one);
});

test('the same id is stored once, and a message without id carries none', async () => {
  const station = broker.stationName();
  const headers = { a: '1' };
  await produced(station, { msgId: '42', headers });
  expect(await produced(station, { msgId: '42', headers })).toMatchObject({ duplicate: true, sequence: 1 });
  expect(await produced(station, { headers })).toMatchObject({ duplicate: false, sequence: 2 });
  expect((await broker.storedMessage(station, 1, 1)).headers).toContain('\r\nmsg-id: 42\r\n');
  expect((await broker.storedMessage(station, 1, 2)).headers).not.toMatch(/msg-id/i);
  expect((await broker.stream(station))?.state.messages).toBe(2);
});

test('without a wish the partitions take turns; key and number choose', async () => {
  const name = broker.stationName();
  await memphis.station({ name, partitionsNumber: 3 });
  const turns = [];
  for (let count = 0; count < 6; count += 1) turns.push((await produced(name)).partition);
  expect(turns).toEqual([1, 2, 3, 1, 2, 3]);
  expect((await produced(name, { producerPartitionNumber: 2 })).partition).toBe(2);
  expect((await produced(name, { producerPartitionKey: 'key' })).partition).toBe(2);
  await expect(produced(name, { producerPartitionNumber: 4 })).rejects.toThrow(
    'Partition number is out of range',
  );
  await expect(produced(name, { producerPartitionNumber: 1, producerPartitionKey: 'a' })).rejects.toThrow(
    'Can not use both partition number and partition key',
  );
  expect((await broker.stream(name, 2))?.state.messages).toBe(4);
});

test('a stream that is gone is told, and the producer is not found by its name any more', async () => {
  const station = broker.stationName();
  const producer = await memphis.producer({ stationName: station, producerName: 'p' });
  await broker.jetStream(`STREAM.DELETE.${station}$1`);
  const lost = producer.produce({ message: 'm' });
  await expect(lost).rejects.toThrow(NotFoundError);
  await expect(lost).rejects.toThrow('please check whether Station/Producer still exist');
  expect(await memphis.producer({ stationName: station, producerName: 'p' })).not.toBe(producer);
});

test('an ack that never comes is waited for exactly as long as asked (SDK defect: always 5 s)', async () => {
  const station = broker.stationName();
  const producer = await memphis.producer({ stationName: station, producerName: 'p' });
  await broker.jetStream(`STREAM.DELETE.${station}$1`);
  // Somebody listens, so there is no 503, but nobody answers.
  const silent = broker.observer.subscribe(`${station}$1.final`);
  await broker.observer.flush();
  const begin = performance.now();
  await expect(producer.produce({ message: 'm', ackWaitSec: 0.3 })).rejects.toThrow(TimeoutError);
  const waited = performance.now() - begin;
  expect(waited).toBeGreaterThan(290);
  expect(waited).toBeLessThan(1_500);
  silent.unsubscribe();
});

test.each<[why: string, options: Blocking]>([
  ['a message of no known form', { message: 5 }],
  ['no time to wait', { ackWaitSec: 0 }],
  ['a limit of nothing', { concurrentTaskLimit: 0 }],
  ['more than the server takes', { message: new Uint8Array(2 * 1024 * 1024) }],
])('refused, and nothing is stored: %s', async (_why, options) => {
  const station = broker.stationName();
  await expect(produced(station, options)).rejects.toThrow(ValidationError);
  expect((await broker.stream(station))?.state.messages).toBe(0);
});

test('non-blocking: thousands are under way at once, all are stored after flush', async () => {
  const station = broker.stationName();
  const producer = await memphis.producer({ stationName: station, producerName: 'p' });
  for (let count = 0; count < 3_000; count += 1) {
    await producer.produce({ message: String(count), nonblocking: true });
  }
  await producer.flush();
  expect((await broker.stream(station))?.state.messages).toBe(3_000);
});

test('non-blocking with a limit: no more than that are outstanding, under either name of the option', async () => {
  const station = broker.stationName();
  const producer = await memphis.producer({ stationName: station, producerName: 'p' });
  await broker.jetStream(`STREAM.DELETE.${station}$1`);
  const waiting: string[] = [];
  const silent = broker.observer.subscribe(`${station}$1.final`, {
    callback: (_error, message) => waiting.push(message.reply ?? ''),
  });
  await broker.observer.flush();
  let calls = 0;
  const flood = (async () => {
    for (; calls < 20; calls += 1) {
      await producer.produce({ message: 'm', nonblocking: true, limitConcurrentTasks: 4 });
    }
  })();
  await eventually(() => waiting.length === 4, 'four messages are under way');
  await pause(50);
  expect(waiting).toHaveLength(4);
  const answer = (): void => broker.observer.publish(waiting.shift() ?? '', '{"stream":"s","seq":1}');
  answer();
  await pause(50);
  // One ack is not enough: it goes on when half of them are there.
  expect([waiting.length, calls]).toEqual([3, 3]);
  answer();
  await eventually(() => waiting.length === 4, 'it goes on at two outstanding');
  const pump = setInterval(() => {
    if (waiting.length > 0) answer();
  }, 1);
  await flood;
  await producer.flush();
  clearInterval(pump);
  silent.unsubscribe();
});

test('a failed non-blocking produce is heard by listeners and by flush, and never unhandled (SDK defect)', async () => {
  const station = broker.stationName();
  const other = await broker.client();
  const errors: Error[] = [];
  other.onError((error) => errors.push(error));
  const producer = await other.producer({ stationName: station, producerName: 'p' });
  await broker.jetStream(`STREAM.DELETE.${station}$1`);
  await producer.produce({ message: 'm', nonblocking: true });
  await expect(producer.flush()).rejects.toThrow(NotFoundError);
  expect(errors).toHaveLength(1);
  await producer.flush();
});

test('destroy waits for what is outstanding; afterwards the producer is closed and a new one is made', async () => {
  const station = broker.stationName();
  const producer = await memphis.producer({ stationName: station, producerName: 'p' });
  for (let count = 0; count < 500; count += 1) await producer.produce({ message: 'm', nonblocking: true });
  await producer.destroy();
  expect((await broker.stream(station))?.state.messages).toBe(500);
  await expect(producer.produce({ message: 'm' })).rejects.toThrow(ClosedError);
  await producer.destroy();
  const again = await memphis.producer({ stationName: station, producerName: 'p' });
  expect(again).not.toBe(producer);
  await again.produce({ message: 'm' });
});

test('close waits for what is outstanding', async () => {
  const station = broker.stationName();
  const other = await broker.client();
  for (let count = 0; count < 500; count += 1) {
    await other.produce({ stationName: station, producerName: 'p', message: 'm', nonblocking: true });
  }
  await other.close();
  expect((await broker.stream(station))?.state.messages).toBe(500);
});

test('a random suffix makes another producer each time', async () => {
  const station = broker.stationName();
  const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const make = () =>
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the old option keeps working
    memphis.producer({ stationName: station, producerName: 'p', generateRandomSuffix: true });
  const [one, other] = [await make(), await make()];
  expect(one.producerName).toMatch(/^p_[0-9a-f]{8}$/);
  expect(other.producerName).not.toBe(one.producerName);
  expect(warnings).toHaveBeenCalled();
  warnings.mockRestore();
  const plain = await memphis.producer({ stationName: station, producerName: 'p' });
  expect(plain.producerName).toBe('p');
});

test('a list of stations: every one gets the message, and a failure names those that failed and those that did not', async () => {
  const stations = [broker.stationName(), broker.stationName()];
  const [first = '', second = ''] = stations;
  const producer = await memphis.producer({ stationName: stations, producerName: 'p' });
  expect(await broker.stream(first)).toBeUndefined();
  expect(await producer.produce({ message: 'm' })).toMatchObject([{ station: first }, { station: second }]);
  expect(await memphis.produce({ stationName: stations, producerName: 'p', message: 'm' })).toHaveLength(2);
  await broker.jetStream(`STREAM.DELETE.${first}$1`);
  const error = await producer.produce({ message: 'm' }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PartialFailureError);
  expect((error as PartialFailureError).succeeded).toEqual([second]);
  expect([...(error as PartialFailureError).failed.keys()]).toEqual([first]);
  expect((await broker.stream(second))?.state.messages).toBe(3);
  await producer.destroy();
});
