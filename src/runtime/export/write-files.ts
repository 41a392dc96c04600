import { existsSync, mkdirSync, readFileSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EnvironmentError, errorText } from '../../model/errors';
import { quotedNames } from '../../model/error-text';

/**
 * Writes the files of an export below a folder, which is made where it is missing.
 * @param force replaces files that are there with other contents
 * @throws EnvironmentError when such a file is there without permission, or when a file cannot be written; in the first
 *   case nothing was written
 */
export function writeFiles(folder: string, files: ReadonlyMap<string, string>, force: boolean): void {
  const attempted = attemptedFor(folder);
  const other = [...files].filter(([name, content]) => isOther(join(folder, name), content, attempted));
  if (other.length > 0 && !force) {
    throw new EnvironmentError({
      attempted,
      found: `${quotedNames(other.map(([name]) => name))} exist${other.length === 1 ? 's' : ''} there with other contents; nothing was written`,
      next: 'Name another folder with --out, or replace the files with --force',
    });
  }
  try {
    for (const [name, content] of files) {
      const file = join(folder, name);
      makeFolder(dirname(file));
      writeFileSync(file, content);
    }
  } catch (error) {
    throw unwritable(attempted, error);
  }
}

/**
 * Checks that files can be written below a folder, so that nobody waits for an export that cannot be kept. It leaves
 * nothing behind.
 * @throws EnvironmentError
 */
export function checkFolder(folder: string): void {
  const made: string[] = [];
  try {
    made.push(...makeFolder(folder));
    const probe = join(folder, `.cdktf-memphis-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    throw unwritable(attemptedFor(folder), error);
  } finally {
    for (const each of made.reverse()) rmdirSync(each);
  }
}

function attemptedFor(folder: string): string {
  return `write the export to ${folder}`;
}

/** Node's own recursion never returns for a folder in /proc. @returns the folders that were missing, outermost first */
function makeFolder(folder: string): string[] {
  if (existsSync(folder)) return [];
  const above = makeFolder(dirname(folder));
  mkdirSync(folder);
  return [...above, folder];
}

function isOther(file: string, content: string, attempted: string): boolean {
  try {
    return existsSync(file) && readFileSync(file, 'utf8') !== content;
  } catch (error) {
    throw unwritable(attempted, error);
  }
}

function unwritable(attempted: string, cause: unknown): EnvironmentError {
  return new EnvironmentError({
    attempted,
    found: errorText(cause),
    next: 'Name a folder with --out in which this user may write',
    cause,
  });
}
