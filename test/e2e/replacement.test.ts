import { Storage } from '../../src/model/storage';
import { Deployment } from '../support/deployment';
import { publish } from '../support/publish';
import type { Attributes } from '../support/stack';

const deployment = Deployment.forThisFile();

const schema = {
  name: 'order',
  type: 'json',
  content: JSON.stringify({ type: 'object', properties: { id: { type: 'string' } } }),
};

/** A station with everything that hangs on it: a schema, tags nobody declares, and stations that send it dead letters. */
function orders(station: Attributes) {
  return {
    stations: {
      orders: { name: 'orders', owner: 'shop/s/orders', partitions_number: 3, ...station },
      source: { name: 'source', owner: 'shop/s/source', dls_station: '${memphis_station.orders.name}' },
    },
    schemas: { order: schema },
    enforcements: {
      orders: {
        station_name: '${memphis_station.orders.name}',
        station_uid: '${memphis_station.orders.uid}',
        schema_name: '${memphis_schema.order.name}',
        schema_uid: '${memphis_schema.order.uid}',
      },
    },
  };
}

const row = async (name: string) =>
  (await deployment.admin.listStations()).find((station) => station.name === name);

test('every field that makes a new station is refused while messages are stored, with the reason', async () => {
  const changes: Readonly<Record<string, readonly [Attributes, why: string]>> = {
    parts: [{ partitions_number: 5 }, 'Memphis cannot change the number of partitions'],
    medium: [{ storage_type: Storage.MEMORY }, 'Memphis cannot move a station between disk and memory'],
    called: [{ name: 'otherwise' }, 'Memphis cannot rename a station'],
  };
  const stack = deployment.stack();
  const declare = (change: (name: string) => Attributes): void =>
    stack.declare({
      stations: Object.fromEntries(
        Object.keys(changes).map((name) => [name, { name, partitions_number: 3, ...change(name) }]),
      ),
    });
  declare(() => ({}));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  for (const name of Object.keys(changes)) await publish(deployment.broker, name, 4, 3);
  const before = await deployment.everything();
  declare((name) => changes[name]?.[0] ?? {});
  const run = await stack.apply();
  expect(run.code).toBe(1);
  expect(run.errors).toHaveLength(Object.keys(changes).length);
  for (const [name, [, why]] of Object.entries(changes)) {
    const error = run.errors.find((each) => each.includes(`replace station "${name}"`));
    for (const part of [
      '4 messages',
      why,
      'nothing was changed',
      'allowMessageLoss: true',
      'MEMPHIS_MESSAGE_LOSS',
    ])
      expect(error).toContain(part);
  }
  expect(await deployment.everything()).toEqual(before);
});

test('a station is replaced only with permission or when it is empty, and what hung on it hangs on the new one', async () => {
  const { admin, broker } = deployment;
  const stack = deployment.stack();
  stack.declare(orders({}));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  // A station of somebody else, and a tag that no declaration names.
  const theirs = deployment.stack();
  theirs.declare({ stations: { theirs: { name: 'theirs', dls_station: 'orders' } } });
  expect(await theirs.apply()).toMatchObject({ code: 0, errors: [] });
  await admin.addStationTags('orders', ['by-hand']);
  await publish(broker, 'orders', 7, 3);
  const before = await deployment.everything();

  stack.declare(orders({ partitions_number: 5 }));
  const refused = await stack.apply();
  expect(refused.code).toBe(1);
  expect(refused.errors).toHaveLength(1);
  for (const part of [
    'replace station "orders"',
    '7 messages',
    'nothing was changed',
    'MEMPHIS_MESSAGE_LOSS',
  ])
    expect(refused.errors[0]).toContain(part);
  expect(await deployment.everything()).toEqual(before);

  // With permission: the flag of the new configuration counts, no deploy before is needed.
  stack.declare(orders({ partitions_number: 5, allow_message_loss: true }));
  const planned = await stack.plan();
  expect(planned).toMatchObject({ code: 2, errors: [] });
  expect(planned.warnings.join()).toContain('7 messages');
  const changes = await stack.changes();
  expect(changes['memphis_station.orders']?.actions).toEqual(['delete', 'create']);
  expect(changes['memphis_schema_enforcement.orders']?.actions).toEqual(['update']);
  expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
  expect(await row('orders')).toMatchObject({
    partitions: [1, 2, 3, 4, 5],
    schemaName: 'order',
    tags: expect.arrayContaining(['by-hand']) as string[],
  });
  expect((await row('source'))?.dlsStation).toBe('orders');
  expect((await row('theirs'))?.dlsStation).toBe('orders');
  expect((await stack.plan()).code).toBe(0);
  expect((await theirs.plan()).code).toBe(0);
  expect((await admin.ledger.read('station', 'orders'))?.owner).toBe('shop/s/orders');

  // Empty now: no permission is needed, and it is gone from the declaration again.
  stack.declare(orders({ partitions_number: 2, storage_type: Storage.MEMORY }));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await row('orders')).toMatchObject({ partitions: [1, 2], schemaName: 'order' });
  expect((await row('source'))?.dlsStation).toBe('orders');
  expect((await stack.plan()).code).toBe(0);

  // A new name is a new station; the dead letters of the stack go to it.
  stack.declare(orders({ name: 'renamed' }));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await row('orders')).toBeUndefined();
  expect((await row('renamed'))?.schemaName).toBe('order');
  expect((await row('source'))?.dlsStation).toBe('renamed');
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
});

