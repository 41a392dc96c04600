import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { EnvironmentError } from '../../../src/model/errors';
import { LocalBroker } from '../../../src/runtime/broker';
import { BrokerClient } from './broker-client';

let store: string;
let broker: LocalBroker | undefined;
let client: BrokerClient;
const log: string[] = [];

beforeEach(async () => {
  store = await mkdtemp(path.join(tmpdir(), 'broker-store-test-'));
  await restart();
});

afterEach(async () => {
  await client.close();
  await broker?.stop();
  await rm(store, { recursive: true, force: true });
});

async function restart(): Promise<void> {
  log.length = 0;
  broker = await LocalBroker.start({ store, log: (line) => log.push(line) });
  client = await BrokerClient.connect(broker);
}

/** What a real restart is: the client goes, the broker ends and comes back on the same store. */
async function end(how: 'stop' | 'kill'): Promise<void> {
  await client.close();
  await broker?.[how]();
  broker = undefined;
}

async function fillBroker(): Promise<void> {
  await client.manage('schema_creations', { name: 's', type: 'json', schema_content: '{}' });
  await client.manage('schema_creations', { name: 's', type: 'json', schema_content: '{"type":"object"}' });
  await client.manage('station_creations', {
    name: 'a.b',
    partitions_number: 3,
    schema_name: 's',
    tiered_storage_enabled: true,
  });
  await client.manage('station_creations', { name: 'm', partitions_number: 1, storage_type: 'memory' });
  await client.manage('consumer_creations', {
    name: 'c',
    station_name: 'a.b',
    consumer_type: 'application',
    connection_id: 'gone',
    req_version: 4,
    start_consume_from_sequence: 1,
    last_messages: -1,
  });
  await client.rest('PUT', '/tags/updateTagsForEntity', {
    tags_to_add: [{ name: 't', color: '1' }],
    entity_type: 'station',
    entity_name: 'a.b',
  });
  await client.nats.jetstream().publish('a#b$2.final', 'kept');
}

/** Everything REST tells, without what may change over a restart. */
async function whatRestTells(): Promise<unknown> {
  return {
    stations: await client.rest('GET', '/stations/getAllStations'),
    schema: await client.rest('GET', '/schemas/getSchemaDetails?schema_name=s'),
    tags: await client.rest('GET', '/tags/getTags'),
  };
}

test.each(['stop', 'kill'] as const)(
  'after %s a start with the same store brings everything back',
  async (how) => {
    await fillBroker();
    const before = await whatRestTells();
    const { jwt } = client;
    await end(how);
    await restart();
    expect(await whatRestTells()).toEqual(before);
    expect(log).toEqual([]);
    // The secret of the tokens is the store's.
    expect(await client.rest('GET', '/monitoring/getAvailableReplicas', undefined, jwt)).toEqual({
      available_replicas: 0,
    });
    const { message } = await client.jetstream<{ message: { data: string } }>('STREAM.MSG.GET.a#b$2', {
      seq: 1,
    });
    expect(Buffer.from(message.data, 'base64').toString()).toBe('kept');
    // Who was connected is not any more.
    const overview = await client.rest<{ connected_cgs: object[]; disconnected_cgs: object[] }>(
      'GET',
      '/monitoring/getStationOverviewData?station_name=a.b&partition_number=-1',
    );
    expect([overview.connected_cgs.length, overview.disconnected_cgs.length]).toEqual([0, 1]);
    // Memory streams do not survive; the station does, empty.
    expect(await client.streams()).toEqual(['a#b$1', 'a#b$2', 'a#b$3', 'default$1', 'm$1']);
  },
);

test('ids are never given out twice, also not over a restart', async () => {
  const idOf = async (name: string): Promise<number> => {
    await client.manage('station_creations', { name, partitions_number: 1 });
    const { id } = await client.rest<{ id: number }>('GET', `/stations/getStation?station_name=${name}`);
    await client.manage('station_destructions', { station_name: name });
    return id;
  };
  const first = [await idOf('x'), await idOf('x')];
  await end('kill');
  await restart();
  const all = [...first, await idOf('x'), await idOf('x')];
  expect(new Set(all).size).toBe(4);
  expect([...all].sort((left, right) => left - right)).toEqual(all);
});

