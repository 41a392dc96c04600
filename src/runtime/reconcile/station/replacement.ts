import { externalName } from '../../../model/names';
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
  (await run.unfinishedReplacements()).set(name, record);
  await run.admin.ledger.write('replacement', name, record);
}

/**
 * Records that a station gets the dead-letter station that its declaration says now, before it does: it is not put back to
 * one that is replaced, by this run or by the one after it.
 *
 * Requests: one list of all replacements a run, and 1 for each that the station was attached to.
 */
export async function decideDlsStation(
  run: Run,
  { name, dlsStation }: { readonly name: string; readonly dlsStation: string },
): Promise<void> {
  run.decidedDlsStations.set(externalName(name), externalName(dlsStation));
  const unfinished = await run.unfinishedReplacements();
  for (const [key, record] of [...unfinished]) {
    const { attachments, carry } = record;
    const target = carry?.station.name ?? key;
    if (attachments?.deadLetterSources.includes(externalName(name)) !== true) continue;
    const left = undecided(run, target, attachments);
    if (left.deadLetterSources.length === attachments.deadLetterSources.length) continue;
    if (carry === undefined && left.tags.length + left.deadLetterSources.length === 0) {
      await forgetAttachments(run, key);
      continue;
    }
    unfinished.set(key, { ...record, attachments: left });
    await run.admin.ledger.write('replacement', key, { ...record, attachments: left });
  }
}

/** The attachments of a station without those that this run has decided otherwise. */
export function undecided(run: Run, target: string, attachments: LedgerAttachments): LedgerAttachments {
  const isLeft = (source: string): boolean => {
    const decided = run.decidedDlsStations.get(source);
    return decided === undefined || decided === externalName(target);
  };
  return { ...attachments, deadLetterSources: attachments.deadLetterSources.filter(isLeft) };
}

/**
 * True for a station whose dead-letter station is being replaced by an interrupted run: its reference, which the broker has
 * cleared, is put back as soon as that is there again.
 */
export async function isToBeAttached(run: Run, source: string, target: string): Promise<boolean> {
  for (const [key, { attachments, carry }] of await run.unfinishedReplacements()) {
    const isTarget = [key, carry?.station.name].includes(target) || key === `carry:${target}`;
    if (isTarget && attachments?.deadLetterSources.includes(externalName(source)) === true) return true;
  }
  return false;
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
    if (undecided(run, name, { tags: [], deadLetterSources: [source] }).deadLetterSources.length === 0)
      continue;
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
