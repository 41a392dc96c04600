import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Deployment } from '../support/deployment';
import type { Attributes } from '../support/stack';

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
