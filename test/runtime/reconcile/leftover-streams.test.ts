import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { JetStreamManager, NatsConnection } from 'nats';
import { AckPolicy, DeliverPolicy, connect } from 'nats';
import { resolveConnection } from '../../../src/model/connection';
import { Retention } from '../../../src/model/retention';
import type { StationDeclaration } from '../../../src/model/station';
import type { Admin } from '../../../src/runtime/admin';
import { connectAdmin } from '../../../src/runtime/admin';
import { LocalBroker } from '../../../src/runtime/broker';
import { Run, stationKind } from '../../../src/runtime/reconcile';
import { publish } from '../../support/publish';

/** Streams of partitions without their station: whose they are decides what becomes of them. */
let broker: LocalBroker;
let admin: Admin;
let foreign: NatsConnection;
let streams: JetStreamManager['streams'];
const permissions = { allowMessageLoss: false };
const ours = { owner: 'shop/orders/orders', adoptExisting: false };
const theirs = { owner: 'other/stack/orders', adoptExisting: true };

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory', log: () => undefined });
  admin = await connectAdmin(resolveConnection({}, broker.environment()));
  // A name without "::" is that of a plain NATS client.
  const { host, port } = broker;
  foreign = await connect({ servers: `${host}:${port}`, user: 'root', pass: 'memphis', name: 'NATS CLI' });
  ({ streams } = await foreign.jetstreamManager());
  await stationKind.create(new Run(admin), station(), ours, permissions);
});

afterAll(async () => {
  await foreign.close();
  await admin.close();
  await broker.stop();
});

const station = (declaration: Partial<StationDeclaration> = {}) =>
  stationKind.canonical({ name: `left-${randomUUID().slice(0, 8)}`, ...declaration });

/** The broker forgets a station, and its streams stay: a plain client makes and deletes a stream of its name. */
async function loseRow(name: string): Promise<void> {
  for (let tries = 0; tries < 20 && (await admin.readStation(name)) !== undefined; tries += 1) {
    await streams.add({ name, subjects: [`${name}.by-hand`] });
    await streams.delete(name);
    await delay(100);
  }
  expect(await admin.readStation(name)).toBeUndefined();
}

const plan = (wanted: ReturnType<typeof station>, creation: typeof ours) =>
  stationKind.plan(new Run(admin), undefined, wanted, { permissions, creation });

/** A broker that lists one of its stations only, as one with more than 5,000 stations leaves some out. */
async function cutListing(): Promise<Admin> {
  const rows = (await admin.listNewestStations()).rows.slice(0, 1);
  return {
    ...admin,
    listNewestStations: () => Promise.resolve({ rows, isComplete: false }),
    listStations: () => Promise.reject(new Error('the list is cut')),
  };
}

test.each([
  ['', () => Promise.resolve(admin)],
  [', also where the broker does not list all stations', cutListing],
])(
  'a deployed station that the broker has forgotten comes back with its messages, and what is missing of it%s',
  async (_, seen) => {
    const wanted = station({ partitionsNumber: 2, retentionValue: 600 });
    await stationKind.create(new Run(admin), wanted, ours, permissions);
    await publish(broker, wanted.name, 3);
    const { config } = (await admin.readStream(`${wanted.name}$1`)) ?? { config: undefined };
    if (config === undefined) throw new Error('there is no stream');
    await admin.updateStream({ ...config, description: 'by hand', no_ack: true });
    await loseRow(wanted.name);
    await streams.delete(`${wanted.name}$2`);

    expect(await plan(wanted, ours)).toMatchObject({ change: { kind: 'create' }, refusals: [] });
    const live = await stationKind.create(new Run(await seen()), wanted, ours, permissions);
    expect(stationKind.diff(stationKind.normalise(live, wanted), wanted).kind).toBe('noop');
    expect(live.streams.map(({ config: { name } }) => name)).toEqual([
      `${wanted.name}$1`,
      `${wanted.name}$2`,
    ]);
    expect(live.streams[0]?.state.messages).toBeGreaterThan(0);
    const record = await admin.ledger.read('station', wanted.name);
    expect(record).toMatchObject({ owner: ours.owner, state: 'complete', uid: stationKind.uidOf(live) });
  },
);

test('streams of another declaration are reported by the plan, and never adopted', async () => {
  const wanted = station();
  await stationKind.create(new Run(admin), wanted, ours, permissions);
  await publish(broker, wanted.name, 2);
  await loseRow(wanted.name);

  const { refusals } = await plan(wanted, theirs);
  expect(refusals.map(({ error }) => error.message)).toEqual([
    expect.stringMatching(/its stream "left-[0-9a-f]+\$1" with 2 stored messages exists/),
  ]);
  await expect(stationKind.create(new Run(admin), wanted, theirs, permissions)).rejects.toThrow();
  expect((await admin.readStream(`${wanted.name}$1`))?.state.messages).toBe(2);
});

test('messages that the declared retention would drop are not dropped without permission', async () => {
  const wanted = station();
  await stationKind.create(new Run(admin), wanted, ours, permissions);
  await publish(broker, wanted.name, 3);
  await loseRow(wanted.name);
  const smaller = { ...wanted, retentionType: Retention.MESSAGES, retentionValue: 1 };
  await expect(stationKind.create(new Run(admin), smaller, ours, permissions)).rejects.toThrow('drop');
  expect((await admin.readStream(`${wanted.name}$1`))?.state.messages).toBe(3);
});

test('a missing partition comes back with the consumer groups of the others, and a message in it is read', async () => {
  const wanted = station({ partitionsNumber: 2 });
  await stationKind.create(new Run(admin), wanted, ours, permissions);
  const { consumers } = await foreign.jetstreamManager();
  const settings = { ack_policy: AckPolicy.Explicit, ack_wait: 30_000_000_000, max_deliver: 4 };
  await consumers.add(`${wanted.name}$1`, {
    ...settings,
    durable_name: 'billing',
    filter_subject: `${wanted.name}$1.final`,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: 7,
  });
  await streams.delete(`${wanted.name}$2`);
  await stationKind.update(new Run(admin), wanted, ours, permissions);
  const { config } = await consumers.info(`${wanted.name}$2`, 'billing');
  expect(config).toMatchObject({
    ...settings,
    filter_subject: `${wanted.name}$2.final`,
    deliver_policy: DeliverPolicy.All,
  });
  foreign.publish(`${wanted.name}$2.final`, 'x');
  await foreign.flush();
  expect((await consumers.info(`${wanted.name}$2`, 'billing')).num_pending).toBe(1);
});
