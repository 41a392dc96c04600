import { partitionStream } from '../../src/model/names';
import { Deployment } from '../support/deployment';
import { acknowledge, publish } from '../support/publish';
import type { Attributes } from '../support/stack';

const deployment = Deployment.forThisFile({});

/** A station with everything that hangs on it: a schema, tags that nobody declares, and a station that sends it dead letters. */
function orders(station: Attributes) {
  return {
    stations: {
      orders: {
        name: 'orders',
        owner: 'shop/s/orders',
        partitions_number: 2,
        on_replace: 'carryMessages',
        ...station,
      },
      source: { name: 'source', owner: 'shop/s/source', dls_station: '${memphis_station.orders.name}' },
    },
    schemas: { order: { name: 'order', type: 'json', content: '{"type":"object"}' } },
    enforcements: {
      orders: {
        owner: 'shop/s/enforcement',
        station_name: '${memphis_station.orders.name}',
        station_uid: '${memphis_station.orders.uid}',
        schema_name: '${memphis_schema.order.name}',
        schema_uid: '${memphis_schema.order.uid}',
      },
    },
  };
}

async function rows() {
  return new Map((await deployment.admin.listStations()).map((row) => [row.name, row]));
}

test('partitions, storage and name change in one apply each, and all messages stay', async () => {
  const { admin, broker } = deployment;
  const stack = deployment.stack();
  stack.declare(orders({}));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  await admin.addStationTags('orders', ['by-hand']);
  await publish(broker, 'orders', 10, 2);
  await acknowledge(broker, 'orders', 2);

  stack.declare(orders({ partitions_number: 3 }));
  const more = await stack.plan();
  expect(more.errors).toEqual([]);
  expect(await stack.changes()).toMatchObject({
    'memphis_station.orders': {
      actions: ['update'],
      attributes: { partitions_number: [2, 3], uid: expect.anything() as unknown },
    },
  });
  expect(more.warnings.join('\n')).toContain('Consumer group "group" keeps its position');
  expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
  expect(await stack.plan()).toMatchObject({ code: 0, warnings: [] });
  expect((await rows()).get('orders')).toMatchObject({ schemaName: 'order', tags: ['by-hand', 'default'] });
  expect((await rows()).get('source')).toMatchObject({ dlsStation: 'orders' });
  expect(await deployment.messages('orders')).toBe(10);

  stack.declare(orders({ partitions_number: 1, storage_type: 'memory' }));
  const fewer = await stack.plan();
  for (const part of [
    '10 messages',
    'reads all 10 messages again',
    'partitions changes from 3 to 1',
    'order',
  ])
    expect(fewer.warnings.join('\n')).toContain(part);
  expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
  expect(await stack.plan()).toMatchObject({ code: 0, warnings: [] });
  expect(await deployment.messages('orders')).toBe(10);

  stack.declare(
    orders({ name: 'purchases', move_from: 'orders', partitions_number: 1, storage_type: 'memory' }),
  );
  expect(await stack.plan()).toMatchObject({ errors: [] });
  expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
  expect(await stack.plan()).toMatchObject({ code: 0, warnings: [] });
  expect(await deployment.messages('orders')).toBe(-1);
  expect(await deployment.messages('purchases')).toBe(10);
  expect((await rows()).get('purchases')).toMatchObject({
    schemaName: 'order',
    tags: ['by-hand', 'default'],
  });
  expect((await rows()).get('source')).toMatchObject({ dlsStation: 'purchases' });
  expect((await admin.countBySubject(partitionStream('purchases', 1))).get('purchases$1.final')).toBe(10);
  await admin.ledger.list('replacement').then((left) => expect([...left]).toEqual([]));
});

test('a run that breaks off after the removal: every plan says so, and the next apply finishes it', async () => {
  const { admin, broker, proxy } = deployment;
  const stack = deployment.stack();
  const declare = (station: Attributes): void =>
    stack.declare({
      stations: { sales: { name: 'sales', owner: 'shop/s/sales', on_replace: 'carryMessages', ...station } },
    });
  declare({});
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  await publish(broker, 'sales', 7);
  declare({ storage_type: 'memory' });
  proxy.lose('/stations/createStation');
  expect(await stack.apply()).toMatchObject({ code: 1 });
  expect(await admin.readStation('sales')).toBeUndefined();
  const plan = await stack.plan();
  expect(plan).toMatchObject({ code: 2, errors: [] });
  expect(plan.warnings.join('\n')).toContain('Station "sales" is only partly replaced');
  expect((await stack.changes())['memphis_station.sales']).toMatchObject({
    actions: ['update'],
    attributes: { intact: [false, true], storage_type: ['file', 'memory'] },
  });
  // The same where the state was lost.
  await stack.terraform.run(['state', 'rm', 'memphis_station.sales']);
  expect((await stack.plan()).warnings.join('\n')).toContain('Station "sales" is only partly replaced');
  expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
  expect(await stack.plan()).toMatchObject({ code: 0, warnings: [] });
  expect(await deployment.messages('sales')).toBe(7);
});
