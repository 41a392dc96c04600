import { resolveConnection } from '../../../../src/model/connection';
import { canonicalStation } from '../../../../src/model/station';
import type { Admin } from '../../../../src/runtime/admin';
import { connectAdmin } from '../../../../src/runtime/admin';
import { LocalBroker } from '../../../../src/runtime/broker';
import { Run } from '../../../../src/runtime/reconcile';
import { standIn, standInName } from '../../../../src/runtime/reconcile/schema/handover';
import { observeSchema } from '../../../../src/runtime/reconcile/schema/live';

let broker: LocalBroker;
let admin: Admin;

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory', log: () => undefined });
  admin = await connectAdmin(resolveConnection({}, broker.environment()));
  const content = '{"type":"object"}';
  await admin.createSchema({ name: 'order', type: 'json', content, messageStructName: '' });
});
afterAll(async () => {
  await admin.close();
  await broker.stop();
});

// The run that replaces a schema replaces stations of it at the same time.
test.each([
  ['is there again is protected, too', true],
  ['is gone needs no protection', false],
])('a station that goes while its schema is replaced and %s', async (_, isRecreated) => {
  const station = canonicalStation({ name: isRecreated ? 'recreated' : 'gone' });
  await admin.createStation(station);
  await admin.attachSchema(station.name, 'order');
  const schema = await observeSchema(admin, 'order');
  let attempts = 0;
  const racing: Admin = {
    ...admin,
    attachSchema: async (name, wanted) => {
      attempts += 1;
      if (attempts > 1) return admin.attachSchema(name, wanted);
      await admin.removeStation(name);
      const answer = admin.attachSchema(name, wanted);
      await expect(answer).rejects.toThrow('does not exist');
      if (isRecreated) await admin.createStation(station);
      return answer;
    },
  };
  expect(schema).toBeDefined();
  if (schema !== undefined) await standIn(new Run(racing), schema, 'shop/orders/order');
  const names = (await admin.listStations()).filter((row) => row.name === station.name);
  expect(names.map(({ schemaName }) => schemaName)).toEqual(isRecreated ? [standInName('order')] : []);
});
