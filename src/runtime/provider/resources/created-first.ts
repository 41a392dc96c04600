import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { AlreadyExistsError } from '../../../model/errors';
import { externalName } from '../../../model/names';
import type { Kind } from '../../reconcile';
import type { Values } from '../cty/value';
import { stringAt } from '../cty/value';
import type { Diagnostic } from '../framework/diagnostics';
import { declaredOwnerOf } from './attributes';
import { diagnosticFor } from './diagnose';

/**
 * Refuses to replace an object under its name where Terraform may create the new one first and nothing shows whose the
 * object is that has the name by then: the creation could not tell it from somebody else's, and Terraform would be left
 * with two objects that are one. With an owner the ledger shows it.
 * @param before the object of the state
 */
export function createdTooEarly(
  { name: kind, describe }: Pick<Kind<never, never, never>, 'name' | 'describe'>,
  before: Values,
  planned: Values | null,
  nameAttribute: string,
): Diagnostic[] {
  const name = stringAt(before, nameAttribute);
  const successor = planned === null ? undefined : stringAt(planned, nameAttribute);
  if (planned === null || name === undefined || successor === undefined) return [];
  if (externalName(name) !== externalName(successor)) return [];
  const { owner } = declaredOwnerOf(before);
  if (owner !== '' && owner === declaredOwnerOf(planned).owner) return [];
  const place = createBeforeDestroyPlace(process.cwd());
  if (place === undefined) return [];
  const error = new AlreadyExistsError({
    attempted: `replace ${describe(externalName(name))}`,
    found: `${place} says create_before_destroy, which also holds for everything that such a resource depends on. A name is there once, and without a deployed owner the ${kind} could not be distinguished from one that is managed elsewhere; nothing was changed`,
    next: 'Take create_before_destroy away, or set owner on the resource (a text that names it, such as "shop/orders") and apply that first',
  });
  return [diagnosticFor(error, nameAttribute)];
}

/**
 * Finds the first `create_before_destroy = true` in the configuration of a folder and in the modules that it uses.
 * Terraform runs a provider in the folder of the root module, and does not tell it about lifecycles.
 * @returns file and line
 */
export function createBeforeDestroyPlace(folder: string): string | undefined {
  for (const directory of [folder, ...moduleFolders(folder)]) {
    for (const file of namesIn(directory).filter((name) => /\.(tf|tofu)(\.json)?$/.test(name))) {
      const path = join(directory, file);
      const line = textOf(path).split('\n').findIndex(saysSo);
      if (line >= 0) return `${relative(folder, path)}:${line + 1}`;
    }
  }
  return undefined;
}

function saysSo(line: string): boolean {
  return /^(?:[^#/]|\/(?!\/))*\bcreate_before_destroy"?\s*[=:]\s*"?true\b/.test(line);
}

function moduleFolders(folder: string): string[] {
  const dataFolder = resolve(folder, process.env.TF_DATA_DIR ?? '.terraform');
  try {
    const list = JSON.parse(textOf(join(dataFolder, 'modules', 'modules.json'))) as {
      readonly Modules?: readonly { readonly Dir?: unknown }[];
    };
    return (list.Modules ?? []).flatMap(({ Dir }) =>
      typeof Dir === 'string' && Dir !== '.' ? [join(folder, Dir)] : [],
    );
  } catch {
    // There are no modules.
    return [];
  }
}

/** What cannot be read says nothing. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
