import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { App } from 'cdktf';

import { resolveConnection } from '../../src/model/connection';
import { canonicalStation } from '../../src/model/station';
import type { Admin } from '../../src/runtime/admin';
import { connectAdmin } from '../../src/runtime/admin';
import { inParallel } from '../../src/runtime/admin/batch';
import { LocalBroker } from '../../src/runtime/broker';
import type { Listing } from '../../src/runtime/inventory';
import type { Report } from '../../src/runtime/report/report';
import { OrdersStack } from '../../stacks/orders/orders-stack';
import { RestProxy } from '../support/rest-proxy';

const program = path.resolve(__dirname, '../../lib/cli/main.js');
const recordedPlan = path.resolve(__dirname, '../runtime/report/sources/recorded/plan.json');
/** Nobody may write there, not even root. */
const FORBIDDEN = '/proc/cdktf-memphis';

let broker: LocalBroker;
let admin: Admin;
let folder: string;

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
  admin = await connectAdmin(resolveConnection({}, broker.environment()));
  folder = mkdtempSync(path.join(tmpdir(), 'cdktf-memphis-faults-'));
  const app = new App({ outdir: path.join(folder, 'cdktf.out'), skipValidation: true });
  new OrdersStack(app, 'orders');
  app.synth();
  await admin.createStation(canonicalStation({ name: 'orders' }));
  mkdirSync(path.join(folder, 'never'));
  mkdirSync(path.join(folder, 'broken'));
  writeFileSync(path.join(folder, 'broken/cdk.tf.json'), '{\n  "resource": {,\n');
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await admin.close();
  await broker.stop();
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end, with nothing in its environment but Node and the broker. */
async function ended(file: string, args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Ended> {
  const child = spawn(file, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin`, CI: 'true', ...environment },
  });
  const told = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (told.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (told.err += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { ...told, code };
}

const run = (command: string, environment: NodeJS.ProcessEnv = broker.environment()): Promise<Ended> =>
  ended(process.execPath, [program, ...command.split(' ')], environment);

/** Runs each command, some at the same time. */
async function runAll(commands: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Ended[]> {
  const results: Ended[] = [];
  await inParallel(
    [...commands.entries()],
    async ([index, command]) => {
      results[index] = await run(command, environment);
    },
    3,
  );
  return results;
}

/** The commands that need the broker, each as a pipeline runs it. */
const asking = ['drift', 'list', 'export --out exported', 'smoke'];

describe.each<[string, (environment: Record<string, string>) => NodeJS.ProcessEnv, RegExp]>([
  ['no settings at all', () => ({}), /username is not set; (?:give it or )?set MEMPHIS_USERNAME/],
  [
    'the broker down',
    (environment) => ({ ...environment, MEMPHIS_PORT: '1', MEMPHIS_REST_URL: 'http://127.0.0.1:1' }),
    /nothing listens on that port\. Check MEMPHIS_HOST and MEMPHIS_PORT/,
  ],
  [
    'the client port down and REST up',
    (environment) => ({ ...environment, MEMPHIS_PORT: '1' }),
    /nothing listens on that port\. Check MEMPHIS_HOST and MEMPHIS_PORT/,
  ],
  [
    'REST down and the client port up',
    (environment) => ({ ...environment, MEMPHIS_REST_URL: 'http://127.0.0.1:1' }),
    /could not log in to the REST API at http:\/\/127\.0\.0\.1:1/,
  ],
  [
    'a wrong password',
    (environment) => ({ ...environment, MEMPHIS_PASSWORD: 'wrong-1234' }),
    /refused the user or the password.*\. Check MEMPHIS_USERNAME and MEMPHIS_PASSWORD/,
  ],
])('%s', (_, broken, says) => {
  test('is exit code 3 and one sentence in every command, and a note in the report of a plan', async () => {
    const environment = broken(broker.environment());
    const found = await runAll(asking, environment);
    expect(found.map(({ code }) => code)).toEqual([3, 3, 3, 3]);
    for (const { out, err } of found) {
      expect(err + out).toMatch(says);
      expect(err + out).not.toMatch(/wrong-1234|\n +at |undefined/);
    }
    const [plan] = await runAll([`report --plan ${recordedPlan}`], environment);
    expect(plan?.code).toBe(2);
    expect(plan?.out).toMatch(says);
  });
});

test('a folder without synthesised output is exit code 1 and says to run cdktf synth', async () => {
  const commands = ['drift never', 'smoke never', `report --plan ${recordedPlan} --folder never`];
  for (const { code, out, err } of await runAll(commands)) {
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^cdktf-memphis: could not read the synthesised stacks: .*\. Run cdktf synth/);
  }
});

test('a broken cdk.tf.json is exit code 1 and names the file, the line and the column', async () => {
  const commands = ['drift broken', 'smoke broken', `report --plan ${recordedPlan} --folder broken`];
  for (const { code, out, err } of await runAll(commands)) {
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^cdktf-memphis: could not read stack "\w*": .*cdk\.tf\.json: line 2, column 16/);
  }
});

test('a plan file of another version is exit code 1 and says what to update', async () => {
  writeFileSync(path.join(folder, 'later.json'), '{"format_version":"2.0"}');
  const { code, out, err } = await run('report --plan later.json');
  expect([code, out]).toEqual([1, '']);
  expect(err).toBe(
    'cdktf-memphis: could not read the plan later.json: its format_version is 2.0, and this version of cdktf-memphis reads 1.x; update cdktf-memphis.\n',
  );
});

test('an output folder that cannot be written is exit code 1 before anything is asked', async () => {
  const out = `--out ${FORBIDDEN}/report.html`;
  const commands = [`drift ${out}`, `smoke ${out}`, `report --plan ${recordedPlan} ${out}`];
  for (const { code, out: printed, err } of await runAll([...commands, `export --out ${FORBIDDEN}`])) {
    expect([code, printed]).toEqual([1, '']);
    expect(err).toMatch(
      /^cdktf-memphis: could not write (?:the export to |")\/proc\/cdktf-memphis.*: ENOENT/,
    );
  }
});

test('a reader that leaves (`| head`) ends every command without a message', async () => {
  const commands = ['drift', 'list', 'list --format json', `report --plan ${recordedPlan}`, 'smoke'];
  await inParallel(
    commands,
    async (command) => {
      // The reader has gone before the first byte is written.
      const line = `( sleep 0.1; '${process.execPath}' '${program}' ${command} ) | true`;
      const { err } = await ended('sh', ['-c', line], broker.environment());
      // What goes on, what a listing counts, and the line of each test are for people.
      const rest = err.replace(/^(connecting to|reading|failed|passed|127\.0\.0\.1) ?.*\n/gm, '');
      expect([command, rest.replace(/^127\.0\.0\.1:.*\n/gm, '')]).toEqual([command, '']);
    },
    3,
  );
});

describe('a broker that lists only its newest 5,000 stations', () => {
  let proxy: RestProxy;
  let environment: NodeJS.ProcessEnv;
  const names = Array.from({ length: 12 }, (_, index) => `cut.${index}`);

  /** The rows of the real list, of which the broker shows the newest, and more until it looks like a full one. */
  const cut = (body: string): string => {
    const rows = JSON.parse(body) as { readonly id: number; readonly name: string }[];
    const shown = rows.filter(({ name }) => !/^cut\.[0-7]$/.test(name));
    const [pattern] = shown;
    const more = Array.from({ length: 5_000 - shown.length }, (_, index) => ({
      ...pattern,
      id: 100_000 + index,
      name: `filler-${index}`,
      schema_name: '',
    }));
    return JSON.stringify([...shown, ...more]);
  };

  beforeAll(async () => {
    await admin.createSchema({ name: 'cut', type: 'json', content: '{}', messageStructName: '' });
    for (const name of names) await admin.createStation(canonicalStation({ name }));
    await admin.attachSchema('cut.3', 'cut');
    proxy = await RestProxy.start(broker.restUrl);
    proxy.rewrite('/stations/getAllStations', cut);
    environment = { ...broker.environment(), MEMPHIS_REST_URL: proxy.url };
    const station = Object.fromEntries(names.map((name, index) => [`s${index}`, { name }]));
    const enforcement = { e: { station_name: 'cut.3', schema_name: 'cut' } };
    mkdirSync(path.join(folder, 'many'));
    writeFileSync(
      path.join(folder, 'many/cdk.tf.json'),
      JSON.stringify({
        resource: { memphis_station: station, memphis_schema_enforcement: enforcement },
      }),
    );
  });
  afterAll(() => proxy.stop());

  test('is compared as a whole', async () => {
    const { code, out, err } = await run('drift many --format json', environment);
    expect([err, code]).toEqual([expect.stringMatching(/^connecting to/), 0]);
    const { objects } = JSON.parse(out) as Report;
    expect(objects.map(({ kind, name, status }) => `${kind} ${name} ${status}`).sort()).toEqual(
      ['enforcement cut.3 same', ...names.map((name) => `station ${name} same`)].sort(),
    );
  });

  test('is listed and exported as a whole', async () => {
    const listed = await run('list cut.* --format json', environment);
    expect(listed.code).toBe(0);
    const { stations } = JSON.parse(listed.out) as Listing;
    expect(stations.map(({ name }) => name)).toEqual([...names].sort());
    const exported = await run('export --filter cut.* --out all --stack shop', environment);
    expect([exported.code, exported.err]).toEqual([0, expect.stringContaining('Wrote 12 stations')]);
  });
});

test('the REST API of another broker: every command refuses with the same sentence', async () => {
  const other = await LocalBroker.start({ store: 'memory' });
  const its = await connectAdmin(resolveConnection({}, other.environment()));
  await its.createStation(canonicalStation({ name: 'theirs' }));
  const mixed = { ...broker.environment(), MEMPHIS_REST_URL: other.restUrl };
  const results = await runAll([...asking, 'doctor'], mixed);
  const stations = (await its.listStations()).map(({ name }) => name).sort();
  await its.close();
  await other.stop();
  for (const { code, out, err } of results) {
    expect(code).not.toBe(0);
    expect(`${out}${err}`).toMatch(/are not the same broker: .*Set MEMPHIS_REST_URL/s);
  }
  expect(stations).toEqual(['default', 'theirs']);
});
