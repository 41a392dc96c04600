import { Command, InvalidArgumentError, Option } from 'commander';

import type { ExportedKind, Split } from '../runtime/export';
import { withExamples } from './examples';
import type { ExportCommandOptions } from './export-action';

const exportedKinds: readonly ExportedKind[] = ['station', 'schema', 'enforcement', 'user'];
const splits: readonly Split[] = ['none', 'prefix', 'tag'];

/** `cdktf-memphis export`: the TypeScript that declares what is on the broker that MEMPHIS_* names. */
export function exportCommand(): Command {
  const command = new Command('export')
    .description('Write the cdktf program that declares what is on a broker, with each schema in a file.')
    .addOption(
      new Option(
        '--filter <glob>',
        'only stations, schemas and users with such names, and the schemas that only these stations enforce; repeatable',
      )
        .argParser((glob: string, before: readonly string[]) => [...before, glob])
        .default([], 'all'),
    )
    .option('--out <folder>', 'where to write', 'memphis')
    .option('--import', 'import each object, so that the first deploy takes over what is there')
    .addOption(
      new Option('--only <kinds>', 'kinds of objects, separated by commas')
        .argParser(kindsIn)
        .default([...exportedKinds], exportedKinds.join(',')),
    )
    .addOption(
      new Option(
        '--split-by <what>',
        'several stacks: by what stands before the first . - or _ of a name, or by tag',
      )
        .choices(splits)
        .default('none'),
    )
    .addOption(
      new Option('--stack <name>', 'name of the stack; with --split-by of that for schemas of several stacks')
        .argParser(stackName)
        .default('memphis'),
    )
    .option(
      '--sets',
      'stations that differ in nothing but their names as one StationSet, which deploys faster',
    )
    .option('--settings', 'also the settings of the broker, such as its retentions and the size of messages')
    .option('--include-owned', 'also objects that another declaration owns')
    .option('--force', 'replace files that exist')
    .action(async (options: ExportCommandOptions) => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded when it runs, not for its help
      const { runExport } = require('./export-action') as typeof import('./export-action');
      await runExport(options);
    });
  return withExamples(command, [
    ['write the program for a whole broker, ready to take it over', 'cdktf-memphis export --import'],
    [
      'only what belongs to orders, in a folder of its own',
      "cdktf-memphis export --import --filter 'orders*' --out orders --stack orders",
    ],
    ['a broker with thousands of like stations', 'cdktf-memphis export --import --sets'],
    ['one stack for each prefix of the names', 'cdktf-memphis export --import --split-by prefix'],
  ]);
}

function kindsIn(text: string): ExportedKind[] {
  const kinds = text.split(',').map((kind) => kind.trim());
  const unknown = kinds.filter((kind) => !exportedKinds.some((each) => each === kind));
  if (unknown.length > 0) throw new InvalidArgumentError(`Allowed choices are ${exportedKinds.join(', ')}.`);
  return kinds as ExportedKind[];
}

function stackName(text: string): string {
  if (/^[a-z][a-z0-9_-]*$/i.test(text)) return text;
  throw new InvalidArgumentError('It must begin with a letter, and have letters, digits, - and _ only.');
}
