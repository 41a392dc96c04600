import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { App } from 'cdktf';

import { resolveConnection } from '../../src/model/connection';
import { canonicalStation } from '../../src/model/station';
import { connectAdmin } from '../../src/runtime/admin';
import { LocalBroker } from '../../src/runtime/broker';
import { OrdersStack } from '../../stacks/orders/orders-stack';
import { eventually } from '../support/broker';
import type { Started } from '../support/command-line';
import { commandLine, startCommand } from '../support/command-line';

const started: Started['child'][] = [];
let broker: LocalBroker;
let folder: string;

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
});
afterAll(() => broker.stop());

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cdktf-memphis-drift-'));
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the command in the folder as on a machine without Terraform: nothing but Node is in its path. */
function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const env = {
    PATH: path.dirname(process.execPath),
    CI: 'true',
    ...broker.environment(),
    ...environment,
  };
  const command = startCommand(['drift', ...args], { cwd: folder, env });
  started.push(command.child);
  return command;
}

/** What synth leaves of some stations. */
function synthesise(...stations: readonly Readonly<Record<string, unknown>>[]): void {
  mkdirSync(path.join(folder, 'stacks/shop'), { recursive: true });
  const manifest = { stacks: { shop: { name: 'shop', workingDirectory: 'stacks/shop' } } };
  writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(manifest));
  const resources = Object.fromEntries(stations.map((station, index) => [`s${index}`, station]));
  writeFileSync(
    path.join(folder, 'stacks/shop/cdk.tf.json'),
    JSON.stringify({ resource: { memphis_station: resources } }),
  );
}

test('compares a synthesised stack without Terraform, its state and its code: everything is resolved, and exit code 2', async () => {
  const app = new App({ outdir: path.join(folder, 'cdktf.out'), skipValidation: true });
  new OrdersStack(app, 'orders');
  app.synth();
  const { told, code } = run(['--format', 'json', '--out', 'reports/drift.txt']);
  expect([await code, told.err.split('\n').at(-2)]).toEqual([2, expect.stringMatching(/^reading /)]);
  const report = JSON.parse(told.out) as { objects: { status: string; unresolved: string[] }[] };
  expect(report.objects.length).toBeGreaterThan(4);
  expect(
    report.objects.filter(({ status, unresolved }) => status !== 'missing' || unresolved.length > 0),
  ).toEqual([]);
});

test('each fault has its exit code and one sentence: broker down, wrong log-in, nothing synthesised, a closed pipe', async () => {
  const nothing = run([]);
  expect(await nothing.code).toBe(1);
  expect(nothing.told.err).toMatch(
    /^cdktf-memphis: could not read the synthesised stacks: .*\. Run cdktf synth/,
  );
  const markup = '<b>|`*_</b>';
  synthesise(...Array.from({ length: 2000 }, (_, index) => ({ name: `lost-${index}`, tags: [markup] })));
  const down = run([], { MEMPHIS_PORT: '1' });
  const halfDown = run([], { MEMPHIS_REST_URL: 'http://127.0.0.1:1' });
  const login = run([], { MEMPHIS_PASSWORD: 'wrong-1234' });
  const piped = run([]);
  piped.child.stdout.once('data', () => piped.child.stdout.destroy());
  expect(await Promise.all([down.code, halfDown.code, login.code, piped.code])).toEqual([3, 3, 3, 2]);
  expect(down.told.err).toContain('could not connect to the broker at 127.0.0.1:1');
  expect(halfDown.told.err).toContain('could not log in to the REST API at http://127.0.0.1:1');
  expect(login.told.err).toContain('the broker refused the user or the password');
  expect(piped.told.err.split('\n').filter((line) => !/^(connecting|reading) /.test(line))).toEqual(['']);
});

test('--watch prints a change within a second, --serve serves it, and Ctrl-C ends both with the code of the last check', async () => {
  synthesise({ name: 'watched', retention_value: 3600 });
  const { child, told, code } = run(['--watch', '--serve', '0', '--format', 'json', '--out', 'drift.txt']);
  await eventually(() => told.out.includes('\n}\n') && told.err.includes('serving on '), 'the first report');
  const url = /serving on (\S+)/.exec(told.err)?.[1] ?? '';
  expect(readFileSync(path.join(folder, 'drift.txt'), 'utf8')).toContain('station watched  missing');
  const { length } = told.out;
  const admin = await connectAdmin(resolveConnection({}, broker.environment()));
  await admin.createStation(canonicalStation({ name: 'watched' }));
  await admin.close();
  await eventually(() => told.out.length > length && told.out.endsWith('}\n'), 'a line with the next report');
  expect(JSON.parse(told.out.slice(length))).toMatchObject({
    objects: [{ name: 'watched', status: 'same' }],
  });
  expect(await (await fetch(`${url}metrics`)).text()).toContain(
    'memphis_objects{kind="station",status="same"} 1\n',
  );
  const asked = performance.now();
  child.kill('SIGINT');
  expect(await code).toBe(0);
  expect(performance.now() - asked).toBeLessThan(3_000);
  expect(told.err).toBe(`connecting to the broker\nserving on ${url}\n`);
  expect(readFileSync(path.join(folder, 'drift.txt'), 'utf8')).not.toContain('missing');
});

test('--watch ends when the process that started it is killed, as npx may be', async () => {
  synthesise({ name: 'abandoned', retention_value: 3600 });
  const starter = spawn(
    '/bin/sh',
    ['-c', '"$@" & echo $!; wait', 'sh', process.execPath, commandLine, 'drift', '--watch'],
    { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'], env: { CI: 'true', ...broker.environment() } },
  );
  let out = '';
  starter.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  while (!out.includes('abandoned')) await once(starter.stdout, 'data');
  const pid = Number(out.split('\n')[0]);
  expect(isRunning(pid)).toBe(true);
  starter.kill('SIGKILL');
  await eventually(() => !isRunning(pid), 'the end of the watch');
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('a wrong address of --serve is an error of the command line', async () => {
  const { told, code } = run(['--serve', '127.0.0.1']);
  expect(await code).toBe(1);
  expect(told.err).toContain('It must be an address and a port, such as 127.0.0.1:9464.');
});

test('--allowed-host without --serve is an error', async () => {
  const { told, code } = run(['--allowed-host', 'reports.example.com']);
  expect(await code).toBe(1);
  expect(told.err).toBe(
    'cdktf-memphis: could not serve the report: --allowed-host is given without --serve; add --serve, or remove --allowed-host.\n',
  );
});
