import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { App, TerraformVariable } from 'cdktf';
import type { TerraformStack } from 'cdktf';
import { MemphisProvider, SmokeTest, Station } from '../../src';
import { SmokeRecords } from '../../src/runtime/admin';
import type { Report } from '../../src/runtime/report/report';
import { eventually, TestBroker } from '../support/broker';
import type { Started } from '../support/command-line';
import { startCommand } from '../support/command-line';
import { brokerObjects } from '../support/broker-objects';
import { stackWith, synthesiseApp } from '../constructs/support/stack';

jest.mock('../../src/constructs/package-root', () =>
  jest.requireActual<object>('../constructs/support/fixture-package'),
);

const broker = TestBroker.forThisFile();
const root = path.join(__dirname, '../..');

/** The output folder of an app with one stack. */
function synthesised(declare: (stack: TerraformStack) => void): string {
  const stack = stackWith(declare);
  synthesiseApp(stack);
  return App.of(stack).outdir;
}

function start(
  args: readonly string[],
  environment: Record<string, string> = broker.environment,
  nodeOptions: readonly string[] = [],
): Started {
  const env = { PATH: process.env.PATH, CI: 'true', ...environment };
  return startCommand(['smoke', ...args], { cwd: root, env, nodeOptions });
}

interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function finished({ told, code }: Started): Promise<Finished> {
  return { code: await code, ...told };
}

const smoke = (args: readonly string[], environment?: Record<string, string>): Promise<Finished> =>
  finished(start(args, environment));

async function station(): Promise<string> {
  const name = broker.stationName();
  await (await broker.client()).station({ name });
  return name;
}

/** What a smoke test could leave behind. */
async function leftBehind(): Promise<unknown> {
  const { body } = await broker.rest('GET', '/stations/getAllStations');
  return {
    stations: (body as { name: string }[])
      .map(({ name }) => name)
      .filter((name) => name.startsWith('smoke-')),
    records: [...(await new SmokeRecords(broker.observer).list()).keys()],
  };
}

const nothing = { stations: [], records: [] };

test('runs the tests of the stacks, prints a report, and says by its code whether all passed', async () => {
  const [good, missing] = [await station(), broker.stationName()];
  const folder = synthesised((stack) => {
    new SmokeTest(stack, 'good', { station: new Station(stack, 'a', { name: good }) });
    new SmokeTest(stack, 'bad', { station: new Station(stack, 'b', { name: missing }) });
  });
  const all = await smoke([folder, '--format', 'json']);
  const { tests } = JSON.parse(all.out) as { tests: Report['tests'] };
  expect({ code: all.code, err: all.err.trim().split('\n').sort() }).toEqual({
    code: 2,
    err: [
      expect.stringMatching(
        new RegExp(
          `^failed bad \\(\\d+ ms\\): station: station "${missing}" does not exist; deploy it first$`,
        ),
      ),
      expect.stringMatching(/^passed good \(\d+ ms\)$/),
    ],
  });
  expect(tests.map(({ name, verdict, declaration }) => [name, verdict, declaration?.constructPath])).toEqual([
    ['bad', 'failed', 'test/bad'],
    ['good', 'passed', 'test/good'],
  ]);
  const one = await smoke([folder, '--test', 'good', '--repeat', '3']);
  expect(one.code).toBe(0);
  expect(one.err.trim().split('\n')).toHaveLength(3);
  expect(one.out).toContain('3 of 3 runs passed');
  expect(await leftBehind()).toEqual(nothing);
}, 30_000);

test('--for runs the tests again and again, a terminal sees one line, and the report says how many runs passed', async () => {
  const name = await station();
  const folder = synthesised((stack) => {
    new SmokeTest(stack, 'again', { station: new Station(stack, 'a', { name }), messages: 1 });
  });
  const html = path.join(folder, 'smoke.html');
  const asTerminal = `data:text/javascript,process.stderr.isTTY=true;delete process.env.CI`;
  const { code, out, err } = await finished(
    start([folder, '--for', '1s', '--out', html], broker.environment, ['--import', asTerminal]),
  );
  expect(code).toBe(0);
  const [, passed, runs] = /(\d+) of (\d+) runs passed/.exec(out) ?? [];
  expect([passed, Number(runs) > 2]).toEqual([runs, true]);
  expect(err).toContain(`${runs} runs, 0 failed, `);
  expect(err).not.toContain('\n');
  expect(await readFile(html, 'utf8')).toContain(`${runs} of ${runs} runs passed`);
  expect(await leftBehind()).toEqual(nothing);
}, 20_000);

