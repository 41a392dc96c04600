import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { ValidationError } from '../../../src/model/errors';
import type { LocalBrokerOptions } from '../../../src/runtime/broker';
import { LocalBroker } from '../../../src/runtime/broker';
import { BrokerClient } from './broker-client';

let store: string;
let broker: LocalBroker;
let client: BrokerClient;
const log: string[] = [];

beforeEach(async () => {
  store = await mkdtemp(path.join(tmpdir(), 'broker-faithful-test-'));
  await start({ faithful: true });
});

afterEach(async () => {
  await end();
  await rm(store, { recursive: true, force: true });
});

async function start(options: LocalBrokerOptions): Promise<void> {
  log.length = 0;
  broker = await LocalBroker.start({ ...options, store, log: (line) => log.push(line) });
  client = await BrokerClient.connect(broker);
}

async function end(): Promise<void> {
  await client.close();
  await broker.stop();
}

async function restart(options: LocalBrokerOptions): Promise<void> {
  await end();
  await start(options);
}

function station(name: string, more: object = {}): Promise<string> {
  return client.manage('station_creations', { name, partitions_number: 2, ...more });
}

/** A station in memory, one in files, one in files that has lost a stream, and a stream of no station. */
async function fill(): Promise<void> {
  await station('m', { storage_type: 'memory' });
  await station('f');
  await station('torn');
  await client.jetstream('STREAM.DELETE.torn$2');
  await client.jetstream('STREAM.CREATE.half$1', { name: 'half$1', subjects: ['half$1.>'] });
}

const streamsAfter = ['default$1', 'f$1', 'f$2', 'half$1', 'torn$1'];

test('after a restart the streams of a memory station are gone, its row stays, and making it again does not help', async () => {
  await fill();
  await restart({ faithful: true });
  expect(await client.stationNames()).toEqual(['default', 'f', 'm', 'torn']);
  expect(await station('m', { storage_type: 'memory' })).toBe('');
  expect(await client.streams()).toEqual(streamsAfter);
});

test('later the stations that lack a stream go; what they still have stays', async () => {
  await fill();
  await restart({ faithful: true, staleStationsAfterMs: 50 });
  for (let tries = 0; tries < 100 && (await client.stationNames()).length > 2; tries++) await delay(20);
  expect(await client.stationNames()).toEqual(['default', 'f']);
  expect(await client.streams()).toEqual(streamsAfter);
  expect(log).toEqual([
    'station m goes, because partition 1 has no stream',
    'station torn goes, because partition 2 has no stream',
  ]);
});

test('a station that got its streams again in time stays', async () => {
  await fill();
  await restart({ faithful: true, staleStationsAfterMs: 600 });
  await client.jetstream('STREAM.CREATE.torn$2', { name: 'torn$2', subjects: ['torn$2.>'] });
  for (let tries = 0; tries < 100 && (await client.stationNames()).includes('m'); tries++) await delay(20);
  expect(await client.stationNames()).toEqual(['default', 'f', 'torn']);
});

test('without the option everything is made whole again at the next start', async () => {
  await fill();
  await restart({});
  expect(await client.stationNames()).toEqual(['default', 'f', 'm', 'torn']);
  expect(await client.streams()).toEqual(['default$1', 'f$1', 'f$2', 'm$1', 'm$2', 'torn$1', 'torn$2']);
});

test.each([-1, 0.5, 2 ** 31, NaN])('%d ms is no time to wait', async (staleStationsAfterMs) => {
  const started = LocalBroker.start({ faithful: true, staleStationsAfterMs });
  await expect(started).rejects.toThrow(ValidationError);
  await expect(started).rejects.toThrow(
    /staleStationsAfterMs is .*; it must be a whole number from 0 to 2147483647/,
  );
});
