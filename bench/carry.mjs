// Messages that a station takes along when it is replaced: what 200,000 of them add to an apply, by both ways.
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { milliseconds } from './measure.mjs';

const require = createRequire(import.meta.url);

const MESSAGES = 200_000;
const BATCH = 2_000;
const GOAL_MS = 5_000;

const claim = { owner: 'bench/bench/carry', adoptExisting: false, formerOwner: 'bench/bench/carry' };

export async function carriedMessages() {
  const { LocalBroker } = require('../lib/runtime/broker');
  const broker = await LocalBroker.start();
  try {
    return [
      await carried(broker, 'from snapshots', { partitionsNumber: 1 }, { partitionsNumber: 2 }),
      await carried(broker, 'by streams', { storageType: 'file' }, { storageType: 'memory' }),
    ];
  } finally {
    await broker.stop();
  }
}

async function carried(broker, how, before, after) {
  const { connect } = require('nats');
  const { canonicalStation } = require('../lib/model/station');
  const { resolveConnection } = require('../lib/model/connection');
  const { connectAdmin } = require('../lib/runtime/admin');
  const { Run, stationKind } = require('../lib/runtime/reconcile');
  const admin = await connectAdmin(resolveConnection({}, broker.environment()));
  const nats = await connect({
    servers: `${broker.host}:${broker.port}`,
    user: 'root',
    pass: broker.environment().MEMPHIS_PASSWORD,
    name: `${randomUUID()}::root`,
  });
  const replaced = async (messages) => {
    const name = `bench-${messages}-${how.replaceAll(' ', '-')}`;
    const allowed = { allowMessageLoss: false };
    const live = await stationKind.create(
      new Run(admin),
      canonicalStation({ name, ...before }),
      claim,
      allowed,
    );
    for (let sent = 0; sent < messages; sent += BATCH) {
      const batch = Array.from({ length: BATCH }, () => nats.jetstream().publish(`${name}$1.final`, payload));
      await Promise.all(batch);
    }
    const permissions = { ...allowed, carry: { from: name } };
    const uid = stationKind.uidOf(live);
    return milliseconds(() =>
      stationKind.update(new Run(admin), canonicalStation({ name, ...after }), claim, permissions, uid),
    );
  };
  const floor = await replaced(0);
  const value = (await replaced(MESSAGES)) - floor;
  await nats.close();
  await admin.close();
  return {
    what: `carry: 200,000 messages ${how}`,
    value,
    unit: 'ms',
    goal: `${GOAL_MS} ms`,
    met: value <= GOAL_MS,
  };
}

const payload = 'x'.repeat(256);
