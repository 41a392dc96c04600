import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setTimeout as pause } from 'node:timers/promises';
import type { NatsConnection } from 'nats';
import { connect } from 'nats';
import { resolveConnection } from '../../../../src/model/connection';
import { connectAdmin } from '../../../../src/runtime/admin';
import { LocalBroker } from '../../../../src/runtime/broker';
import { Run, stationKind } from '../../../../src/runtime/reconcile';
import type { Report } from '../../../../src/runtime/report/report';
import { changedObjects } from '../../../../src/runtime/report/sources/drift/changes';
import type { Outages } from '../../../../src/runtime/report/sources/drift/watch';
import { DriftWatch } from '../../../../src/runtime/report/sources/drift/watch';
import { SynthesisedStacks } from '../../../../src/runtime/synthesised';
import { eventually } from '../../../support/broker';
import { declared, stackOf } from '../../../support/declared-stack';
import { publish } from '../../../support/publish';

let broker: LocalBroker;
let store: string;
let nats: NatsConnection;
let watch: DriftWatch | undefined;
const names = ['watched.a', 'watched.b'];
const objects = names.map((name) => declared('station', { name, retentionValue: 3600 }));

/** What the watch has found, and what it could not. */
let reports: Report[];
let outages: string[];

beforeAll(async () => {
  store = mkdtempSync(path.join(tmpdir(), 'cdktf-memphis-watch-'));
  broker = await LocalBroker.start({ store });
  await apply(async (run) => {
    for (const { values } of objects) {
      const owner = { owner: String(values.owner), adoptExisting: false };
      await stationKind.create(run, stationKind.canonical(values as never), owner, {
        allowMessageLoss: false,
      });
    }
  });
  nats = await plain();
});
afterAll(async () => {
  await nats.close();
  await broker.stop();
  rmSync(store, { recursive: true, force: true });
});

beforeEach(() => {
  reports = [];
  outages = [];
});
afterEach(() => watch?.stop());

function plain(): Promise<NatsConnection> {
  const servers = `${broker.host}:${broker.port}`;
  return connect({ servers, user: 'root', pass: 'memphis', name: '0-0::root' });
}

async function apply(action: (run: Run) => Promise<unknown>): Promise<void> {
  const admin = await connectAdmin(resolveConnection({}, broker.environment()));
  const run = new Run(admin);
  run.changing();
  await action(run);
  await admin.close();
}

/** Watches, with REST looked at every `listsMs` only. */
async function start(listsMs = 60_000): Promise<void> {
  const listener = {
    checked: (report: Report) => void reports.push(report),
    unreachable: (error: Error) => void outages.push(error.message),
  };
  const options = { environment: broker.environment() };
  // The broker works in this process, too, so that looks cost more than they do alone.
  const pace = { listsMs, everythingMs: 60_000, share: 0.5 };
  watch = await DriftWatch.start([stackOf(objects)], options, listener, { pace });
  await eventually(() => reports.length > 0, 'the first check is done');
}

async function setAge(name: string, seconds: number): Promise<void> {
  const stream = `${name.replace('.', '#')}$1`;
  const { streams } = await nats.jetstreamManager();
  const { config } = await streams.info(stream);
  await streams.update(stream, { ...config, max_age: seconds * 1e9 });
}

const statuses = (): Record<string, string> =>
  Object.fromEntries((reports.at(-1)?.objects ?? []).map(({ name, status }) => [name, status]));

test('a changed stream is reported within a second, alone, and so is its return', async () => {
  await start();
  expect(statuses()).toEqual({ 'watched.a': 'same', 'watched.b': 'same' });
  const times: number[] = [];
  for (const [seconds, status] of [
    [600, 'changed'],
    [3600, 'same'],
    [700, 'changed'],
    [3600, 'same'],
  ] as const) {
    const begin = performance.now();
    await setAge('watched.a', seconds);
    await eventually(() => statuses()['watched.a'] === status, `watched.a is ${status}`);
    times.push(performance.now() - begin);
    expect(statuses()['watched.b']).toBe('same');
  }
  // A busy machine may be late once.
  expect(Math.min(...times)).toBeLessThan(1_000);
  expect(reports[1]?.objects.find(({ name }) => name === 'watched.a')?.history[0]?.what).toContain(
    "behind Memphis's back",
  );
});

test('a change over REST is found by the next look at its lists; messages alone are no news', async () => {
  await start(50);
  const before = reports.at(-1);
  await publish(broker, 'watched#b', 3);
  await apply((run) =>
    run.admin.setDlsConfiguration('watched.b', { sendPoisonMsgToDls: false, sendSchemaFailedMsgToDls: true }),
  );
  await eventually(() => statuses()['watched.b'] === 'changed', 'the change is found');
  const after = reports.at(-1);
  if (before === undefined || after === undefined) throw new Error('nothing was reported');
  expect(changedObjects(before, after).map(({ name }) => name)).toEqual(['watched.b']);
  expect(changedObjects(after, { ...after, madeAt: 'later' })).toEqual([]);
  await apply((run) =>
    run.admin.setDlsConfiguration('watched.b', { sendPoisonMsgToDls: true, sendSchemaFailedMsgToDls: true }),
  );
  await eventually(() => statuses()['watched.b'] === 'same', 'the return is found');
});

