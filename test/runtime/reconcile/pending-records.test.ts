import { randomUUID } from 'node:crypto';
import { resolveConnection } from '../../../src/model/connection';
import { AlreadyExistsError, BrokerRefusedError } from '../../../src/model/errors';
import { Retention } from '../../../src/model/retention';
import { canonicalStation } from '../../../src/model/station';
import type { Admin } from '../../../src/runtime/admin';
import { connectAdmin } from '../../../src/runtime/admin';
import { LocalBroker } from '../../../src/runtime/broker';
import {
  enforcementKind,
  removeStaleRecords,
  Run,
  schemaKind,
  stationKind,
  userKind,
} from '../../../src/runtime/reconcile';
import type { Made } from '../../../src/runtime/reconcile/made';
import { whyNotMadeBy } from '../../../src/runtime/reconcile/made';
import { marked, requestDigest } from '../../../src/runtime/reconcile/station/made';
import { RestProxy } from '../../support/rest-proxy';
import { idOfType } from '../../support/schema-text';

/** A record of a creation that was interrupted proves nothing by itself: somebody else may have made the object. */
let broker: LocalBroker;
let proxy: RestProxy;
let admin: Admin;
let byHand: Admin;
const ours = { owner: 'shop/orders/orders', adoptExisting: false };
const permissions = { allowMessageLoss: false };

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
  proxy = await RestProxy.start(broker.restUrl);
  const settings = { ...broker.environment(), MEMPHIS_REST_URL: proxy.url };
  admin = await connectAdmin(resolveConnection({}, settings));
  byHand = await connectAdmin(resolveConnection({}, broker.environment()));
});

afterAll(async () => {
  await admin.close();
  await byHand.close();
  await proxy.stop();
  await broker.stop();
});

/** A run whose request never reaches the broker. */
async function unheard(path: string, create: () => Promise<unknown>): Promise<void> {
  proxy.lose(path);
  await expect(create()).rejects.toThrow('MEMPHIS_REST_URL');
}

/** The uid of a station, created if it is not there. */
async function idOf(name: string): Promise<string> {
  const row = await byHand.readStation(name);
  return String(row?.id ?? (await byHand.createStation(canonicalStation({ name }))));
}

describe('a station that somebody else made after a request of ours got lost', () => {
  const declarations = {
    'with the default settings': {},
    'with other settings': { retentionType: Retention.MESSAGES, retentionValue: 7 },
    'without dead letters': { sendPoisonMsgToDls: false, sendSchemaFailedMsgToDls: false },
    'with one kind of dead letters': { sendPoisonMsgToDls: false },
    'with the other kind': { sendSchemaFailedMsgToDls: false },
  };

  it.each(Object.entries(declarations))('is refused as any other: %s', async (_, declaration) => {
    const station = canonicalStation({ name: `lost-${randomUUID().slice(0, 8)}`, ...declaration });
    const run = new Run(admin);
    await unheard('/stations/createStation', () => stationKind.create(run, station, ours, permissions));
    // As declared, by the same user, at the same moment.
    await byHand.createStation(station);
    const again = stationKind.create(new Run(admin), station, ours, permissions);
    await expect(again).rejects.toBeInstanceOf(AlreadyExistsError);
    await expect(again).rejects.toThrow('was not created by the interrupted run of this declaration');
    const live = await stationKind.read(run, station.name);
    if (live === undefined) throw new Error('the station is gone');
    const context = { permissions, creation: ours };
    const planned = await stationKind.plan(new Run(admin), live, station, context);
    expect(planned.refusals.map(({ error }) => error.code)).toEqual(['MEMPHIS_ALREADY_EXISTS']);
    // Nor does it belong to us for others.
    const adopting = { owner: 'other/s/x', adoptExisting: true };
    await stationKind.create(new Run(admin), station, adopting, permissions);
  });
});

test('a schema that somebody else made with other content after a request of ours got lost is refused', async () => {
  const schema = schemaKind.canonical({ name: 'lost', type: 'json', content: idOfType('string') });
  const create = () => schemaKind.create(new Run(admin), schema, ours, permissions);
  await unheard('/schemas/createNewSchema', create);
  await byHand.createSchema({ ...schema, content: idOfType('number') });
  await expect(create()).rejects.toThrow('was not created by the interrupted run');
});

