import { BrokerRefusedError } from '../../../../model/errors';
import type { LedgerCarry, LedgerFrozen, StreamInfo } from '../../../admin';
import { continueExisting, isAnother, recordOwner, removedWithRecord } from '../../ownership';
import { existingOf } from '../create';
import { freeze } from '../freeze';
import type { LiveStation } from '../live';
import { observeStation } from '../live';
import { attachAgain } from '../replacement';
import { missingStation } from '../update';
import { bySnapshot } from './by-snapshot';
import { bySources } from './by-sources';
import type { Carry } from './carry';
import { deleteCopies, partitionOf } from './copies';
import { refuseTrimming } from './loss';
import type { CarryMethod } from './method';

const methods: Readonly<Record<LedgerCarry['method'], CarryMethod>> = {
  sources: bySources,
  snapshot: bySnapshot,
};

/** One step of a carry. It may be repeated, whatever came of it before. */
type Step = (carry: Carry) => Promise<void>;

/**
 * The protocol. A phase begins when the ledger says so, and all of its steps are repeated after an interruption:
 * a carry that is `copying` is taken back, since the old station is complete; a later one goes on to its end.
 */
export const steps: Readonly<Record<LedgerCarry['phase'], readonly Step[]>> = {
  copying: [copyOut],
  copied: [removeOld, createNew, copyBack],
  returned: [attach, open, cleanUp],
};

/**
 * Freezes the old station, copies it and compares the counts, partition by partition. Nothing can be added to it from now
 * on, and everything in it is in the copies.
 */
async function copyOut(carry: Carry): Promise<void> {
  const live = await old(carry);
  if (live === undefined) throw missingStation(carry.attempted);
  const frozen = await freeze(carry.run.admin, live);
  await refuseTrimming(carry, live, frozen);
  const held = await copied(carry, live, frozen);
  const method = methods[carry.record.method];
  await method.refuseShortfall(carry, held);
  await method.cut(carry, held);
  const config = frozen[0]?.config;
  await carry.advance({ phase: 'copied', frozen: held, ...(config === undefined ? {} : { config }) });
}

/** Copies by snapshots where the broker takes them, and by streams otherwise. */
async function copied(
  carry: Carry,
  live: LiveStation,
  frozen: readonly StreamInfo[],
): Promise<readonly LedgerFrozen[]> {
  try {
    return await methods[carry.record.method].copyOut(carry, frozen);
  } catch (error) {
    if (carry.record.method === 'sources' || !(error instanceof BrokerRefusedError)) throw error;
    await deleteCopies(carry.run.admin, carry.from, carry.record.partitions);
    await carry.advance({ method: 'sources' });
    carry.notice(
      `The broker takes no snapshots (${error.found}), so the messages were copied by streams: the consumer groups lost their positions and read all messages again.`,
    );
    await refuseTrimming(carry, live, frozen);
    return bySources.copyOut(carry, frozen);
  }
}

async function removeOld(carry: Carry): Promise<void> {
  const { admin, links } = carry.run;
  const live = await old(carry);
  if (live === undefined) return;
  if (!isAsCopied(live.streams, carry.record)) throw new ReopenedError(carry.attempted);
  carry.refuseWhenAbandoned();
  const object = { kind: 'station', name: carry.from, uid: carry.uid } as const;
  await removedWithRecord(admin, object, carry.claim.owner, () => admin.removeStation(carry.from));
  links.removed(carry.from);
}

async function createNew(carry: Carry): Promise<void> {
  const { run, station, claim } = carry;
  const { admin } = run;
  const live = await observeStation(admin, station.name, station.partitionsNumber);
  if (live === undefined || live.streams.length === 0) {
    await methods[carry.record.method].create(carry);
    return;
  }
  const existing = existingOf(admin, live.row);
  const adoptExisting = claim.adoptExisting || claim.owner === '';
  await continueExisting(admin, existing, { ...claim, adoptExisting });
  await recordOwner(admin, existing, claim);
}

async function copyBack(carry: Carry): Promise<void> {
  await methods[carry.record.method].copyBack(carry);
  await carry.advance({ phase: 'returned' });
}

function open(carry: Carry): Promise<void> {
  return methods[carry.record.method].open(carry);
}

/** Gives the new station the schema and the dead letters of others that the old one had. */
async function attach(carry: Carry): Promise<void> {
  const { run, station } = carry;
  const { admin, links } = run;
  const { name } = station;
  await attachAgain(run, name, carry.attachments, true);
  const { schemaName } = carry.record;
  if (schemaName === '') return;
  const isThere = (await admin.readSchema(schemaName)) !== undefined;
  if (isThere && (await links.schemaOf(name)) !== schemaName)
    links.schemaSet(name, await admin.attachSchema(name, schemaName));
  await moveEnforcement(carry, isThere);
}

/** Another stack may own the enforcement: it is of the station that is there now, or gone with its schema. */
async function moveEnforcement(
  { run: { admin }, station: { name }, from, uid }: Carry,
  isEnforced: boolean,
): Promise<void> {
  const [row, record] = await Promise.all([admin.readStation(name), admin.ledger.read('enforcement', from)]);
  if (record?.uid !== uid || row === undefined) return;
  if (isEnforced) {
    await admin.ledger.read('enforcement', name);
    await admin.ledger.write('enforcement', name, { ...record, uid: String(row.id) });
  }
  if (!isEnforced || name !== from) await admin.ledger.remove('enforcement', from);
}

async function cleanUp(carry: Carry): Promise<void> {
  await deleteCopies(carry.run.admin, carry.from, carry.record.partitions);
  await carry.end();
}

/** The old station, as long as it is there. */
export async function old(carry: Pick<Carry, 'run' | 'from' | 'uid'>): Promise<LiveStation | undefined> {
  const live = await observeStation(carry.run.admin, carry.from);
  return live === undefined || isAnother(carry.uid, live.row.id) ? undefined : live;
}

/** True while nothing can have been added to the old station since it was copied. */
export function isAsCopied(streams: readonly StreamInfo[], { frozen }: LedgerCarry): boolean {
  return streams.every(({ config, state }) => {
    const copied = frozen.find(({ partition }) => partition === partitionOf({ config }));
    const isFrozen = !(config.subjects ?? []).includes(`${config.name}.>`);
    return isFrozen && copied?.lastSequence === state.last_seq;
  });
}

/** Somebody let publishers in while the station was copied, so the copies may not have everything. */
export class ReopenedError extends BrokerRefusedError {
  constructor(attempted: string) {
    super({
      attempted,
      found:
        'somebody let publishers into the station while it was copied; the copies were removed, and nothing was lost',
      next: 'Deploy again when no other run is changing the station',
    });
    // The name by which users know it.
    this.name = BrokerRefusedError.name;
  }
}
