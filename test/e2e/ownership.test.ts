import { named } from '../support/declarations';
import { Deployment } from '../support/deployment';
import { publish } from '../support/publish';
import { idOfType } from '../support/schema-text';

const deployment = Deployment.forThisFile();

/** Two stations of nobody: one that can become what is declared, and one that would have to be made anew. */
async function madeByHand(names: readonly string[]): Promise<void> {
  const stack = deployment.stack();
  stack.declare({
    stations: Object.fromEntries(
      names.map((name) => [name, { name, retention_value: 500, partitions_number: 2 }]),
    ),
  });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  for (const name of names) await publish(deployment.broker, name, 4, 2);
}

describe('adoption with permission', () => {
  it('shows what is there and what it becomes, keeps the messages, and refuses what cannot be done in place', async () => {
    await madeByHand(['fits', 'differs', 'shrinks']);
    await deployment.admin.createSchema({
      name: 'fits',
      type: 'json',
      content: idOfType('number'),
      messageStructName: '',
    });
    const before = await deployment.everything();
    const adopting = { adopt_existing: true, partitions_number: 2 };
    const owned = (name: string) => ({ ...adopting, name, owner: `shop/s/${name}` });
    const stack = deployment.stack();
    stack.declare({
      stations: {
        fits: { ...owned('fits'), retention_value: 600, tags: ['x'] },
        differs: { ...owned('differs'), partitions_number: 3 },
        shrinks: { ...owned('shrinks'), retention_type: 'messages', retention_value: 1 },
      },
    });
    const refused = await stack.plan();
    expect(refused.code).toBe(1);
    expect(refused.errors).toHaveLength(2);
    expect(refused.errors.join('\n')).toContain('partitionsNumber changes');
    expect(refused.errors.join('\n')).toContain('the oldest 1 of 2 messages');
    expect(await deployment.everything()).toEqual(before);

    stack.declare({
      stations: { fits: { ...owned('fits'), retention_value: 600, tags: ['x'] } },
      schemas: {
        fits: {
          name: 'fits',
          type: 'json',
          content: idOfType('string'),
          adopt_existing: true,
          owner: 'shop/s/schema',
        },
      },
    });
    const planned = await stack.plan();
    expect(planned).toMatchObject({ code: 2, errors: [] });
    const [station] = planned.warnings.filter((each) =>
      each.startsWith('Station "fits" exists and is adopted'),
    );
    for (const part of ['retentionValue: 500 -> 600', 'tags: ["default"] -> ["x"]', 'its messages stay'])
      expect(station).toContain(part);
    expect(planned.warnings.join()).toContain('Schema "fits" exists and is adopted');
    expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
    expect(await deployment.messages('fits')).toBe(4);
    expect((await stack.plan()).code).toBe(0);
  });
});

describe('a resource that was renamed in the configuration', () => {
  /** Whom it belongs to under its old and its new address. */
  const owners: readonly (readonly [name: string, before: string | null, after: string | null])[] = [
    ['by-path', 'shop/s/a', 'shop/s/b'],
    ['one-owner', 'shop', 'shop'],
    ['no-owner', null, null],
  ];

  // With every permission: a new address is no reason to lose anything.
  const declared = (address: 'a' | 'b') => {
    const all = owners.map(([name, a, b]) => [name, address === 'a' ? a : b] as const);
    const station = { allow_message_loss: true };
    const schema = { type: 'json', content: idOfType('string') };
    const enforcement = (name: string) => ({ station_name: `${name}-host`, schema_name: 'renamed' });
    const each = (values: (name: string) => object) =>
      Object.fromEntries(all.map(([name, owner]) => [`${address}-${name}`, { ...values(name), owner }]));
    return {
      stations: each((name) => ({ ...station, name })),
      schemas: each((name) => ({ ...schema, name })),
      enforcements: each(enforcement),
    };
  };

  it('is an error that tells how to move it, and nothing is lost; moved, it is no change', async () => {
    const { admin, broker } = deployment;
    await admin.createSchema({
      name: 'renamed',
      type: 'json',
      content: idOfType('null'),
      messageStructName: '',
    });
    await madeByHand(owners.map(([name]) => `${name}-host`));
    const stack = deployment.stack();
    stack.declare(declared('a'));
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    for (const [name] of owners) await publish(broker, name, 3);
    const before = await deployment.everything();

    stack.declare(declared('b'));
    const run = await stack.apply();
    expect(run.code).toBe(1);
    const objects = owners.flatMap(([name]) => [`station "${name}"`, `schema "${name}"`, `"${name}-host"`]);
    for (const object of objects) {
      const errors = run.errors.filter((error) => error.split('\n')[0]?.includes(object));
      expect([object, errors.length, run.errors]).toEqual([object, 1, run.errors]);
      for (const part of ['moveFromId', 'moved block', 'MEMPHIS_ALREADY_EXISTS'])
        expect(errors[0]).toContain(part);
    }
    expect(await deployment.everything()).toEqual(before);

    // What the errors say to do.
    const kinds = ['station', 'schema', 'schema_enforcement'];
    const moved = kinds.flatMap((kind) =>
      owners.map(([name]) => ({ from: `memphis_${kind}.a-${name}`, to: `memphis_${kind}.b-${name}` })),
    );
    stack.declare({ ...declared('b'), more: { moved } });
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    expect((await stack.plan()).code).toBe(0);
    expect(await deployment.everything()).toEqual(before);
  });
});

