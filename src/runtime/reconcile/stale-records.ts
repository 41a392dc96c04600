import type { LedgerRecord } from '../admin';
import { inParallel } from '../admin/batch';
import type { AnyKind } from './kinds';
import { kindAdapters } from './kinds';
import { isOverBy, whyNotMadeBy } from './made';
import type { Run } from './run';
import { removeUnused } from './schema/handover';

/**
 * Removes the records of a stack that are about no object. Once a run; call it before the run records anything.
 *
 * - What an interrupted run has recorded and never created: the record of a creation whose declaration was dropped before
 *   the next run would persist. Only pending records go that no run can still be working on, and only where there is no
 *   such object, or one of another origin.
 * - What is about an object that somebody removed, or removed and created again: its uid never comes back.
 * - A schema that waited for its last station to move or go, and that no station enforces any more, goes too.
 *
 * Requests: 4 lists of records, and one list of the objects of each kind that the stack has records of; 3 for each pending
 * record of the stack, and for each that is about no listed object.
 * @param owner the owner of any declaration of the stack: project, stack and construct path
 */
export function removeStaleRecords(run: Run, owner: string): Promise<void> {
  const [project, stack, path] = owner.split('/');
  if (project === undefined || stack === undefined || path === undefined) return Promise.resolve();
  return run.oncePerStack(`${project}/${stack}/`, async (prefix) => {
    for (const kind of Object.values(kindAdapters)) {
      if (kind.uids === undefined) continue;
      const records = [...(await run.recordsOf(kind.name))].filter(([, { owner }]) =>
        owner.startsWith(prefix),
      );
      for (const [name, { state }] of records) if (state === 'pending') await removeIfStale(run, kind, name);
      await removeWithoutObject(
        run,
        kind,
        records.filter(([, { state }]) => state === 'complete'),
      );
    }
    await removeUnused(run, prefix);
  });
}

/** An object that is gone is gone for good, so what a list does not show is looked up once more, and not waited for. */
async function removeWithoutObject(
  run: Run,
  kind: AnyKind,
  records: readonly (readonly [name: string, record: LedgerRecord])[],
): Promise<void> {
  if (records.length === 0) return;
  const { ledger } = run.admin;
  const uids = await kind.uids?.(run);
  const unlisted = records.filter(([name, { uid }]) => uid !== undefined && uids?.get(name) !== uid);
  await inParallel(unlisted, async ([name, { uid }]) => {
    const [live, made] = await Promise.all([kind.read(run, name), kind.madeOf?.(run, name)]);
    if (made === 'streams' || (live !== undefined && kind.uidOf(live) === uid)) return;
    const record = await ledger.read(kind.name, name);
    if (record !== undefined && record.uid === uid) await ledger.remove(kind.name, name, record.owner);
  });
}

async function removeIfStale(run: Run, kind: AnyKind, name: string): Promise<void> {
  const { ledger } = run.admin;
  // A list does not tell when a record was stored. The removal takes only what is read here.
  const record = await ledger.read(kind.name, name);
  if (record?.state !== 'pending' || !isOverBy(record, run.startedAt)) return;
  if (await isNeeded(run, kind, name, record)) return;
  await ledger.remove(kind.name, name, record.owner);
}

/** True when the record proves whose the object is, or whose the streams of an unfinished station are. */
async function isNeeded(run: Run, kind: AnyKind, name: string, record: LedgerRecord): Promise<boolean> {
  const made = await kind.madeOf?.(run, name);
  if (made === 'streams') return true;
  return made !== undefined && whyNotMadeBy(record, made) === undefined;
}
