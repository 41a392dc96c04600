import { Memphis } from '../../../src/runtime/messaging';
import { eventually } from '../../support/broker';
import { Gate } from '../../runtime/messaging/gate';
import { row } from './row';
import { trafficForThisFile } from './station-traffic';

const traffic = trafficForThisFile();
const { broker } = traffic;

row('DIS-1', async () => {
  const { name } = await traffic.station();
  const memphis = await broker.client();
  const consumer = await memphis.consumer({
    stationName: name,
    consumerName: 'c',
    batchMaxTimeToWaitMs: 100,
  });
  let calls = 0;
  consumer.consume(() => {
    calls += 1;
  });
  for (let count = 0; count < 200; count += 1) {
    await memphis.produce({ stationName: name, producerName: 'p', message: 'm', nonblocking: true });
  }
  await memphis.close();
  await memphis.close();
  const after = calls;
  // What was handed over is stored.
  expect((await broker.stream(name))?.state.messages).toBe(200);
  await eventually(async () => {
    const { disconnected_producers: producers, disconnected_cgs: groups } = await traffic.overview(name);
    return producers.some((row) => row.name === 'p') && groups.some((row) => row.name === 'c');
  }, 'producer and group are inactive');
  expect(calls).toBe(after);
});

row('DIS-2', async () => {
  const gate = await Gate.before(broker.options.port);
  try {
    const memphis = new Memphis();
    expect(memphis.isConnected()).toBe(false);
    await memphis.connect({ ...broker.options, port: gate.port, reconnectIntervalMs: 20 });
    expect(memphis.isConnected()).toBe(true);
    gate.cutOff();
    await eventually(() => !memphis.isConnected(), 'false while the broker is away');
    gate.letIn();
    await eventually(() => memphis.isConnected(), 'true when it is back');
    await memphis.close();
    expect(memphis.isConnected()).toBe(false);
  } finally {
    await gate.close();
  }
});
