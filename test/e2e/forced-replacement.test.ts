import { Deployment } from '../support/deployment';
import { publish } from '../support/publish';
import type { Attributes, Declared, Stack } from '../support/stack';

const deployment = Deployment.forThisFile();

/** The ways in which users force a replacement that no changed value asks for. */
const ways = {
  taint: {
    more: () => ({}),
    force: async (stack: Stack, address: string) => {
      expect((await stack.terraform.run(['taint', address])).code).toBe(0);
      return [];
    },
  },
  '-replace': {
    more: () => ({}),
    force: (_stack: Stack, address: string) => Promise.resolve([`-replace=${address}`]),
  },
  replace_triggered_by: {
    more: (input: string) => ({ terraform_data: { trigger: { input } } }),
    force: () => Promise.resolve([]),
  },
} as const;
type Way = keyof typeof ways;

/** One station, and what makes it be replaced when `input` changes. */
function declared(way: Way, input: string, station: Attributes): Declared {
  const triggers = way === 'replace_triggered_by' ? ['terraform_data.trigger'] : [];
  const lifecycle = triggers.length === 0 ? {} : { lifecycle: { replace_triggered_by: triggers } };
  const resources = { memphis_station: { s: { ...station, ...lifecycle } }, ...ways[way].more(input) };
  return { more: { resource: resources } };
}

const cases = (Object.keys(ways) as Way[]).flatMap((way) =>
  [undefined, 'shop/s/forced'].map((owner) => [way, owner] as const),
);

describe.each(cases)('a replacement forced by %s of a station with owner %s', (way, owner) => {
  const name = `${way.replaceAll(/[^a-z]/g, '')}-${owner === undefined ? 'no' : 'an'}-owner`;
  const station = { name, ...(owner === undefined ? {} : { owner }) };
  const address = 'memphis_station.s';

  it('is refused in the plan or warned about, like any replacement', async () => {
    const stack = deployment.stack();
    stack.declare(declared(way, '1', station));
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    await publish(deployment.broker, name, 3);
    const before = await deployment.everything();

    stack.declare(declared(way, '2', station));
    const args = await ways[way].force(stack, address);
    for (const more of [[], ['-refresh=false']]) {
      const refused = await stack.plan(...args, ...more);
      expect(refused.code).toBe(1);
      expect(refused.errors).toHaveLength(1);
      for (const part of [`replace station "${name}"`, '3 messages', 'MEMPHIS_MESSAGE_LOSS'])
        expect(refused.errors[0]).toContain(part);
    }
    expect((await stack.apply(...args)).errors.join()).toContain('3 messages');

    stack.declare(declared(way, '2', { ...station, allow_message_loss: true }));
    for (const more of [['-refresh=false'], []]) {
      const permitted = await stack.plan(...args, ...more);
      expect(permitted).toMatchObject({ code: 2, errors: [] });
      // Terraform drops the warnings about a replacement that it forces itself: then the apply gives them.
      const warns = [expect.stringContaining('This will drop 3 messages')];
      expect(permitted.warnings).toEqual(way === 'taint' ? warns : []);
    }
    expect(await deployment.everything()).toEqual(before);
    const applied = await stack.applyPlan();
    expect(applied).toMatchObject({ code: 0, errors: [] });
    expect(applied.warnings.join()).toContain(way === 'taint' ? '' : 'it was going to drop 3 messages');
    expect(await deployment.messages(name)).toBe(0);
    expect(await stack.plan()).toMatchObject({ code: 0, errors: [], warnings: [] });
  });

  it('is refused in the plan while the deployed station is protected', async () => {
    const stack = deployment.stack();
    const safe = { ...station, name: `${name}-safe`, allow_message_loss: true };
    stack.declare(declared(way, '1', { ...safe, deletion_protection: true }));
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    // Taking the flag away protects until that is deployed.
    stack.declare(declared(way, '2', safe));
    const refused = await stack.plan(...(await ways[way].force(stack, address)));
    expect(refused.code).toBe(1);
    expect(refused.errors).toEqual([expect.stringContaining('MEMPHIS_DELETION_PROTECTED')]);
  });
});

test('a replacement is checked although a value is not known yet', async () => {
  const stack = deployment.stack();
  const station = { name: 'half-known', tags: ['a'] };
  stack.declare({ stations: { s: station } });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  await publish(deployment.broker, 'half-known', 3);
  const unknown = (more: Attributes): Declared => ({
    more: {
      resource: {
        terraform_data: { tag: {} },
        memphis_station: { s: { ...station, tags: ['of-${terraform_data.tag.id}'], ...more } },
      },
    },
  });
  stack.declare(unknown({ partitions_number: 2 }));
  const changed = await stack.plan();
  expect(changed.code).toBe(1);
  expect(changed.errors).toEqual([expect.stringContaining('3 messages')]);
  stack.declare(unknown({}));
  const forced = await stack.plan('-replace=memphis_station.s');
  expect(forced.code).toBe(1);
  expect(forced.errors).toEqual([expect.stringContaining('3 messages')]);
  expect(await stack.plan()).toMatchObject({ code: 2, errors: [] });
  expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
  const { id } = (await stack.terraform.show())['terraform_data.tag'] ?? {};
  const { tags } = (await deployment.admin.readStation('half-known')) ?? {};
  expect(tags).toEqual([`of-${String(id)}`]);
});

test('a station that gets the name of one that exists is refused in the plan, before the old one goes', async () => {
  const stack = deployment.stack();
  const theirs = deployment.stack();
  theirs.declare({ stations: { s: { name: 'taken-name', owner: 'other/s/s' } } });
  expect(await theirs.apply()).toMatchObject({ code: 0, errors: [] });
  stack.declare({ stations: { s: { name: 'former-name', owner: 'shop/s/s' } } });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  stack.declare({ stations: { s: { name: 'taken-name', owner: 'shop/s/s' } } });
  const refused = await stack.plan();
  expect(refused.code).toBe(1);
  expect(refused.errors).toEqual([expect.stringContaining('belongs to other/s/s')]);
});
