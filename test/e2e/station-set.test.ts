import { publish } from '../support/publish';
import { Deployment } from '../support/deployment';
import type { Attributes } from '../support/stack';

const deployment = Deployment.forThisFile();
const OWNER = 'shop/prod/events';
const address = 'memphis_station_set.events';

function set(attributes: Attributes): { readonly stationSets: Readonly<Record<string, Attributes>> } {
  return { stationSets: { events: { owner: OWNER, ...attributes } } };
}

async function liveStation(name: string) {
  const rows = await deployment.admin.listStations();
  const stream = await deployment.admin.readStream(`${name}$1`);
  const row = rows.find((each) => each.name === name);
  return row === undefined ? undefined : { ...row, ageSeconds: (stream?.config.max_age ?? 0) / 1e9 };
}

describe('a set of stations', () => {
  test('creates, changes, repairs and removes single stations, and plans nothing in between', async () => {
    const stack = deployment.stack();
    stack.declare(
      set({
        stations: ['a1', 'A2', 'a3', 'a-dead'],
        retention_value: 3600,
        dls_station: 'a-dead',
        overrides: { a3: { partitions_number: 3, retention_value: 7200 } },
      }),
    );
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    expect(await stack.plan()).toMatchObject({ code: 0, errors: [], warnings: [] });
    expect(await liveStation('a3')).toMatchObject({
      ageSeconds: 7200,
      partitions: [1, 2, 3],
      dlsStation: 'a-dead',
    });
    expect(await liveStation('a2')).toMatchObject({ ageSeconds: 3600, dlsStation: 'a-dead' });
    expect(await liveStation('a-dead')).toMatchObject({ dlsStation: '' });
    expect(await deployment.admin.ledger.read('station', 'a2')).toMatchObject({
      owner: OWNER,
      state: 'complete',
    });

    // Drift of one station shows as a change of that station, and one that is gone is made again.
    const stream = await deployment.admin.readStream('a1$1');
    if (stream === undefined) throw new Error('a1 has no stream');
    await deployment.admin.updateStream({ ...stream.config, max_age: 600e9 });
    await deployment.admin.removeStation('a2');
    const before = (await liveStation('a3'))?.id;
    expect(await stack.plan()).toMatchObject({ code: 2, errors: [] });
    expect(Object.keys((await stack.changes())[address]?.attributes ?? {})).toEqual(
      expect.arrayContaining(['stations', 'overrides']),
    );
    expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
    expect(await stack.plan()).toMatchObject({ code: 0 });
    expect(await liveStation('a1')).toMatchObject({ ageSeconds: 3600 });
    expect(await liveStation('a2')).toBeDefined();
    expect((await liveStation('a3'))?.id).toBe(before);

    // A run that was killed before it removed a3 to replace it has taken the record away: the state knows the station.
    await deployment.admin.ledger.remove('station', 'a3');

    // One leaves, one comes, one is replaced.
    stack.declare(
      set({
        stations: { a1: '', a3: '', a4: 'alone', A5: 'Alone', 'a-dead': '' },
        retention_value: 1800,
        dls_station: 'a-dead',
        overrides: { a3: { partitions_number: 2, retention_value: 7200 }, alone: { dls_station: '' } },
      }),
    );
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    expect(await stack.plan()).toMatchObject({ code: 0 });
    expect(await liveStation('a2')).toBeUndefined();
    expect(await liveStation('a1')).toMatchObject({ ageSeconds: 1800 });
    expect(await liveStation('a3')).toMatchObject({ ageSeconds: 7200, partitions: [1, 2] });
    expect(await liveStation('a4')).toMatchObject({ dlsStation: '' });
    expect(await liveStation('a5')).toMatchObject({ dlsStation: '', ageSeconds: 1800 });

    // One of the two that share their options drifts.
    const drifting = await deployment.admin.readStream('a5$1');
    if (drifting === undefined) throw new Error('a5 has no stream');
    await deployment.admin.updateStream({ ...drifting.config, max_age: 600e9 });
    expect(await stack.plan()).toMatchObject({ code: 2, errors: [] });
    expect((await stack.changes())[address]?.attributes.overrides?.[0]).toMatchObject({
      A5: { dls_station: '', retention_value: 600 },
      alone: { dls_station: '', retention_value: null },
    });
    expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
    expect(await stack.plan()).toMatchObject({ code: 0 });
    expect(await stack.destroy()).toMatchObject({ code: 0, errors: [] });
    expect(await liveStation('a1')).toBeUndefined();
    expect(await deployment.admin.ledger.list('station')).toEqual(new Map());
  }, 60_000);

  test('protects the messages of each station, and names what is at stake', async () => {
    const stack = deployment.stack();
    stack.declare(set({ stations: ['b1', 'b2', 'b3'], deletion_protection: false }));
    expect(await stack.apply()).toMatchObject({ code: 0 });
    await publish(deployment.broker, 'b1', 3);
    await publish(deployment.broker, 'b3', 2);

    // Leaving the set and a change that cannot be made in place.
    stack.declare(set({ stations: ['b2', 'b3'], overrides: { b3: { storage_type: 'memory' } } }));
    const refused = await stack.plan();
    expect(refused.code).toBe(1);
    expect(refused.errors.join('\n')).toMatch(/destroy station "b1".*drop 3 messages/s);
    expect(refused.errors.join('\n')).toMatch(/replace station "b3".*drop 2 messages/s);
    expect(refused.errors.join('\n')).not.toContain('b2');

    // The permission of one station counts for that one.
    stack.declare(
      set({
        stations: ['b2', 'b3'],
        release: ['b1'],
        overrides: { b3: { storage_type: 'memory', allow_message_loss: true } },
      }),
    );
    const permitted = await stack.plan();
    expect(permitted).toMatchObject({ code: 2, errors: [] });
    expect(permitted.warnings.join('\n')).toMatch(/Station "b3" is replaced/);
    expect(permitted.warnings.join('\n')).toMatch(/"b1" leaves the set and stays on the broker/);
    expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
    expect(await stack.plan()).toMatchObject({ code: 0 });
    expect(await deployment.messages('b1')).toBe(3);
    expect(await deployment.messages('b3')).toBe(0);
    expect(await deployment.admin.ledger.read('station', 'b1')).toBeUndefined();

    // A destroy of the whole set is refused before anything is touched.
    await publish(deployment.broker, 'b2', 1);
    const destroyed = await stack.destroy();
    expect(destroyed.code).toBe(1);
    expect(destroyed.errors.join('\n')).toMatch(/destroy station "b2".*drop 1 message /s);
    expect(await deployment.messages('b3')).toBe(0);
    stack.declare(
      set({
        stations: ['b2', 'b3'],
        deletion_protection: true,
        allow_message_loss: true,
        overrides: { b3: { storage_type: 'memory' } },
      }),
    );
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    expect((await stack.destroy()).errors.join('\n')).toMatch(/station "b2".*protected/s);
  }, 60_000);

  test('keeps the finished stations when one fails, and goes on with the rest', async () => {
    const stack = deployment.stack();
    stack.declare(set({ stations: ['c1', 'c2', 'c3'] }));
    // The broker never hears of one of the three requests.
    deployment.proxy.lose('/stations/createStation');
    const failed = await stack.apply();
    expect(failed.code).toBe(1);
    expect(failed.errors.join('\n')).toMatch(/create station "c[123]".*cannot be reached/s);
    const rows = (await deployment.admin.listStations()).filter(({ name }) => /^c[123]$/.test(name));
    expect(rows).toHaveLength(2);
    const [made = rows[0]] = rows;
    await publish(deployment.broker, made?.name ?? '', 2);
    // Terraform marks the set as tainted; its stations stay all the same.
    const next = await stack.plan();
    expect(next).toMatchObject({ code: 2, errors: [] });
    expect(next.warnings.join('\n')).toMatch(/The stations of the set stay/);
    expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
    expect(await liveStation(made?.name ?? '')).toMatchObject({ id: made?.id });
    expect(await deployment.messages(made?.name ?? '')).toBe(2);
    for (const name of ['c1', 'c2', 'c3']) expect(await liveStation(name)).toBeDefined();
    expect(await stack.plan()).toMatchObject({ code: 0 });

    // In an update, the state tells which ones have the new value.
    stack.declare(set({ stations: ['c1', 'c2', 'c3'], tags: ['blue'] }));
    deployment.proxy.lose('/tags/updateTagsForEntity');
    const broken = await stack.apply();
    expect(broken.code).toBe(1);
    expect(await stack.plan('-refresh=false')).toMatchObject({ code: 2, errors: [] });
    expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
    for (const name of ['c1', 'c2', 'c3']) expect(await liveStation(name)).toMatchObject({ tags: ['blue'] });
    expect(await stack.plan()).toMatchObject({ code: 0 });
  }, 60_000);

  test('takes over a station that had a resource of its own, and gives one back', async () => {
    const stack = deployment.stack();
    const own = (name: string) => ({ name, owner: `shop/prod/${name}` });
    stack.declare({ stations: { d1: own('d1'), d2: own('d2') }, ...set({ stations: ['d3'] }) });
    expect(await stack.apply()).toMatchObject({ code: 0 });
    await publish(deployment.broker, 'd1', 2);
    await publish(deployment.broker, 'd3', 4);

    // In one plan, both may not stand for it; with the order fixed, the second one is refused for this reason.
    stack.declare({
      stations: { d1: own('d1'), d2: own('d2') },
      ...set({ stations: ['d1', 'd3'], depends_on: ['memphis_station.d1'] }),
    });
    expect((await stack.plan()).errors.join('\n')).toMatch(/Two resources/);

    stack.declare({
      stations: { d2: own('d2'), d3: { ...own('d3'), adopt_existing: true } },
      ...set({ stations: ['d1'], release: ['d3'], overrides: { d1: { adopt_existing: true } } }),
      more: {
        removed: [{ from: 'memphis_station.d1', lifecycle: [{ destroy: false }] }],
        import: [{ to: 'memphis_station.d3', id: 'd3' }],
      },
    });
    const moved = await stack.plan();
    expect(moved).toMatchObject({ code: 2, errors: [] });
    expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
    expect(await deployment.messages('d1')).toBe(2);
    expect(await deployment.messages('d3')).toBe(4);
    expect(await deployment.admin.ledger.read('station', 'd1')).toMatchObject({ owner: OWNER });
    expect(await deployment.admin.ledger.read('station', 'd3')).toMatchObject({ owner: 'shop/prod/d3' });
    expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
  }, 60_000);

  test('imports stations by their names or a glob, without a difference', async () => {
    const made = deployment.stack();
    made.declare({
      stationSets: {
        x: {
          stations: ['e1', 'e2', 'e3', 'other'],
          retention_value: 7200,
          overrides: { e2: { partitions_number: 2 } },
        },
      },
    });
    expect(await made.apply()).toMatchObject({ code: 0, errors: [] });
    const stack = deployment.stack();
    stack.declare(
      set({
        stations: ['e1', 'e2', 'e3'],
        retention_value: 7200,
        overrides: { e2: { partitions_number: 2 } },
      }),
    );
    expect(await stack.import(address, 'e1,nothing')).toMatchObject({ code: 1 });
    expect(await stack.import(address, ' , ')).toMatchObject({ code: 1 });
    expect((await stack.import(address, 'E1, e[2-3],')).output).toContain('Import successful');
    expect(await stack.plan()).toMatchObject({ code: 2, errors: [] });
    // Nothing but the owner is new.
    expect(Object.keys((await stack.changes())[address]?.attributes ?? {})).toEqual(['owner']);
    expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
    expect(await stack.plan()).toMatchObject({ code: 0 });
    expect(await deployment.admin.ledger.read('station', 'e2')).toMatchObject({ owner: OWNER });
  }, 60_000);

  test('enforces schemas on its stations, and hands over another one', async () => {
    const stack = deployment.stack();
    const schemas = {
      f: { name: 'f', type: 'json', content: '{"type":"object"}' },
      g: { name: 'g', type: 'json', content: '{"type":"array"}' },
    };
    const declare = (options: Attributes) =>
      stack.declare({
        schemas,
        ...set({
          stations: ['f1', 'f2', 'f3'],
          depends_on: ['memphis_schema.f', 'memphis_schema.g'],
          ...options,
        }),
      });
    declare({ schema_name: 'f', overrides: { f2: { schema_name: 'g' }, f3: { schema_name: '' } } });
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    const enforced = async () =>
      Promise.all(['f1', 'f2', 'f3'].map(async (name) => (await liveStation(name))?.schemaName));
    expect(await enforced()).toEqual(['f', 'g', '']);
    expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
    await deployment.admin.detachSchema('f1');
    expect(await stack.plan()).toMatchObject({ code: 2, errors: [] });
    declare({ overrides: { f2: { schema_name: 'f' }, f1: { schema_name: 'f' } } });
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    expect(await enforced()).toEqual(['f', 'f', '']);
    expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
    declare({ schema_name: 'missing' });
    expect((await stack.plan()).errors.join('\n')).toMatch(/no schema "missing"/);
    declare({});
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    expect(await enforced()).toEqual(['', '', '']);
  }, 60_000);

  test('reports mistakes at the place of each', async () => {
    const stack = deployment.stack();
    stack.declare(
      set({
        stations: { g1: '', G1: '', 'bad name': '', g2: 'wide' },
        replicas: 9,
        overrides: { g1: { partitions_number: 0 }, nobody: { replicas: 1 } },
      }),
    );
    const { errors } = await stack.plan();
    const text = errors.join('\n');
    expect(text).toMatch(/names it twice/);
    expect(text).toMatch(/"bad name"/);
    expect(text).toMatch(/replicas is 9/);
    expect(text).toMatch(/partitionsNumber is 0/);
    expect(text).toMatch(/overrides names it, but stations does not/);
    expect(text).toMatch(/its value is "wide", which is not in overrides/);
  }, 60_000);
});