describe('create before destroy', () => {
  const station = { name: 'before', owner: 'shop/s/before' };
  const early = { ...station, allow_message_loss: true, lifecycle: { create_before_destroy: true } };

  it('replaces like any other replacement, and does nothing where no field changes: a name is there once', async () => {
    const stack = deployment.stack();
    stack.declare({ stations: { s: station } });
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    await publish(deployment.broker, 'before', 4);

    // A changed field: what the plan of any replacement says counts here, too.
    stack.declare({ stations: { s: { ...early, allow_message_loss: false, partitions_number: 2 } } });
    const refused = await stack.plan();
    expect(refused.code).toBe(1);
    expect(refused.errors.join()).toContain('4 messages');
    expect(await deployment.messages('before')).toBe(4);
    stack.declare({ stations: { s: { ...early, partitions_number: 2 } } });
    const changed = await stack.apply();
    expect(changed).toMatchObject({ code: 0, errors: [] });
    const said = changed.warnings.join('\n');
    expect(said).toContain('4 messages');
    expect(said).toContain('"before" exists and is replaced');
    expect(said).toContain('partitionsNumber changes');
    expect(said).not.toMatch(/stays on the broker|in place, and its messages stay/);
    expect(await row('before')).toMatchObject({ partitions: [1, 2] });
    expect((await stack.plan()).code).toBe(0);
    await publish(deployment.broker, 'before', 4);

    // No changed field: the new object is the old station. Terraform would keep the old one as a leftover of an error,
    // and destroy it in the next run; so it is a warning.
    const { uid } = (await stack.terraform.show())['memphis_station.s'] ?? {};
    const forced = await stack.apply('-replace=memphis_station.s');
    expect(forced).toMatchObject({ code: 0, errors: [] });
    expect(forced.warnings.join()).toContain('take that away: a name is there once');
    expect(await deployment.messages('before')).toBe(4);

    expect((await stack.plan()).code).toBe(0);
    expect(await stack.terraform.show()).toMatchObject({ 'memphis_station.s': { uid } });
  });
});

test('a forced replacement of a station that holds messages is refused, and so is that of a tainted one', async () => {
  const stack = deployment.stack();
  const station = { name: 'forced', owner: 'shop/s/forced' };
  stack.declare({ stations: { s: station } });
  expect((await stack.apply()).code).toBe(0);
  await publish(deployment.broker, 'forced', 3);
  const before = await deployment.everything();
  const forced = await stack.apply('-replace=memphis_station.s');
  expect(forced.code).toBe(1);
  expect(forced.errors.join()).toContain('3 messages');
  expect((await stack.terraform.run(['taint', 'memphis_station.s'])).code).toBe(0);
  const tainted = await stack.apply();
  expect(tainted.code).toBe(1);
  expect(tainted.errors.join()).toContain('3 messages');
  expect(await deployment.everything()).toEqual(before);
  // With permission both go through; the new station is empty.
  stack.declare({ stations: { s: { ...station, allow_message_loss: true } } });
  expect((await stack.terraform.run(['untaint', 'memphis_station.s'])).code).toBe(0);
  expect(await stack.apply('-replace=memphis_station.s')).toMatchObject({ code: 0, errors: [] });
  expect(await deployment.messages('forced')).toBe(0);
  expect((await stack.plan()).code).toBe(0);
});
