import { resolve } from 'node:path';
import type { DeclaredStack, SynthesisedStacksOptions } from './declared-stack';
import { stackFolders } from './output-folder';
import { ReadFiles } from './read-files';
import { readStack } from './read-stack';

/** The stacks of a project, which can be read again when a synth has changed them. */
export class SynthesisedStacks {
  readonly #options: SynthesisedStacksOptions;
  #files = new ReadFiles();

  constructor(options: SynthesisedStacksOptions) {
    this.#options = options;
  }

  /**
   * Reads what the stacks declare now.
   * @throws EnvironmentError when nothing was synthesised, or a file of the output cannot be read; ValidationError for a
   *   stack that is not in the output.
   */
  async read(): Promise<DeclaredStack[]> {
    const { folder = process.cwd(), environment, stacks } = this.#options;
    const files = new ReadFiles();
    // Also when reading fails: what was read until then may be corrected.
    this.#files = files;
    const folders = await stackFolders(resolve(folder), stacks, files);
    return Promise.all(folders.map((each) => readStack(each, environment, files)));
  }

  /** True when a file or a folder that says what is declared is not as it was at the last call, or reading. */
  hasChanged(): boolean {
    return this.#files.haveChanged();
  }
}
