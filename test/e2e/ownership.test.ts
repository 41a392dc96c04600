import { Deployment } from '../support/deployment';
import { publish } from '../support/publish';

const deployment = Deployment.forThisFile();

const text = (type: string): string => JSON.stringify({ type: 'object', properties: { id: { type } } });

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
      content: text('number'),
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
          content: text('string'),
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
    for (const part of ['retentionValue: 500 -> 600', 'tags: ["default"] -> ["x"]', 'messages kept'])
      expect(station).toContain(part);
    expect(planned.warnings.join()).toContain('Schema "fits" exists and is adopted');
    expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
    expect(await deployment.messages('fits')).toBe(4);
    expect((await stack.plan()).code).toBe(0);
  });
});

describe('a resource that was renamed in the configuration', () => {
  it.each([
    ['the path of the construct as owner', 'shop/s/a', 'shop/s/b'],
    ['one owner for everything', 'shop', 'shop'],
    ['no owner', null, null],
  ])('is an error that tells how to move it, with %s; nothing is lost', async (_, a, b) => {
    const { broker } = deployment;
    const name = `renamed-${String(a).replaceAll('/', '-')}`;
    const stack = deployment.stack();
    stack.declare({
      stations: { a: { name, owner: a } },
      schemas: { a: { name, type: 'json', content: text('string'), owner: a } },
    });
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    // Also with permission, and also when it is empty: a new address is no reason to lose anything.
    stack.declare({
      stations: { a: { name, owner: a, allow_message_loss: true } },
      schemas: { a: { name, type: 'json', content: text('string'), owner: a } },
    });
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    await publish(broker, name, 3);
    const before = await deployment.everything();
    const renamed = {
      stations: { b: { name, owner: b, allow_message_loss: true } },
      schemas: { b: { name, type: 'json', content: text('string'), owner: b } },
    };
    stack.declare(renamed);
    const run = await stack.apply();
    expect(run.code).toBe(1);
    for (const kind of ['station', 'schema']) {
      const errors = run.errors.filter(
        (error) => error.includes(`create ${kind} "${name}"`) || error.includes(`destroy ${kind} "${name}"`),
      );
      expect(errors).toHaveLength(1);
      expect(errors[0]).toContain('moveFromId');
      expect(errors[0]).toContain('moved block');
      expect(errors[0]).toContain('MEMPHIS_ALREADY_EXISTS');
    }
    expect(await deployment.everything()).toEqual(before);
    // What the error says to do.
    const moved = ['station', 'schema'].map((kind) => ({
      from: `memphis_${kind}.a`,
      to: `memphis_${kind}.b`,
    }));
    stack.declare({ ...renamed, more: { moved } });
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    expect((await stack.plan()).code).toBe(0);
    expect(await deployment.messages(name)).toBe(3);
  });
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
    schemas: { c: { name: 'imported', type: 'json', content: text('string') } },
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
    const again = await stack.import('memphis_station.s', 'nowhere');
    expect(again.code).toBe(1);
  });

  it('by block, in the same run that would make it', async () => {
    const before = await deployment.everything();
    const stack = deployment.stack();
    stack.declare({ ...declared, more: { import: ids.map(([to, id]) => ({ to, id })) } });
    const run = await stack.apply();
    expect(run).toMatchObject({ code: 0, errors: [] });
    expect(run.output).toContain('"import":3,"add":0,"change":0'.replace('"import":3,', ''));
    expect(await deployment.everything()).toEqual(before);
    expect((await stack.plan()).code).toBe(0);
  });

  it('with another configuration changes the station in place, with its messages', async () => {
    const stack = deployment.stack();
    const [station] = [declared.stations.s];
    stack.declare({
      stations: { s: { ...station, retention_value: 700, owner: 'shop/s/imported' } },
      more: { import: [{ to: 'memphis_station.s', id: 'imported' }] },
    });
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    expect((await stack.plan()).code).toBe(0);
    expect(await deployment.messages('imported')).toBe(2);
    expect((await deployment.admin.ledger.read('station', 'imported'))?.owner).toBe('shop/s/imported');
  });

  it.each([
    ['station', 'memphis_station.s'],
    ['schema', 'memphis_schema.c'],
    ['enforcement', 'memphis_schema_enforcement.e'],
  ])('of a %s that is not there says so', async (_, address) => {
    const stack = deployment.stack();
    stack.declare(declared);
    const run = await stack.import(address, 'nowhere');
    expect(run.code).toBe(1);
    expect(run.output).toContain('"nowhere"');
    expect(run.output).toContain('Check the id');
  });
});
