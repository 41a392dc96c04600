import type { LedgerRecord } from '../admin';
import type { AnyKind } from './kinds';
import { kindAdapters } from './kinds';
import { isOverBy, whyNotMadeBy } from './made';
import type { Run } from './run';
import { removeUnused } from './schema/handover';

/**
 * Removes what interrupted runs of a stack have recorded and never created: the record of a creation whose declaration
 * was dropped before the next run would persist. Only pending records of the same project and stack go that no run can
 * still be working on, and only where there is no such object, or one of another origin. Once a run; call it before the
 * run records anything.
 *
 * A schema that waited for its last station to move or go, and that no station enforces any more, goes too.
 *
 * Requests: 3 lists of records, and 3 for each pending record of the stack.
 * @param owner the owner of any declaration of the stack: project, stack and construct path
 */
export function removeStaleRecords(run: Run, owner: string): Promise<void> {
  const [project, stack, path] = owner.split('/');
  if (project === undefined || stack === undefined || path === undefined) return Promise.resolve();
  return run.oncePerStack(`${project}/${stack}/`, async (prefix) => {
    for (const kind of Object.values(kindAdapters)) {
      if (kind.madeOf === undefined) continue;
      for (const [name, record] of await run.admin.ledger.list(kind.name)) {
        if (record.state === 'pending' && record.owner.startsWith(prefix))
          await removeIfStale(run, kind, name);
      }
    }
    await removeUnused(run, prefix);
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
