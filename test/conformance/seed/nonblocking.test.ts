import { NotFoundError, TimeoutError } from '../../../src/model/errors';
import type { Memphis } from '../../../src/runtime/messaging';
import { eventually } from '../../support/broker';
import { row } from './row';
import { pause, trafficForThisFile } from './station-traffic';

const traffic = trafficForThisFile();
const { broker } = traffic;

const messagesIn = async (name: string) => (await broker.stream(name))?.state.messages;

/** A client whose background errors are collected. */
async function listeningClient(): Promise<{ memphis: Memphis; errors: Error[] }> {
  const memphis = await broker.client();
  const errors: Error[] = [];
  memphis.onError((error) => errors.push(error));
  return { memphis, errors };
}

/** A station whose acks come from here, a few at a time, instead of from the broker. */
async function slowStation(acksPerTurn: number) {
  const { name } = await traffic.station();
  await broker.jetStream(`STREAM.DELETE.${name}$1`);
  const waiting: string[] = [];
  let most = 0;
  const subscription = broker.observer.subscribe(`${name}$1.final`, {
    callback: (_error, message) => {
      waiting.push(message.reply ?? '');
      most = Math.max(most, waiting.length);
    },
  });
  await broker.observer.flush();
  const pump = setInterval(() => {
    for (const reply of waiting.splice(0, acksPerTurn))
      broker.observer.publish(reply, '{"stream":"s","seq":1}');
  }, 5);
  const end = (): void => {
    clearInterval(pump);
    subscription.unsubscribe();
  };
  return { name, most: () => most, end };
}

row('NBL-1', async () => {
  const { name } = await traffic.station();
  const { memphis, errors } = await listeningClient();
  const producer = await memphis.producer({ stationName: name, producerName: 'p' });
  for (let count = 0; count < 10_000; count += 1) {
    await producer.produce({ message: 'm', nonblocking: true });
  }
  await producer.flush();
  expect(await messagesIn(name)).toBe(10_000);
  await broker.jetStream(`STREAM.DELETE.${name}$1`);
  await producer.produce({ message: 'm', nonblocking: true });
  await eventually(() => errors.length === 1, 'the failure is reported');
  expect(errors[0]).toBeInstanceOf(NotFoundError);
});

row('NBL-2', async () => {
  const { name } = await traffic.station();
  const { memphis } = await listeningClient();
  for (let count = 0; count < 100; count += 1) {
    await memphis.produce({ stationName: name, producerName: 'p', message: 'm', nonblocking: true });
  }
  await memphis.flush();
  expect(await messagesIn(name)).toBe(100);
});

row('NBL-3', async () => {
  for (const limit of [{ concurrentTaskLimit: 500 }, { limitConcurrentTasks: 500 }]) {
    const station = await slowStation(50);
    const { memphis } = await listeningClient();
    const producer = await memphis.producer({ stationName: station.name, producerName: 'p' });
    for (let count = 0; count < 1_200; count += 1) {
      await producer.produce({ message: 'm', nonblocking: true, ...limit });
    }
    await producer.flush();
    expect(station.most()).toBeGreaterThan(250);
    expect(station.most()).toBeLessThanOrEqual(500);
    station.end();
  }
});

row('NBL-4', async () => {
  const flood = async (limit: { concurrentTaskLimit?: number }): Promise<Error[]> => {
    const station = await slowStation(10);
    const { memphis, errors } = await listeningClient();
    const producer = await memphis.producer({ stationName: station.name, producerName: 'p' });
    for (let count = 0; count < 1_000; count += 1) {
      await producer.produce({ message: 'm', nonblocking: true, ackWaitSec: 0.3, ...limit });
    }
    await producer.flush().catch(() => undefined);
    station.end();
    return errors;
  };
  const withoutLimit = await flood({});
  expect(withoutLimit.length).toBeGreaterThan(0);
  expect(withoutLimit.every((error) => error instanceof TimeoutError)).toBe(true);
  expect(await flood({ concurrentTaskLimit: 20 })).toEqual([]);
});

row('NBL-5', async () => {
  const { name } = await traffic.station();
  const options = { stationName: name, producerName: 'p', message: 'm', headers: {}, nonblocking: true };
  await traffic.memphis.produce(options);
  await traffic.memphis.flush();
  await pause(0);
  const { headers } = await broker.storedMessage(name, 1, 1);
  expect(headers).toMatch(/^NATS\/1\.0\r\n\$memphis_producedBy: p\r\n\$memphis_connectionId: \S+\r\n\r\n$/);
});
