import { canonicalStation } from '../../src/model/station';
import { Deployment } from '../support/deployment';
import { publish } from '../support/publish';
import type { Stack } from '../support/stack';

const deployment = Deployment.forThisFile();

const stationOf = (name: string, owner = `shop/s/${name}`) => ({ name, owner, allow_message_loss: true });

/** A stack with two stations, of which the first was removed, created again by hand, and filled. */
async function takenOver(prefix: string): Promise<Stack> {
  const { admin, broker } = deployment;
  const stack = deployment.stack();
  const [taken, kept] = [`${prefix}-taken`, `${prefix}-kept`];
  stack.declare({ stations: { taken: stationOf(taken), kept: stationOf(kept) } });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  await admin.removeStation(taken);
  await admin.createStation(canonicalStation({ name: taken }));
  await publish(broker, taken, 2);
  return stack;
}

describe('a station that was removed and created again by hand', () => {
  it.each<[string, string, string[]]>([
    // Terraform does not show the warnings of the refresh before a destroy.
    ['', '', []],
    [' without a refresh', 'stays on the broker', ['-refresh=false']],
  ])('does not keep the stack from being destroyed%s, and is passed over', async (suffix, warning, args) => {
    const prefix = `destroyed${suffix.length}`;
    const stack = await takenOver(prefix);
    const run = await stack.destroy(...args);
    expect([run.code, run.errors]).toEqual([0, []]);
    expect(run.warnings.join()).toContain(warning);
    expect(await deployment.messages(`${prefix}-taken`)).toBe(2);
    expect(await deployment.messages(`${prefix}-kept`)).toBe(-1);
    expect(await stack.terraform.show()).toEqual({});
    expect(await deployment.admin.ledger.read('station', `${prefix}-kept`)).toBeUndefined();
  });

  it('is not taken by an apply, and can be imported the way that the plan names', async () => {
    const stack = await takenOver('imported');
    const planned = await stack.plan();
    expect(planned.warnings.join()).toContain('run terraform apply -refresh-only');
    const refused = await stack.applyPlan();
    expect(refused.code).toBe(1);
    expect(refused.errors.join()).toContain('The broker has a station of that name already');
    expect(await deployment.messages('imported-taken')).toBe(2);
    expect(await stack.apply('-refresh-only')).toMatchObject({ code: 0, errors: [] });
    expect((await stack.import('memphis_station.taken', 'imported-taken')).code).toBe(0);
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    expect((await stack.plan()).code).toBe(0);
    expect(await deployment.messages('imported-taken')).toBe(2);
  });
});

describe('a station that another stack owns', () => {
  async function owned(name: string): Promise<Stack> {
    const stack = deployment.stack();
    stack.declare({ stations: { s: stationOf(name, 'first/s/s') } });
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    return stack;
  }

  it('is imported with its owner named, managed only with permission, and handed over', async () => {
    const first = await owned('handed');
    const second = deployment.stack();
    const mine = stationOf('handed', 'second/s/s');
    second.declare({ stations: { s: mine } });
    const imported = await second.import('memphis_station.s', 'handed');
    expect([imported.code, imported.output]).toEqual([0, expect.stringContaining('belongs to first/s/s')]);
    const refused = await second.plan();
    expect(refused.code).toBe(1);
    for (const part of ['belongs to first/s/s', 'removed block', 'adoptExisting: true'])
      expect(refused.errors.join()).toContain(part);

    // What the error says to do.
    const removed = [{ from: 'memphis_station.s', lifecycle: [{ destroy: false }] }];
    first.declare({ more: { removed } });
    expect(await first.apply()).toMatchObject({ code: 0, errors: [] });
    expect(await deployment.messages('handed')).toBe(0);
    second.declare({ stations: { s: { ...mine, adopt_existing: true } } });
    expect(await second.apply()).toMatchObject({ code: 0, errors: [] });
    expect((await second.plan()).code).toBe(0);
    expect((await deployment.admin.ledger.read('station', 'handed'))?.owner).toBe('second/s/s');
    expect(await second.destroy()).toMatchObject({ code: 0, errors: [] });
    expect(await deployment.messages('handed')).toBe(-1);
  });

  it('survives the destroy of a stack that only imported it', async () => {
    await owned('survives');
    const second = deployment.stack();
    second.declare({ stations: { s: stationOf('survives', 'second/s/s') } });
    expect((await second.import('memphis_station.s', 'survives')).code).toBe(0);
    const run = await second.destroy('-refresh=false');
    expect([run.code, run.errors]).toEqual([0, []]);
    expect(run.warnings.join()).toContain('belongs to first/s/s');
    expect(await deployment.messages('survives')).toBe(0);
  });

  it('keeps a stack that declares its name from being destroyed, unless it follows the error', async () => {
    await owned('clash');
    const second = deployment.stack();
    second.declare({ stations: { own: stationOf('clash-own', 'second/s/own') } });
    expect(await second.apply()).toMatchObject({ code: 0, errors: [] });
    second.declare({
      stations: { own: stationOf('clash-own', 'second/s/own'), s: stationOf('clash', 'second/s/s') },
    });
    const refused = await second.destroy();
    expect(refused.code).toBe(1);
    expect(refused.errors.join()).toContain('terraform destroy -refresh=false');
    expect(await second.destroy('-refresh=false')).toMatchObject({ code: 0, errors: [] });
    expect(await deployment.messages('clash-own')).toBe(-1);
    expect(await deployment.messages('clash')).toBe(0);
  });
});

