import { NotFoundError } from '../../../src/model/errors';
import { row } from './row';
import { rejection, trafficForThisFile } from './station-traffic';

const traffic = trafficForThisFile();
const { broker } = traffic;

row('DST-1', async () => {
  const station = await traffic.station({ partitionsNumber: 2 });
  await traffic.fill(station.name, 2);
  await station.destroy();
  expect((await traffic.row(station.name)).status).toBe(406);
  for (const partition of [1, 2]) expect(await broker.stream(station.name, partition)).toBeUndefined();
  // A station that is not there is what was wanted.
  await station.destroy();
});

row('DST-2', async () => {
  const foo = await traffic.station();
  const foobar = await traffic.memphis.station({ name: `${foo.name}bar` });
  const make = (stationName: string) => traffic.memphis.producer({ stationName, producerName: foo.name });
  const [gone, kept] = [await make(foo.name), await make(foobar.name)];
  const consumer = await traffic.consumer(foo.name);
  let calls = 0;
  consumer.consume(() => {
    calls += 1;
  });
  await foo.destroy();
  const after = calls;
  expect(await rejection(gone.produce({ message: 'm' }))).toBeInstanceOf(NotFoundError);
  expect(await rejection(consumer.fetch())).toBeInstanceOf(NotFoundError);
  await kept.produce({ message: 'm' });
  expect(await make(foobar.name)).toBe(kept);
  expect(calls).toBe(after);
  expect(await broker.stream(foo.name)).toBeUndefined();
  await foobar.destroy();
});
