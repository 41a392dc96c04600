import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalBroker } from '../../src/runtime/broker';
import { runCommand } from '../support/command-line';
import { Deployment } from '../support/deployment';
import type { Attributes } from '../support/stack';
import { Stack } from '../support/stack';

const SECRET = 'Hush-4711-quietly';
const WRONG = 'Loud-0815-shouted';
const deployment = Deployment.forThisFile({ store: 'memory', password: SECRET });

test.each<[string, Record<string, string>, Attributes]>([
  ['in the environment', { MEMPHIS_PASSWORD: SECRET }, {}],
  [
    'in the provider block, where Terraform reads it',
    { MEMPHIS_PASSWORD: WRONG },
    { password: SECRET, rest_password: SECRET },
  ],
])('a password %s is in no state, plan, output, log or error', async (where, env, provider) => {
  const logged = { ...env, TF_LOG: 'TRACE', TF_LOG_PATH: 'terraform.log' };
  const stack = await deployment.stackThatStartsItsProvider(logged);
  const name = where.replaceAll(/\W/g, '');
  const station = { name, tags: ['x'] };
  stack.declare({ stations: { s: station }, provider });
  const planned = await stack.plan();
  expect(planned).toMatchObject({ code: 2, errors: [] });
  const applied = await stack.applyPlan();
  expect(applied).toMatchObject({ code: 0, errors: [] });
  // An error of the broker, and one of the login.
  await deployment.admin.removeStation(name);
  stack.declare({ stations: { s: { ...station, dls_station: 'nowhere' } }, provider });
  const failed = await stack.apply();
  expect(failed.errors.join()).toContain('"nowhere" as the dead-letter station');
  stack.declare({ stations: { s: station }, provider: { ...provider, password: WRONG } });
  const refused = await stack.apply();
  expect(refused.errors.join()).toContain('MEMPHIS_AUTHENTICATION');

  const states = ['terraform.tfstate', 'terraform.tfstate.backup'].map((file) => join(stack.directory, file));
  const log = readFileSync(join(stack.directory, 'terraform.log'), 'utf8').split('\n');
  const ours = log.filter((line) => line.includes('memphis'));
  expect(ours.some((line) => line.includes('ApplyResourceChange'))).toBe(true);
  const texts = {
    state: states
      .filter((file) => existsSync(file))
      .map((file) => readFileSync(file, 'utf8'))
      .join(),
    plan: planned.output,
    output: applied.output,
    errors: failed.output + refused.output,
    log: ours.join('\n'),
  };
  expect(texts.state).toContain('"schema_version"');
  for (const [place, text] of Object.entries(texts)) {
    expect([place, text.includes(SECRET), text.includes(WRONG)]).toEqual([place, false, false]);
  }
});

test('a connection token is in no state, plan, log or error, nor in a report of any format', async () => {
  const token = 'Token-4711.quietly';
  const wrong = 'Token-0815.loudly';
  const broker = await LocalBroker.start({ store: 'memory', password: SECRET, connectionToken: token });
  try {
    const env = { ...broker.environment(), MEMPHIS_REST_URL: broker.restUrl };
    expect(env).toMatchObject({ MEMPHIS_CONNECTION_TOKEN: token });
    const logged = { ...env, TF_LOG: 'TRACE', TF_LOG_PATH: 'terraform.log' };
    const stack = await deployment.stackThatStartsItsProvider(logged);
    const declare = (retention: number) =>
      stack.declare({
        stations: { s: { name: 'tokened', retention_value: retention } },
        stationSets: { t: { stations: ['token-set'], retention_value: retention } },
      });
    declare(3600);
    const texts: Record<string, string> = {};
    const applied = await stack.apply();
    expect(applied).toMatchObject({ code: 0, errors: [] });
    declare(1800);
    texts.plan = applied.output + (await stack.plan()).output;
    const { stdout: plan } = await stack.terraform.run(['show', '-json', 'saved.plan']);
    writeFileSync(join(stack.directory, 'plan.json'), plan);
    texts.json = plan;
    const failed = Stack.open(stack.directory, { ...logged, MEMPHIS_CONNECTION_TOKEN: wrong });
    const refused = await failed.plan();
    expect(refused.errors.join()).toContain('MEMPHIS_AUTHENTICATION');
    texts.refused = refused.output;

    const folder = join(stack.directory, 'cdktf.out/stacks/shop');
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(stack.directory, 'main.tf.json'), join(folder, 'cdk.tf.json'));
    const run = (args: readonly string[], more: Record<string, string> = {}) =>
      runCommand(args, {
        cwd: stack.directory,
        env: { PATH: process.env.PATH, ...env, ...more },
      });
    const files = ['r.txt', 'r.json', 'r.md', 'r.html', 'r.xml', 'r.sarif', 'r.prom'];
    const out = files.flatMap((file) => ['--out', file]);
    for (const args of [
      ['drift', folder],
      ['report', '--plan', 'plan.json'],
    ]) {
      const { code, out: printed, err } = await run([...args, ...out]);
      expect([args[0], code]).toEqual([args[0], 2]);
      texts[`${args[0]} printed`] = printed + err;
      for (const file of files) {
        const text = readFileSync(join(stack.directory, file), 'utf8');
        expect(text).toMatch(/station|memphis/i);
        texts[`${args[0]} ${file}`] = text;
      }
    }
    for (const args of [['doctor'], ['list'], ['drift', folder]]) {
      for (const more of [{}, { MEMPHIS_CONNECTION_TOKEN: wrong }, { MEMPHIS_REST_PASSWORD: wrong }]) {
        const { out, err } = await run(args, more);
        texts[`${args.join()} ${JSON.stringify(Object.keys(more))}`] = out + err;
      }
    }
    texts.state = readFileSync(join(stack.directory, 'terraform.tfstate'), 'utf8');
    const log = readFileSync(join(stack.directory, 'terraform.log'), 'utf8').split('\n');
    texts.log = log.filter((line) => line.includes('memphis')).join('\n');
    expect(texts.log).toContain('ApplyResourceChange');
    for (const [place, text] of Object.entries(texts)) {
      const found = [token, wrong, SECRET].filter((secret) => text.includes(secret));
      expect([place, found]).toEqual([place, []]);
    }
  } finally {
    await broker.stop();
  }
}, 60_000);
