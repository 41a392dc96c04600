import { LocalBroker } from '../../src/runtime/broker';
import { freeze } from '../../src/runtime/reconcile/station/freeze';
import { observeStation } from '../../src/runtime/reconcile';
import { Deployment } from '../support/deployment';
import { publish } from '../support/publish';

const deployment = Deployment.forThisFile();

const station = { name: 'orders', owner: 'shop/orders/orders', retention_value: 7200 };
const schema = { name: 'order', type: 'json', content: '{"type":"object"}', owner: 'shop/orders/order' };
const declared = {
  stations: { orders: station, payments: { ...station, name: 'payments' } },
  schemas: { order: schema },
  enforcements: {
    orders: { station_name: 'orders', schema_name: 'order', owner: 'shop/orders/enforcement' },
  },
};

test('a state is not used against another broker: one error with both names, nothing is planned as gone', async () => {
  const stack = deployment.stack();
  stack.declare({ ...declared, enforcements: {} });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });

  let other = await LocalBroker.start({ store: 'memory' });
  try {
    const moved = deployment.stackIn(stack.directory, other.environment());
    const refused = await moved.plan();
    expect(refused.code).toBe(1);
    expect(refused.errors).toHaveLength(1);
    expect(refused.errors[0]).toContain(`${deployment.broker.host}:${deployment.broker.port}`);
    expect(refused.errors[0]).toContain(`${other.host}:${other.port}`);
    expect(refused.errors[0]).toContain('MEMPHIS_BROKER_MISMATCH');

    // With permission the objects are made on the new broker, and those on the old one stay.
    moved.declare({ ...declared, enforcements: {}, provider: { allow_broker_change: true } });
    expect(await moved.apply()).toMatchObject({ code: 0, errors: [] });
    expect(await deployment.messages('orders')).toBe(0);
    // From then on the state belongs to the new broker, without the permission.
    moved.declare({ ...declared, enforcements: {} });
    expect(await moved.plan()).toMatchObject({ code: 0, errors: [] });
    expect((await stack.plan()).errors.join()).toContain('MEMPHIS_BROKER_MISMATCH');

    // The same address with nothing on it is no other broker, but one that has lost its data.
    await other.stop();
    other = await LocalBroker.start({ store: 'memory', port: other.port, restPort: other.restPort });
    const [lost, ...more] = (await moved.plan()).errors;
    expect(more).toEqual([]);
    expect(lost).toContain(`The broker at ${other.host}:${other.port} no longer has what was deployed on it`);
    expect(lost?.replace(/\s+/g, ' ')).toContain(
      'set allowBrokerChange: true on MemphisProvider: the next deploy creates everything again. A local broker keeps its data across restarts with cdktf-memphis broker start --store FOLDER.',
    );
  } finally {
    await other.stop();
  }
});

test('planning writes nothing to a broker that nothing was deployed on', async () => {
  const fresh = await LocalBroker.start({ store: 'memory' });
  try {
    const stack = deployment.stack(fresh.environment());
    stack.declare(declared);
    expect((await stack.plan()).code).toBe(1);
    stack.declare({ stations: { orders: station } });
    expect((await stack.plan()).code).toBe(2);
    const { admin, close } = await deployment.adminOf(fresh);
    expect(await admin.ledger.brokerId()).toBeUndefined();
    await close();
  } finally {
    await fresh.stop();
  }
});

test('deletionProtection holds until its removal has been deployed', async () => {
  const stack = deployment.stack();
  const locked = { name: 'locked', allow_message_loss: true, deletion_protection: true };
  stack.declare({ stations: { locked } });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  const before = await deployment.everything();

  expect((await stack.destroy()).errors.join()).toContain('MEMPHIS_DELETION_PROTECTED');
  // Switched off together with the change that it forbids, it still counts.
  stack.declare({ stations: { locked: { ...locked, deletion_protection: false, partitions_number: 2 } } });
  expect((await stack.apply()).errors.join()).toContain('MEMPHIS_DELETION_PROTECTED');
  stack.declare({ stations: {} });
  expect((await stack.apply()).errors.join()).toContain('MEMPHIS_DELETION_PROTECTED');
  expect(await deployment.everything()).toEqual(before);

  stack.declare({ stations: { locked: { ...locked, deletion_protection: false } } });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await stack.destroy()).toMatchObject({ code: 0, errors: [] });
});

