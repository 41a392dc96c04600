import { once } from 'node:events';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../src/runtime/report/report';
import { runCommand } from '../support/command-line';
import { Deployment } from '../support/deployment';
import { publish } from '../support/publish';
import type { Attributes, Stack } from '../support/stack';
import { withNamedStations } from '../support/stack';

const deployment = Deployment.forThisFile();

/** A set of a construct: it has an owner. */
const owned = (name: string, attributes: Attributes) => ({ owner: `shop/prod/${name}`, ...attributes });
const uidOf = async (name: string) => (await deployment.admin.readStation(name))?.id;
const ownerOf = async (name: string) => (await deployment.admin.ledger.read('station', name))?.owner;

/** The ways in which users force a replacement of a set. */
const ways: Readonly<Record<string, (stack: Stack, address: string) => Promise<readonly string[]>>> = {
  replace_triggered_by: () => Promise.resolve([]),
  '-replace': (_stack, address) => Promise.resolve([`-replace=${address}`]),
  taint: async (stack, address) => {
    expect((await stack.terraform.run(['taint', address])).code).toBe(0);
    return [];
  },
};

/**
 * The sets that are replaced, by a word in the names of their stations. One that is created first has a stack of its own,
 * because the provider knows of create_before_destroy only that the configuration has it.
 */
const stacks: readonly Readonly<Record<string, Attributes>>[] = [
  { owned: { owner: 'shop/prod/owned' }, unowned: {} },
  { first: { owner: 'shop/prod/first', lifecycle: { create_before_destroy: true } } },
];
const cases = Object.keys(ways).flatMap((way) =>
  stacks.map((replaced) => [way, Object.keys(replaced).join(', '), replaced] as const),
);

test.each(cases)(
  'a replacement that %s forces recreates no station of the sets: %s',
  async (way, _, replaced) => {
    const stack = deployment.stack();
    const triggers =
      way === 'replace_triggered_by' ? { replace_triggered_by: ['terraform_data.trigger'] } : {};
    const named = (set: string, name: string) => `${way.replace('-', '')}-${set}-${name}`;
    const declare = (...names: readonly string[]) => {
      const sets = Object.entries(replaced).map(([set, attributes]) => {
        const lifecycle = { ...(attributes.lifecycle as object | undefined), ...triggers };
        return [set, { ...attributes, stations: names.map((name) => named(set, name)), lifecycle }] as const;
      });
      const trigger = { input: names.join() };
      const memphis_station_set = withNamedStations(Object.fromEntries(sets));
      stack.declare({ more: { resource: { memphis_station_set, terraform_data: { trigger } } } });
    };
    declare('kept', 'leaves');
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    for (const set of Object.keys(replaced)) await publish(deployment.broker, named(set, 'kept'), 2);
    const uids = () => Promise.all(Object.keys(replaced).map((set) => uidOf(named(set, 'kept'))));
    const before = await uids();

    declare('kept', 'comes');
    const args: string[] = [];
    for (const set of Object.keys(replaced)) {
      args.push(...((await ways[way]?.(stack, `memphis_station_set.${set}`)) ?? []));
    }
    const planned = await stack.plan(...args);
    expect(planned).toMatchObject({ code: 2, errors: [] });
    const applied = await stack.applyPlan();
    expect(applied).toMatchObject({ code: 0, errors: [] });
    expect(await uids()).toEqual(before);
    for (const set of Object.keys(replaced)) {
      const counts = ['kept', 'leaves', 'comes'].map((name) => deployment.messages(named(set, name)));
      expect([set, await Promise.all(counts)]).toEqual([set, [2, -1, 0]]);
    }
    expect(await stack.plan()).toMatchObject({ code: 0, errors: [], warnings: [] });
  },
);

test('create_before_destroy is refused in a forced replacement of a set without an owner, before anything is touched', async () => {
  const stack = deployment.stack();
  const set = { stations: ['unowned'], lifecycle: { create_before_destroy: true } };
  stack.declare({ stationSets: { s: set } });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  const refused = await stack.plan('-replace=memphis_station_set.s');
  expect(refused.errors).toEqual([
    expect.stringMatching(/main\.tf\.json:\d+ says create_before_destroy.*or set owner on the resource/s),
  ]);
  // A changed option replaces nothing.
  stack.declare({ stationSets: { s: { ...set, retention_value: 60 } } });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
});

