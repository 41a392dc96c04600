import { Deployment } from '../support/deployment';
import type { Attributes, Declared, Run } from '../support/stack';

const deployment = Deployment.forThisFile();

const text = JSON.stringify({ type: 'object', properties: { id: { type: 'string' } } });

/** Everything that a stack of one of each kind declares; `lifecycle` for all three. */
function all(prefix: string, owner: boolean, lifecycle: Attributes): Declared {
  const owned = (id: string) => (owner ? { owner: `shop/s/${id}` } : {});
  return {
    stations: { s: { name: `${prefix}-st`, allow_message_loss: true, ...owned('s'), lifecycle } },
    schemas: { c: { name: `${prefix}-sc`, type: 'json', content: text, ...owned('c'), lifecycle } },
    enforcements: {
      e: {
        station_name: '${memphis_station.s.name}',
        station_uid: '${memphis_station.s.uid}',
        schema_name: '${memphis_schema.c.name}',
        schema_uid: '${memphis_schema.c.uid}',
        ...owned('e'),
        lifecycle,
      },
    },
  };
}

const addresses = ['memphis_station.s', 'memphis_schema.c', 'memphis_schema_enforcement.e'];

describe.each([
  [false, false],
  [true, false],
  [true, true],
])('every kind, forced with an owner: %s, create_before_destroy: %s', (owner, early) => {
  it.each([
    ...addresses.map((address, index) => [address, index] as const),
    [addresses.join(' and '), 3] as const,
  ])('%s ends as it was declared, with nothing left over', async (_, index) => {
    const stack = deployment.stack();
    const prefix = `f${owner ? 'o' : 'n'}${early ? 'e' : 'l'}${index}`;
    const declaration = all(prefix, owner, { create_before_destroy: early });
    const forced = index < addresses.length ? [addresses[index] ?? ''] : addresses;
    const steps: (() => Promise<Run>)[] = [
      () => stack.apply(...forced.map((address) => `-replace=${address}`)),
      async () => {
        for (const address of forced) expect((await stack.terraform.run(['taint', address])).code).toBe(0);
        return stack.apply();
      },
    ];
    for (const step of steps) {
      stack.declare(declaration);
      expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
      const run = await step();
      const { admin } = deployment;
      const station = (await admin.listStations()).find(({ name }) => name === `${prefix}-st`);
      expect(station).toMatchObject({ schemaName: `${prefix}-sc` });
      expect(run).toMatchObject({ code: 0, errors: [] });
      if (early) expect(run.warnings.join()).toContain('create_before_destroy');
      expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
      expect(Object.keys(await stack.terraform.show()).sort()).toEqual([...addresses].sort());
      expect((await stack.destroy()).errors).toEqual([]);
      expect((await admin.listSchemas()).map(({ name }) => name)).not.toContain(`${prefix}-sc`);
    }
  });
});

test('without owners and with create_before_destroy nothing is replaced under its name, and the way the plan names works', async () => {
  const stack = deployment.stack();
  stack.declare(all('early', false, { create_before_destroy: true }));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  const before = await deployment.everything();

  // Terraform plans the enforcement only when what it depends on can be planned.
  const [, , enforcement = ''] = addresses;
  const refusals = [
    await stack.plan(...addresses.map((address) => `-replace=${address}`)),
    await stack.plan(`-replace=${enforcement}`),
  ];
  expect(refusals.map(({ code, errors }) => [code, errors.length])).toEqual([
    [1, 2],
    [1, 1],
  ]);
  for (const error of refusals.flatMap(({ errors }) => errors))
    expect(error).toMatch(
      /replace [^]*main\.tf\.json:\d+ says create_before_destroy[^]*set owner on the resource/,
    );
  expect((await stack.terraform.run(['taint', 'memphis_station.s'])).code).toBe(0);
  expect((await stack.apply()).errors).toEqual([expect.stringContaining('replace station "early-st"')]);
  expect((await stack.terraform.run(['untaint', 'memphis_station.s'])).code).toBe(0);
  const changed = all('early', false, { create_before_destroy: true });
  stack.declare({ ...changed, stations: { s: { ...changed.stations?.s, partitions_number: 2 } } });
  expect((await stack.apply()).errors).toEqual([expect.stringContaining('says create_before_destroy')]);
  expect(await deployment.everything()).toEqual(before);

  // The owner alone, and then the replacement.
  stack.declare(all('early', true, { create_before_destroy: true }));
  expect((await stack.plan('-replace=memphis_schema.c')).errors).toHaveLength(1);
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await stack.apply('-replace=memphis_schema.c')).toMatchObject({ code: 0, errors: [] });
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
  expect((await stack.destroy()).errors).toEqual([]);
});
