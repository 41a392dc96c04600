import { headers } from 'nats';
import { Retention } from '../../../../src/model/retention';
import type { StationDeclaration } from '../../../../src/model/station';
import { canonicalStation } from '../../../../src/model/station';
import { Storage } from '../../../../src/model/storage';
import type { LiveStation } from '../../../../src/runtime/reconcile';
import { Run, isIntact, observeStation, stationKind } from '../../../../src/runtime/reconcile';
import { CarryBroker, claim } from './carried-station';

const broker = CarryBroker.forThisFile();
const forbidden = { allowMessageLoss: false };

async function carried(
  after: StationDeclaration,
  { from = after.name, uid, run = new Run(broker.admin) }: { from?: string; uid?: string; run?: Run } = {},
): Promise<LiveStation> {
  const notices: string[] = [];
  const carry = { from, notice: (text: string) => notices.push(text) };
  const live = await stationKind.update(run, canonicalStation(after), claim, { ...forbidden, carry }, uid);
  expect(notices).toEqual([]);
  return live;
}

test('from disk to memory, messages keep their order, headers and ids', async () => {
  const uid = await broker.filled({ name: 'to-memory' }, 50);
  const live = await carried({ name: 'to-memory', storageType: Storage.MEMORY }, { uid });
  expect(live.streams.map(({ config }) => config.storage)).toEqual(['memory']);
  expect(isIntact(live)).toBe(true);
  expect(await broker.numbers('to-memory', 1)).toEqual(Array.from({ length: 50 }, (_, index) => index));
  const repeated = headers();
  repeated.set('msg-id', 'to-memory-7');
  const ack = await broker.nats.jetstream().publish('to-memory$1.final', '7', { headers: repeated });
  expect(ack.duplicate).toBe(true);
  expect(await broker.leftovers()).toEqual([]);
});

test('with fewer partitions, consumers of the new ones see all messages', async () => {
  const uid = await broker.filled({ name: 'fewer', partitionsNumber: 3 }, 30);
  const live = await carried({ name: 'fewer', partitionsNumber: 2 }, { uid });
  expect(live.row.partitions).toEqual([1, 2]);
  const [first, second] = [await broker.held('fewer', 1), await broker.held('fewer', 2)];
  expect(new Set(first.map(({ subject }) => subject))).toEqual(new Set(['fewer$1.final']));
  expect(second.map(({ payload }) => Number(payload))).toEqual(
    Array.from({ length: 10 }, (_, index) => 3 * index + 1),
  );
  const numbers = first.map(({ payload }) => Number(payload));
  for (const remainder of [0, 2]) {
    expect(numbers.filter((number) => number % 3 === remainder)).toEqual(
      Array.from({ length: 10 }, (_, index) => 3 * index + remainder),
    );
  }
});

test('with more partitions on disk, groups keep their positions, and messages times and numbers', async () => {
  const uid = await broker.filled({ name: 'more', partitionsNumber: 2 }, 20);
  const manager = await broker.nats.jetstreamManager();
  await manager.consumers.add('more$1', {
    durable_name: 'group',
    ack_policy: 'explicit' as never,
    filter_subject: 'more$1.final',
  });
  const consumer = await broker.nats.jetstream().consumers.get('more$1', 'group');
  for (let index = 0; index < 4; index += 1) await (await consumer.next())?.ackAck();
  const before = await manager.streams.getMessage('more$1', { seq: 3 });
  const live = await carried({ name: 'more', partitionsNumber: 3, tags: ['x'] }, { uid });
  expect(live.row).toMatchObject({ partitions: [1, 2, 3], tags: ['x'] });
  expect((await manager.streams.getMessage('more$1', { seq: 3 })).time).toEqual(before.time);
  expect((await manager.consumers.info('more$1', 'group')).ack_floor.stream_seq).toBe(4);
  expect(await broker.numbers('more', 2)).toHaveLength(10);
  expect(await broker.leftovers()).toEqual([]);
});

