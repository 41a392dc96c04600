import { randomUUID } from 'node:crypto';
import { connect } from 'nats';
import { resolveConnection } from '../../../src/model/connection';
import { AlreadyExistsError, BrokerMismatchError } from '../../../src/model/errors';
import { partitionStream } from '../../../src/model/names';
import type { StationDeclaration } from '../../../src/model/station';
import type { Admin } from '../../../src/runtime/admin';
import { connectAdmin } from '../../../src/runtime/admin';
import { LocalBroker } from '../../../src/runtime/broker';
import { Run, enforcementKind, observe, schemaKind, stationKind } from '../../../src/runtime/reconcile';
import { streamConfigOf } from '../../../src/runtime/reconcile/station/stream-config';
import { publish } from '../../support/publish';
import { idOfType } from '../../support/schema-text';

/** Whose an object is decides what a run may do with it. */
let broker: LocalBroker;
let admin: Admin;
let byHand: Admin;
const permissions = { allowMessageLoss: false };
const ours = { owner: 'shop/orders/orders', adoptExisting: false };
const theirs = { owner: 'other/stack/orders', adoptExisting: false };

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory', log: () => undefined });
  [admin, byHand] = await Promise.all([connected(broker), connected(broker)]);
});

afterAll(async () => {
  await admin.close();
  await byHand.close();
  await broker.stop();
});

const connected = (to: LocalBroker): Promise<Admin> => connectAdmin(resolveConnection({}, to.environment()));

const station = (declaration: Partial<StationDeclaration> = {}) =>
  stationKind.canonical({ name: `own-${randomUUID().slice(0, 8)}`, ...declaration });
const schema = (type = 'string') =>
  schemaKind.canonical({ name: `own-${randomUUID().slice(0, 8)}`, type: 'json', content: idOfType(type) });
const removal = { permissions: { allowMessageLoss: true }, owner: ours.owner };

async function uidOf(name: string): Promise<string> {
  return String((await byHand.readStation(name))?.id);
}

describe('an object that was removed and created again by hand', () => {
  it('a station is passed over by a destroy, with its messages, and its old record goes', async () => {
    const wanted = station();
    const live = await stationKind.create(new Run(admin), wanted, ours, permissions);
    await byHand.removeStation(wanted.name);
    await byHand.createStation(wanted);
    await publish(broker, wanted.name, 2);
    const uid = stationKind.uidOf(live);
    const why = await stationKind.destroy(new Run(admin), wanted, { ...removal, uid });
    expect(why).toContain(`has the uid ${await uidOf(wanted.name)} instead of ${uid}`);
    expect((await byHand.readStream(`${wanted.name}$1`))?.state.messages).toBe(2);
    expect(await byHand.ledger.read('station', wanted.name)).toBeUndefined();
  });

  it('a schema is passed over by a destroy', async () => {
    const wanted = schema();
    const live = await schemaKind.create(new Run(admin), wanted, ours, permissions);
    await byHand.removeSchema(wanted.name);
    await byHand.createSchema(wanted);
    const uid = schemaKind.uidOf(live);
    expect(await schemaKind.destroy(new Run(admin), wanted, { ...removal, uid })).toContain(
      `instead of ${uid}`,
    );
    expect(await byHand.readSchema(wanted.name)).toBeDefined();
  });

  it('a station that enforces the schema for somebody else keeps it', async () => {
    const [wanted, content] = [station(), schema()];
    const enforcement = enforcementKind.canonical({ stationName: wanted.name, schemaName: content.name });
    await stationKind.create(new Run(admin), wanted, ours, permissions);
    await schemaKind.create(new Run(admin), content, ours, permissions);
    await enforcementKind.create(new Run(admin), enforcement, ours, permissions);
    await byHand.removeStation(wanted.name);
    await byHand.createStation(wanted);
    await byHand.attachSchema(wanted.name, content.name);
    expect(await enforcementKind.destroy(new Run(admin), enforcement, removal)).toContain('created again');
    const row = (await byHand.listStations()).find(({ name }) => name === wanted.name);
    expect(row?.schemaName).toBe(content.name);
  });
});

