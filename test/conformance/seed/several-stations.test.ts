import { PartialFailureError } from '../../../src/model/errors';
import type { MultiStationProducer } from '../../../src/runtime/messaging';
import { eventually } from '../../support/broker';
import { row } from './row';
import { trafficForThisFile } from './station-traffic';
import { rejection } from '../../support/rejection';

const traffic = trafficForThisFile();
const { broker } = traffic;

async function twoStations(): Promise<{ names: [string, string]; producer: MultiStationProducer }> {
  const names: [string, string] = [broker.stationName(), broker.stationName()];
  return { names, producer: await traffic.memphis.producer({ stationName: names, producerName: 'p' }) };
}

row('MUL-1', async () => {
  const requests = await broker.tap('$memphis_producer_creations');
  const { names, producer } = await twoStations();
  const sent = await requests.all();
  expect(sent.filter((text) => names.some((name) => text.includes(name)))).toEqual([]);
  expect(producer.stationNames).toEqual(names);
  for (const name of names) expect(await broker.stream(name)).toBeUndefined();
});

row('MUL-2', async () => {
  const { names, producer } = await twoStations();
  const order: string[] = [];
  const taps = names.map((name) =>
    broker.observer.subscribe(`${name}$1.final`, { callback: () => void order.push(name) }),
  );
  await broker.observer.flush();
  const receipts = await producer.produce({ message: 'some message' });
  await broker.observer.flush();
  for (const tap of taps) tap.unsubscribe();
  expect(order).toEqual(names);
  expect(receipts.map(({ station }) => station)).toEqual(names);
  expect(await Promise.all(names.map((name) => broker.messagesIn(name)))).toEqual([1, 1]);
});

row('MUL-3', async () => {
  const { names } = await twoStations();
  const message = 'some message';
  const options = { producerName: 'p', message, headers: { a: '1' }, msgId: '7' };
  const receipts = await traffic.memphis.produce({ stationName: names, ...options });
  expect(receipts.map(({ station }) => station)).toEqual(names);
  for (const name of names) {
    expect(await broker.messagesIn(name)).toBe(1);
    const { data, headers } = await broker.storedMessage(name, 1, 1);
    expect(data.toString()).toBe(message);
    expect(headers).toMatch(/\r\na: 1\r\n[^]*\r\nmsg-id: 7\r\n/);
  }
});

row('MUL-4', async () => {
  const { names, producer } = await twoStations();
  const schemaName = broker.stationName('schema');
  const schemaContent = '{"type":"object","required":["a"]}';
  await traffic.memphis.createSchema({ schemaName, schemaType: 'json', schemaContent });
  await traffic.memphis.station({ name: names[0], schemaName });
  const error = await rejection(producer.produce({ message: { b: 1 } }));
  if (!(error instanceof PartialFailureError)) throw error;
  expect([...error.failed.keys()]).toEqual([names[0]]);
  expect(error.succeeded).toEqual([names[1]]);
  for (const name of names) expect(error.message).toContain(name);
  expect(await Promise.all(names.map((name) => broker.messagesIn(name)))).toEqual([0, 1]);
});

row('MUL-5', async () => {
  const { names, producer } = await twoStations();
  await producer.produce({ message: 'm' });
  const connected = async (name: string) => (await traffic.overview(name)).connected_producers.length;
  expect(await Promise.all(names.map(connected))).toEqual([1, 1]);
  await producer.destroy();
  await eventually(
    async () => (await Promise.all(names.map(connected))).every((count) => count === 0),
    'the broker knows none of them',
  );
});
