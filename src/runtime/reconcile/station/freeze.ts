import type { Admin, StreamInfo } from '../../admin';
import type { LiveStation } from './live';
import { openSubjects } from './live';

/**
 * Makes every partition refuse publishers: a publish then fails at once with "no responders" instead of being
 * acknowledged and lost with the station. Stored messages stay, and consumers go on.
 * @returns the streams as they are once nothing can be added to them any more.
 */
export async function freeze(admin: Admin, station: LiveStation): Promise<StreamInfo[]> {
  return Promise.all(
    station.streams.map((stream) =>
      admin.updateStream({ ...stream.config, subjects: [`${stream.config.name}.frozen`] }),
    ),
  );
}

/** Lets publishers in again. */
export async function thaw(admin: Admin, streams: readonly StreamInfo[]): Promise<void> {
  await Promise.all(
    streams.map((stream) =>
      admin.updateStream({ ...stream.config, subjects: openSubjects(stream.config.name) }),
    ),
  );
}
