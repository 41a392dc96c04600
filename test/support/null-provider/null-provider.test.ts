// The stand-in does what was measured of hashicorp/null 3.2.4: when it replaces, and so runs provisioners again.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformResult } from '../terraform';
import { Terraform, eventsOf } from '../terraform';
import { installNullProvider } from './install';

type Triggers = Readonly<Record<string, string | null>> | null;

const stack = mkdtempSync(join(tmpdir(), 'null-provider-'));
const terraform = new Terraform(stack);

afterAll(() => rmSync(stack, { recursive: true, force: true }));

// Name, triggers before, triggers after, what the plan says. They are one stack: Terraform plans them all at once.
const cases: readonly (readonly [string, Triggers, Triggers, 'noop' | 'update' | 'replace'])[] = [
  ['no_triggers_at_all', null, null, 'noop'],
  ['same_triggers', { a: '1' }, { a: '1' }, 'noop'],
  ['changed_value', { a: '1' }, { a: '2' }, 'replace'],
  ['added_key', { a: '1' }, { a: '1', b: '2' }, 'replace'],
  ['removed_key', { a: '1', b: '2' }, { a: '1' }, 'replace'],
  ['triggers_given', null, { a: '1' }, 'replace'],
  ['triggers_taken_away', { a: '1' }, null, 'replace'],
  ['empty_triggers_given', null, {}, 'replace'],
  // The real provider does not run again for keys without a value, until they go away.
  ['null_value_given', null, { a: null }, 'update'],
  ['null_value_added', { a: '1' }, { a: '1', b: null }, 'update'],
  ['null_value_removed', { a: '1', b: null }, { a: '1' }, 'replace'],
  ['null_value_added_beside_a_change', { a: '1' }, { a: '2', b: null }, 'replace'],
  ['value_turned_null', { a: '1' }, { a: null }, 'replace'],
];

function declare(which: 'before' | 'after'): void {
  const triggersOf = ([, before, after]: (typeof cases)[number]) => (which === 'before' ? before : after);
  const resources = cases.map((each): [string, object] => [
    each[0],
    {
      triggers: triggersOf(each),
      provisioner: [{ 'local-exec': { command: `echo ${each[0]} >> runs.txt` } }],
    },
  ]);
  const configuration = {
    // As cdktf writes it: no host in the source.
    terraform: { required_providers: { null: { source: 'null', version: '3.2.4' } } },
    resource: { null_resource: Object.fromEntries(resources) },
  };
  writeFileSync(join(stack, 'main.tf.json'), JSON.stringify(configuration));
}

function actions(result: TerraformResult): Record<string, string> {
  const changes = eventsOf(result)
    .filter(({ type }) => type === 'planned_change')
    .map(({ change }) => change as { action: string; resource: { resource_name: string } });
  return Object.fromEntries(changes.map(({ action, resource }) => [resource.resource_name, action]));
}

test('triggers decide what is replaced', async () => {
  await installNullProvider(stack);
  declare('before');
  expect(await terraform.init()).toMatchObject({ code: 0 });
  expect(await terraform.apply()).toMatchObject({ code: 0 });
  const state = await terraform.show();
  for (const { id } of Object.values(state)) {
    expect(id).toMatch(/^\d{1,19}$/);
    expect(BigInt(String(id))).toBeLessThan(2n ** 63n);
  }

  declare('after');
  rmSync(join(stack, 'runs.txt'));
  const planned = actions(await terraform.plan('-json', '-out=plan'));
  expect(planned).toEqual(
    Object.fromEntries(
      cases.filter(([, , , action]) => action !== 'noop').map(([name, , , action]) => [name, action]),
    ),
  );
  expect(await terraform.run(['apply', '-no-color', 'plan'])).toMatchObject({ code: 0 });
  const runs = readFileSync(join(stack, 'runs.txt'), 'utf8').trim().split('\n').sort();
  expect(runs).toEqual(
    cases
      .filter(([, , , action]) => action === 'replace')
      .map(([name]) => name)
      .sort(),
  );
  const after = await terraform.show();
  expect(after['null_resource.null_value_added']?.id).toBe(state['null_resource.null_value_added']?.id);

  expect(await terraform.plan()).toMatchObject({ code: 0 });
  const { code, stderr } = await terraform.run(['import', '-no-color', 'null_resource.added_key', 'x']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/Resource Import Not Implemented|already managed/);
});
