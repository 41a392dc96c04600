import { resolveConnection } from '../model/connection';
import { plural } from '../model/error-text';
import { NotFoundError } from '../model/errors';
import { connectAdmin, readOnly } from '../runtime/admin';
import type { Export, ExportedKind, Split } from '../runtime/export';
import { checkFolder, exportBroker, writeFiles } from '../runtime/export';

/** The options of `cdktf-memphis export`. */
export interface ExportCommandOptions {
  readonly filter: readonly string[];
  readonly out: string;
  readonly import?: true;
  readonly only: readonly ExportedKind[];
  readonly splitBy: Split;
  readonly stack: string;
  readonly sets?: true;
  readonly settings?: true;
  readonly includeOwned?: true;
  readonly force?: true;
}

/** Exports the broker that MEMPHIS_* names, and says on stderr what to know about it. */
export async function runExport(options: ExportCommandOptions): Promise<void> {
  checkFolder(options.out);
  const found = await read(options);
  if (total(found) > 0) writeFiles(options.out, found.files, options.force === true);
  else if (options.filter.length > 0) throw nothingMatches(options.filter, found);
  process.stderr.write(report(found, options));
}

async function read({ filter, only, ...options }: ExportCommandOptions): Promise<Export> {
  const admin = readOnly(await connectAdmin(resolveConnection()));
  try {
    return await exportBroker(admin, {
      filter,
      kinds: new Set(only),
      withImports: options.import === true,
      withOwned: options.includeOwned === true,
      withSets: options.sets === true,
      withSettings: options.settings === true,
      split: options.splitBy,
      stackName: options.stack,
    });
  } finally {
    await admin.close();
  }
}

function counts({ stacks }: Export): Readonly<Record<'stations' | 'schemas' | 'users', number>> {
  return {
    stations: stacks.reduce((sum, stack) => sum + stack.stations.length, 0),
    schemas: stacks.reduce((sum, stack) => sum + stack.schemas.length, 0),
    users: stacks.reduce((sum, stack) => sum + stack.users.length, 0),
  };
}

function hasSettings({ stacks }: Export): boolean {
  return stacks.some(({ settings }) => settings !== undefined);
}

function total(found: Export): number {
  const objects = Object.values(counts(found)).reduce((sum, count) => sum + count, 0);
  return objects + (hasSettings(found) ? 1 : 0);
}

function nothingMatches(filter: readonly string[], { leftOut, warnings }: Export): NotFoundError {
  const reasons = [...leftOut, ...warnings.map(({ object, text }) => `${object}: ${text}`)];
  return new NotFoundError({
    attempted: `export ${filter.map((glob) => `"${glob}"`).join(', ')}`,
    found:
      reasons.length === 0
        ? 'no station and no schema has such a name, and no user has it either'
        : `left out: ${reasons.join('; ')}`,
    next: 'Run cdktf-memphis list to see the names on the broker',
  });
}

/** What people should know: what the code does not say, what was left out, and what to do next. */
function report(found: Export, options: ExportCommandOptions): string {
  const { stations, schemas, users } = counts(found);
  const lines = found.warnings.map(({ object, text }) => `warning: ${object}: ${text}`);
  lines.push(...found.leftOut.map((text) => `Left out: ${text}.`));
  if (total(found) === 0) return [...lines, 'Nothing to export.', ''].join('\n');
  const written = [
    plural(stations, 'station'),
    plural(schemas, 'schema'),
    ...(users === 0 ? [] : [plural(users, 'user')]),
    ...(hasSettings(found) ? ['the settings of the broker'] : []),
  ];
  const stacks = found.stacks.map(({ name }) => name);
  lines.push(
    `Wrote ${listed(written)} to ${options.out} (${plural(found.files.size, 'file')}, ${plural(stacks.length, 'stack')}).`,
    '',
    'To deploy them:',
    '  npm install cdktf-memphis cdktf@0.21 constructs@10.7',
    '  npm install --save-dev cdktf-cli@0.21 typescript@5 tsx',
    `  set "app" in cdktf.json to "npx tsx ${options.out}/main.ts", and projectId to an id of your own`,
    `  npx cdktf diff ${stacks.length === 1 ? (stacks[0] ?? '') : '<stack>'}`,
  );
  lines.push(
    options.import === true
      ? 'The plan imports each object and records its owner, and recreates nothing. After the deploy the importFrom lines can go.'
      : 'The objects exist, so a deploy refuses to create them: export with --import to take them over.',
  );
  if (options.import === true && options.includeOwned === true)
    lines.push(
      'Objects that another declaration owns are taken over. Release them there first, by a removed block with destroy = false or terraform state rm: every change by that declaration is refused afterwards.',
    );
  if (users > 0)
    lines.push(
      'The users keep their passwords. A deploy reads the variables that passwordEnv names when it has to add a user again.',
    );
  return [...lines, ''].join('\n');
}

/** `3 stations, 1 schema and 2 users` */
function listed(parts: readonly string[]): string {
  return [parts.slice(0, -1).join(', '), ...parts.slice(-1)].filter((part) => part !== '').join(' and ');
}
