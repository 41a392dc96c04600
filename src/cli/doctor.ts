import { Command, Option } from 'commander';

import type { DoctorOptions } from './doctor-action';
import { withExamples } from './examples';

/** `cdktf-memphis doctor`: why it does not work, and what to do. */
export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description(
      'Find out why a deploy does not work: checks programs, packages, both sides of the broker and the permissions of the user. Changes nothing.',
    )
    .option('--project <folder>', 'the folder of the stacks', '.')
    .addOption(new Option('--format <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      '\nThe broker is the one that MEMPHIS_HOST and the other MEMPHIS_ variables name.\nExit codes: 0 no problem, 1 a problem, 3 the broker cannot be reached or refused the login.',
    )
    .action(async (options: DoctorOptions) => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded when it runs, not for its help
      const { runDoctor } = require('./doctor-action') as typeof import('./doctor-action');
      await runDoctor(options);
    });
  return withExamples(command, [
    ['check this machine, this folder and the broker of the environment', 'cdktf-memphis doctor'],
    ['list the problems in a script', 'cdktf-memphis doctor --format json'],
  ]);
}
