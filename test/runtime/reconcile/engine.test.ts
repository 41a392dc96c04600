import { randomUUID } from 'node:crypto';
import { connect } from 'nats';
import { resolveConnection } from '../../../src/model/connection';
import { Retention } from '../../../src/model/retention';
import type { StationDeclaration } from '../../../src/model/station';
import { canonicalStation } from '../../../src/model/station';
import type { Admin } from '../../../src/runtime/admin';
import { connectAdmin } from '../../../src/runtime/admin';
import { LocalBroker } from '../../../src/runtime/broker';
import { Run, isIntact, observe, observeStation, stationKind, stored } from '../../../src/runtime/reconcile';
import {
  createEnforcement,
  destroyEnforcement,
  updateEnforcement,
} from '../../../src/runtime/reconcile/enforcement/apply';
import { createSchema, destroySchema, updateSchema } from '../../../src/runtime/reconcile/schema/apply';
import { observeSchema } from '../../../src/runtime/reconcile/schema/live';
import { createStation } from '../../../src/runtime/reconcile/station/create';
import { updateStation } from '../../../src/runtime/reconcile/station/update';
import { destroyStation } from '../../../src/runtime/reconcile/station/destroy';
import { normaliseStation } from '../../../src/runtime/reconcile/station/normalise';
import { diffStation, planStation } from '../../../src/runtime/reconcile/station/plan';
import { keepAttachments, putBackAttachments } from '../../../src/runtime/reconcile/station/replacement';
import { freeze } from '../../../src/runtime/reconcile/station/freeze';
import { named, unique } from '../../support/declarations';
import { publish } from '../../support/publish';
import { refusal } from '../../support/rejection';

let broker: LocalBroker;
let admin: Admin;
let run: Run;
const forbidden = { allowMessageLoss: false };
const nobody = { owner: '', adoptExisting: false };

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
  admin = await connectAdmin(resolveConnection({}, broker.environment()));
  run = new Run(admin);
});

afterAll(async () => {
  await admin.close();
  await broker.stop();
});

async function made(declaration: Partial<StationDeclaration> = {}): Promise<StationDeclaration> {
  const station = { name: unique('st'), ...declaration };
  await createStation(run, canonicalStation(station), nobody, forbidden);
  return station;
}

async function deleteStream(name: string): Promise<void> {
  const nats = await connect({
    servers: `${broker.host}:${broker.port}`,
    user: 'root',
    pass: 'memphis',
    name: `${randomUUID()}::root`,
  });
  await (await nats.jetstreamManager()).streams.delete(name);
  await nats.close();
}

async function isAsDeclared(declaration: StationDeclaration): Promise<boolean> {
  const live = await observeStation(admin, declaration.name);
  if (live === undefined) return false;
  const wanted = canonicalStation(declaration);
  return diffStation(normaliseStation(live, wanted), wanted).kind === 'noop';
}

