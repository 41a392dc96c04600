import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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
  const attempted = `write the export to ${folder}`;
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
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  } catch (error) {
    throw unwritable(attempted, error);
  }
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
