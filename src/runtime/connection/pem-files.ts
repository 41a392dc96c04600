import { readFile } from 'node:fs/promises';
import { EnvironmentError, errorText } from '../../model/errors';

/**
 * Reads the files of TLS, by what they hold.
 * @throws EnvironmentError that names each file that cannot be read, whichever was missed first.
 */
export async function readPemFiles<What extends string>(
  files: Readonly<Record<What, string | undefined>>,
): Promise<Record<What, Buffer | undefined>> {
  const given = Object.entries<string | undefined>(files);
  const reads = await Promise.allSettled(
    given.map(async ([, file]) => (file === undefined ? undefined : readFile(file))),
  );
  const problems: string[] = [];
  const contents = given.map(([what], index) => {
    const read = reads[index];
    if (read?.status === 'fulfilled') return [what, read.value] as const;
    problems.push(`${what}: ${errorText(read?.reason)}`);
    return [what, undefined] as const;
  });
  if (problems.length > 0) {
    throw new EnvironmentError({
      attempted: 'read the TLS files',
      found: '',
      problems,
      next: 'Name PEM files that this user can read',
    });
  }
  return Object.fromEntries(contents) as Record<What, Buffer | undefined>;
}
