import { AlreadyExistsError } from '../../model/errors';
import { externalName } from '../../model/names';
import { DEFAULT_TAG } from '../../model/station';
import type { Admin } from '../admin';
import { observeStation } from './live';

/** What goes with a station when it is removed, and has to be put back on the one that takes its place. */
export interface Attachments {
  /** Its tags, for a declaration that leaves them alone. */
  readonly tags: readonly string[];
  /** Stations that sent their dead letters to it; the broker clears these references. */
  readonly deadLetterSources: readonly string[];
}

/** To be read before a station is removed in order to be replaced. */
export async function attachmentsOf(admin: Admin, name: string): Promise<Attachments> {
  const rows = await admin.listStations();
  const row = rows.find((candidate) => candidate.name === externalName(name));
  return {
    tags: (row?.tags ?? []).filter((tag) => tag !== DEFAULT_TAG),
    deadLetterSources: rows
      .filter(({ dlsStation }) => dlsStation === externalName(name))
      .map((each) => each.name),
  };
}

/** Puts back what the removal took away, unless somebody has decided otherwise meanwhile. */
export async function putBack(
  admin: Admin,
  name: string,
  attachments: Attachments,
  managesTags: boolean,
): Promise<void> {
  if (!managesTags && attachments.tags.length > 0) await admin.addStationTags(name, attachments.tags);
  for (const source of attachments.deadLetterSources) {
    const live = await observeStation(admin, source);
    if (live?.row.dlsStation === '') await admin.attachDlsStation(source, name);
  }
}

/** A name is there once, so the new station of a replacement cannot be made before the old one is gone. */
export function replacedTooEarly(name: string, why?: string): AlreadyExistsError {
  return new AlreadyExistsError({
    attempted: `replace station "${name}"`,
    found: `the station is still there${why === undefined ? '' : ` and cannot become what is declared (${why})`}; it was left as it is`,
    next: 'If the lifecycle of the resource says create_before_destroy, take that away: a name is there once, so the old station has to go first. Otherwise declare the values that the station has, or choose another name',
  });
}
