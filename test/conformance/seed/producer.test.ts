import { setTimeout as pause } from 'node:timers/promises';
import { ClosedError } from '../../../src/model/errors';
import { eventually } from '../../support/broker';
import { row } from './row';
import { stationWithoutAcks, trafficForThisFile } from './station-traffic';
import { rejection } from '../../support/rejection';

const traffic = trafficForThisFile();
const { broker } = traffic;

row('PRO-1', async () => {
  const { name } = await traffic.station();
  const requests = await broker.tap('$memphis_producer_creations');
  const make = () => traffic.memphis.producer({ stationName: name, producerName: 'p' });
  const producer = await make();
  expect(await make()).toBe(producer);
  // Names are the same in upper and lower case.
  expect(await traffic.memphis.producer({ stationName: name.toUpperCase(), producerName: 'P' })).toBe(
    producer,
  );
  const sent = (await requests.all()).filter((text) => text.includes(name));
  expect(sent.map((text) => JSON.parse(text) as unknown)).toEqual([
    {
      name: 'p',
      station_name: name,
      producer_type: 'application',
      connection_id: expect.any(String) as string,
      req_version: 4,
      username: broker.options.username,
      app_id: expect.any(String) as string,
      sdk_lang: 'node.js',
    },
  ]);
  expect((await traffic.overview(name)).connected_producers.map((one) => one.name)).toEqual(['p']);
});

row('PRO-2', async () => {
  const { name } = await traffic.station();
  const producer = await traffic.memphis.producer({ stationName: name.toUpperCase(), producerName: 'p' });
  expect(producer.stationName).toBe(name);
  await producer.produce({ message: 'm' });
  expect((await broker.stream(name))?.state.messages).toBe(1);
});

row('PRO-3', async () => {
  const { name } = await traffic.station();
  await traffic.memphis.produce({ stationName: name, producerName: 'Prod.A', message: 'm' });
  expect((await broker.storedMessage(name, 1, 1)).headers).toContain('\r\n$memphis_producedBy: prod.a\r\n');
  expect((await traffic.overview(name)).connected_producers.map((one) => one.name)).toEqual(['prod.a']);
});

row('PRO-4', async () => {
  const { name } = await traffic.station();
  const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const options = { stationName: name, producerName: 'p', generateRandomSuffix: true };
  const suffixed = await traffic.memphis.producer(options);
  expect(warnings).toHaveBeenCalledWith(expect.stringContaining('deprecated'), 'DeprecationWarning');
  warnings.mockRestore();
  expect(suffixed.producerName).toMatch(/^p_[0-9a-f]{8}$/);
  const plain = await traffic.memphis.producer({ stationName: name, producerName: 'p' });
  expect(plain).not.toBe(suffixed);
  const names = (await traffic.overview(name)).connected_producers.map((one) => one.name);
  expect(names.sort()).toEqual(['p', suffixed.producerName]);
});

row('PRO-5', async () => {
  const { name } = await traffic.station();
  const producer = await traffic.memphis.producer({ stationName: name, producerName: 'p' });
  for (let count = 0; count < 300; count += 1) await producer.produce({ message: 'm', nonblocking: true });
  await producer.destroy();
  expect((await broker.stream(name))?.state.messages).toBe(300);
  await eventually(
    async () => (await traffic.overview(name)).connected_producers.length === 0,
    'the broker knows it no more',
  );
  await producer.destroy();
  expect(await rejection(producer.produce({ message: 'm' }))).toBeInstanceOf(ClosedError);
  // As long as an acknowledgement is to come it waits, and the broker knows the producer.
  const silent = await stationWithoutAcks(traffic);
  const waiting = await traffic.memphis.producer({ stationName: silent.name, producerName: 'p' });
  await waiting.produce({ message: 'm', nonblocking: true });
  const requests = await broker.tap('$memphis_producer_destructions');
  const destroyed = waiting.destroy();
  await eventually(() => silent.waiting() === 1, 'the message is sent');
  await pause(100);
  const mine = () => requests.texts.filter((text) => text.includes(silent.name));
  expect(mine()).toEqual([]);
  silent.ack(1);
  await destroyed;
  await requests.all();
  expect(mine()).toHaveLength(1);
  silent.end();
  // Somebody else has removed this one, with its station.
  const { name: other } = await traffic.station();
  const unknown = await traffic.memphis.producer({ stationName: other, producerName: 'p' });
  await broker.observer.request(
    '$memphis_station_destructions',
    JSON.stringify({ station_name: other, username: broker.options.username }),
    { timeout: 5_000 },
  );
  await unknown.destroy();
  // The official JS client goes on using the destroyed one.
  expect(await traffic.memphis.producer({ stationName: name, producerName: 'p' })).not.toBe(producer);
});
