import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SmokeTestSpec } from '../../../src/model/smoke-test';
import { SmokeRecords } from '../../../src/runtime/admin';
import type { Memphis } from '../../../src/runtime/messaging';
import { runSmokeTest, SmokeBroker } from '../../../src/runtime/smoke';
import { deleteLeftOverMessages } from '../../../src/runtime/smoke/left-over-messages';
import { deleteOwn } from '../../../src/runtime/smoke/own-messages';
import { eventually, TestBroker } from '../../support/broker';

const broker = TestBroker.forThisFile();
const program = path.join(__dirname, '../../../src/runtime/smoke/main.ts');
let memphis: Memphis;
let smokeBroker: SmokeBroker;
let folder: string;
beforeAll(async () => {
  memphis = await broker.client();
  smokeBroker = SmokeBroker.of({ name: 'a', station: 'a' }, broker.environment);
  folder = await mkdtemp(path.join(tmpdir(), 'cdktf-memphis-smoke-'));
});
afterAll(async () => {
  await smokeBroker.close();
  await rm(folder, { recursive: true, force: true });
});

/** A run in a process of its own, which can be killed, as soon as its messages have come back. */
async function started(spec: SmokeTestSpec): Promise<ChildProcess> {
  const file = path.join(folder, 'spec.json');
  await writeFile(file, JSON.stringify(spec));
  const environment = { PATH: process.env.PATH, ...broker.environment };
  const child = spawn(process.execPath, ['--import', 'tsx', program, file], {
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // However long the process takes to start.
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (data: Buffer) => {
      if (data.toString().includes('consume')) resolve();
    });
    child.once('exit', () => resolve());
  });
  return child;
}

const records = async (): Promise<string[]> => [...(await new SmokeRecords(broker.observer).list()).keys()];

async function produce(station: string, count: number, headers: Record<string, string>): Promise<void> {
  const producer = await memphis.producer({ stationName: station, producerName: 'other' });
  for (let sent = 0; sent < count; sent += 1) await producer.produce({ message: 'theirs', headers });
  await producer.destroy();
}

test('what a killed live run leaves is removed by the next run: its messages and groups, and nothing else', async () => {
  const [station, dead] = [broker.stationName(), broker.stationName('dead')];
  await memphis.station({ name: dead });
  await memphis.station({ name: station, dlsStation: dead });
  await produce(station, 3, { 'smoke-test': 'somebody' });
  const theirs = await memphis.consumer({ stationName: dead, consumerName: 'billing-dls-found' });
  const live = { target: 'live', station } as const;
  const killed = await started({
    ...{ name: 'killed', ...live, messages: 20, timeoutMs: 20_000 },
    ...{ maxMsgDeliveries: 10, expect: { deadLettered: true } },
  });
  const hasLetters = async (): Promise<boolean> => (await broker.groupsOf(dead)).length === 2;
  await eventually(hasLetters, 'the run looks for its dead letter');
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  expect(await broker.messagesIn(station)).toBeGreaterThanOrEqual(23);
  await produce(station, 2, {});
  // One that is still alive keeps what it has made.
  let isUnderWay = (): void => undefined;
  const underWay = new Promise<void>((resolve) => (isUnderWay = resolve));
  const alive = runSmokeTest(
    { name: 'alive', ...live, messages: 60, rate: 20 },
    { ...broker.environment },
    { onStep: ({ name }) => name === 'schema' && isUnderWay() },
  );
  await underWay;
  const next = await runSmokeTest({ name: 'killed', ...live, messages: 2 }, broker.environment);
  expect(next.steps.filter(({ passed }) => !passed)).toEqual([]);
  expect(await broker.groupsOf(dead)).toEqual(['billing-dls-found']);
  const left = await broker.groupsOf(station);
  expect(left.map((name) => name.replace(/-[0-9a-f]{8}$/, ''))).toEqual(['alive']);
  expect(await records()).toHaveLength(1);
  expect(await alive).toMatchObject({ outcome: 'passed', consumed: 60 });
  expect([await broker.messagesIn(station), await broker.groupsOf(station), await records()]).toEqual([
    5,
    [],
    [],
  ]);
  expect(await broker.messagesIn(dead)).toBe(0);
  await theirs.destroy();
}, 30_000);

test('a station that is recreated in the middle loses none of its new messages', async () => {
  const name = broker.stationName();
  const station = await memphis.station({ name });
  let recreated: Promise<void> | undefined;
  const recreate = async (): Promise<void> => {
    await eventually(
      async () => ((await broker.messagesIn(name)) ?? 0) > 10,
      'the first messages are stored',
    );
    await station.destroy();
    await memphis.station({ name });
    await produce(name, 30, {});
  };
  const result = await runSmokeTest(
    { name: 'check', target: 'live', station: name, messages: 40, rate: 40, timeoutMs: 3_000 },
    broker.environment,
    {
      onStep: (step) => {
        if (step.name === 'schema') recreated = recreate();
      },
    },
  );
  await recreated;
  expect(result.outcome).toBe('failed');
  expect(result.steps.at(-1)).toMatchObject({ name: 'clean up', passed: true });
  // The rest of the run's own, which it sent to the new station, is gone; what others sent there is not.
  expect(await broker.messagesIn(name)).toBe(30);
}, 15_000);

test('a message is deleted only if the stream is the same and its header is that of the run', async () => {
  const name = broker.stationName();
  await memphis.station({ name });
  for (const run of ['0123abcd', '0123abcde', '0123abcd-dead-letter', 'other'])
    await produce(name, 1, { 'smoke-test': run });
  const { connection } = await smokeBroker.session();
  const { created } = (await broker.stream(name)) as unknown as { created: string };
  const stream = `${name}$1`;
  const sequences = [1, 2, 3, 4, 5];
  expect(
    await deleteOwn(connection, { stream, created: '2020-01-01T00:00:00Z' }, '0123abcd', sequences),
  ).toMatchObject({ count: 0, isSameStream: false });
  expect(await broker.messagesIn(name)).toBe(4);
  expect(await deleteOwn(connection, { stream, created }, '0123abcd', sequences)).toMatchObject({ count: 2 });
  expect((await broker.storedMessage(name, 1, 2)).headers).toContain('smoke-test: 0123abcde');
  expect(await broker.messagesIn(name)).toBe(2);
});

test('messages of a run are looked for up to its end, and no further', async () => {
  const name = broker.stationName();
  await memphis.station({ name });
  await produce(name, 300, { 'smoke-test': '0123abcd' });
  const { connection } = await smokeBroker.session();
  const { created } = (await broker.stream(name)) as unknown as { created: string };
  const all = await smokeBroker.records();
  const streams = [{ stream: `${name}$1`, created, after: 0 }];
  const record = { test: 'a', stations: [], groups: [], streams };
  await all.write('0123abcd', record);
  await deleteLeftOverMessages(connection, all, '0123abcd', { ...record, endsAt: 1 });
  expect(await broker.messagesIn(name)).toBe(50);
  await deleteLeftOverMessages(connection, all, '0123abcd', { ...record, lastsMs: 60_000 });
  expect(await broker.messagesIn(name)).toBe(0);
  await all.erase('0123abcd');
});
