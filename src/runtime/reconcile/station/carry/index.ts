import {
  AlreadyExistsError,
  BrokerRefusedError,
  ConnectionError,
  MemphisError,
  TimeoutError,
} from '../../../../model/errors';
import type { CanonicalStation } from '../../../../model/station';
import type { LedgerCarry } from '../../../admin';
import { refuseMissingDlsStation } from '../../../admin/unsafe-requests';
import type { DeclaredOwner, Permissions } from '../../kind';
import type { Run } from '../../run';
import { deletionProtectedError } from '../../deletion-protection';
import { thaw } from '../freeze';
import type { LiveStation } from '../live';
import { observeStation } from '../live';
import { attachmentsOf } from '../replacement';
import { AbandonedError, Carry, recordedCarry } from './carry';
import { deleteCopies, refuseForeignCopies } from './copies';
import { methodOf, refusalOfAckBased, takenNameError } from './plan';
import { ReopenedError, isAsCopied, old, steps } from './steps';

export type { CarryPlan } from './plan';
export { describeCarry, takenNameError } from './plan';

/**
 * Replaces a station and carries its messages over. The ledger says so first; what fails before the copies are complete is
 * taken back.
 * @param live the station as it is
 * @param after the station as declared; another name renames it
 */
export async function carryStation(
  run: Run,
  live: LiveStation,
  after: CanonicalStation,
  claim: DeclaredOwner,
  permissions: Permissions,
): Promise<void> {
  const { row } = live;
  if (permissions.deletionProtection === true) throw deletionProtectedError('station', row.name, 'replace');
  const refusal = refusalOfAckBased(live, after);
  if (refusal !== undefined) throw refusal;
  const isTaken = after.name !== row.name && (await run.admin.readStation(after.name)) !== undefined;
  if (isTaken) throw takenNameError(row.name, after.name);
  await refuseMissingDlsStation(run.admin, after);
  const schemaName = await run.links.schemaOf(row.name);
  const carry = new Carry({
    run,
    from: row.name,
    uid: String(row.id),
    claim,
    attachments: await attachmentsOf(run, row.name, row),
    allowMessageLoss: permissions.allowMessageLoss,
    notice: permissions.carry?.notice,
    record: {
      phase: 'copying',
      method: methodOf(live, after),
      // Tags that the declaration leaves alone are those that the station has.
      station: { ...after, tags: after.tags ?? row.tags },
      schemaName,
      partitions: row.partitions.length,
      frozen: [],
    },
  });
  await refuseForeignCopies(run.admin, row.name, row.partitions.length, carry.attempted);
  await carry.advance({});
  await proceed(carry);
}

/**
 * Brings a carry that an interrupted run has begun to its end: takes it back while the old station is complete, and goes
 * on from where the copies are.
 * @param from name of the old station
 * @returns undefined when there is none; otherwise the name and id of the station that there is now, as far as there is one
 */
export async function settleCarry(
  run: Run,
  from: string,
  claim: DeclaredOwner,
): Promise<{ readonly name: string; readonly before: string; readonly uid: string | undefined } | undefined> {
  const record = await recordedCarry(run, from);
  if (record === undefined) return undefined;
  const { owner, carry: progress, uid, attachments = { tags: [], deadLetterSources: [] } } = record;
  if (owner !== claim.owner && owner !== claim.formerOwner) {
    throw new AlreadyExistsError({
      attempted: `change station "${from}"`,
      found: `a run of ${owner} was interrupted while it replaced the station; nothing was changed`,
      next: `Deploy ${owner} first: that finishes the replacement`,
    });
  }
  const carry = new Carry({ run, from, uid, claim, attachments, record: progress, allowMessageLoss: true });
  const live = await old(carry);
  const isComplete =
    progress.phase !== 'copying' && (live === undefined || isAsCopied(live.streams, progress));
  if (!isComplete) {
    await takeBack(carry);
    return { name: from, before: uid, uid: live === undefined ? undefined : uid };
  }
  await proceed(carry);
  const { name } = carry.station;
  const now = await observeStation(run.admin, name);
  return { name, before: uid, uid: now === undefined ? undefined : String(now.row.id) };
}

/** What an interrupted run has left to do for a station, for people; undefined when there is nothing. */
export async function interruptedCarry(run: Run, from: string): Promise<string | undefined> {
  const record = await recordedCarry(run, from);
  if (record === undefined) return undefined;
  const { phase, station } = record.carry;
  const to = station.name === from ? '' : ` as "${station.name}"`;
  return `A run was interrupted while it replaced the station${to} and carried its messages. ${whatIsLeft[phase]}`;
}

const whatIsLeft: Readonly<Record<LedgerCarry['phase'], string>> = {
  copying:
    'The old station is complete, but accepts no messages. The next deploy opens it again and starts over.',
  copied:
    'The messages are in copies on the broker. Until the next deploy finishes it, the station is missing, incomplete or accepts no messages.',
  returned: 'The new station has all messages. The next deploy opens it and removes the copies.',
};

async function proceed(carry: Carry): Promise<void> {
  try {
    for (const phase of ['copying', 'copied', 'returned'] as const) {
      // A step ends a phase by writing the next one down.
      if (phase !== carry.record.phase) continue;
      for (const step of steps[phase]) {
        carry.refuseWhenAbandoned();
        await step(carry);
      }
    }
  } catch (error) {
    if (error instanceof AbandonedError) throw error;
    if (carry.record.phase !== 'copying' && !(error instanceof ReopenedError)) throw resumable(carry, error);
    await takeBack(carry).catch(() => undefined);
    throw error;
  }
}

/** Lets publishers into the old station again, and removes the copies. */
async function takeBack(carry: Carry): Promise<void> {
  const { admin } = carry.run;
  const live = await old(carry);
  if (live !== undefined) await thaw(admin, live.streams);
  await deleteCopies(admin, carry.from, carry.record.partitions);
  await carry.end();
}

/** Says that nothing is lost and how it goes on. */
function resumable(carry: Carry, error: unknown): unknown {
  if (!(error instanceof MemphisError)) return error;
  if (error instanceof ConnectionError || error instanceof TimeoutError) return error;
  return new BrokerRefusedError({
    attempted: carry.attempted,
    found: `${error.found} (while it could not ${error.attempted}); the messages are in copies on the broker`,
    next: `Deploy again: the next run goes on where this one ended. ${error.next}`,
    cause: error,
  });
}
