import { resolveConnection } from '../../../src/model/connection';
import { canonicalStation } from '../../../src/model/station';
import type { Admin } from '../../../src/runtime/admin';
import { connectAdmin } from '../../../src/runtime/admin';
import { inParallel } from '../../../src/runtime/admin/batch';
import { LocalBroker } from '../../../src/runtime/broker';
import { takeInventory } from '../../../src/runtime/inventory';
import { Run, stationKind } from '../../../src/runtime/reconcile';

/**
 * A broker lists its newest 5,000 stations. Here it lists ten, as if it held that many: what a report does about those
 * that are missing depends on no number.
 */
const LISTED = 10;

let broker: LocalBroker;
let admin: Admin;

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
  admin = await connectAdmin(resolveConnection({}, broker.environment()));
  await admin.createSchema({ name: 'order', type: 'json', content: '{}', messageStructName: '' });
  const numbers = [...Array(15).keys()];
  await inParallel(numbers, (number) =>
    admin.createStation(canonicalStation({ name: `s.${number}`, partitionsNumber: 1 + (number % 2) })),
  );
  await admin.attachSchema('s.3', 'order');
  await admin.attachSchema('s.14', 'order');
});

afterAll(async () => {
  await admin.close();
  await broker.stop();
});

test('stations beyond the list are read by name, with the schema that they enforce', async () => {
  const whole = await takeInventory(admin);
  const rows = (await admin.listNewestStations()).rows.slice(0, LISTED);
  const cut: Admin = { ...admin, listNewestStations: () => Promise.resolve({ rows, isComplete: false }) };
  const found = await takeInventory(cut);
  expect(found.stations.map(({ name }) => name)).toEqual(whole.stations.map(({ name }) => name));
  expect(found.stations.map(({ settings }) => settings)).toEqual(
    whole.stations.map(({ settings }) => settings),
  );
  expect(found.schemas).toEqual(whole.schemas);
});

test('a plan and an apply find stations beyond the list, too', async () => {
  const rows = (await admin.listNewestStations()).rows.slice(0, LISTED);
  const cut: Admin = { ...admin, listNewestStations: () => Promise.resolve({ rows, isComplete: false }) };
  const unlisted = [...Array(15).keys()].map((number) => `s.${number}`);
  const run = new Run(cut);
  for (const name of unlisted) {
    const live = await stationKind.find(run, { name });
    expect(live).toMatchObject({ row: { name }, missingPartitions: [] });
  }
  expect(await run.links.schemaOf('s.3')).toBe('order');
  expect(await run.links.schemaOf('s.14')).toBe('order');
  const unreadable: Admin = { ...cut, readStation: () => Promise.reject(new Error('no answer')) };
  await expect(new Run(unreadable).snapshot()).rejects.toThrow('no answer');
});