test('two stacks that make the same station at the same moment: one has it, the other is refused', async () => {
  const stacks = ['first', 'second'].map((owner) => {
    const stack = deployment.stack();
    stack.declare({ stations: { s: { name: 'contested', owner, retention_value: 500 } } });
    return { owner, stack };
  });
  const runs = await Promise.all(stacks.map(({ stack }) => stack.apply()));
  expect(runs.map(({ code }) => code).sort()).toEqual([0, 1]);
  const [refused] = runs.filter(({ code }) => code === 1);
  expect(refused?.errors).toHaveLength(1);
  expect(refused?.errors[0]).toContain('create station "contested"');
  const winner = stacks[runs.findIndex(({ code }) => code === 0)];
  expect((await deployment.admin.ledger.read('station', 'contested'))?.owner).toBe(winner?.owner);
  expect((await winner?.stack.plan())?.code).toBe(0);
});

describe('import', () => {
  const declared = {
    stations: {
      s: {
        name: 'imported',
        retention_value: 500,
        partitions_number: 2,
        tags: ['x'],
        tiered_storage_enabled: true,
      },
    },
    schemas: { c: { name: 'imported', type: 'json', content: idOfType('string') } },
    enforcements: { e: { station_name: 'imported', schema_name: 'imported' } },
  };
  const ids: readonly (readonly [address: string, id: string])[] = [
    ['memphis_station.s', 'Imported'],
    ['memphis_schema.c', 'imported'],
    ['memphis_schema_enforcement.e', 'imported'],
  ];

  beforeAll(async () => {
    const { admin } = deployment;
    const stack = deployment.stack();
    stack.declare({ stations: declared.stations, schemas: declared.schemas });
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    await admin.attachSchema('imported', 'imported');
    await publish(deployment.broker, 'imported', 2, 2);
  });

  it('by command gives a state that needs no change', async () => {
    const stack = deployment.stack();
    stack.declare(declared);
    for (const [address, id] of ids) {
      const run = await stack.import(address, id);
      expect([run.code, run.output]).toEqual([0, expect.stringContaining('Import successful')]);
    }
    expect((await stack.plan()).code).toBe(0);
  });

  it('by block, in the same run that would make it', async () => {
    const before = await deployment.everything();
    const stack = deployment.stack();
    stack.declare({ ...declared, more: { import: ids.map(([to, id]) => ({ to, id })) } });
    const run = await stack.apply();
    expect(run).toMatchObject({ code: 0, errors: [], warnings: [] });
    expect(await deployment.everything()).toEqual(before);
    expect((await stack.plan()).code).toBe(0);
  });

  it('by block refuses a declaration that would replace what it imports, also an empty station', async () => {
    await deployment.admin.createStation(named('import-empty'));
    await deployment.admin.createSchema({
      name: 'import-other',
      type: 'json',
      content: idOfType('string'),
      messageStructName: '',
    });
    const before = await deployment.everything();
    const stack = deployment.stack();
    stack.declare({
      stations: { s: { name: 'import-empty', partitions_number: 3 } },
      schemas: { c: { name: 'import-other', type: 'avro', content: '"string"' } },
      more: {
        import: [
          { to: 'memphis_station.s', id: 'import-empty' },
          { to: 'memphis_schema.c', id: 'import-other' },
        ],
      },
    });
    const { code, errors } = await stack.plan();
    expect(code).toBe(1);
    expect([...errors].sort()).toEqual([
      expect.stringMatching(/import schema "import-other"\n[^]*in place[^]*cdktf-memphis export/),
      expect.stringMatching(/import station "import-empty"\n[^]*in place[^]*cdktf-memphis export/),
    ]);
    expect(await deployment.everything()).toEqual(before);
  });

  it('with another configuration changes the station in place, with its messages', async () => {
    const stack = deployment.stack();
    stack.declare({
      stations: { s: { ...declared.stations.s, retention_value: 700, owner: 'shop/s/imported' } },
      more: { import: [{ to: 'memphis_station.s', id: 'imported' }] },
    });
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    expect((await stack.plan()).code).toBe(0);
    expect(await deployment.messages('imported')).toBe(2);
    expect((await deployment.admin.ledger.read('station', 'imported'))?.owner).toBe('shop/s/imported');
  });

  it('of what is not there says so', async () => {
    const stack = deployment.stack();
    stack.declare({ ...declared, more: { import: ids.map(([to]) => ({ to, id: 'nowhere' })) } });
    const run = await stack.plan();
    expect(run.code).toBe(1);
    expect(run.errors).toHaveLength(ids.length);
    for (const error of run.errors) {
      expect(error).toContain('"nowhere"');
      expect(error).toContain('Check the id');
    }
  });
});
