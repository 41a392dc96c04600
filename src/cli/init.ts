import { Argument, Command, Option } from 'commander';

import { withExamples } from './examples';
import type { InitOptions } from './init-action';

/** `cdktf-memphis init [DIR]`: a project that deploys as it is. */
export function initCommand(): Command {
  const command = new Command('init')
    .description(
      'Make a project that deploys to the local broker as it is: a stack with stations, a schema and a smoke test.',
    )
    .addArgument(new Argument('[dir]', 'the folder, made if it is missing').default('.'))
    .addOption(
      new Option('--ci <system>', 'with pipelines that plan, deploy, smoke-test and report drift').choices([
        'github',
        'gitlab',
      ]),
    )
    .action(async (folder: string, options: InitOptions) => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded when it runs, not for its help
      const { makeProject } = require('./init-action') as typeof import('./init-action');
      await makeProject(folder, options);
    });
  return withExamples(command, [
    ['in a new folder', 'cdktf-memphis init messaging'],
    ['in this folder, with pipelines for GitLab', 'cdktf-memphis init --ci gitlab'],
  ]);
}
