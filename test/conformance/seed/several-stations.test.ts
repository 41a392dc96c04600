import { PartialFailureError } from '../../../src/model/errors';
import type { MultiStationProducer } from '../../../src/runtime/messaging';
import { eventually } from '../../support/broker';
import { row } from './row';
import { rejection, trafficForThisFile } from './station-traffic';

const traffic = trafficForThisFile();
const { broker } = traffic;

const countIn = async (name: string) => (await broker.stream(name))?.state.messages;

async function twoStations(): Promise<{ names: [string, string]; producer: MultiStationProducer }> {
  const names: [string, string] = [broker.stationName(), broker.stationName()];
  return { names, producer: await traffic.memphis.producer({ stationName: names, producerName: 'p' }) };
}

row('MUL-1', async () => {
  const { names, producer } = await twoStations();
  expect(producer.stationNames).toEqual(names);
  for (const name of names) expect(await broker.stream(name)).toBeUndefined();
});

row('MUL-2', async () => {
  const { names, producer } = await twoStations();
  const receipts = await producer.produce({ message: 'some message' });
  expect(receipts.map(({ station }) => station)).toEqual(names);
  expect(await Promise.all(names.map(countIn))).toEqual([1, 1]);
});

row('MUL-3', async () => {
  const { names } = await twoStations();
  await traffic.memphis.produce({ stationName: names, producerName: 'p', message: 'm' });
  expect(await Promise.all(names.map(countIn))).toEqual([1, 1]);
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
  expect(await Promise.all(names.map(countIn))).toEqual([0, 1]);
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