describe('an object that another declaration owns', () => {
  it('is neither changed nor destroyed by a stack that has it in its state', async () => {
    const wanted = station();
    const uid = stationKind.uidOf(await stationKind.create(new Run(admin), wanted, theirs, permissions));
    const changed = { ...wanted, retentionValue: 7200 };
    for (const formerOwner of [ours.owner, '']) {
      const claim = { ...ours, formerOwner };
      const change = stationKind.update(new Run(admin), changed, claim, permissions, uid);
      await expect(change).rejects.toThrow(`belongs to ${theirs.owner}`);
    }
    expect(await stationKind.destroy(new Run(admin), wanted, { ...removal, uid })).toBe(
      `it belongs to ${theirs.owner}`,
    );
    expect(await byHand.readStation(wanted.name)).toBeDefined();
    expect((await byHand.ledger.read('station', wanted.name))?.owner).toBe(theirs.owner);
  });

  it('changes hands when it was imported with permission, and only then', async () => {
    const wanted = schema();
    const uid = schemaKind.uidOf(await schemaKind.create(new Run(admin), wanted, theirs, permissions));
    const update = (claim: object) =>
      schemaKind.update(new Run(admin), wanted, { ...ours, ...claim }, permissions, uid);
    await expect(update({ formerOwner: '' })).rejects.toThrow('adoptExisting: true');
    await expect(update({ formerOwner: ours.owner, adoptExisting: true })).rejects.toThrow('belongs to');
    await update({ formerOwner: '', adoptExisting: true });
    expect((await byHand.ledger.read('schema', wanted.name))?.owner).toBe(ours.owner);
    const their = { ...removal, owner: theirs.owner, uid };
    expect(await schemaKind.destroy(new Run(admin), wanted, their)).toBe(`it belongs to ${ours.owner}`);
  });

  it('keeps its owner when its address in the stack changes', async () => {
    const wanted = station();
    const uid = stationKind.uidOf(await stationKind.create(new Run(admin), wanted, ours, permissions));
    const moved = { owner: 'shop/orders/moved', adoptExisting: false, formerOwner: ours.owner };
    await stationKind.update(new Run(admin), wanted, moved, permissions, uid);
    expect((await byHand.ledger.read('station', wanted.name))?.owner).toBe(moved.owner);
  });
});

describe('a station that has lost its streams', () => {
  async function emptied(owner?: typeof ours) {
    const wanted = station();
    if (owner === undefined) await byHand.createStation(wanted);
    else await stationKind.create(new Run(admin), wanted, owner, permissions);
    await deleteStreams(wanted.name);
    return wanted;
  }

  async function deleteStreams(name: string): Promise<void> {
    const servers = `${broker.host}:${broker.port}`;
    const nats = await connect({ servers, user: 'root', pass: 'memphis', name: `${randomUUID()}::root` });
    await nats.request(`$JS.API.STREAM.DELETE.${partitionStream(name, 1)}`);
    await nats.close();
  }

  it('is recreated by its owner', async () => {
    const wanted = await emptied(ours);
    const context = { permissions, creation: ours };
    const planned = await stationKind.plan(new Run(admin), undefined, wanted, context);
    expect([planned.change.kind, planned.refusals]).toEqual(['create', []]);
    const before = await uidOf(wanted.name);
    await stationKind.create(new Run(admin), wanted, ours, permissions);
    expect(await uidOf(wanted.name)).not.toBe(before);
  });

  it.each<[string, typeof ours | undefined]>([
    ['nobody is recorded to own it', undefined],
    ['another declaration owns it', theirs],
  ])('is refused, in the plan as well, when %s', async (_, owner) => {
    const wanted = await emptied(owner);
    const before = await uidOf(wanted.name);
    const context = { permissions, creation: ours };
    const planned = await stationKind.plan(new Run(admin), undefined, wanted, context);
    expect(planned.refusals.map(({ error }) => error.code)).toEqual(['MEMPHIS_ALREADY_EXISTS']);
    await expect(stationKind.create(new Run(admin), wanted, ours, permissions)).rejects.toBeInstanceOf(
      AlreadyExistsError,
    );
    expect(await uidOf(wanted.name)).toBe(before);
  });
});

test('a changed enforcement whose state was lost is taken up again by its declaration, and by no other', async () => {
  const [wanted, a, b] = [station(), schema(), schema('number')];
  const enforce = (schemaName: string) => enforcementKind.canonical({ stationName: wanted.name, schemaName });
  await stationKind.create(new Run(admin), wanted, ours, permissions);
  for (const each of [a, b]) await schemaKind.create(new Run(admin), each, ours, permissions);
  await enforcementKind.create(new Run(admin), enforce(a.name), ours, permissions);
  const live = await enforcementKind.read(new Run(admin), wanted.name);
  for (const [creation, refusals] of [
    [theirs, 1],
    [ours, 0],
  ] as const) {
    const planned = await enforcementKind.plan(new Run(admin), live, enforce(b.name), {
      permissions,
      creation,
    });
    expect(planned.refusals).toHaveLength(refusals);
  }
  await expect(
    enforcementKind.create(new Run(admin), enforce(b.name), theirs, permissions),
  ).rejects.toBeInstanceOf(AlreadyExistsError);
  await enforcementKind.create(new Run(admin), enforce(b.name), ours, permissions);
  expect((await byHand.listStations()).find(({ name }) => name === wanted.name)?.schemaName).toBe(b.name);
});

