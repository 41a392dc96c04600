import { Command, InvalidArgumentError, Option } from 'commander';

import { resolveConnection } from '../model/connection';
import { plural } from '../model/error-text';
import { NotFoundError } from '../model/errors';
import { connectAdmin } from '../runtime/admin';
import type { Export, ExportedKind, Split } from '../runtime/export';
import { exportBroker, exportedKinds, splits, writeFiles } from '../runtime/export';

interface ExportCommandOptions {
  readonly filter: readonly string[];
  readonly out: string;
  readonly import?: true;
  readonly only: readonly ExportedKind[];
  readonly splitBy: Split;
  readonly stack: string;
  readonly includeOwned?: true;
  readonly force?: true;
}

/** `cdktf-memphis export`: the TypeScript that declares what is on the broker that MEMPHIS_* names. */
export function exportCommand(): Command {
  return new Command('export')
    .description('Write the cdktf program that declares what is on a broker, with each schema in a file.')
    .addOption(
      new Option(
        '--filter <glob>',
        'only stations with such names, and the schemas that only they enforce; repeatable',
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
    .option('--include-owned', 'also objects that another declaration owns')
    .option('--force', 'replace files that exist')
    .addHelpText(
      'after',
      `
Examples:
  # Write the program for a whole broker, ready to take it over
  cdktf-memphis export --import
  # Only what belongs to orders, in a folder of its own
  cdktf-memphis export --import --filter 'orders*' --out orders --stack orders
  # One stack for each prefix of the names
  cdktf-memphis export --import --split-by prefix`,
    )
    .action(runExport);
}

function kindsIn(text: string): ExportedKind[] {
  const kinds = text.split(',').map((kind) => kind.trim());
  const unknown = kinds.filter((kind) => !(exportedKinds as readonly string[]).includes(kind));
  if (unknown.length > 0) throw new InvalidArgumentError(`Allowed choices are ${exportedKinds.join(', ')}.`);
  return kinds as ExportedKind[];
}

function stackName(text: string): string {
  if (/^[a-z][a-z0-9_-]*$/i.test(text)) return text;
  throw new InvalidArgumentError('It must begin with a letter, and have letters, digits, - and _ only.');
}

async function runExport(options: ExportCommandOptions): Promise<void> {
  const found = await read(options);
  const { stations, schemas } = counts(found);
  if (stations + schemas > 0) writeFiles(options.out, found.files, options.force === true);
  else if (options.filter.length > 0) throw nothingMatches(options.filter, found);
  process.stderr.write(report(found, options));
}

async function read({ filter, only, ...options }: ExportCommandOptions): Promise<Export> {
  const admin = await connectAdmin(resolveConnection());
  try {
    return await exportBroker(admin, {
      filter,
      kinds: new Set(only),
      withImports: options.import === true,
      withOwned: options.includeOwned === true,
      split: options.splitBy,
      stackName: options.stack,
    });
  } finally {
    await admin.close();
  }
}

function counts({ stacks }: Export): { readonly stations: number; readonly schemas: number } {
  return {
    stations: stacks.reduce((sum, stack) => sum + stack.stations.length, 0),
    schemas: stacks.reduce((sum, stack) => sum + stack.schemas.length, 0),
  };
}

function nothingMatches(filter: readonly string[], { leftOut, warnings }: Export): NotFoundError {
  const reasons = [...leftOut, ...warnings.map(({ object, text }) => `${object}: ${text}`)];
  return new NotFoundError({
    attempted: `export ${filter.map((glob) => `"${glob}"`).join(', ')}`,
    found:
      reasons.length === 0 ? 'no station and no schema has such a name' : `left out: ${reasons.join('; ')}`,
    next: 'Run cdktf-memphis list to see the names on the broker',
  });
}

/** What people should know: what the code does not say, what was left out, and what to do next. */
function report(found: Export, options: ExportCommandOptions): string {
  const { stations, schemas } = counts(found);
  const lines = found.warnings.map(({ object, text }) => `warning: ${object}: ${text}`);
  lines.push(...found.leftOut.map((text) => `Left out: ${text}.`));
  if (stations + schemas === 0) return [...lines, 'Nothing to export.', ''].join('\n');
  const stacks = found.stacks.map(({ name }) => name);
  lines.push(
    `Wrote ${plural(stations, 'station')} and ${plural(schemas, 'schema')} to ${options.out} (${plural(found.files.size, 'file')}, ${plural(stacks.length, 'stack')}).`,
    '',
    'To deploy them:',
    '  npm install cdktf-memphis cdktf constructs',
    `  set "app" in cdktf.json to "npx ts-node ${options.out}/main.ts", and projectId to an id of your own`,
    `  npx cdktf diff ${stacks.length === 1 ? (stacks[0] ?? '') : '<stack>'}`,
  );
  lines.push(
    options.import === true
      ? 'The plan imports each object and records its owner, and recreates nothing. After the deploy the importFrom lines can go.'
      : 'The objects exist, so a deploy refuses to create them: export with --import to take them over.',
  );
  return [...lines, ''].join('\n');
}
