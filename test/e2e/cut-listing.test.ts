import { mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../src/runtime/report/report';
import type { Listing } from '../../src/runtime/inventory';
import { SmokeBroker } from '../../src/runtime/smoke';
import { runCommand } from '../support/command-line';
import { Deployment } from '../support/deployment';
import type { Attributes } from '../support/stack';

/** A broker lists its newest 5,000 stations. This one has a handful, and lists two of them as if they were the newest. */
const LISTED = 2;
const MOST = 5_000;

const deployment = Deployment.forThisFile();
const names = ['cut-0', 'cut-1', 'cut-2', 'cut-3', 'cut-4', 'cut-dead'];
const stations: Record<string, Attributes> = Object.fromEntries(
  names.map((name, index) => [
    name,
    {
      name,
      tags: ['cut'],
      partitions_number: 1 + (index % 2),
      ...(index === 0 ? { dls_station: '${memphis_station.cut-dead.name}' } : {}),
    },
  ]),
);
const declared = {
  stations,
  schemas: { order: { name: 'cut-order', type: 'json', content: '{}' } },
  enforcements: {
    e: {
      station_name: '${memphis_station.cut-1.name}',
      station_uid: '${memphis_station.cut-1.uid}',
      schema_name: '${memphis_schema.order.name}',
      schema_uid: '${memphis_schema.order.uid}',
    },
  },
  stationSets: { s: { stations: ['cut-set-1', 'cut-set-2'] } },
};
const all = [...names, 'cut-set-1', 'cut-set-2'].sort();
const cli = (...args: readonly string[]) => {
  const env = { PATH: process.env.PATH, ...deployment.environment, CI: 'true' };
  return runCommand(args, { cwd: deployed.directory, env });
};
let deployed: ReturnType<Deployment['stack']>;

beforeAll(async () => {
  deployed = deployment.stack();
  deployed.declare(declared);
  expect(await deployed.apply()).toMatchObject({ code: 0, errors: [] });
  // After all of the stack's, so that none of these is among the newest.
  for (const name of ['newest-1', 'newest-2']) {
    const stack = deployment.stack();
    stack.declare({ stations: { s: { name } } });
    expect((await stack.apply()).code).toBe(0);
  }
  deployment.proxy.rewrite('/stations/getAllStations', (body) => {
    const rows = (JSON.parse(body) as object[]).slice(0, LISTED);
    return JSON.stringify([...rows, ...Array.from({ length: MOST - LISTED }, () => rows[0])]);
  });
});

test('a refresh finds every station, its schema and its dead-letter station, and their drift', async () => {
  expect(await deployed.plan()).toMatchObject({ code: 0, errors: [], warnings: [] });
  await deployment.admin.detachSchema('cut-1');
  const stream = await deployment.admin.readStream('cut-2$1');
  await deployment.admin.updateStream({ ...stream?.config, max_age: 600e9 } as never);
  expect(await deployed.plan()).toMatchObject({ code: 2, errors: [] });
  expect(Object.keys(await deployed.changes()).sort()).toEqual([
    'memphis_schema_enforcement.e',
    'memphis_station.cut-2',
  ]);
  expect(await deployed.applyPlan()).toMatchObject({ code: 0, errors: [] });
  expect(await deployed.plan()).toMatchObject({ code: 0, errors: [] });
});

test('an import and a data source find stations that the broker does not list', async () => {
  const stack = deployment.stack();
  const data = { memphis_stations: { tagged: { tag: 'cut' }, globbed: { name_pattern: 'cut-*' } } };
  const output = Object.fromEntries(
    ['tagged', 'globbed'].map((name) => [name, { value: `\${data.memphis_stations.${name}.names}` }]),
  );
  const { owner: _, ...station } = { owner: '', ...stations['cut-3'] };
  const taken = { import: [{ to: 'memphis_station.it', id: 'cut-3' }] };
  stack.declare({ stations: { it: station }, more: { data, output, ...taken } });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  const { stdout } = await stack.terraform.run(['output', '-json']);
  expect(JSON.parse(stdout)).toMatchObject({ tagged: { value: [...names].sort() }, globbed: { value: all } });
});

test('list, export and drift show all of them, and doctor finds one broker', async () => {
  const listed = await cli('list', 'cut-*', '--format', 'json');
  expect(listed.code).toBe(0);
  const listing = JSON.parse(listed.out) as Listing;
  expect(listing.stations.map(({ name }) => name)).toEqual(all);
  expect(listing.stations.find(({ name }) => name === 'cut-1')).toMatchObject({ schemaName: 'cut-order' });

  const exported = await cli('export', '--out', 'exported', '--filter', 'cut-*');
  expect(exported.err).toContain('Wrote 8 stations and 1 schema');
  const folder = join(deployed.directory, 'exported');
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  const program = files.map(({ name }) => readFileSync(join(folder, name), 'utf8')).join('');
  for (const name of all) expect(program).toContain(`"${name}"`);

  const checked = await cli('doctor');
  expect([checked.out + checked.err]).toEqual([expect.not.stringContaining('cannot be read')]);
  expect(checked.out).toMatch(/Both sides one broker/);

  const stack = join(deployed.directory, 'cdktf.out/stacks/shop');
  mkdirSync(stack, { recursive: true });
  renameSync(join(deployed.directory, 'main.tf.json'), join(stack, 'cdk.tf.json'));
  const drift = await cli('drift', stack, '--format', 'json');
  const { objects } = JSON.parse(drift.out) as Report;
  const seen = objects.filter(({ kind, name }) => kind === 'station' && name.startsWith('cut-'));
  expect(seen.map(({ name }) => name).sort()).toEqual(all);
  expect([...new Set(objects.map(({ status }) => status))]).toEqual(['same']);
});

test('a smoke test finds the schema of a station that the broker does not list', async () => {
  const broker = SmokeBroker.of({ name: 'smoke', station: 'cut-1' }, deployment.environment);
  expect(await broker.row('cut-1')).toMatchObject({ schemaName: 'cut-order' });
  await broker.close();
});

test('where a station that is not listed cannot be read, nothing is planned', async () => {
  const stack = deployment.stack();
  stack.declare({ stations: { s: { name: 'cut-new' } } });
  deployment.proxy.rewrite('/stations/getStation', () => '{');
  const refused = await stack.plan();
  expect(refused.code).toBe(1);
  expect(refused.errors.join()).toContain('MEMPHIS_PROTOCOL');
  const listed = await cli('list');
  expect([listed.code, listed.out]).toEqual([1, '']);
});