test('what was removed stays removed, also when the server is killed at once', async () => {
  await client.manage('station_creations', { name: 'x', partitions_number: 1 });
  await client.manage('station_destructions', { station_name: 'x' });
  await end('kill');
  await restart();
  expect(await client.stationNames()).toEqual(['default']);
});

test('a schema may have more text in its versions than one message can carry', async () => {
  const content = (number: number): string => JSON.stringify({ description: String(number).repeat(300_000) });
  for (let number = 1; number <= 5; number++) {
    const request = { name: 'large', type: 'json', schema_content: content(number) };
    expect(await client.manage('schema_creations', request)).toBe('{"error":""}');
  }
  await client.rest('PUT', '/schemas/rollBackVersion', { schema_name: 'large', version_number: 4 });
  await end('kill');
  await restart();
  const { versions } = await client.rest<{ versions: { active: boolean; schema_content: string }[] }>(
    'GET',
    '/schemas/getSchemaDetails?schema_name=large',
  );
  expect(versions.map(({ active }) => active)).toEqual([false, true, false, false, false]);
  expect(versions.map((version) => version.schema_content)).toEqual([5, 4, 3, 2, 1].map(content));
});

test('streams of a creation that did not get to its row are removed, unless they hold something', async () => {
  for (const name of ['half$1', 'half$2', 'full$1', 'foreign$1']) {
    const subjects = name === 'foreign$1' ? ['elsewhere'] : [`${name}.>`];
    await client.jetstream(`STREAM.CREATE.${name}`, { name, subjects, storage: 'file' });
  }
  await client.nats.jetstream().publish('full$1.final', 'precious');
  await end('kill');
  await restart();
  expect(await client.streams()).toEqual(['default$1', 'foreign$1', 'full$1']);
  expect(log.flatMap((line) => /^stream (\S+) .* is kept/.exec(line)?.[1] ?? []).sort()).toEqual([
    'foreign$1',
    'full$1',
  ]);
});

test('a station that lacks a stream gets it; a removal that was interrupted is finished', async () => {
  await client.manage('station_creations', { name: 'lacking', partitions_number: 2 });
  await client.manage('station_creations', { name: 'going', partitions_number: 1 });
  await client.jetstream('STREAM.DELETE.lacking$1');
  // The second name is unknown: the streams of the first are gone, its row is not.
  await client.rest('DELETE', '/stations/removeStation', { station_names: ['going', 'unknown'] });
  expect(await client.stationNames()).toEqual(['default', 'going', 'lacking']);
  await end('kill');
  await restart();
  expect(await client.stationNames()).toEqual(['default', 'lacking']);
  expect(await client.streams()).toEqual(['default$1', 'lacking$1', 'lacking$2']);
});

test('a store in use is refused, and the broker that has it does not notice', async () => {
  const second: unknown = await LocalBroker.start({ store, log: () => undefined }).catch(
    (error: unknown) => error,
  );
  expect(second).toBeInstanceOf(EnvironmentError);
  expect((second as Error).message).toContain(`process id ${process.pid} is using it`);
  expect(await client.stationNames()).toEqual(['default']);
});

test('a lock cut short by a crash is no lock', async () => {
  await end('stop');
  await writeFile(path.join(store, 'broker.lock'), '{"id":"x","own');
  await restart();
  expect(await client.stationNames()).toEqual(['default']);
});

test('after kill -9 of the process that held it, its server is gone and the store can be used', async () => {
  await client.manage('station_creations', { name: 'survivor', partitions_number: 1 });
  await end('stop');
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(__dirname, 'hold-broker.ts'), store], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { serverPid, port } = JSON.parse(line.toString()) as { serverPid: number; port: number };
  expect(port).toBeGreaterThan(0);
  process.kill(serverPid, 0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await restart();
  expect(await client.stationNames()).toEqual(['default', 'survivor']);
  // Gone, or waiting for a parent that does not ask (a container without an init).
  expect(
    spawnSync('ps', ['-o', 'stat=', '-p', String(serverPid)])
      .stdout.toString()
      .trim(),
  ).toMatch(/^(Z|$)/);
});

test('a store that is no folder is refused with a clear error', async () => {
  const file = path.join(store, 'a-file');
  await writeFile(file, '');
  await expect(LocalBroker.start({ store: file })).rejects.toThrow(/could not use the store .*a-file/);
});

test('after stop the store holds no lock', async () => {
  await end('stop');
  expect(await readdir(store)).toEqual(['jetstream']);
});
