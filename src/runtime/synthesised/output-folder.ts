import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { EnvironmentError, ValidationError } from '../../model/errors';
import { quotedNames } from '../../model/error-text';
import { nearestNames } from '../../model/unknown-names';
import type { JsonObject } from './json';
import { configurationFiles, readJsonFile } from './configuration';
import { isObject } from './json';
import { ReadFiles } from './read-files';
import type { StackFolder } from './read-stack';

const MANIFEST = 'manifest.json';
const DEFAULT_OUTPUT = 'cdktf.out';

/**
 * Finds the folders of the stacks in a project, in the output folder of its synth, or in the folder of one stack.
 * @param names the stacks to find; undefined for all
 * @param files is notified of what is read
 * @throws EnvironmentError when nothing was synthesised there; ValidationError for a name that no stack has.
 */
export async function stackFolders(
  folder: string,
  names: readonly string[] | undefined,
  files: ReadFiles = new ReadFiles(),
): Promise<StackFolder[]> {
  const found = await allFolders(folder, files);
  if (names === undefined) return found;
  const known = found.map(({ folder: each, name }) => name ?? basename(each));
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new ValidationError(
      'read the synthesised stacks',
      unknown.map((name) => unknownStack(name, known)),
    );
  }
  return found.filter(({ folder: each, name }) => names.includes(name ?? basename(each)));
}

function unknownStack(name: string, known: readonly string[]): string {
  const nearest = nearestNames(name, known);
  const advice = nearest.length === 0 ? '' : `; use ${quotedNames(nearest)}`;
  return `stack "${name}" is not in the synthesised output, which has ${quotedNames(known)}${advice}`;
}

async function allFolders(folder: string, files: ReadFiles): Promise<StackFolder[]> {
  const output = await outputFolder(folder, files);
  if (output !== undefined) return stacksOfManifest(output);
  if ((await configurationFiles(folder)).length > 0) return [{ folder, name: undefined }];
  throw new EnvironmentError({
    attempted: 'read the synthesised stacks',
    found: `${folder} has no synthesised output`,
    next: 'Run cdktf synth in the project first, or name the project or its output folder.',
  });
}

/** The folder with the manifest: the given one, or that of the project. */
async function outputFolder(folder: string, files: ReadFiles): Promise<string | undefined> {
  const output = await outputOfProject(folder, files);
  for (const candidate of [folder, join(folder, output)]) {
    files.note(join(candidate, MANIFEST));
    if (await exists(join(candidate, MANIFEST))) return candidate;
  }
  return undefined;
}

async function outputOfProject(folder: string, files: ReadFiles): Promise<string> {
  const file = join(folder, 'cdktf.json');
  files.note(file);
  if (!(await exists(file))) return DEFAULT_OUTPUT;
  const { output } = await readJsonFile(file, 'the project');
  return typeof output === 'string' && output !== '' ? output : DEFAULT_OUTPUT;
}

async function exists(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    () => false,
  );
}

async function stacksOfManifest(output: string): Promise<StackFolder[]> {
  const manifest = await readJsonFile(join(output, MANIFEST), 'the synthesised stacks');
  const stacks = isObject(manifest.stacks) ? Object.entries(manifest.stacks) : [];
  return stacks
    .filter((entry): entry is [string, JsonObject] => isObject(entry[1]))
    .map(([name, stack]) => ({ name, folder: folderOf(output, name, stack) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function folderOf(output: string, name: string, stack: JsonObject): string {
  const { workingDirectory, synthesizedStackPath } = stack;
  if (typeof workingDirectory === 'string') return resolve(output, workingDirectory);
  if (typeof synthesizedStackPath === 'string') return resolve(output, dirname(synthesizedStackPath));
  return resolve(output, 'stacks', name);
}
