import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { EnvironmentError, errorText } from '../../model/errors';

/**
 * Makes a folder and those above it that are missing, for this user alone. `mkdir` with `recursive` never ends where a file system
 * answers that the folder above is missing although it is there, as /proc does (seen with Node 20 and 22).
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await makeOne(folder);
  } catch (error) {
    const above = path.dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === folder) throw error;
    await makeFolder(above);
    await makeOne(folder);
  }
}

async function makeOne(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    // Whether it is a folder shows with its first use.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/**
 * Makes a folder of a new name for what a running broker needs.
 * @throws EnvironmentError
 */
export async function temporaryFolder(base = tmpdir()): Promise<string> {
  try {
    return await mkdtemp(path.join(base, 'cdktf-memphis-broker-'));
  } catch (error) {
    throw new EnvironmentError({
      attempted: `create a temporary folder in ${base}`,
      found: errorText(error),
      next: 'Set TMPDIR to a folder that exists and that this user may write.',
      cause: error,
    });
  }
}
