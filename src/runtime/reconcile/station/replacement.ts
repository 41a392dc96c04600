import { DEFAULT_TAG } from '../../../model/station';
import type { LedgerAttachments, StationDetails } from '../../admin';
import type { Run } from '../run';

/**
 * Records what goes with a station that is about to be removed in order to be replaced: its tags, for a declaration that
 * leaves them alone, and the stations that send their dead letters to it, whose references the broker clears. An
 * interrupted run leaves the record to the next one.
 */
export async function keepAttachments(run: Run, name: string, owner: string): Promise<void> {
  const attachments = await attachmentsOf(run, name, await run.admin.readStation(name));
  if (attachments.tags.length === 0 && attachments.deadLetterSources.length === 0) return;
  const record = { owner, state: 'pending', attachments } as const;
  await run.admin.ledger.write('replacement', name, record);
  (await run.unfinishedReplacements()).set(name, record);
}

/** What goes with a station when it is removed. */
export async function attachmentsOf(
  run: Run,
  name: string,
  row: Pick<StationDetails, 'tags'> | undefined,
): Promise<LedgerAttachments> {
  return {
    tags: (row?.tags ?? []).filter((tag) => tag !== DEFAULT_TAG),
    deadLetterSources: await run.links.deadLetterSourcesOf(name),
  };
}

/**
 * Puts back what the removal of the replaced station took away, unless somebody has decided otherwise meanwhile.
 * @returns false when there was nothing to put back.
 */
export async function putBackAttachments(
  run: Run,
  name: string,
  owner: string,
  managesTags: boolean,
): Promise<boolean> {
  const record = (await run.unfinishedReplacements()).get(name);
  if (record?.attachments === undefined || record.owner !== owner) return false;
  await attachAgain(run, name, record.attachments, managesTags);
  await forgetAttachments(run, name);
  return true;
}

/** Gives a station what was attached to the one that it replaces. */
export async function attachAgain(
  run: Run,
  name: string,
  { tags, deadLetterSources }: LedgerAttachments,
  managesTags: boolean,
): Promise<void> {
  const { admin } = run;
  if (!managesTags && tags.length > 0) await admin.addStationTags(name, tags);
  for (const source of deadLetterSources) {
    if ((await admin.readStation(source))?.dlsStation !== '') continue;
    await admin.attachDlsStation(source, name);
    run.links.dlsStationSet(source, name);
  }
}

/** Removes the record when there is nothing to put back, or nothing any more. */
export async function forgetAttachments(run: Run, name: string): Promise<void> {
  const unfinished = await run.unfinishedReplacements();
  if (!unfinished.has(name)) return;
  await run.admin.ledger.remove('replacement', name);
  unfinished.delete(name);
}
