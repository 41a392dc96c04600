import { openSubjects } from '../../../model/stream-settings';
import type { Admin, StreamInfo } from '../../admin';
import type { LiveStation } from './live';
import { isFinal } from './repair';

/**
 * Makes every partition refuse publishers: a publish then fails at once with "no responders" instead of being
 * acknowledged and lost with the station. Stored messages stay, and consumers go on.
 * @returns the streams as they are once nothing can be added to them any more.
 */
export function freeze(admin: Admin, station: LiveStation): Promise<StreamInfo[]> {
  return withSubjects(admin, station.streams, (stream) => [`${stream}.frozen`]);
}

/** Lets publishers in again. */
export async function thaw(admin: Admin, streams: readonly StreamInfo[]): Promise<void> {
  await withSubjects(admin, streams, openSubjects);
}

/** A stream that takes no change takes no message of a publisher either, and stays as it is. */
function withSubjects(
  admin: Admin,
  streams: readonly StreamInfo[],
  subjectsOf: (stream: string) => readonly string[],
): Promise<StreamInfo[]> {
  return Promise.all(
    streams.map(async (stream) =>
      isFinal(stream)
        ? stream
        : admin.updateStream({ ...stream.config, subjects: subjectsOf(stream.config.name) }),
    ),
  );
}