test('a set that is created before the old one goes keeps the old one where a station fails', async () => {
  const stack = deployment.stack();
  const declare = (stations: readonly string[]) =>
    stack.declare({
      stationSets: { s: owned('half', { stations, lifecycle: { create_before_destroy: true } }) },
    });
  declare(['half-1', 'half-2']);
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  const uid = await uidOf('half-1');
  declare(['half-1', 'half-3', 'half-4']);
  deployment.proxy.lose('/stations/createStation');
  const failed = await stack.apply('-replace=memphis_station_set.s');
  expect(failed.errors.join()).toMatch(/create station "half-[34]"/);
  expect(await stack.plan()).toMatchObject({ code: 2, errors: [] });
  expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
  const names = ['half-1', 'half-2', 'half-3', 'half-4'];
  expect(await Promise.all(names.map((name) => deployment.messages(name)))).toEqual([0, -1, 0, 0]);
  expect(await uidOf('half-1')).toBe(uid);
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
});

test('a station moves into a set, from set to set and out again as the guide says, and the broker hears nothing of it', async () => {
  const stack = deployment.stack();
  const own = owned('own', { name: 'moves' });
  stack.declare({
    stations: { own },
    stationSets: {
      one: owned('one', { stations: ['stays-1'] }),
      two: owned('two', { stations: ['stays-2'] }),
    },
  });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  await publish(deployment.broker, 'moves', 3);
  const uid = await uidOf('moves');
  const changes: string[] = [];
  deployment.proxy.onChange = (call) => changes.push(call);
  const deploy = async () => {
    const planned = await stack.plan();
    expect(planned).toMatchObject({ code: 2, errors: [] });
    expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
    expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
    expect([await uidOf('moves'), await deployment.messages('moves')]).toEqual([uid, 3]);
    return ownerOf('moves');
  };
  const two = owned('two', { stations: ['stays-2'] });

  // Into a set.
  const adopted = { moves: { adopt_existing: true } };
  const removed = [{ from: 'memphis_station.own', lifecycle: [{ destroy: false }] }];
  const into = owned('one', { stations: ['stays-1', 'moves'], overrides: adopted });
  stack.declare({ stationSets: { one: into, two }, more: { removed } });
  expect(await deploy()).toBe('shop/prod/one');

  // From one set to another.
  const without = owned('one', { stations: ['stays-1'], release: ['moves'] });
  const other = owned('two', { stations: ['stays-2', 'moves'], overrides: adopted });
  stack.declare({ stationSets: { one: without, two: other } });
  expect(await deploy()).toBe('shop/prod/two');

  // And back, while the first one still names it in release.
  stack.declare({
    stationSets: { one: into, two: owned('two', { stations: ['stays-2'], release: ['moves'] }) },
  });
  expect(await deploy()).toBe('shop/prod/one');

  // Out of a set.
  stack.declare({
    stations: { own: { ...own, adopt_existing: true } },
    stationSets: { one: without, two },
    more: { import: [{ to: 'memphis_station.own', id: 'moves' }] },
  });
  expect(await deploy()).toBe('shop/prod/own');
  deployment.proxy.onChange = undefined;
  expect(changes).toEqual([]);
});