test('a server that takes no snapshot gets the messages copied by streams, and the run says so', async () => {
  const uid = await broker.filled({ name: 'no-snapshot', partitionsNumber: 2 }, 20);
  await broker.filled({ name: 'in-memory', storageType: Storage.MEMORY }, 1);
  const { admin } = broker;
  const copies: string[] = [];
  // The server refuses snapshots of streams in memory.
  const takeSnapshot: typeof admin.takeSnapshot = async (stream, into) => {
    copies.push(into);
    if (copies.length === 2) return admin.takeSnapshot('in-memory$1', into);
    return admin.takeSnapshot(stream, into);
  };
  const notices: string[] = [];
  const carry = { from: 'no-snapshot', notice: (text: string) => notices.push(text) };
  const after = canonicalStation({ name: 'no-snapshot', partitionsNumber: 3 });
  const run = new Run({ ...admin, takeSnapshot });
  const live = await stationKind.update(run, after, claim, { ...forbidden, carry }, uid);
  expect(notices.join()).toMatch(/takes no snapshots .*copied by streams: the consumer groups lost/);
  expect(copies).toHaveLength(2);
  expect(live.row.partitions).toEqual([1, 2, 3]);
  const numbers = (partition: number) => broker.numbers('no-snapshot', partition);
  expect([...(await numbers(1)), ...(await numbers(2))].sort((a, b) => a - b)).toEqual(
    Array.from({ length: 20 }, (_, index) => index),
  );
  expect(await broker.leftovers()).toEqual([]);
});

test('a renamed station takes schema, tags and dead letters of others along', async () => {
  await broker.admin.createSchema({ name: 'shape', type: 'json', content: '{}', messageStructName: '' });
  const uid = await broker.filled({ name: 'old.name', tags: ['team'] }, 10);
  await stationKind.create(
    new Run(broker.admin),
    canonicalStation({ name: 'source', dlsStation: 'old.name' }),
    claim,
    forbidden,
  );
  await broker.admin.attachSchema('old.name', 'shape');
  await carried({ name: 'new.name' }, { from: 'old.name', uid });
  expect(await broker.admin.readStation('old.name')).toBeUndefined();
  expect(await broker.numbers('new.name', 1)).toHaveLength(10);
  const rows = await broker.admin.listStations();
  expect(rows.find(({ name }) => name === 'new.name')).toMatchObject({ schemaName: 'shape', tags: ['team'] });
  expect(rows.find(({ name }) => name === 'source')?.dlsStation).toBe('new.name');
});

test('ids that occur twice are missed before anything is removed, and the station is as before', async () => {
  const uid = await broker.filled({ name: 'twice', idempotencyWindowMs: 100 }, 5);
  await new Promise((resolve) => setTimeout(resolve, 250));
  const header = headers();
  header.set('msg-id', 'twice-0');
  header.set('kept', 'yes');
  await broker.nats.jetstream().publish('twice$1.final', '0', { headers: header });
  await expect(
    carried({ name: 'twice', storageType: Storage.MEMORY, idempotencyWindowMs: 100 }, { uid }),
  ).rejects.toMatchObject({
    code: 'MEMPHIS_MESSAGE_LOSS',
    found: expect.stringContaining('5 of the 6 messages of partition 1') as string,
  });
  const live = await observeStation(broker.admin, 'twice');
  expect(live !== undefined && isIntact(live)).toBe(true);
  expect(await broker.numbers('twice', 1)).toEqual([0, 1, 2, 3, 4, 0]);
  expect(await broker.leftovers()).toEqual([]);
});

test('ACK_BASED is refused, as it is and as it becomes', async () => {
  const uid = await broker.filled({ name: 'by-ack', retentionType: Retention.ACK_BASED }, 0);
  await expect(carried({ name: 'by-ack', storageType: Storage.MEMORY }, { uid })).rejects.toMatchObject({
    code: 'MEMPHIS_UNSAFE_REQUEST',
  });
});

test('copies that no record tells of are left alone', async () => {
  const uid = await broker.filled({ name: 'again' }, 3);
  const copy = '$memphis_cdk_carry_1_again';
  const manager = await broker.nats.jetstreamManager();
  await manager.streams.add({ name: copy, subjects: [copy] });
  await expect(carried({ name: 'again', storageType: Storage.MEMORY }, { uid })).rejects.toMatchObject({
    code: 'MEMPHIS_UNSAFE_REQUEST',
    found: expect.stringContaining(copy) as string,
  });
  await manager.streams.delete(copy);
  await carried({ name: 'again', storageType: Storage.MEMORY }, { uid });
  expect(await broker.numbers('again', 1)).toEqual([0, 1, 2]);
});
