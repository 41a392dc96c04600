import { eventually } from '../../support/broker';
import { row } from './row';
import { trafficForThisFile } from './station-traffic';

const traffic = trafficForThisFile();
const { broker } = traffic;

async function windowOf(idempotencyWindowMs?: number): Promise<unknown> {
  const { name } = await traffic.station(idempotencyWindowMs === undefined ? {} : { idempotencyWindowMs });
  return (await broker.stream(name))?.config.duplicate_window;
}

row('IDW-1', async () => {
  expect(await windowOf(120_000)).toBe(120e9);
});

row('IDW-2', async () => {
  expect(await windowOf()).toBe(120e9);
});

row('IDW-3', async () => {
  // Milliseconds, so this is three minutes and not the three seconds that the text next to it says.
  expect(await windowOf(180_000)).toBe(180e9);
});

row('IDW-4', async () => {
  const { name } = await traffic.station({ idempotencyWindowMs: 400 });
  const produce = () =>
    traffic.memphis.produce({ stationName: name, producerName: 'p', message: 'm', msgId: '1' });
  expect(await produce()).toMatchObject({ duplicate: false, sequence: 1 });
  expect(await produce()).toMatchObject({ duplicate: true, sequence: 1 });
  expect((await broker.stream(name))?.state.messages).toBe(1);
  await eventually(async () => !(await produce()).duplicate, 'the id is forgotten after the window');
  expect((await broker.stream(name))?.state.messages).toBe(2);

  // Each partition remembers for itself.
  const { name: wide } = await traffic.station({ partitionsNumber: 2 });
  for (const producerPartitionNumber of [1, 2, 1]) {
    await traffic.memphis.produce({
      stationName: wide,
      producerName: 'p',
      message: 'm',
      msgId: '1',
      producerPartitionNumber,
    });
  }
  for (const partition of [1, 2]) expect((await broker.stream(wide, partition))?.state.messages).toBe(1);
});