test('a hundred changes leave no more memory behind than ten', async () => {
  await start();
  const change = async (times: number): Promise<number> => {
    for (let index = 0; index < times; index += 1) await setAge('watched.a', 200 + index);
    await setAge('watched.a', 3600);
    await eventually(() => statuses()['watched.a'] === 'same', 'all of it is read');
    reports.splice(0, reports.length - 1);
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
    return process.memoryUsage().heapUsed;
  };
  const before = await change(10);
  expect((await change(100)) - before).toBeLessThan(3 * 2 ** 20);
});

test('a restart of the broker interrupts the watch, and what changed meanwhile is found when it is back', async () => {
  await start();
  const { port, restPort } = broker;
  await setAge('watched.a', 600);
  await eventually(() => statuses()['watched.a'] === 'changed', 'the change is found');
  await nats.close();
  await broker.stop();
  await eventually(() => outages.length > 0, 'the outage is noticed');
  expect(outages[0]).toMatch(/^could not .*127\.0\.0\.1/);
  const count = reports.length;
  broker = await LocalBroker.start({ store, port, restPort });
  nats = await plain();
  await setAge('watched.a', 3600);
  await eventually(() => reports.length > count && statuses()['watched.a'] === 'same', 'it is read again');
});

test('the outage of one broker leaves the watch of another alone', async () => {
  const other = await LocalBroker.start({ store: 'memory' });
  const { port, restPort } = other;
  const address = `${other.host}:${port}`;
  const found: [Report, Outages][] = [];
  const listener = {
    checked: (report: Report, outages: Outages) => void found.push([report, outages]),
    unreachable: (_: Error, where: string, away: Outages) => void outages.push(`${where} of ${away.size}`),
  };
  const provider = {
    key: 'memphis.other',
    settings: { host: other.host, port, restUrl: other.restUrl },
    unresolved: [],
  };
  const elsewhere = declared('station', { name: 'elsewhere' }, { provider: 'memphis.other' });
  const stack = stackOf([...objects, elsewhere], { providers: [provider] });
  watch = await DriftWatch.start([stack], { environment: broker.environment() }, listener);
  await eventually(() => found.length > 0, 'the first check is done');
  expect(found[0]?.[0].brokers).toHaveLength(2);
  expect(found[0]?.[1].size).toBe(0);
  await other.stop();
  await eventually(() => outages.length > 0, 'the outage is noticed');
  expect(new Set(outages)).toEqual(new Set([`${address} of 1`]));
  const last = (): [Report, Outages] | undefined => found.at(-1);
  const statusOf = (name: string) => last()?.[0].objects.find((object) => object.name === name)?.status;
  await setAge('watched.a', 600);
  await eventually(() => statusOf('watched.a') === 'changed', 'the change on the other broker is found');
  expect([...(last()?.[1].keys() ?? [])]).toEqual([address]);
  expect(last()?.[0].findings.map(({ code }) => code)).toEqual(['BROKER_UNREACHABLE']);
  expect(statusOf('elsewhere')).toBe('missing');
  await setAge('watched.a', 3600);
  const back = await LocalBroker.start({ store: 'memory', port, restPort });
  await eventually(() => last()?.[1].size === 0 && statusOf('watched.a') === 'same', 'both are there again');
  await watch.stop();
  await back.stop();
});

test('stacks that a synth changes are compared within a second, and half of a file is waited for', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'cdktf-memphis-watch-'));
  const file = path.join(folder, 'cdk.tf.json');
  const synth = (...stations: readonly string[]): string =>
    JSON.stringify({
      resource: {
        memphis_station: Object.fromEntries(stations.map((name, index) => [`s${index}`, { name }])),
      },
    });
  writeFileSync(file, synth('watched.a'));
  const source = new SynthesisedStacks({ folder, environment: {} });
  const rereads: (string | undefined)[] = [];
  const listener = {
    checked: (report: Report) => void reports.push(report),
    unreachable: (error: Error) => void outages.push(error.message),
    reread: (error: Error | undefined) => void rereads.push(error?.message),
  };
  const options = { environment: broker.environment() };
  watch = await DriftWatch.start(await source.read(), options, listener, { source });
  const names = (): string => Object.keys(statuses()).sort().join(' ');
  try {
    await eventually(() => names() === 'watched.a', 'the first check is done');
    const begin = performance.now();
    writeFileSync(file, synth('watched.a', 'new'));
    await eventually(() => names() === 'new watched.a', 'the new station is compared');
    expect(performance.now() - begin).toBeLessThan(1_000);
    // A synth empties its folder first.
    rmSync(file);
    writeFileSync(file, synth('watched.b').slice(0, 40));
    await pause(700);
    writeFileSync(file, synth('watched.b'));
    await eventually(() => names() === 'watched.b', 'the whole file is compared');
    expect(rereads).toEqual([undefined, undefined]);
    writeFileSync(file, '{');
    await eventually(() => rereads.length > 2, 'a file that stays broken is reported');
    expect(rereads[2]).toMatch(/^could not read stack .*cdk\.tf\.json: line 1, column 2/);
    writeFileSync(file, synth('watched.a'));
    await eventually(() => names() === 'watched.a', 'the corrected file is compared');
    expect(outages).toEqual([]);
  } finally {
    await watch.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the first attempt to connect fails like a single check', async () => {
  const environment = { ...broker.environment(), MEMPHIS_PORT: '1' };
  const listener = { checked: () => undefined, unreachable: () => undefined };
  await expect(DriftWatch.start([stackOf(objects)], { environment }, listener)).rejects.toMatchObject({
    code: 'MEMPHIS_CONNECTION',
  });
});