test('a schema attached by hand is a warning on a station without one, and drift on a station with another', async () => {
  const { admin } = deployment;
  const stack = deployment.stack();
  const mine = { ...schema, name: 'mine', owner: 'shop/s/mine' };
  const enforced = {
    stations: {
      bare: { name: 'bare', owner: 'shop/s/bare' },
      checked: { name: 'checked', owner: 'shop/s/checked' },
      // Whether its stack declares an enforcement nobody knows, because no owner is recorded.
      plain: { name: 'plain' },
    },
    schemas: { mine, theirs: { ...mine, name: 'theirs', owner: 'shop/s/theirs' } },
    enforcements: {
      checked: {
        station_name: 'checked',
        station_uid: '${memphis_station.checked.uid}',
        schema_name: 'mine',
        schema_uid: '${memphis_schema.mine.uid}',
        owner: 'shop/s/checked/enforcement',
      },
    },
  };
  stack.declare(enforced);
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  await admin.attachSchema('bare', 'theirs');
  await admin.attachSchema('plain', 'theirs');
  await admin.attachSchema('checked', 'theirs');

  const plan = await stack.plan();
  expect(plan.warnings).toHaveLength(1);
  expect(plan.warnings[0]).toContain('Station "bare" enforces a schema that no stack declares');
  expect(await stack.changes()).toEqual({
    'memphis_schema_enforcement.checked': {
      actions: ['update'],
      attributes: { schema_name: ['theirs', 'mine'] },
    },
  });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  const schemas = Object.fromEntries((await admin.listStations()).map((row) => [row.name, row.schemaName]));
  expect(schemas).toMatchObject({ checked: 'mine', bare: 'theirs' });
});

test('a station that was left frozen shows in the plan as not intact, and takes messages again after the deploy', async () => {
  const { admin, broker } = deployment;
  const stack = deployment.stack();
  stack.declare({ stations: { half: { name: 'half', partitions_number: 2 } } });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  await publish(broker, 'half', 4, 2);
  const live = await observeStation(admin, 'half');
  if (live === undefined) throw new Error('the station is gone');
  await freeze(admin, live);
  expect((await stack.plan()).code).toBe(2);
  expect(await stack.changes()).toEqual({
    'memphis_station.half': { actions: ['update'], attributes: { intact: [false, true] } },
  });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  await publish(broker, 'half', 2, 2);
  expect(await deployment.messages('half')).toBe(6);
  expect((await stack.plan()).code).toBe(0);
});

test('a station and a schema that somebody made in place of ours are left alone, until their adoption is permitted', async () => {
  const { admin, broker } = deployment;
  const stack = deployment.stack();
  const mine = { name: 'replaced-by-hand', owner: 'shop/s/replaced' };
  const text = { ...schema, name: 'replaced-by-hand', owner: 'shop/s/text' };
  stack.declare({ stations: { mine }, schemas: { text } });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  await admin.removeStation(mine.name);
  await admin.removeSchema(text.name);
  const theirs = deployment.stack();
  theirs.declare({
    stations: { theirs: { name: mine.name, retention_value: 60_000 } },
    schemas: { theirs: { ...text, owner: null } },
  });
  expect(await theirs.apply()).toMatchObject({ code: 0, errors: [] });
  await publish(broker, mine.name, 3);
  const before = await deployment.everything();

  const refused = await stack.apply();
  expect(refused.code).toBe(1);
  expect(refused.errors).toHaveLength(2);
  for (const error of refused.errors) expect(error).toContain('adoptExisting');
  // Without a look at the broker first, as well as with one.
  await stack.destroy();
  await stack.destroy('-refresh=false');
  expect(await deployment.everything()).toEqual(before);

  stack.declare({
    stations: { mine: { ...mine, adopt_existing: true } },
    schemas: { text: { ...text, adopt_existing: true } },
  });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await deployment.messages(mine.name)).toBe(3);
  expect((await stack.plan()).code).toBe(0);
});
