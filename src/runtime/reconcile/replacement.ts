import { AlreadyExistsError } from '../../model/errors';
import { externalName } from '../../model/names';
import { DEFAULT_TAG } from '../../model/station';
import type { Admin, LedgerAttachments } from '../admin';
import { observeStation } from './live';

/**
 * Records what goes with a station that is about to be removed in order to be replaced: its tags, for a declaration that
 * leaves them alone, and the stations that send their dead letters to it, whose references the broker clears. A run that
 * dies before the new station is there leaves the record to the next one.
 */
export async function keepAttachments(admin: Admin, name: string, owner: string): Promise<void> {
  const rows = await admin.listStations();
  const row = rows.find((candidate) => candidate.name === externalName(name));
  const attachments: LedgerAttachments = {
    tags: (row?.tags ?? []).filter((tag) => tag !== DEFAULT_TAG),
    deadLetterSources: rows
      .filter(({ dlsStation }) => dlsStation === externalName(name))
      .map((each) => each.name),
  };
  if (attachments.tags.length === 0 && attachments.deadLetterSources.length === 0) return;
  await admin.ledger.write('replacement', name, { owner, state: 'pending', attachments });
}

/**
 * Puts back what the removal of the replaced station took away, unless somebody has decided otherwise meanwhile.
 * @returns false when there was nothing to put back.
 */
export async function putBackAttachments(
  admin: Admin,
  name: string,
  owner: string,
  managesTags: boolean,
): Promise<boolean> {
  const record = await admin.ledger.read('replacement', name);
  if (record?.attachments === undefined || record.owner !== owner) return false;
  const { tags, deadLetterSources } = record.attachments;
  if (!managesTags && tags.length > 0) await admin.addStationTags(name, tags);
  for (const source of deadLetterSources) {
    const live = await observeStation(admin, source);
    if (live?.row.dlsStation === '') await admin.attachDlsStation(source, name);
  }
  await forgetAttachments(admin, name);
  return true;
}

/** To be called when there is nothing (any more) to put back. */
export async function forgetAttachments(admin: Admin, name: string): Promise<void> {
  await admin.ledger.remove('replacement', name);
}

/** A name is there once, so the new station of a replacement cannot be made before the old one is gone. */
export function replacedTooEarly(name: string, why?: string): AlreadyExistsError {
  return new AlreadyExistsError({
    attempted: `replace station "${name}"`,
    found: `the station is still there${why === undefined ? '' : ` and cannot become what is declared (${why})`}; it was left as it is`,
    next: 'If the lifecycle of the resource says create_before_destroy, take that away: a name is there once, so the old station has to go first. Otherwise declare the values that the station has, or choose another name',
  });
}