describe('stations', () => {
  it('is made as declared, every option at once, and read back without a difference', async () => {
    const dead = await made();
    const declaration = await made({
      retentionType: Retention.MESSAGES,
      retentionValue: 50,
      partitionsNumber: 3,
      idempotencyWindowMs: 5_000,
      sendPoisonMsgToDls: false,
      dlsStation: dead.name.toUpperCase(),
      tieredStorageEnabled: true,
      tags: ['Team:A', 'b'],
    });
    expect(await isAsDeclared(declaration)).toBe(true);
  });

  it('is changed in place with its messages kept, from every retention to every other', async () => {
    const declaration = await made({ partitionsNumber: 2 });
    await publish(broker, declaration.name, 10, 2);
    const steps: Partial<StationDeclaration>[] = [
      { retentionType: Retention.MESSAGES, retentionValue: 100 },
      { retentionType: Retention.BYTES, retentionValue: 1_000_000 },
      { retentionType: Retention.MAX_MESSAGE_AGE_SECONDS, retentionValue: 600 },
      { idempotencyWindowMs: 1_000 },
      { sendPoisonMsgToDls: false, sendSchemaFailedMsgToDls: false },
      { tieredStorageEnabled: true },
      { tieredStorageEnabled: false, tags: ['x'] },
      { tags: [] },
    ];
    let current = declaration;
    for (const step of steps) {
      current = { ...current, ...step };
      await updateStation(run, canonicalStation(current), forbidden);
      expect(await isAsDeclared(current)).toBe(true);
    }
    expect(stored((await observeStation(admin, declaration.name)) ?? { streams: [] }).messages).toBe(10);
  });

  it.each([
    [
      'fewer messages than are stored',
      { retentionType: Retention.MESSAGES, retentionValue: 3 },
      'the oldest 2 of 5 messages',
    ],
    ['fewer bytes than are stored', { retentionType: Retention.BYTES, retentionValue: 10 }, 'bytes'],
    [
      'acknowledgement, with no group that waits',
      { retentionType: Retention.ACK_BASED, retentionValue: undefined },
      'all of 5 messages',
    ],
  ])(
    'refuses a change to %s, when planned and when applied; nothing changes',
    async (_, change, consequence) => {
      const declaration = await made();
      await publish(broker, declaration.name, 5);
      const after = canonicalStation({ ...declaration, ...change } as StationDeclaration);
      const planned = await planStation(
        admin,
        await observeStation(admin, declaration.name),
        after,
        forbidden,
      );
      expect(planned.refusals.map(({ error }) => error.code)).toEqual(['MEMPHIS_MESSAGE_LOSS']);
      expect(planned.refusals[0]?.error.message).toContain(consequence);
      expect((await refusal(updateStation(run, after, forbidden))).code).toBe('MEMPHIS_MESSAGE_LOSS');
      expect(await isAsDeclared(declaration)).toBe(true);
      const allowed = await planStation(admin, await observeStation(admin, declaration.name), after, {
        allowMessageLoss: true,
      });
      expect(allowed.refusals).toEqual([]);
      expect(allowed.loss?.consequence).toContain(consequence);
    },
  );

  it('is not destroyed while it holds messages, and takes messages again afterwards', async () => {
    const declaration = await made({ partitionsNumber: 2 });
    await publish(broker, declaration.name, 3, 2);
    const error = await refusal(
      destroyStation(run, named(declaration.name), { permissions: forbidden, owner: '' }),
    );
    expect(error.code).toBe('MEMPHIS_MESSAGE_LOSS');
    expect(error.message).toContain('3 messages');
    await publish(broker, declaration.name, 1, 2);
    expect(stored((await observeStation(admin, declaration.name)) ?? { streams: [] }).messages).toBe(4);
    await destroyStation(run, named(declaration.name), {
      permissions: { allowMessageLoss: true },
      owner: '',
    });
    expect(await observeStation(admin, declaration.name)).toBeUndefined();
  });

  it('is destroyed when empty, and a second destroy has nothing to do', async () => {
    const declaration = await made({ partitionsNumber: 2 });
    await destroyStation(run, named(declaration.name), { permissions: forbidden, owner: '' });
    await destroyStation(run, named(declaration.name), { permissions: forbidden, owner: '' });
    const live = await observe(admin);
    expect(live.stations.has(declaration.name)).toBe(false);
    expect(live.orphans.filter(({ config }) => config.name.startsWith(declaration.name))).toEqual([]);
  });

  it('is not made where one of that name exists, and that one is not touched', async () => {
    const declaration = await made({ retentionValue: 500 });
    const error = await refusal(
      createStation(run, canonicalStation({ name: declaration.name.toUpperCase() }), nobody, forbidden),
    );
    expect(error.code).toBe('MEMPHIS_ALREADY_EXISTS');
    expect(error.message).toContain('import');
    expect(await isAsDeclared(declaration)).toBe(true);
  });

  it('is not made over streams that were left behind', async () => {
    const name = unique('orphan');
    const nats = await connect({
      servers: `${broker.host}:${broker.port}`,
      user: 'root',
      pass: 'memphis',
      name: `${randomUUID()}::root`,
    });
    const manager = await nats.jetstreamManager();
    await manager.streams.add({ name: `${name}$2`, subjects: [`${name}$2.>`] });
    const error = await refusal(
      createStation(run, canonicalStation({ name, partitionsNumber: 2 }), nobody, forbidden),
    );
    expect(error.code).toBe('MEMPHIS_UNSAFE_REQUEST');
    expect(error.message).toContain(`"${name}$2"`);
    await manager.streams.delete(`${name}$2`);
    await nats.close();
  });

  it.each([
    ['three replicas on a single node', { replicas: 3 }, 'single node'],
    ['a dead-letter station that is not there', { dlsStation: 'nowhere' }, 'that station does not exist'],
  ])('is never made with %s', async (_, change, text) => {
    const name = unique('unsafe');
    const error = await refusal(createStation(run, canonicalStation({ name, ...change }), nobody, forbidden));
    expect(error.code).toBe('MEMPHIS_UNSAFE_REQUEST');
    expect(error.message).toContain(text);
    expect(await observeStation(admin, name)).toBeUndefined();
    expect(await observeStation(admin, 'nowhere')).toBeUndefined();
  });

  it('never gets three replicas by an update on a single node', async () => {
    const declaration = await made();
    const after = canonicalStation({ ...declaration, replicas: 3 });
    const planned = await planStation(admin, await observeStation(admin, declaration.name), after, forbidden);
    expect(planned.refusals.map(({ error }) => error.code)).toEqual(['MEMPHIS_UNSAFE_REQUEST']);
    expect((await refusal(updateStation(run, after, forbidden))).code).toBe('MEMPHIS_UNSAFE_REQUEST');
    expect(await isAsDeclared(declaration)).toBe(true);
  });
});