test('what the broker creates late, for a run that was killed, belongs to the run that asks for the same then', async () => {
  const station = canonicalStation({ name: 'late', tags: ['x'] });
  const schema = schemaKind.canonical({ name: 'late', type: 'json', content: idOfType('string') });
  // The request of the killed run overtakes that of the next one.
  proxy.before('/stations/createStation', () => byHand.createStation(marked(station)).then(() => undefined));
  proxy.before('/schemas/createNewSchema', () => byHand.createSchema(schema));
  const made = await stationKind.create(new Run(admin), station, ours, permissions);
  expect(stationKind.diff(stationKind.normalise(made, station), station).kind).toBe('noop');
  await schemaKind.create(new Run(admin), schema, ours, permissions);
  for (const kind of ['station', 'schema'] as const)
    expect(await byHand.ledger.read(kind, 'late')).toMatchObject({ state: 'complete', owner: ours.owner });

  // What is not what we ask for is somebody else's, and no record of ours is left.
  const other = canonicalStation({ name: 'late-foreign' });
  proxy.before('/stations/createStation', () => byHand.createStation(other).then(() => undefined));
  const refused = stationKind.create(new Run(admin), other, ours, permissions);
  await expect(refused).rejects.toBeInstanceOf(AlreadyExistsError);
  expect(await byHand.ledger.read('station', 'late-foreign')).toBeUndefined();
});

test('a station that is resumed stays ours when the run that resumes it is killed after its first change', async () => {
  const station = canonicalStation({ name: 'resumed-twice', tags: ['x'] });
  const request = { by: byHand.facts.restUsername, settings: requestDigest(marked(station)) };
  await byHand.ledger.write('station', station.name, { owner: ours.owner, state: 'pending', request });
  await byHand.createStation(marked(station));
  const create = () => stationKind.create(new Run(admin), station, ours, permissions);
  proxy.lose('/tags/updateTagsForEntity');
  await expect(create()).rejects.toThrow('MEMPHIS_REST_URL');
  const live = await create();
  expect(stationKind.diff(stationKind.normalise(live, station), station).kind).toBe('noop');
});

/** A port whose first write to the ledger is overtaken by something. */
function overtaken(by: () => Promise<unknown>): Admin {
  const { ledger } = admin;
  let isFirst = true;
  return {
    ...admin,
    ledger: {
      brokerId: () => ledger.brokerId(),
      ensureBrokerId: () => ledger.ensureBrokerId(),
      read: (kind, name) => ledger.read(kind, name),
      list: (kind) => ledger.list(kind),
      remove: (kind, name, owner) => ledger.remove(kind, name, owner),
      async write(kind, name, record) {
        if (isFirst) {
          isFirst = false;
          await by();
        }
        await ledger.write(kind, name, record);
      },
    },
  };
}

// Its Terraform was killed, and the next one has begun.
describe.each(['before it records its own creation', 'before the broker hears of it'] as const)(
  'what a provider that is still at work creates while the next run does the same, %s, is resumed:',
  (when) => {
    const isEarly = when === 'before it records its own creation';
    const name = isEarly ? 'twice-early' : 'twice-late';

    async function together<T extends { readonly id: number } | { readonly row: { readonly id: number } }>(
      kind: 'station' | 'schema' | 'user',
      path: string,
      create: (run: Run) => Promise<T>,
    ): Promise<void> {
      const first = () => create(new Run(byHand));
      if (!isEarly) proxy.before(path, () => first().then(() => undefined));
      const live = await create(new Run(isEarly ? overtaken(first) : admin));
      const uid = String('row' in live ? live.row.id : live.id);
      expect(await byHand.ledger.read(kind, name)).toEqual({ owner: ours.owner, state: 'complete', uid });
    }

    it('a station', async () => {
      const station = canonicalStation({ name });
      const create = (run: Run) => stationKind.create(run, station, ours, permissions);
      await together('station', '/stations/createStation', create);
      const live = await stationKind.read(new Run(admin), name);
      expect(
        live === undefined ? '' : stationKind.diff(stationKind.normalise(live, station), station).kind,
      ).toBe('noop');
    });

    it('a schema', async () => {
      const schema = schemaKind.canonical({ name, type: 'json', content: idOfType('string') });
      await together('schema', '/schemas/createNewSchema', (run) =>
        schemaKind.create(run, schema, ours, permissions),
      );
    });

    it('a user', async () => {
      const user = { ...userKind.canonical({ name, type: 'management' }), password: 'Abc123!@#x' };
      await together('user', '/usermgmt/addUser', (run) => userKind.create(run, user, ours, permissions));
    });
  },
);

