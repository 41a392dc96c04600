import { setTimeout as pause } from 'node:timers/promises';
import { Memphis } from '../../../src/runtime/messaging';
import { eventually } from '../../support/broker';
import { row } from './row';
import { gateBefore, stationWithoutAcks, trafficForThisFile } from './station-traffic';

const traffic = trafficForThisFile();
const { broker } = traffic;

row('DIS-1', async () => {
  const { name } = await traffic.station({ partitionsNumber: 2 });
  const memphis = await broker.client();
  const consumer = await memphis.consumer({
    stationName: name,
    consumerName: 'c',
    batchMaxTimeToWaitMs: 100,
    pullIntervalMs: 10,
  });
  let calls = 0;
  consumer.consume(() => {
    calls += 1;
  });
  for (let count = 0; count < 200; count += 1) {
    await memphis.produce({
      stationName: name,
      producerName: 'p',
      message: 'm',
      producerPartitionNumber: 1,
      nonblocking: true,
    });
  }
  const stored = await broker.client();
  await stored.produce({
    stationName: name,
    producerName: 'other',
    message: 'm',
    producerPartitionNumber: 2,
  });
  const reader = await memphis.consumer({ stationName: name, consumerName: 'reader' });
  const [last] = await reader.fetch({ batchSize: 1, consumerPartitionNumber: 2 });
  void last?.ack();
  const ending = memphis.close();
  const after = calls;
  await ending;
  await memphis.close();
  expect(memphis.isConnected()).toBe(false);
  // What was handed over is stored, and what was acknowledged is so.
  expect((await broker.stream(name))?.state.messages).toBe(200);
  expect(await broker.durable(name, 2, 'reader')).toMatchObject({ num_ack_pending: 0 });
  await eventually(async () => {
    const { disconnected_producers: producers, disconnected_cgs: groups } = await traffic.overview(name);
    const [wasProducer, wasGroup] = [producers, groups].map((rows) => rows.map((one) => one.name));
    return wasProducer?.includes('p') === true && wasGroup?.includes('c') === true;
  }, 'producer and group are inactive');
  // The handler heard nothing more, neither of empty rounds nor of the connection, which a poll would meet every 250 ms at first.
  await pause(400);
  expect(calls).toBe(after);
  // It waits for acknowledgements that are still to come.
  const silent = await stationWithoutAcks(traffic);
  const waiting = await broker.client();
  const target = { stationName: silent.name, producerName: 'p', message: 'm', nonblocking: true };
  await waiting.produce(target);
  await eventually(() => silent.waiting() === 1, 'the message is sent');
  let closed = false;
  const closing = waiting.close().then(() => {
    closed = true;
  });
  await pause(200);
  expect(closed).toBe(false);
  silent.ack(1);
  await closing;
  silent.end();
});

row('DIS-2', async () => {
  const { gate, options } = await gateBefore(broker);
  try {
    const memphis = new Memphis();
    expect(memphis.isConnected()).toBe(false);
    await memphis.connect({ ...options, reconnectIntervalMs: 20 });
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