describe('stations that an operation left half-way', () => {
  it('gets a partition back whose stream was lost, and keeps what its siblings hold', async () => {
    const declaration = await made({ partitionsNumber: 3, retentionValue: 500 });
    await publish(broker, declaration.name, 6, 3);
    await deleteStream(`${declaration.name}$2`);
    const damaged = await observeStation(admin, declaration.name);
    expect(damaged?.missingPartitions).toEqual([2]);
    expect(damaged === undefined || isIntact(damaged)).toBe(false);
    const repaired = await updateStation(run, canonicalStation(declaration), forbidden);
    expect(isIntact(repaired)).toBe(true);
    expect(stored(repaired).messages).toBe(4);
    await publish(broker, declaration.name, 3, 3);
    expect(await isAsDeclared(declaration)).toBe(true);
  });

  it('lets publishers in again after a destroy that died between freezing and counting', async () => {
    const declaration = await made({ partitionsNumber: 2 });
    const live = await observeStation(admin, declaration.name);
    if (live === undefined) throw new Error('the station is gone');
    await freeze(admin, live);
    await expect(publish(broker, declaration.name, 1)).rejects.toThrow('503');
    const frozen = await observeStation(admin, declaration.name);
    expect(frozen?.frozenPartitions).toEqual([1, 2]);
    const repaired = await updateStation(run, canonicalStation(declaration), forbidden);
    expect(isIntact(repaired)).toBe(true);
    await publish(broker, declaration.name, 2, 2);
  });

  it('is made anew when only its row is left, as of a memory station after a restart', async () => {
    const declaration = await made({ partitionsNumber: 2 });
    await deleteStream(`${declaration.name}$1`);
    await deleteStream(`${declaration.name}$2`);
    await createStation(run, canonicalStation({ ...declaration, retentionValue: 777 }), nobody, forbidden);
    expect(await isAsDeclared({ ...declaration, retentionValue: 777 })).toBe(true);
  });
});

describe('protection', () => {
  const locked = { allowMessageLoss: true, deletionProtection: true };

  it.each([
    ['destroyed', undefined],
    ['replaced', { partitionsNumber: 4 }],
  ])('a protected station is not %s, whatever else is permitted', async (_, change) => {
    const declaration = await made();
    const after = change === undefined ? undefined : canonicalStation({ ...declaration, ...change });
    const planned = await planStation(admin, await observeStation(admin, declaration.name), after, locked);
    expect(planned.refusals.map(({ error }) => error.code)).toEqual(['MEMPHIS_DELETION_PROTECTED']);
    expect(
      (await refusal(destroyStation(run, named(declaration.name), { permissions: locked, owner: '' }))).code,
    ).toBe('MEMPHIS_DELETION_PROTECTED');
    expect(await isAsDeclared(declaration)).toBe(true);
  });
});