test('mistakes are answered with what to do', async () => {
  const folder = synthesised((stack) => {
    new SmokeTest(stack, 'orders', { station: new Station(stack, 'a', { name: 'a' }) });
  });
  const unknown = await smoke([folder, '--test', 'order']);
  expect([unknown.code, unknown.err]).toEqual([
    1,
    'cdktf-memphis: could not run the smoke tests: no smoke test is called "order"; use "orders".\n',
  ]);
  const far = await smoke([folder, '--test', 'nope']);
  expect([far.code, far.err]).toEqual([
    1,
    'cdktf-memphis: could not run the smoke tests: no smoke test is called "nope"; the tests are "orders".\n',
  ]);
  const both = await smoke([folder, '--for', '10m', '--repeat', '2']);
  expect([both.code, both.err]).toEqual([
    1,
    'cdktf-memphis: could not run the smoke tests: --repeat and --for are both given; give one of them.\n',
  ]);
  const noUnit = await smoke([folder, '--for', '10']);
  expect([noUnit.code, noUnit.err]).toEqual([
    1,
    expect.stringContaining('It must be a number with its unit: 30s, 10m or 1h.'),
  ]);
  const empty = await smoke([synthesised(() => undefined)]);
  expect(empty.err).toContain('the stacks declare no smoke test; add a SmokeTest or a SmokeSuite');
});

test('a broker that is down, and wrong credentials, are code 3; secrets are in no output', async () => {
  const folder = synthesised((stack) => {
    const password = new TerraformVariable(stack, 'password', { type: 'string', sensitive: true });
    const other = { alias: 'other', username: 'root', password: password.stringValue };
    const provider = new MemphisProvider(stack, 'other', other);
    new SmokeTest(stack, 'smoke', { station: new Station(stack, 'a', { name: 'a', provider }) });
  });
  const down = await smoke([folder], { ...broker.environment, MEMPHIS_PORT: '1' });
  expect(down.code).toBe(3);
  const wrong = await smoke([folder], { ...broker.environment, TF_VAR_password: 'not-the-secret' });
  expect(wrong.code).toBe(3);
  expect(wrong.out).toContain('the broker refused the user or the password');
  expect(wrong.out + wrong.err).not.toContain('not-the-secret');
});

/** Starts a slow test and waits until its temporary station is there. */
async function underWay(folder: string): Promise<Started> {
  const command = start([folder]);
  const hasShadow = async (): Promise<boolean> =>
    ((await leftBehind()) as { stations: string[] }).stations.length > 0;
  await eventually(hasShadow, 'the temporary station is made');
  return command;
}

test('Ctrl-C ends it and removes everything; what kill -9 leaves is removed by the next run', async () => {
  const name = await station();
  const folder = synthesised((stack) => {
    new SmokeTest(stack, 'slow', { station: new Station(stack, 'a', { name }), messages: 1_000, rate: 50 });
  });
  const quick = synthesised((stack) => {
    new SmokeTest(stack, 'quick', { station: new Station(stack, 'a', { name }) });
  });
  const interrupted = await underWay(folder);
  const ending = finished(interrupted);
  interrupted.child.kill('SIGINT');
  expect((await ending).code).toBe(1);
  expect(await leftBehind()).toEqual(nothing);

  const [killed, alive] = [await underWay(folder), await underWay(folder)];
  killed.child.kill('SIGKILL');
  await killed.code;
  expect((await smoke([quick])).code).toBe(0);
  // What the other run has made stays; it is removed by that run alone.
  expect(((await leftBehind()) as typeof nothing).records).toHaveLength(1);
  const rest = finished(alive);
  alive.child.kill('SIGTERM');
  await rest;
  expect(await leftBehind()).toEqual(nothing);
}, 40_000);

test('100 tests in parallel leave nothing behind', async () => {
  const names = Array.from({ length: 20 }, () => broker.stationName());
  const memphis = await broker.client();
  for (const name of names) await memphis.station({ name });
  const folder = synthesised((stack) => {
    for (const [index, name] of names.entries()) {
      const each = new Station(stack, `station-${index}`, { name });
      // Patient, for a machine that does much else.
      for (const copy of [1, 2, 3, 4, 5])
        new SmokeTest(stack, `smoke-${index}-${copy}`, { station: each, timeoutMs: 60_000 });
    }
  });
  const before = await brokerObjects(broker);
  const begin = performance.now();
  const { code, err } = await smoke([folder, '--parallel', '100']);
  expect({ code, passed: err.split('\n').filter((line) => line.startsWith('passed')).length }).toEqual({
    code: 0,
    passed: 100,
  });
  // Alone on a machine it takes less than 10 seconds.
  expect(performance.now() - begin).toBeLessThan(60_000);
  expect(await brokerObjects(broker)).toEqual(before);
}, 90_000);
