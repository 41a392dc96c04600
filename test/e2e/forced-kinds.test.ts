import { Deployment } from '../support/deployment';
import type { Attributes, Declared, Run } from '../support/stack';

const deployment = Deployment.forThisFile();

const text = JSON.stringify({ type: 'object', properties: { id: { type: 'string' } } });

/** One of each kind, the second and third depending on the first; `lifecycle` for all three. */
function all(
  prefix: string,
  owner: boolean,
  lifecycle: Attributes,
  key = '',
): Required<Pick<Declared, Kinds>> {
  const owned = (id: string) => (owner ? { owner: `shop/s/${id}${key}` } : {});
  const [s, c, e] = [`s${key}`, `c${key}`, `e${key}`];
  return {
    stations: { [s]: { name: `${prefix}-st`, allow_message_loss: true, ...owned('s'), lifecycle } },
    schemas: { [c]: { name: `${prefix}-sc`, type: 'json', content: text, ...owned('c'), lifecycle } },
    enforcements: {
      [e]: {
        station_name: `\${memphis_station.${s}.name}`,
        station_uid: `\${memphis_station.${s}.uid}`,
        schema_name: `\${memphis_schema.${c}.name}`,
        schema_uid: `\${memphis_schema.${c}.uid}`,
        ...owned('e'),
        lifecycle,
      },
    },
  };
}
type Kinds = 'stations' | 'schemas' | 'enforcements';

const addresses = ['memphis_station.s', 'memphis_schema.c', 'memphis_schema_enforcement.e'];

/** Which of the objects of a group are forced: each by itself, and all of them. */
const groups = [[0], [1], [2], [0, 1, 2]];

test.each([
  [false, false],
  [true, false],
  [true, true],
])(
  'every kind, forced with an owner: %s, create_before_destroy: %s, ends as it was declared, with nothing left over',
  async (owner, early) => {
    const stack = deployment.stack();
    const prefix = `f${owner ? 'o' : 'n'}${early ? 'e' : 'l'}`;
    const declared = groups.map((_, key) =>
      all(`${prefix}${key}`, owner, { create_before_destroy: early }, String(key)),
    );
    const merged = (kind: Kinds) =>
      Object.fromEntries(declared.flatMap((each) => Object.entries(each[kind])));
    stack.declare({
      stations: merged('stations'),
      schemas: merged('schemas'),
      enforcements: merged('enforcements'),
    });
    const everything = groups.flatMap((_, key) => addresses.map((address) => `${address}${key}`));
    const forced = groups.flatMap((kinds, key) => kinds.map((kind) => `${addresses[kind] ?? ''}${key}`));
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    const steps: (() => Promise<Run>)[] = [
      () => stack.apply(...forced.map((address) => `-replace=${address}`)),
      async () => {
        for (const address of forced) expect((await stack.terraform.run(['taint', address])).code).toBe(0);
        return stack.apply();
      },
    ];
    const { admin } = deployment;
    for (const step of steps) {
      const run = await step();
      expect(run).toMatchObject({ code: 0, errors: [] });
      if (early) expect(run.warnings.join()).toContain('create_before_destroy');
      const stations = await admin.listStations();
      const enforced = groups.map(
        (_, key) => stations.find(({ name }) => name === `${prefix}${key}-st`)?.schemaName,
      );
      expect(enforced).toEqual(groups.map((_, key) => `${prefix}${key}-sc`));
      expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
      expect(Object.keys(await stack.terraform.show()).sort()).toEqual([...everything].sort());
    }
    expect((await stack.destroy()).errors).toEqual([]);
    const left = (await admin.listSchemas()).filter(({ name }) => name.startsWith(prefix));
    expect(left).toEqual([]);
  },
);

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
  stack.declare({ ...changed, stations: { s: { ...changed.stations.s, partitions_number: 2 } } });
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
