import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveConnection } from '../../../src/model/connection';
import { MemphisError } from '../../../src/model/errors';
import { Retention } from '../../../src/model/retention';
import type { CanonicalStation, StationDeclaration } from '../../../src/model/station';
import { canonicalStation } from '../../../src/model/station';
import { Storage } from '../../../src/model/storage';
import type { Admin } from '../../../src/runtime/admin';
import { connectAdmin } from '../../../src/runtime/admin';
import { LocalBroker } from '../../../src/runtime/broker';
import type { Permissions } from '../../../src/runtime/reconcile';
import { Run, observeStation, stationKind, stored } from '../../../src/runtime/reconcile';
import { createStation } from '../../../src/runtime/reconcile/station/create';
import { updateStation } from '../../../src/runtime/reconcile/station/update';
import { destroyStation } from '../../../src/runtime/reconcile/station/destroy';
import { normaliseStation } from '../../../src/runtime/reconcile/station/normalise';
import { diffStation, planStation } from '../../../src/runtime/reconcile/station/plan';
import { named } from '../../support/declarations';
import { acknowledge, publish } from '../../support/publish';

/** docs/protection.md promises a result for each operation under each flag; here every cell of its table is run. */
const document = readFileSync(join(__dirname, '../../../docs/protection.md'), 'utf8');
const rows = document
  .split('\n')
  .filter((line) => line.startsWith('|') && (line.includes('refused: MEMPHIS') || line.includes('done')))
  .filter((line) => !line.includes('finds'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

const flags: readonly Permissions[] = [
  { allowMessageLoss: false },
  { allowMessageLoss: true },
  { allowMessageLoss: false, deletionProtection: true },
  { allowMessageLoss: true, deletionProtection: true },
];

interface Operation {
  /** How many messages are stored before it. */
  readonly messages: number;
  /** Of these, a group has acknowledged so many; undefined: there is no group. */
  readonly acknowledged?: number;
  /** What changes; undefined: the station is to go. */
  readonly change?: Partial<StationDeclaration>;
  /** What the station is at first, beside the defaults. */
  readonly initial?: Partial<StationDeclaration>;
  /** A replacement takes the messages along. */
  readonly carries?: true;
}

const operations: Readonly<Record<string, Operation>> = {
  'destroy a station that holds messages': { messages: 3 },
  'destroy an empty station': { messages: 0 },
  'change the partitions of a station that holds messages': { messages: 3, change: { partitionsNumber: 3 } },
  'change the storage of an empty station': { messages: 0, change: { storageType: Storage.MEMORY } },
  'change the storage of a station that holds messages, with onReplace carryMessages': {
    messages: 3,
    change: { storageType: Storage.MEMORY },
    carries: true,
  },
  'change the partitions and to a limit smaller than what is stored, with onReplace carryMessages': {
    messages: 5,
    change: { partitionsNumber: 2, retentionType: Retention.MESSAGES, retentionValue: 2 },
    carries: true,
  },
  'change the partitions of an ACK_BASED station, with onReplace carryMessages': {
    messages: 0,
    initial: { retentionType: Retention.ACK_BASED },
    change: { partitionsNumber: 2, retentionType: Retention.MAX_MESSAGE_AGE_SECONDS },
    carries: true,
  },
  'a limit smaller than what is stored': {
    messages: 5,
    change: { retentionType: Retention.MESSAGES, retentionValue: 2 },
  },
  'a larger limit': { messages: 5, change: { retentionValue: 7200 } },
  'ACK_BASED, with messages that every group has acknowledged': {
    messages: 5,
    acknowledged: 3,
    change: { retentionType: Retention.ACK_BASED },
  },
  'ACK_BASED, with messages that a group still waits for': {
    messages: 5,
    acknowledged: 0,
    change: { retentionType: Retention.ACK_BASED },
  },
  'the idempotency window, dead-letter settings, tags, tiering': {
    messages: 5,
    change: { idempotencyWindowMs: 1000, sendPoisonMsgToDls: false, tags: ['x'], tieredStorageEnabled: true },
  },
};

const cells = rows.flatMap(([label = '', ...results]) =>
  results.map((result, column) => [label, flags[column] ?? { allowMessageLoss: false }, result] as const),
);

let broker: LocalBroker;
let admin: Admin;
let run: Run;
let count = 0;

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
  admin = await connectAdmin(resolveConnection({}, broker.environment()));
  run = new Run(admin);
});

afterAll(async () => {
  await admin.close();
  await broker.stop();
});

test('every operation of the table is known here, and the other way round', () => {
  expect(rows.map(([label]) => label).sort()).toEqual(Object.keys(operations).sort());
});

test.each(cells)('%s, %j: %s', async (label, flagged, expected) => {
  const operation = operations[label];
  if (operation === undefined) throw new Error(`unknown operation ${label}`);
  const name = `cell-${(count += 1)}`;
  const nobody = { owner: '', adoptExisting: false };
  const before = canonicalStation({ name, ...operation.initial });
  const permissions = operation.carries === true ? { ...flagged, carry: { from: name } } : flagged;
  await createStation(run, before, nobody, permissions);
  await publish(broker, name, operation.messages);
  if (operation.acknowledged !== undefined) await acknowledge(broker, name, operation.acknowledged);

  const after = operation.change === undefined ? undefined : canonicalStation({ name, ...operation.change });
  const plan = await planStation(admin, await observeStation(admin, name), after, permissions);
  const refusal = plan.refusals[0]?.error.code;
  expect(refusal === undefined ? 'done' : `refused: ${refusal}`).toBe(expected);

  const removes =
    operation.carries !== true && (plan.change.kind === 'delete' || plan.change.kind === 'replace');
  const update = (declared: CanonicalStation): Promise<unknown> =>
    operation.carries === true
      ? stationKind.update(run, declared, nobody, permissions)
      : updateStation(run, declared, permissions);
  const attempt =
    removes || after === undefined
      ? destroyStation(run, named(name), { permissions: permissions, owner: '' })
      : update(after);
  expect(await resultOf(attempt)).toBe(expected);
  const live = await observeStation(admin, name);
  if (expected !== 'done') {
    expect(live === undefined ? 'gone' : diffStation(normaliseStation(live, before), before).kind).toBe(
      'noop',
    );
    expect(stored(live ?? { streams: [] }).messages).toBe(operation.messages);
  } else {
    expect(live === undefined).toBe(removes);
    const kept = label.includes('limit smaller') ? 2 : operation.messages;
    if (operation.carries === true) expect(stored(live ?? { streams: [] }).messages).toBe(kept);
  }
});

async function resultOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
    return 'done';
  } catch (error) {
    if (error instanceof MemphisError) return `refused: ${error.code}`;
    throw error;
  }
}
