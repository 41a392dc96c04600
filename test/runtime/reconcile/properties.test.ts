import fc from 'fast-check';
import { resolveConnection } from '../../../src/model/connection';
import { MessageLossError } from '../../../src/model/errors';
import type { CanonicalStation } from '../../../src/model/station';
import { canonicalStation } from '../../../src/model/station';
import type { Admin } from '../../../src/runtime/admin';
import { connectAdmin } from '../../../src/runtime/admin';
import { LocalBroker } from '../../../src/runtime/broker';
import type { LiveStation, Plan } from '../../../src/runtime/reconcile';
import { Run, observeStation, stored } from '../../../src/runtime/reconcile';
import { createStation } from '../../../src/runtime/reconcile/station/create';
import { updateStation } from '../../../src/runtime/reconcile/station/update';
import { destroyStation } from '../../../src/runtime/reconcile/station/destroy';
import { normaliseStation } from '../../../src/runtime/reconcile/station/normalise';
import { diffStation, planStation } from '../../../src/runtime/reconcile/station/plan';
import { legalStation } from '../../support/declarations';
import { named } from '../../support/declarations';
import { publish } from '../../support/publish';
import { many, seed } from '../../support/random';

// Long enough for a machine that is busy with other work.
if (process.env.TIMES === undefined) jest.setTimeout(180_000);

const DECLARATIONS = many(500);
const PAIRS = many(60);
const IN_FLIGHT = 8;
const nobody = { owner: '', adoptExisting: false };
const forbidden = { allowMessageLoss: false };
const permitted = { allowMessageLoss: true };

let broker: LocalBroker;
let admin: Admin;
let run: Run;

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
  admin = await connectAdmin(resolveConnection({}, broker.environment()));
  run = new Run(admin);
});

afterAll(async () => {
  await admin.close();
  await broker.stop();
});

/** Does all of the work, some of it at the same time, as Terraform does. */
async function inFlight<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = [...items.entries()];
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next[1], next[0]);
    }),
  );
}

async function live(station: CanonicalStation): Promise<LiveStation> {
  const found = await observeStation(admin, station.name);
  if (found === undefined) throw new Error(`${station.name} is gone`);
  return found;
}

async function difference(station: CanonicalStation): Promise<unknown> {
  return diffStation(normaliseStation(await live(station), station), station).fields;
}

test(`nothing differs after ${DECLARATIONS} random stations were made`, async () => {
  const declarations = fc.sample(legalStation, { seed, numRuns: DECLARATIONS });
  await inFlight(declarations, async (declaration, index) => {
    const station = canonicalStation({ ...declaration, name: `random-${index}` });
    await createStation(run, station, nobody, forbidden);
    expect({ declaration, fields: await difference(station) }).toEqual({ declaration, fields: [] });
    await destroyStation(run, named(station.name), { permissions: forbidden, owner: '' });
  });
});

test(`of ${PAIRS} random pairs the second is reached exactly, and messages go only where the plan said so`, async () => {
  const pairs = fc.sample(fc.tuple(legalStation, legalStation), { seed, numRuns: PAIRS });
  await inFlight(pairs, async ([first, second], index) => {
    const name = `pair-${index}`;
    const before = canonicalStation({ ...first, name });
    const after = canonicalStation({ ...second, name });
    await createStation(run, before, nobody, forbidden);
    await publish(broker, name, 6, before.partitionsNumber);
    const held = stored(await live(before)).messages;

    const plan = await planStation(admin, await live(before), after, forbidden);
    await refusedAsPlanned(plan, before, after, held);
    await carryOut(plan, after);
    expect({ first, second, fields: await difference(after) }).toEqual({ first, second, fields: [] });
    if (plan.loss === undefined) expect(stored(await live(after)).messages).toBe(held);
    await destroyStation(run, named(name), { permissions: permitted, owner: '' });
  });
});

/** Without permission a change that loses messages is not made, and everything is as it was. */
async function refusedAsPlanned(
  plan: Plan,
  before: CanonicalStation,
  after: CanonicalStation,
  held: number,
): Promise<void> {
  expect(plan.refusals.length > 0).toBe(plan.loss !== undefined);
  if (plan.loss === undefined) return;
  const attempt =
    plan.change.kind === 'replace'
      ? destroyStation(run, named(before.name), { permissions: forbidden, owner: '' })
      : updateStation(run, after, forbidden);
  await expect(attempt).rejects.toThrow(MessageLossError);
  expect(await difference(before)).toEqual([]);
  expect(stored(await live(before)).messages).toBe(held);
}

async function carryOut(plan: Plan, after: CanonicalStation): Promise<void> {
  if (plan.change.kind !== 'replace') {
    await updateStation(run, after, permitted);
    return;
  }
  await destroyStation(run, named(after.name), {
    permissions: plan.loss === undefined ? forbidden : permitted,
    owner: '',
  });
  await createStation(run, after, nobody, forbidden);
}