test('Ctrl-C ends an apply after the stations that are under way, and the next one goes on with the rest', async () => {
  const stack = await deployment.stackToKill();
  const names = Array.from({ length: 80 }, (_, index) => `ctrl-c-${index}`);
  stack.declare({ stationSets: { s: owned('s', { stations: names }) } });
  const terraform = stack.terraform.start(['apply', '-auto-approve', '-input=false', '-no-color'], true);
  let output = '';
  for (const stream of [terraform.stdout, terraform.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(terraform, 'close');
  let created = 0;
  deployment.proxy.onChange = (call, isDone) => {
    if (!isDone || !call.endsWith('/createStation')) return;
    created += 1;
    if (created === 20) process.kill(-(terraform.pid ?? 0), 'SIGINT');
  };
  await ended;
  deployment.proxy.onChange = undefined;
  expect(output).toMatch(/\d+ of 80 stations of the set were left as they are/);
  const rows = (await deployment.admin.listStations()).filter(({ name }) => name.startsWith('ctrl-c-'));
  expect(rows.length).toBeGreaterThanOrEqual(20);
  expect(rows.length).toBeLessThan(80);
  const state = (await stack.terraform.show())['memphis_station_set.s'] ?? {};
  expect(Object.keys(state.stations as object).sort()).toEqual(rows.map(({ name }) => name).sort());
  const before = new Map(rows.map(({ name, id }) => [name, id]));

  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  const all = (await deployment.admin.listStations()).filter(({ name }) => name.startsWith('ctrl-c-'));
  expect(all).toHaveLength(80);
  for (const { name, id } of all) expect(before.get(name) ?? id).toBe(id);
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
  expect(await stack.destroy()).toMatchObject({ code: 0, errors: [] });
}, 60_000);

test('reports show a change, and the messages at stake, for each station of a set', async () => {
  const stack = deployment.stack();
  const options = { allow_message_loss: true, retention_value: 3600 };
  stack.declare({
    stationSets: { s: owned('s', { stations: ['r-gone', 'r-split', 'r-same', 'r-old'], ...options }) },
  });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  await publish(deployment.broker, 'r-gone', 3);
  await publish(deployment.broker, 'r-split', 2);
  await publish(deployment.broker, 'r-same', 4);
  stack.declare({
    stationSets: {
      s: owned('s', {
        stations: ['r-split', 'r-same', 'r-old', 'r-new'],
        ...options,
        overrides: { 'r-split': { partitions_number: 2 }, 'r-old': { retention_value: 60 } },
      }),
    },
  });
  expect(await stack.plan()).toMatchObject({ code: 2, errors: [] });
  const plan = (await stack.terraform.run(['show', '-json', 'saved.plan'])).stdout;
  writeFileSync(join(stack.directory, 'plan.json'), plan);
  const env = { PATH: process.env.PATH, ...deployment.environment };
  const reported = await runCommand(['report', '--plan', 'plan.json', '--format', 'json'], {
    cwd: stack.directory,
    env,
  });
  expect({ code: reported.code, err: reported.err }).toEqual({ code: 2, err: '' });
  const shown = (JSON.parse(reported.out) as Report).objects.map(
    ({ action, name, kind, stake, differences }) => [
      `${action} ${kind} ${name}`,
      stake?.messages,
      action === 'update' ? differences.map(({ field }) => field) : [],
    ],
  );
  expect(shown.sort()).toEqual([
    ['create station r-new', undefined, []],
    ['delete station r-gone', 3, []],
    ['none station r-same', undefined, []],
    ['replace station r-split', 2, []],
    ['update station r-old', undefined, ['retentionValue']],
  ]);

  // The same declaration as synthesised output.
  const folder = join(stack.directory, 'cdktf.out/stacks/shop');
  mkdirSync(folder, { recursive: true });
  renameSync(join(stack.directory, 'main.tf.json'), join(folder, 'cdk.tf.json'));
  const drift = await runCommand(['drift', folder, '--format', 'json'], { cwd: stack.directory, env });
  expect(drift.code).toBe(2);
  const compared = (JSON.parse(drift.out) as Report).objects
    .filter(({ name }) => name.startsWith('r-'))
    .map(({ status, action, name, stake, declaration }) => [
      `${status} ${action} ${name}`,
      stake?.messages,
      declaration?.address,
    ]);
  const at = (name: string) => `memphis_station_set.s["${name}"]`;
  expect(compared.sort()).toEqual([
    ['changed replace r-split', 2, at('r-split')],
    ['changed update r-old', undefined, at('r-old')],
    ['missing create r-new', undefined, at('r-new')],
    ['same none r-same', undefined, at('r-same')],
  ]);
}, 60_000);
