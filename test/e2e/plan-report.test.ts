import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Report } from '../../src/runtime/report/report';
import { Deployment } from '../support/deployment';
import { acknowledge, publish } from '../support/publish';
import type { Stack } from '../support/stack';

const deployment = Deployment.forThisFile();
const program = resolve(__dirname, '../../lib/cli/main.js');

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `cdktf-memphis report` in the folder of a stack. */
function reportOf(
  stack: Stack,
  args: readonly string[],
  input = '',
  env = deployment.environment,
): Promise<Ended> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [program, 'report', ...args],
      { cwd: stack.directory, env: { PATH: process.env.PATH, ...env } },
      (error, stdout, stderr) => done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

async function planned(stack: Stack, ...args: readonly string[]): Promise<string> {
  const { code, output } = await stack.plan(...args);
  if (code === 1) throw new Error(output);
  return (await stack.terraform.run(['show', '-json', 'saved.plan'])).stdout;
}

const mainFile = (stack: Stack): string => join(stack.directory, 'main.tf.json');

/** Adds resources to those that are declared. */
function add(stack: Stack, resources: object): void {
  const configuration = JSON.parse(readFileSync(mainFile(stack), 'utf8')) as { readonly resource: object };
  const resource = { ...configuration.resource, ...resources };
  writeFileSync(mainFile(stack), JSON.stringify({ ...configuration, resource }));
}

const smoke = (hash: string) => ({
  terraform_data: {
    smoke: {
      triggers_replace: { tested: hash, station: '${memphis_station.kept.uid}' },
      provisioner: [
        { 'local-exec': { command: 'node cdktf-memphis/smoke.cjs cdktf-memphis/smoke-smoke.json' } },
      ],
    },
  },
});

const owner = (path: string) => ({ owner: `5c2f7a1e-3b64-4d0a-9f18-6e0b7d9c4a21/shop/${path}` });
const lossy = { allow_message_loss: true };
const secret = { variable: { secret: { default: 'a-SECRET-schema', sensitive: true } } };

const before = {
  stations: {
    gone: { name: 'gone', ...lossy, ...owner('gone') },
    split: { name: 'split', ...lossy, ...owner('split') },
    shrunk: { name: 'shrunk', retention_type: 'messages', retention_value: 100, ...lossy },
    kept: { name: 'kept', ...owner('kept') },
  },
  schemas: { order: { name: 'order', type: 'json', content: '{"type":"object"}' } },
};

const after = {
  stations: {
    split: { name: 'split', partitions_number: 2, ...owner('split') },
    shrunk: { name: 'shrunk', retention_type: 'messages', retention_value: 4, ...lossy },
    kept: { name: 'kept', ...owner('kept') },
    fresh: { name: 'fresh-${terraform_data.smoke.id}', partitions_number: 3 },
  },
  schemas: { order: { name: 'order', type: 'json', content: '{"title":"${var.secret}"}' } },
  more: secret,
  // Counts for the station that does not set it.
  provider: lossy,
};

test('a real plan is reported with reasons, messages at stake and the smoke tests that run', async () => {
  const stack = deployment.stack();
  mkdirSync(join(stack.directory, 'cdktf-memphis'));
  writeFileSync(join(stack.directory, 'cdktf-memphis/smoke.cjs'), '');
  stack.declare(before);
  add(stack, smoke('1'));
  expect((await stack.apply()).errors).toEqual([]);

  const same = await reportOf(stack, ['--plan', '-', '--format', 'json'], await planned(stack));
  expect({ code: same.code, stderr: same.stderr }).toEqual({ code: 0, stderr: '' });
  expect((JSON.parse(same.stdout) as Report).objects).toHaveLength(5);

  await publish(deployment.broker, 'gone', 3);
  await acknowledge(deployment.broker, 'gone', 1);
  await publish(deployment.broker, 'split', 2);
  await publish(deployment.broker, 'shrunk', 5);
  stack.declare(after);
  add(stack, smoke('2'));
  const plan = await planned(stack);
  // The recorded plan of the other tests of this source.
  if (process.env.RECORD_PLAN !== undefined) writeFileSync(process.env.RECORD_PLAN, plan);
  writeFileSync(join(stack.directory, 'plan.json'), plan);

  const { code, stdout, stderr } = await reportOf(stack, ['--plan', 'plan.json', '--format', 'json']);
  expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
  expect(stdout).not.toContain('SECRET');
  const { objects, tests, findings, brokers } = JSON.parse(stdout) as Report;
  expect(findings).toEqual([]);
  expect(brokers).toHaveLength(1);
  const shown = objects.map(({ action, name, stake, unresolved, findings: found }) => ({
    is: `${action} ${name}`,
    stake: stake && `${stake.messages} messages, ${stake.consumerGroups} groups, ${stake.isPermitted}`,
    unresolved,
    codes: found.map((each) => each.code),
  }));
  const nothing = { stake: undefined, unresolved: [], codes: [] };
  expect(shown).toEqual([
    {
      is: 'delete gone',
      stake: '3 messages, 1 groups, true',
      unresolved: [],
      codes: ['DELETE_BECAUSE_NO_RESOURCE_CONFIG'],
    },
    {
      is: 'replace split',
      stake: '2 messages, 0 groups, true',
      unresolved: [],
      codes: ['REPLACE_BECAUSE_CANNOT_UPDATE'],
    },
    { ...nothing, is: 'update order' },
    { ...nothing, is: 'update shrunk', stake: '1 messages, 0 groups, true' },
    { ...nothing, is: 'create memphis_station.fresh', unresolved: ['name'] },
    { ...nothing, is: 'none kept' },
  ]);
  expect(tests).toMatchObject([{ name: 'smoke', station: 'kept', verdict: 'planned' }]);

  // The data source is read while the plan is made, and tells the same without the broker.
  stack.declare({ ...after, more: { ...secret, data: { memphis_stations: { all: {} } } } });
  add(stack, smoke('2'));
  for (const told of [await planned(stack), await planned(stack, '-destroy')]) {
    const found = await reportOf(stack, ['--plan', '-', '--format', 'json'], told, {});
    const stakes = Object.fromEntries(
      (JSON.parse(found.stdout) as Report).objects.map(({ name, stake }) => [name, stake?.messages]),
    );
    expect(stakes).toMatchObject({
      gone: 3,
      split: 2,
      shrunk: told.includes('"actions":["create"]') ? 1 : 5,
    });
    expect(found.stdout).not.toContain('STAKE_UNKNOWN');
  }

  const blind = await reportOf(stack, ['--plan', 'plan.json'], '', {});
  expect(blind.code).toBe(2);
  expect(blind.stdout).toContain('the broker was not asked: host is not set');
  const down = await reportOf(stack, ['--plan', 'plan.json'], '', {
    ...deployment.environment,
    MEMPHIS_PORT: '1',
  });
  expect(down.code).toBe(2);
  expect(down.stdout).toContain('the broker was not asked: could not connect');
  const binary = await reportOf(stack, ['--plan', 'saved.plan']);
  expect({ ...binary, stdout: '' }).toEqual({
    code: 1,
    stdout: '',
    stderr:
      "cdktf-memphis: could not read the plan saved.plan: it is a plan in Terraform's own form; run terraform show -json saved.plan > plan.json, or tofu show -json, and name that file.\n",
  });
});