describe('replacement', () => {
  it('puts back tags that nobody manages and the references of stations that send their dead letters here', async () => {
    const dead = await made({ tags: ['kept'] });
    const source = await made({ dlsStation: dead.name });
    await keepAttachments(run, dead.name, 'shop/s/dead');
    await destroyStation(run, named(dead.name), { permissions: forbidden, owner: '' });
    expect((await observeStation(admin, source.name))?.row.dlsStation).toBe('');
    await createStation(run, canonicalStation({ name: dead.name, partitionsNumber: 2 }), nobody, forbidden);
    // Another declaration has no part in it, and a second time there is nothing left to do.
    expect(await putBackAttachments(run, dead.name, 'another/s/dead', false)).toBe(false);
    expect(await putBackAttachments(run, dead.name, 'shop/s/dead', false)).toBe(true);
    expect(await putBackAttachments(run, dead.name, 'shop/s/dead', false)).toBe(false);
    expect((await observeStation(admin, source.name))?.row.dlsStation).toBe(dead.name);
    expect((await observeStation(admin, dead.name))?.row.tags).toContain('kept');
  });
});

describe('ownership', () => {
  const ours = { owner: 'shop/orders/orders', adoptExisting: false };
  const theirs = { owner: 'other/stack/orders', adoptExisting: false };

  it('goes on with a creation that died before Terraform recorded it, with the values declared now', async () => {
    const name = unique('own');
    await createStation(run, canonicalStation({ name }), ours, forbidden);
    await publish(broker, name, 2);
    await createStation(run, canonicalStation({ name, retentionValue: 9999 }), ours, forbidden);
    expect(await isAsDeclared({ name, retentionValue: 9999 })).toBe(true);
    expect(stored((await observeStation(admin, name)) ?? { streams: [] }).messages).toBe(2);
  });

  it('never touches what another declaration owns, also with permission to adopt', async () => {
    const name = unique('own');
    await createStation(run, canonicalStation({ name }), theirs, forbidden);
    for (const adoptExisting of [false, true]) {
      const claim = { ...ours, adoptExisting };
      const after = canonicalStation({ name, retentionValue: 9999 });
      const error = await refusal(createStation(run, after, claim, forbidden));
      expect(error.code).toBe('MEMPHIS_ALREADY_EXISTS');
      expect(error.message).toContain('belongs to other/stack/orders');
      const live = await observeStation(admin, name);
      if (live === undefined) throw new Error('the station is gone');
      expect(
        (await stationKind.plan(run, live, after, { permissions: forbidden, creation: claim })).refusals,
      ).toHaveLength(1);
    }
    expect(await isAsDeclared({ name })).toBe(true);
  });

  it('adopts what nobody owns, when told to, and shows what changes', async () => {
    const { name } = await made({ retentionValue: 500 });
    const after = canonicalStation({ name, retentionValue: 600 });
    const claim = { ...ours, adoptExisting: true };
    const live = await observeStation(admin, name);
    if (live === undefined) throw new Error('the station is gone');
    const planned = await stationKind.plan(run, live, after, { permissions: forbidden, creation: claim });
    expect(planned).toMatchObject({ continuation: 'adopted', refusals: [] });
    expect(planned.change.fields).toMatchObject([{ field: 'retentionValue', before: 500, after: 600 }]);
    await createStation(run, after, claim, forbidden);
    expect(await isAsDeclared({ name, retentionValue: 600 })).toBe(true);
    expect((await refusal(createStation(run, after, theirs, forbidden))).message).toContain(
      'belongs to shop/orders/orders',
    );
  });

  it('does not adopt what would have to be replaced', async () => {
    const { name } = await made({ partitionsNumber: 2 });
    const live = await observeStation(admin, name);
    if (live === undefined) throw new Error('the station is gone');
    const after = canonicalStation({ name, partitionsNumber: 3 });
    const planned = await stationKind.plan(run, live, after, {
      permissions: forbidden,
      creation: { ...ours, adoptExisting: true },
    });
    expect(planned.refusals.map(({ error }) => error.message).join()).toContain('partitionsNumber');
  });

  it('a record of a station that was removed by hand says nothing about one that somebody else made', async () => {
    const name = unique('own');
    await createStation(run, canonicalStation({ name }), ours, forbidden);
    await admin.removeStation(name);
    await made({ name });
    expect((await refusal(createStation(run, canonicalStation({ name }), ours, forbidden))).code).toBe(
      'MEMPHIS_ALREADY_EXISTS',
    );
  });

  it('the broker has one identity, whoever asks first', async () => {
    const others = await Promise.all(
      [1, 2, 3].map(() => connectAdmin(resolveConnection({}, broker.environment()))),
    );
    const ids = await Promise.all([admin, ...others].map((each) => each.ledger.brokerId()));
    expect(new Set(ids).size).toBe(1);
    await Promise.all(others.map((each) => each.close()));
  });
});

