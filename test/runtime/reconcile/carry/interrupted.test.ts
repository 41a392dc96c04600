import { ConnectionError } from '../../../../src/model/errors';
import type { StationDeclaration } from '../../../../src/model/station';
import { canonicalStation } from '../../../../src/model/station';
import { Storage } from '../../../../src/model/storage';
import type { Admin, Ledger } from '../../../../src/runtime/admin';
import type { LiveStation } from '../../../../src/runtime/reconcile';
import { Run, enforcementKind, isIntact, schemaKind, stationKind } from '../../../../src/runtime/reconcile';
import { CarryBroker, claim } from './carried-station';

const broker = CarryBroker.forThisFile();
const forbidden = { allowMessageLoss: false };

/**
 * The port of a run that loses its broker with the first call of that name: it, and whatever the run tries then, fails.
 * @param isHeard true when the broker does what that call asks for
 */
function losingIt(call: keyof Admin, isHeard = false): Admin {
  let isLost = false;
  const losing = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...args: readonly unknown[]): unknown => {
          const gone = new ConnectionError({ attempted: 'go on', found: 'the broker is gone' });
          const isFirst = !isLost && name === call;
          isLost ||= isFirst;
          if (!isLost) return Reflect.apply(value, target, args);
          if (!isFirst || !isHeard) return Promise.reject(gone);
          return Promise.resolve(Reflect.apply(value, target, args)).then(() => Promise.reject(gone));
        };
      },
    });
  return losing({ ...broker.admin, ledger: losing<Ledger>(broker.admin.ledger) });
}

function carried(
  after: StationDeclaration,
  uid?: string,
  admin = broker.admin,
  owner = claim,
): Promise<LiveStation> {
  const permissions = { ...forbidden, carry: { from: after.name } };
  return stationKind.update(new Run(admin), canonicalStation(after), owner, permissions, uid);
}

const TEN = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const inMemory = { storageType: Storage.MEMORY } as const;

/** A station on disk whose way into memory ends with the first call of that name. */
async function interrupted(name: string, call: keyof Admin): Promise<string> {
  const uid = await broker.filled({ name }, 10);
  await expect(carried({ name, ...inMemory }, uid, losingIt(call))).rejects.toThrow('the broker is gone');
  return uid;
}

const told = (name: string): Promise<string | undefined> | undefined =>
  stationKind.interrupted?.(new Run(broker.admin), name);

async function expectWhole(name: string, live?: LiveStation): Promise<void> {
  const now = live ?? (await stationKind.read(new Run(broker.admin), name));
  expect(now !== undefined && isIntact(now)).toBe(true);
  expect(await broker.numbers(name, 1)).toEqual(TEN);
  expect(await broker.leftovers()).toEqual([]);
}

test('plans say how far it has come, and the next run with a lost state resumes it', async () => {
  await interrupted('lost', 'createStation');
  expect(await told('lost')).toContain('The messages are in copies on the broker');
  const run = new Run(broker.admin);
  const live = await stationKind.create(
    run,
    canonicalStation({ name: 'lost', ...inMemory }),
    claim,
    forbidden,
  );
  expect(live.streams[0]?.config.storage).toBe('memory');
  await expectWhole('lost', live);
  expect(await told('lost')).toBeUndefined();
});

test.each([true, false])(
  'the record of an enforcement follows the station (the schema is still there: %s)',
  async (isThere) => {
    const { admin } = broker;
    const name = isThere ? 'enforced' : 'enforced-once';
    const content = '{"type":"object"}';
    await admin.createSchema(schemaKind.canonical({ name, type: 'json', content }));
    const uid = await broker.filled({ name }, 10);
    const run = new Run(admin);
    await enforcementKind.create(run, { stationName: name, schemaName: name }, claim, forbidden);
    const losing = losingIt(isThere ? 'attachSchema' : 'createStation', true);
    await expect(carried({ name, ...inMemory }, uid, losing)).rejects.toThrow('the broker is gone');
    if (!isThere) await admin.removeSchema(name);
    const live = await carried({ name, ...inMemory }, uid);
    await expectWhole(name, live);
    const record = { owner: claim.owner, state: 'complete', uid: stationKind.uidOf(live) };
    expect(await admin.ledger.read('enforcement', name)).toEqual(isThere ? record : undefined);
  },
);

test('while it copies, the old station is complete; the next run opens it and starts over', async () => {
  const uid = await interrupted('copying', 'countBySubject');
  expect(await told('copying')).toContain('The old station is complete');
  await expect(broker.publish('copying', 1, '10')).rejects.toThrow('503');
  await expectWhole('copying', await carried({ name: 'copying' }, uid));
});