describe('a record of a creation that never happened', () => {
  const later = Date.now() + 10 * 60_000;
  const sweep = (startedAt: number) =>
    removeStaleRecords(new Run(admin, { startedAt }), 'shop/sweep/another-declaration');

  it('goes with the first change of a later run of its stack, and no other does', async () => {
    const settings = { by: 'root', settings: 'x' };
    const pending = (owner: string) => ({ owner, state: 'pending', request: settings }) as const;
    const records = {
      gone: pending('shop/sweep/gone'),
      foreign: pending('shop/sweep/foreign'),
      'other-stack': pending('shop/sweep2/gone'),
      'other-project': pending('shopping/sweep/gone'),
      complete: { owner: 'shop/sweep/complete', state: 'complete', uid: await idOf('complete') },
    } as const;
    for (const [name, record] of Object.entries(records)) await byHand.ledger.write('station', name, record);
    await byHand.ledger.write('schema', 'gone', pending('shop/sweep/schema'));
    await byHand.createStation(canonicalStation({ name: 'foreign' }));
    const left = async () => [
      ...(await byHand.ledger.list('station')).keys(),
      ...(await byHand.ledger.list('schema')).keys(),
    ];
    // Another run of the stack may still be waiting for the broker.
    await sweep(Date.now() + 60_000);
    expect(await left()).toEqual(expect.arrayContaining(['gone', 'foreign']));
    await sweep(later);
    const names = await left();
    for (const name of ['gone', 'foreign']) expect(names).not.toContain(name);
    expect(names).toEqual(expect.arrayContaining(['other-stack', 'other-project', 'complete']));
    expect(await stationKind.read(new Run(admin), 'foreign')).toBeDefined();
  });

  it('goes when its object does, of every kind, and stays with an object that is there', async () => {
    const uid = await idOf('is-there');
    await byHand.createSchema(
      schemaKind.canonical({ name: 'is-there', type: 'json', content: idOfType('string') }),
    );
    await byHand.attachSchema('is-there', 'is-there');
    await idOf('not-enforced');
    const schema = String((await byHand.readSchema('is-there'))?.id);
    const own = { owner: 'shop/gone/x', state: 'complete' } as const;
    const elsewhere = { owner: 'shop/gone2/x', state: 'complete', uid: '4711' } as const;
    const kept = [
      ['station', 'is-there', { ...own, uid }],
      ['enforcement', 'is-there', { ...own, uid }],
      ['schema', 'is-there', { ...own, uid: schema }],
      ['station', 'elsewhere', elsewhere],
      ['user', 'elsewhere', elsewhere],
      ['cluster', 'settings', { ...own, uid: 'settings' }],
    ] as const;
    const gone = [
      ['station', 'gone-1', { ...own, uid: '4711' }],
      ['station', 'not-enforced', { ...own, uid: '4711' }],
      ['enforcement', 'gone-1', { ...own, uid: '4711' }],
      ['enforcement', 'not-enforced', { ...own, uid: await idOf('not-enforced') }],
      ['schema', 'gone-1', { ...own, uid: '4711' }],
      ['user', 'gone-1', { ...own, uid: '4711' }],
    ] as const;
    for (const [kind, name, record] of [...kept, ...gone]) await byHand.ledger.write(kind, name, record);
    await removeStaleRecords(new Run(admin), 'shop/gone/another-declaration');
    const left = async (records: typeof kept | typeof gone) =>
      Promise.all(records.map(([kind, name]) => byHand.ledger.read(kind, name)));
    expect(await left(kept)).toEqual(kept.map(([, , record]) => record));
    expect(await left(gone)).toEqual(gone.map(() => undefined));
    await byHand.ledger.remove('cluster', 'settings');
  });

  it('stays while it is the proof that an object is ours', async () => {
    const station = marked(canonicalStation({ name: 'sweep-ours' }));
    const request = { by: byHand.facts.restUsername, settings: requestDigest(station) };
    const record = { owner: 'shop/sweep/ours', state: 'pending', request } as const;
    await byHand.ledger.write('station', station.name, record);
    await byHand.createStation(station);
    await sweep(later);
    expect(await byHand.ledger.read('station', station.name)).toMatchObject({ state: 'pending' });
  });
});