const row = async (name: string) => (await admin.listStations()).find((each) => each.name === name);

describe('schemas', () => {
  const text = (type: string): string => JSON.stringify({ type: 'object', properties: { id: { type } } });

  it('is made, updated by a new active version, and goes back to an old version without a third one', async () => {
    const schema = {
      name: unique('sch'),
      type: 'json' as const,
      content: text('string'),
      messageStructName: '',
    };
    await createSchema(run, schema, nobody);
    expect(
      (await updateSchema(run, { ...schema, content: text('number') })).activeVersion.versionNumber,
    ).toBe(2);
    const back = await updateSchema(run, {
      ...schema,
      content: JSON.stringify(JSON.parse(schema.content), null, 2),
    });
    expect(back.activeVersion.versionNumber).toBe(1);
    expect((await admin.readSchema(schema.name))?.versions).toHaveLength(2);
  });

  it('is not made where one of that name exists', async () => {
    const schema = {
      name: unique('sch'),
      type: 'json' as const,
      content: text('string'),
      messageStructName: '',
    };
    await createSchema(run, schema, nobody);
    const error = await refusal(createSchema(run, { ...schema, content: text('number') }, nobody));
    expect(error.code).toBe('MEMPHIS_ALREADY_EXISTS');
    expect((await observeSchema(admin, schema.name))?.activeVersion.content).toBe(schema.content);
  });

  it('shows the words of the broker when it refuses a content', async () => {
    const error = await refusal(
      createSchema(
        run,
        { name: unique('sch'), type: 'json', content: '{"type": 7}', messageStructName: '' },
        nobody,
      ),
    );
    expect(error.code).toBe('MEMPHIS_REFUSED');
    expect(error.message).toContain('your json schema is invalid');
  });

  it('is enforced, kept while it is, and removed after', async () => {
    const schema = {
      name: unique('sch'),
      type: 'json' as const,
      content: text('string'),
      messageStructName: '',
    };
    const other = { ...schema, name: unique('sch') };
    await createSchema(run, schema, nobody);
    await createSchema(run, other, nobody);
    const { name: stationName } = await made();
    await createEnforcement(run, { stationName, schemaName: schema.name }, nobody);
    expect((await row(stationName))?.schemaName).toBe(schema.name);
    expect((await refusal(destroySchema(run, schema.name, { owner: '' }))).message).toContain(
      `enforced on "${stationName}"`,
    );
    const over = await refusal(createEnforcement(run, { stationName, schemaName: other.name }, nobody));
    expect(over.code).toBe('MEMPHIS_ALREADY_EXISTS');
    await updateEnforcement(run, { stationName, schemaName: other.name }, nobody);
    expect((await row(stationName))?.schemaName).toBe(other.name);
    await destroyEnforcement(run, { stationName, schemaName: schema.name }, { owner: '' });
    expect((await row(stationName))?.schemaName).toBe(other.name);
    await destroyEnforcement(run, { stationName, schemaName: other.name }, { owner: '' });
    expect((await row(stationName))?.schemaName).toBe('');
    await destroySchema(run, schema.name, { owner: '' });
    await destroySchema(run, schema.name, { owner: '' });
    expect(await observeSchema(admin, schema.name)).toBeUndefined();
  });

  it.each([
    ['schema', 'nope', undefined],
    ['station', undefined, 'nope'],
  ])('an enforcement of a %s that is not there is an error', async (kind, schemaName, stationName) => {
    const schema = {
      name: unique('sch'),
      type: 'json' as const,
      content: text('string'),
      messageStructName: '',
    };
    await createSchema(run, schema, nobody);
    const station = await made();
    const error = await refusal(
      createEnforcement(
        run,
        {
          stationName: stationName ?? station.name,
          schemaName: schemaName ?? schema.name,
        },
        nobody,
      ),
    );
    expect(error.code).toBe('MEMPHIS_NOT_FOUND');
    expect(error.message).toContain(`no ${kind} "nope"`);
  });
});
