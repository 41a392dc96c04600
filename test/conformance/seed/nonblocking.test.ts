import { setTimeout as pause } from 'node:timers/promises';
import { NotFoundError, TimeoutError, ValidationError } from '../../../src/model/errors';
import type { Memphis } from '../../../src/runtime/messaging';
import { eventually } from '../../support/broker';
import { row } from './row';
import { stationWithoutAcks, trafficForThisFile } from './station-traffic';
import { rejection } from '../../support/rejection';

const traffic = trafficForThisFile();
const { broker } = traffic;

/** A client whose background errors are collected. */
async function listeningClient(): Promise<{ memphis: Memphis; errors: Error[] }> {
  const memphis = await broker.client();
  const errors: Error[] = [];
  memphis.onError((error) => errors.push(error));
  return { memphis, errors };
}

/** The same, with acks that come a few at a time. */
async function slowStation(acksPerTurn: number, turnMs: number) {
  const station = await stationWithoutAcks(traffic);
  const pump = setInterval(() => station.ack(acksPerTurn), turnMs);
  const end = (): void => {
    clearInterval(pump);
    station.end();
  };
  return { ...station, end };
}

row('NBL-1', async () => {
  const silent = await stationWithoutAcks(traffic);
  const waiting = await (
    await listeningClient()
  ).memphis.producer({ stationName: silent.name, producerName: 'p' });
  let acknowledged = false;
  const blocking = waiting.produce({ message: 'm' }).then(() => {
    acknowledged = true;
  });
  // It is over without any ack; without the option it is not.
  await waiting.produce({ message: 'm', nonblocking: true });
  await eventually(() => silent.waiting() === 2, 'both are sent');
  expect(acknowledged).toBe(false);
  silent.ack(2);
  await blocking;
  silent.end();
  const { name } = await traffic.station();
  const { memphis, errors } = await listeningClient();
  const producer = await memphis.producer({ stationName: name, producerName: 'p' });
  for (let count = 0; count < 10_000; count += 1) {
    await producer.produce({ message: 'm', nonblocking: true });
  }
  await producer.flush();
  expect(await broker.messagesIn(name)).toBe(10_000);
  await broker.jetStream(`STREAM.DELETE.${name}$1`);
  await producer.produce({ message: 'm', nonblocking: true });
  await eventually(() => errors.length === 1, 'the failure is reported');
  expect(errors[0]).toBeInstanceOf(NotFoundError);
  // Whoever waits for all of them hears of it, too; what cannot be sent is an error of the call.
  expect(await rejection(producer.flush())).toBe(errors[0]);
  const wrong = { message: 5, nonblocking: true } as const;
  expect(await rejection(producer.produce(wrong))).toBeInstanceOf(ValidationError);
});

row('NBL-2', async () => {
  const { name } = await traffic.station();
  const { memphis, errors } = await listeningClient();
  const target = { stationName: name, producerName: 'p', message: 'm', nonblocking: true };
  for (let count = 0; count < 100; count += 1) expect(await memphis.produce(target)).toBeUndefined();
  await memphis.flush();
  expect(await broker.messagesIn(name)).toBe(100);
  await broker.jetStream(`STREAM.DELETE.${name}$1`);
  expect(await memphis.produce(target)).toBeUndefined();
  await eventually(() => errors.length === 1, 'the failure is reported');
  expect(errors[0]).toBeInstanceOf(NotFoundError);
});

row('NBL-3', async () => {
  for (const limit of [{ concurrentTaskLimit: 500 }, { limitConcurrentTasks: 500 }]) {
    const station = await stationWithoutAcks(traffic);
    const { memphis } = await listeningClient();
    const producer = await memphis.producer({ stationName: station.name, producerName: 'p' });
    const produce = () => producer.produce({ message: 'm', nonblocking: true, ...limit });
    for (let count = 0; count < 499; count += 1) await produce();
    let goesOn = false;
    const last = produce().then(() => {
      goesOn = true;
    });
    await eventually(() => station.waiting() === 500, 'as many as the limit are sent');
    // Not with each single ack, but when half of them are left.
    for (const acks of [1, 248]) {
      station.ack(acks);
      await broker.observer.flush();
      await pause(50);
      expect(goesOn).toBe(false);
    }
    station.ack(1);
    await last;
    expect(station.most()).toBe(500);
    station.ack(250);
    await producer.flush();
    station.end();
  }
});

row('NBL-4', async () => {
  // A broker that acknowledges half a message a millisecond, and a program that gives it more.
  const flood = async (limit: { concurrentTaskLimit?: number }): Promise<Error[]> => {
    const station = await slowStation(10, 20);
    const { memphis, errors } = await listeningClient();
    const producer = await memphis.producer({ stationName: station.name, producerName: 'p' });
    for (let count = 0; count < 700; count += 1) {
      await producer.produce({ message: 'm', nonblocking: true, ackWaitSec: 0.7, ...limit });
    }
    await producer.flush().catch(() => undefined);
    station.end();
    return errors;
  };
  const [withoutLimit, withLimit] = await Promise.all([flood({}), flood({ concurrentTaskLimit: 20 })]);
  expect(withoutLimit.length).toBeGreaterThan(0);
  expect(withoutLimit.every((error) => error instanceof TimeoutError)).toBe(true);
  expect(withLimit).toEqual([]);
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