test('the records of a station and its enforcement go before the station, and come back when the broker refuses', async () => {
  const station = canonicalStation({ name: 'enforced' });
  const stations = { owner: 'shop/enforced/station', adoptExisting: false };
  const enforcement = { stationName: 'enforced', schemaName: 'enforced' };
  const enforcements = { owner: 'shop/enforced-elsewhere/enforcement', adoptExisting: false };
  await byHand.createSchema(
    schemaKind.canonical({ name: 'enforced', type: 'json', content: idOfType('string') }),
  );
  const live = await stationKind.create(new Run(admin), station, stations, permissions);
  await enforcementKind.create(new Run(admin), enforcement, enforcements, permissions);
  const records = async () =>
    (
      await Promise.all(
        ['station', 'enforcement'].map((kind) => byHand.ledger.read(kind as never, 'enforced')),
      )
    ).map((record) => record?.owner);
  const removal = { permissions, owner: stations.owner, uid: stationKind.uidOf(live) };

  const refusal = new BrokerRefusedError({ attempted: 'remove it', found: 'no' });
  const refusing = { ...admin, removeStation: () => Promise.reject(refusal) };
  await expect(stationKind.destroy(new Run(refusing), station, removal)).rejects.toThrow('no');
  expect(await records()).toEqual([stations.owner, enforcements.owner]);

  let before: unknown;
  proxy.before('/stations/removeStation', async () => {
    before = await records();
  });
  await stationKind.destroy(new Run(admin), station, removal);
  expect(before).toEqual([undefined, undefined]);

  // Of one that is replaced, the record tells until then whose the enforcement is.
  const again = await stationKind.create(new Run(admin), station, stations, permissions);
  await enforcementKind.create(new Run(admin), enforcement, enforcements, permissions);
  proxy.before('/stations/removeStation', async () => {
    before = await records();
  });
  const replacement = { ...removal, uid: stationKind.uidOf(again), isReplacement: true };
  await stationKind.destroy(new Run(admin), station, replacement);
  expect(before).toEqual([undefined, enforcements.owner]);
  expect(await records()).toEqual([undefined, undefined]);

  // One that somebody removed, or removed and created again, has left its records behind.
  for (const isAgain of [false, true]) {
    await byHand.ledger.write('enforcement', 'enforced', {
      owner: enforcements.owner,
      state: 'complete',
      uid: removal.uid,
    });
    if (isAgain) await byHand.createStation(station);
    await stationKind.destroy(new Run(admin), station, removal);
    expect(await records()).toEqual([undefined, undefined]);
  }
  expect(await byHand.readStation('enforced')).toBeDefined();
});

test('the record of a replaced schema goes before the schema, so that no killed run leaves it', async () => {
  const owner = 'shop/retired/schema';
  await byHand.createSchema(
    schemaKind.canonical({ name: 'retired', type: 'json', content: idOfType('string') }),
  );
  const uid = String((await byHand.readSchema('retired'))?.id);
  await byHand.ledger.write('schema', 'retired', { owner, state: 'complete', uid });
  await byHand.ledger.write('replacement', 'schema:retired', { owner, state: 'pending', uid });
  let before: unknown;
  proxy.before('/schemas/removeSchema', async () => {
    before = await byHand.ledger.read('schema', 'retired');
  });
  await removeStaleRecords(new Run(admin), 'shop/retired/another-declaration');
  expect(before).toBeUndefined();
  expect(await byHand.readSchema('retired')).toBeUndefined();
});

test('a replaced schema that its last station left without a run to remove it goes with the next change of its stack', async () => {
  const content = idOfType('string');
  for (const [name, stack] of [
    ['waits', 'shop/waiting'],
    ['waits-elsewhere', 'shop/waiting2'],
  ] as const) {
    await byHand.createSchema(schemaKind.canonical({ name, type: 'json', content }));
    const uid = String((await byHand.readSchema(name))?.id);
    const owner = `${stack}/${name}`;
    await byHand.ledger.write('replacement', `schema:${name}`, { owner, state: 'pending', uid });
  }
  await removeStaleRecords(new Run(admin), 'shop/waiting/another-declaration');
  expect(await byHand.readSchema('waits')).toBeUndefined();
  expect(await byHand.readSchema('waits-elsewhere')).toBeDefined();
  expect([...(await byHand.ledger.list('replacement')).keys()]).toEqual(['schema:waits-elsewhere']);
});

describe('what is compared with the record', () => {
  const storedAt = '2026-01-01T12:00:00.123456789Z';
  const record = { owner: 'o', state: 'pending', storedAt, request: { by: 'ci', settings: 'x' } } as const;
  const made: Made = { by: 'ci', at: '2026-01-01T12:00:00.5Z', settings: 'x' };

  it.each<[string, Partial<Made> | undefined, string | undefined]>([
    ['the object that was asked for', {}, undefined],
    ['one of a user that was removed since', { by: 'ci(deleted)' }, undefined],
    ['one on a server whose clock is behind', { at: '2026-01-01T11:59:57Z' }, undefined],
    ['one that another user made', { by: 'ann' }, 'user "ann" created it, not "ci"'],
    ['one that was there before', { at: '2026-01-01T11:59:00Z' }, 'before that run'],
    ['one that was made long after', { at: '2026-01-01T12:06:00Z' }, 'long after that run'],
    ['one of other settings', { settings: 'y' }, 'with other settings'],
    ['one that tells nothing', { at: '' }, 'does not tell'],
    ['one that cannot be read', undefined, 'does not tell'],
  ])('%s', (_, change, why) => {
    const found = whyNotMadeBy(record, change === undefined ? undefined : { ...made, ...change });
    if (why === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(why);
  });

  it('a record without the request proves nothing', () => {
    expect(whyNotMadeBy({ owner: 'o', state: 'pending', storedAt }, made)).toContain('does not tell');
  });
});