test('a declaration that was taken back gets its messages back', async () => {
  const uid = await interrupted('regretted', 'createStation');
  const live = await carried({ name: 'regretted' }, uid);
  expect(live.streams[0]?.config.storage).toBe('file');
  await expectWhole('regretted', live);
});

test('a destroy finishes it first, and is refused because of the messages', async () => {
  const uid = await interrupted('destroyed', 'createStation');
  const removal = { permissions: forbidden, owner: claim.owner, uid };
  const destroyed = stationKind.destroy(
    new Run(broker.admin),
    canonicalStation({ name: 'destroyed' }),
    removal,
  );
  await expect(destroyed).rejects.toMatchObject({ code: 'MEMPHIS_MESSAGE_LOSS' });
  await expectWhole('destroyed');
});

test('another declaration is refused, and told whose it is', async () => {
  const uid = await interrupted('theirs', 'createStation');
  const stranger = { owner: 'other/stack/orders', adoptExisting: true, formerOwner: 'other/stack/orders' };
  await expect(carried({ name: 'theirs', ...inMemory }, uid, broker.admin, stranger)).rejects.toMatchObject({
    code: 'MEMPHIS_ALREADY_EXISTS',
    found: expect.stringContaining(claim.owner) as string,
  });
  await expectWhole('theirs', await carried({ name: 'theirs', ...inMemory }, uid));
});

test('a station that took messages after it was copied is copied again', async () => {
  const uid = await interrupted('opened', 'removeStation');
  const config = (await broker.admin.readStream('opened$1'))?.config;
  if (config === undefined) throw new Error('no stream');
  await broker.admin.updateStream({ ...config, subjects: ['opened$1.>'] });
  await broker.publish('opened', 1, '10');
  await carried({ name: 'opened', ...inMemory }, uid);
  expect(await broker.numbers('opened', 1)).toEqual([...TEN, 10]);
  expect(await broker.leftovers()).toEqual([]);
});

test('the broker dies by kill -9, too, while the messages are copied and while they are in copies alone', async () => {
  const copying = await interrupted('dies-copying', 'countBySubject');
  const copied = await interrupted('dies-copied', 'createStation');
  await broker.killed();
  expect(await told('dies-copying')).toContain('The old station is complete');
  expect(await told('dies-copied')).toContain('The messages are in copies');
  await carried({ name: 'dies-copying', ...inMemory }, copying);
  await carried({ name: 'dies-copied', ...inMemory }, copied);
  await expectWhole('dies-copying');
  await expectWhole('dies-copied');
});

test.each([
  ['copied by streams', inMemory],
  ['from snapshots', { partitionsNumber: 2 }],
])(
  'publishers at work, %s: whatever is acknowledged is stored once, the rest fails',
  async (label, after) => {
    const name = `busy-${label.replaceAll(' ', '-')}`;
    const uid = await broker.filled({ name }, 10);
    const acknowledged = new Set<number>(TEN);
    let failed = 0;
    let next = 10;
    let isOver = false;
    const publisher = async (): Promise<void> => {
      while (!isOver) {
        const number = (next += 1);
        try {
          await broker.publish(name, 1, String(number));
          acknowledged.add(number);
        } catch {
          failed += 1;
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      }
    };
    const publishers = [publisher(), publisher(), publisher()];
    await carried({ name, ...after }, uid);
    isOver = true;
    await Promise.all(publishers);
    const stored = await broker.numbers(name, 1);
    expect(failed).toBeGreaterThan(0);
    expect([...acknowledged].filter((number) => !stored.includes(number))).toEqual([]);
    expect(new Set(stored).size).toBe(stored.length);
  },
);

test('a run that nobody waits for any more stops before its next step, and the next one takes it back and carries', async () => {
  const uid = await broker.filled({ name: 'abandoned' }, 10);
  const ended = new AbortController();
  const admin: Admin = {
    ...broker.admin,
    // Terraform is killed while the partition is frozen.
    updateStream(config) {
      ended.abort();
      return broker.admin.updateStream(config);
    },
  };
  const permissions = { ...forbidden, carry: { from: 'abandoned' } };
  const after = canonicalStation({ name: 'abandoned', ...inMemory });
  const run = new Run(admin, { abandoned: ended.signal });
  await expect(stationKind.update(run, after, claim, permissions, uid)).rejects.toThrow(
    'Terraform ended before',
  );
  expect(String((await broker.admin.readStation('abandoned'))?.id)).toBe(uid);
  expect(await told('abandoned')).toContain('The old station is complete');
  await expectWhole('abandoned', await carried({ name: 'abandoned', ...inMemory }, uid));
});
