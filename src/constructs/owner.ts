import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { IConstruct } from 'constructs';

/**
 * In whose name an object is made: project, stack and construct path. The broker keeps it, so that a deploy that died
 * half-way is resumed, and two projects never take each other's objects for their own.
 */
export function ownerOf(construct: IConstruct): string {
  const file = projectFile(construct);
  const project = file === undefined ? undefined : projectId(file);
  return project === undefined ? construct.node.path : `${project}/${construct.node.path}`;
}

/** The folder of the project: that of its `cdktf.json`, else the working directory. */
export function projectFolderOf(construct: IConstruct): string {
  const file = projectFile(construct);
  return file === undefined ? process.cwd() : dirname(resolve(file));
}

/** The `cdktf.json` of the project: the one that the framework was told, else the nearest from the working directory up. */
function projectFile(construct: IConstruct): string | undefined {
  const told: unknown = construct.node.tryGetContext('cdktfJsonPath');
  if (typeof told === 'string') return told;
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const file = join(folder, 'cdktf.json');
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Undefined when the file is not what cdktf writes; cdktf itself complains about that. */
function projectId(file: string): string | undefined {
  try {
    const { projectId: id } = JSON.parse(readFileSync(file, 'utf8')) as { readonly projectId?: unknown };
    return typeof id === 'string' && id !== '' ? id : undefined;
  } catch {
    return undefined;
  }
}
