import { join, relative, sep } from 'node:path';
import { EnvironmentError } from '../../model/errors';
import type { Configuration } from './configuration';
import { configurationFiles, readConfiguration } from './configuration';
import type { Block } from './json';
import type { ReadFiles } from './read-files';

/** The configuration of a stack or of a module, with the modules that it calls. */
export interface ModuleTree {
  readonly configuration: Configuration;
  /** What `path.module` gives: from the folder of the stack, with forward slashes. */
  readonly path: string;
  readonly calls: readonly ModuleCall[];
}

/** `module "orders" { … }` */
export interface ModuleCall {
  readonly name: string;
  readonly block: Block;
  /** Absent for a module that is not in a folder of the project, which Terraform has to download. */
  readonly tree?: ModuleTree;
}

/** Modules that call themselves have no end. */
const MAX_DEPTH = 20;

export interface ReadTreeOptions {
  /** The stack, for errors. */
  readonly shown: string;
  /** Is notified of what is read. */
  readonly files: ReadFiles;
}

/**
 * Reads the configuration of a stack, and of the modules in folders that it calls, whatever they call.
 * @throws EnvironmentError when a file cannot be read, or a folder has no configuration.
 */
export async function readModuleTree(folder: string, options: ReadTreeOptions): Promise<ModuleTree> {
  return readTree(folder, folder, 0, options);
}

async function readTree(
  root: string,
  folder: string,
  depth: number,
  options: ReadTreeOptions,
): Promise<ModuleTree> {
  const configuration = await readConfiguration(folder, options.shown, options.files);
  const calls = configuration.blocks('module', 1).map(async (block): Promise<ModuleCall> => {
    const name = block.labels[0] ?? '';
    const { source } = block.body;
    if (typeof source !== 'string' || !/^\.\.?(?:\/|$)/.test(source)) return { name, block };
    const inner = join(folder, source);
    const fail = (found: string, next: string): never => {
      throw new EnvironmentError({ attempted: `read ${options.shown}`, found, next });
    };
    if (depth === MAX_DEPTH) {
      return fail(`module "${name}" in ${folder} is nested too deeply`, 'Check that no module calls itself.');
    }
    if ((await configurationFiles(inner)).length === 0) {
      return fail(
        `${inner} has no configuration, and module "${name}" in ${folder} names it`,
        'Correct the source of the module.',
      );
    }
    return { name, block, tree: await readTree(root, inner, depth + 1, options) };
  });
  const path = relative(root, folder).split(sep).join('/');
  return { configuration, path: path === '' ? '.' : path, calls: await Promise.all(calls) };
}
