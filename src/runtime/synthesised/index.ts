import { resolve } from 'node:path';
import type { DeclaredStack, SynthesisedStacksOptions } from './declared-stack';
import { stackFolders } from './output-folder';
import { readStack } from './read-stack';

export type {
  DeclarationSite,
  DeclaredKind,
  DeclaredObject,
  DeclaredProvider,
  DeclaredStack,
  DeclaredTest,
  SynthesisedStacksOptions,
} from './declared-stack';

/**
 * Reads what the stacks of a project declare from its synthesised output, without Terraform, without state, and without
 * running the stacks' code. What only Terraform can know is left open, never guessed.
 * @throws EnvironmentError when nothing was synthesised, or a file of the output cannot be read.
 * @throws ValidationError for a stack that is not in the output.
 */
export async function readSynthesisedStacks({
  folder = process.cwd(),
  stacks,
  environment,
}: SynthesisedStacksOptions): Promise<DeclaredStack[]> {
  const folders = await stackFolders(resolve(folder), stacks);
  return Promise.all(folders.map((each) => readStack(each, environment)));
}
