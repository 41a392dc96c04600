import { setTimeout as pause } from 'node:timers/promises';
import { NotFoundError } from '../../../src/model/errors';
import type { Station } from '../../../src/runtime/messaging';
import { row } from './row';
import { trafficForThisFile, within15Seconds } from './station-traffic';
import { rejection } from '../../support/rejection';

const traffic = trafficForThisFile();
const { broker } = traffic;

/** A station with everything that goes with it: a producer, a group, a dead letter of each kind. */
async function stationInUse(): Promise<Station> {
  const schemaName = broker.stationName('schema');
  const schemaContent = '{"type":"object"}';
  await traffic.memphis.createSchema({ schemaName, schemaType: 'json', schemaContent });
  const station = await traffic.station({ schemaName });
  const { name } = station;
  const producer = await traffic.memphis.producer({ stationName: name, producerName: 'p' });
  await rejection(producer.produce({ message: '[]' }));
  await producer.produce({ message: {} });
  const [message] = await (await traffic.consumer(name)).fetch({ batchSize: 1 });
  await message?.deadLetter('so that there is one');
  await within15Seconds(async () => {
    const { poison_messages: poison, schema_failed_messages: failed } = await traffic.overview(name);
    return poison.length === 1 && failed.length === 1;
  }, 'the broker has both dead letters');
  return station;
}

row('DST-1', async () => {
  const station = await traffic.station({ partitionsNumber: 2 });
  await traffic.fill(station.name, 2);
  await station.destroy();
  expect((await traffic.row(station.name)).status).toBe(406);
  for (const partition of [1, 2]) expect(await broker.stream(station.name, partition)).toBeUndefined();
  // A station that is not there is what was wanted.
  await station.destroy();
  const never = await traffic.station();
  await broker.rest('DELETE', '/stations/removeStation', { station_names: [never.name] });
  await never.destroy();
  const used = await stationInUse();
  await used.destroy();
  // A new station of the name has nothing of the old one.
  await traffic.memphis.station({ name: used.name });
  expect(await traffic.overview(used.name)).toMatchObject({
    connected_producers: [],
    disconnected_producers: [],
    connected_cgs: [],
    disconnected_cgs: [],
    poison_messages: [],
    schema_failed_messages: [],
  });
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
  // What this client listens to because of the station, with payloads that say nothing new.
  const subjects: readonly (readonly [subject: string, payload: string])[] = [
    [`$memphis_schema_updates_${foo.name}`, '{"init":{"schema_name":""}}'],
    [`$memphis_dls_${foo.name}.c`, ''],
  ];
  for (const [subject, payload] of subjects) expect(await broker.hasListener(subject, payload)).toBe(true);
  const pulls = await broker.tap(`$JS.API.CONSUMER.MSG.NEXT.${foo.name}$1.c`);
  await foo.destroy();
  const after = calls;
  expect(await rejection(gone.produce({ message: 'm' }))).toBeInstanceOf(NotFoundError);
  expect(await rejection(consumer.fetch())).toBeInstanceOf(NotFoundError);
  await kept.produce({ message: 'm' });
  expect(await make(foobar.name)).toBe(kept);
  for (const [subject, payload] of subjects) expect(await broker.hasListener(subject, payload)).toBe(false);
  const pulled = pulls.texts.length;
  await pause(250);
  pulls.end();
  expect([calls, pulls.texts.length]).toEqual([after, pulled]);
  expect(await broker.stream(foo.name)).toBeUndefined();
  await foobar.destroy();
});
