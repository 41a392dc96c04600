import { resolveConnection } from '../../../src/model/connection';
import { canonicalStation } from '../../../src/model/station';
import type { Admin } from '../../../src/runtime/admin';
import { connectAdmin } from '../../../src/runtime/admin';
import { LocalBroker } from '../../../src/runtime/broker';
import { Run, stationKind } from '../../../src/runtime/reconcile';

/** What is attached to a station that is replaced, and changes while it is away. */
let broker: LocalBroker;
let admin: Admin;
const claim = { owner: 'shop/orders/x', adoptExisting: false };
const permissions = { allowMessageLoss: false };

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory', log: () => undefined });
  admin = await connectAdmin(resolveConnection({}, broker.environment()));
});
afterAll(async () => {
  await admin.close();
  await broker.stop();
});

describe.each([
  ['the same run', false],
  ['the run after an interrupted one', true],
])('%s', (_, isInterrupted) => {
  const suffix = isInterrupted ? '-later' : '';
  const target = canonicalStation({ name: `letters${suffix}` });
  const replaced = { ...target, partitionsNumber: 2 };
  const source = (name: string, dlsStation: string) => canonicalStation({ name: name + suffix, dlsStation });
  const create = (run: Run, station: ReturnType<typeof canonicalStation>) =>
    stationKind.create(run, station, claim, permissions);

  it('puts dead-letter references back, but not those that are declared otherwise by now', async () => {
    const first = new Run(admin);
    for (const station of [
      target,
      source('keeps', target.name),
      source('leaves', target.name),
      source('moves', target.name),
    ])
      await create(first, station);
    await create(first, source('others', ''));
    const replacing = new Run(admin);
    await stationKind.destroy(replacing, target, { permissions, owner: claim.owner, isReplacement: true });
    for (const station of [source('leaves', ''), source('moves', `others${suffix}`)])
      await stationKind.update(replacing, station, claim, permissions);
    await create(isInterrupted ? new Run(admin) : replacing, replaced);
    const rows = await admin.listStations();
    const found = ['keeps', 'leaves', 'moves'].map((name) => rows.find((row) => row.name === name + suffix));
    expect(found.map((row) => row?.dlsStation)).toEqual([target.name, '', `others${suffix}`]);
    expect(await admin.ledger.list('replacement')).toEqual(new Map());
  });

  it('forgets a replacement that nothing is left to put back of', async () => {
    const again = new Run(admin);
    await stationKind.destroy(again, replaced, { permissions, owner: claim.owner, isReplacement: true });
    expect([...(await admin.ledger.list('replacement')).keys()]).toEqual([target.name]);
    const run = isInterrupted ? new Run(admin) : again;
    await stationKind.update(run, source('keeps', ''), claim, permissions);
    expect(await admin.ledger.list('replacement')).toEqual(new Map());
    await create(run, replaced);
    expect((await admin.readStation(`keeps${suffix}`))?.dlsStation).toBe('');
  });
});
