import type { DeclaredStack, SynthesisedStacksOptions } from './declared-stack';
import { SynthesisedStacks } from './stack-source';

export { SynthesisedStacks } from './stack-source';

export type { DeclaredObject, DeclaredStack, SynthesisedStacksOptions } from './declared-stack';

/**
 * Reads what the stacks of a project declare from its synthesised output, without Terraform, without state, and without
 * running the stacks' code. What only Terraform can know is left open, never guessed.
 * @throws EnvironmentError when nothing was synthesised, or a file of the output cannot be read.
 * @throws ValidationError for a stack that is not in the output.
 */
export async function readSynthesisedStacks(options: SynthesisedStacksOptions): Promise<DeclaredStack[]> {
  return new SynthesisedStacks(options).read();
}