test('a schema that somebody attached is replaced with adoptExisting, unless another declaration owns it', async () => {
  const [on, wanted, attached] = [station(), schema(), schema('number')];
  for (const each of [wanted, attached]) await byHand.createSchema(each);
  await byHand.createStation(on);
  await byHand.attachSchema(on.name, attached.name);
  const enforcement = enforcementKind.canonical({ stationName: on.name, schemaName: wanted.name });
  const create = (claim: typeof ours) =>
    enforcementKind.create(new Run(admin), enforcement, claim, permissions);
  const planned = async (claim: typeof ours) => {
    const run = new Run(admin);
    const live = await enforcementKind.find(run, { name: on.name });
    const plan = await enforcementKind.plan(run, live, enforcement, { permissions, creation: claim });
    return [plan.continuation, ...plan.refusals.map(({ error }) => error.next)];
  };
  expect(await planned(ours)).toEqual([undefined, expect.stringContaining('adoptExisting: true')]);
  await expect(create(ours)).rejects.toThrow('Set adoptExisting: true on the enforcement');
  const adopting = { ...ours, adoptExisting: true };
  expect(await planned(adopting)).toEqual(['adopted']);
  expect(await create(adopting)).toMatchObject({ schemaName: wanted.name });
  // It is owned now.
  await byHand.attachSchema(on.name, attached.name);
  const others = { ...theirs, adoptExisting: true };
  expect(await planned(others)).toEqual([undefined, expect.stringContaining('Detach that schema first')]);
  await expect(create(others)).rejects.toThrow(`which belongs to ${ours.owner}`);
  await create(ours);
});

describe('two runs that create one station at the same time', () => {
  it('the loser is told whose it is, and the record stays with the winner', async () => {
    const second = await connected(broker);
    for (let round = 0; round < 10; round += 1) {
      const wanted = station({ partitionsNumber: 3 });
      const runs = await Promise.allSettled([
        stationKind.create(new Run(admin), wanted, ours, permissions),
        stationKind.create(new Run(second), wanted, theirs, permissions),
      ]);
      const lost = runs.filter((each) => each.status === 'rejected');
      expect(lost).toEqual([{ status: 'rejected', reason: expect.any(AlreadyExistsError) as Error }]);
      const winner = runs[0].status === 'fulfilled' ? ours : theirs;
      const record = await byHand.ledger.read('station', wanted.name);
      expect(record).toEqual({ owner: winner.owner, state: 'complete', uid: await uidOf(wanted.name) });
    }
    await second.close();
  });

  it('the loser waits for a station whose streams are there before its row', async () => {
    const wanted = station();
    const stream = partitionStream(wanted.name, 1);
    const [template] = await byHand.listStreams();
    if (template === undefined) throw new Error('there is no stream to start from');
    await byHand.createStream(streamConfigOf({ ...template.config, name: stream }, wanted, admin.facts));
    const creation = stationKind.create(new Run(admin), wanted, ours, permissions);
    setTimeout(() => void byHand.createStation(wanted), 300);
    await expect(creation).rejects.toThrow('the broker has a station of that name already');
  });
});

describe('two sides that are not the same broker', () => {
  let other: LocalBroker;
  let mixed: Admin;

  beforeAll(async () => {
    other = await LocalBroker.start({ store: 'memory', log: () => undefined });
    const settings = { ...broker.environment(), MEMPHIS_REST_URL: other.restUrl };
    mixed = await connectAdmin(resolveConnection({}, settings));
  });

  afterAll(async () => {
    await mixed.close();
    await other.stop();
  });

  it('are refused when the one has a deployed station that the other does not know', async () => {
    const wanted = station();
    await stationKind.create(new Run(admin), wanted, ours, permissions);
    const observed = observe(mixed);
    await expect(observed).rejects.toBeInstanceOf(BrokerMismatchError);
    await expect(observed).rejects.toThrow('MEMPHIS_REST_URL');
    const created = stationKind.create(new Run(mixed), wanted, ours, permissions);
    await expect(created).rejects.toBeInstanceOf(BrokerMismatchError);
  });

  it('are refused by the first creation, which leaves nothing behind', async () => {
    const wanted = station();
    const created = stationKind.create(new Run(mixed), wanted, ours, permissions);
    await expect(created).rejects.toBeInstanceOf(BrokerMismatchError);
    expect(await mixed.readStation(wanted.name)).toBeUndefined();
    expect(await mixed.ledger.read('station', wanted.name)).toBeUndefined();
  });

  it('a broker whose only streams belong to no station of a stack is no other broker', async () => {
    const alone = await LocalBroker.start({ store: 'memory', log: () => undefined });
    const its = await connectAdmin(resolveConnection({}, alone.environment()));
    const [template] = await its.listStreams();
    if (template === undefined) throw new Error('there is no stream to start from');
    await its.createStream({ ...template.config, name: 'left$1', subjects: ['left$1.>'] });
    for (const { name } of await its.listStations()) await its.removeStation(name);
    expect((await observe(its)).orphans).toHaveLength(1);
    await its.close();
    await alone.stop();
  });
});