describe('objects of the state that another declaration took over by import', () => {
  const schema = { type: 'json', content: '{"type":"object"}' };
  const user = { name: 'passed-user', type: 'application', password: 'Memphis-1234' };
  const declared = (retention: number) => ({
    stations: {
      taken: { ...stationOf('passed-taken'), retention_value: retention },
      own: { ...stationOf('passed-own'), retention_value: retention },
    },
    schemas: { c: { ...schema, name: 'passed-schema', owner: 'shop/s/c' } },
    enforcements: {
      e: {
        station_name: '${memphis_station.own.name}',
        station_uid: '${memphis_station.own.uid}',
        schema_name: '${memphis_schema.c.name}',
        schema_uid: '${memphis_schema.c.uid}',
        owner: 'shop/s/e',
      },
    },
    users: { u: { ...user, owner: 'shop/s/u' } },
    stationSets: {
      set: {
        stations: ['passed-a', 'passed-b'],
        retention_value: retention,
        owner: 'shop/s/set',
        allow_message_loss: true,
      },
    },
  });
  const taken: readonly (readonly ['station' | 'schema' | 'enforcement' | 'user', string, string])[] = [
    ['station', 'passed-taken', 'Station "passed-taken"'],
    ['station', 'passed-a', 'Station "passed-a"'],
    ['schema', 'passed-schema', 'Schema "passed-schema"'],
    ['enforcement', 'passed-own', 'Enforcement on station "passed-own"'],
    ['user', 'passed-user', 'User "passed-user"'],
  ];

  it('are passed over by plans and by a destroy with a warning, and a change is refused in the plan', async () => {
    const { admin, broker } = deployment;
    const stack = deployment.stack();
    stack.declare(declared(500));
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    for (const [kind, name] of taken) {
      const record = await admin.ledger.read(kind, name);
      if (record?.uid === undefined) throw new Error(`no record of ${kind} ${name}`);
      await admin.ledger.remove(kind, name);
      await admin.ledger.write(kind, name, { ...record, owner: 'other/s/x' });
    }
    await publish(broker, 'passed-taken', 2);
    const stream = await admin.readStream('passed-taken$1');
    if (stream === undefined) throw new Error('no stream');
    await admin.updateStream({ ...stream.config, max_age: 900_000_000_000 });

    const unchanged = await stack.plan();
    expect([unchanged.code, unchanged.errors]).toEqual([0, []]);
    for (const [, , described] of taken)
      expect(unchanged.warnings.join()).toContain(`${described} belongs to other/s/x`);
    expect(unchanged.warnings.join()).not.toMatch(/Station "passed-(?:own|b)" belongs/);

    const { users, stationSets, ...rest } = declared(600);
    stack.declare({ ...rest, stationSets, users: { u: { ...users.u, password_version: 2 } } });
    const refused = await stack.plan();
    expect(refused.code).toBe(1);
    expect(refused.errors.map((error) => error.split('\n')[0]).sort()).toEqual([
      'Could not manage station "passed-a"',
      'Could not manage station "passed-taken"',
      'Could not manage user "passed-user"',
    ]);
    for (const error of refused.errors)
      for (const part of ['belongs to other/s/x', 'terraform state rm', 'destroy -refresh=false'])
        expect(error).toContain(part);

    stack.declare(declared(500));
    const forced = await stack.plan('-replace=memphis_station.taken');
    expect([forced.code, forced.errors.join()]).toEqual([1, expect.stringContaining('belongs to other/s/x')]);

    const run = await stack.destroy();
    expect([run.code, run.errors]).toEqual([0, []]);
    expect(run.warnings.join()).toContain('It belongs to other/s/x. It is out of the state');
    const there = await deployment.everything();
    expect(
      Object.keys(there)
        .filter((name) => name.includes(' passed-'))
        .sort(),
    ).toEqual([
      'schema passed-schema',
      'station passed-a',
      'station passed-taken',
      'stream passed-a$1',
      'stream passed-taken$1',
    ]);
    expect((await admin.readStream('passed-taken$1'))?.config.max_age).toBe(900_000_000_000);
    expect((await admin.listUsers()).some(({ name }) => name === 'passed-user')).toBe(true);
  });
});
