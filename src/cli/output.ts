import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Writable } from 'node:stream';

import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';

import { EnvironmentError, errorText } from '../model/errors';
import type { FormatName } from '../runtime/report/formats';
import { availableFormats, extensionsOf, formatNamed, formatOfFile } from '../runtime/report/formats';
import type { Report } from '../runtime/report/report';
import { needsAttention } from '../runtime/report/report';
import { ExitCode } from './exit-code';
import { annotationsOf, appendStepSummary, withoutCommands } from './github';
import type { MaybeTerminal, ProcessEnvironment } from './terminal';
import { isColoured } from './terminal';

/** Where a report goes: the options that `addOutputOptions` adds. */
export interface OutputOptions {
  /** Of stdout. Default `text`. */
  readonly format?: FormatName;
  /** Files, each in the format of its extension. */
  readonly out?: readonly string[];
}

/** What a report is written to. */
export interface OutputChannels {
  readonly stdout: Writable & MaybeTerminal & { readonly columns?: number };
  readonly stderr: Writable & MaybeTerminal;
  readonly environment: ProcessEnvironment;
  readonly setExitCode: (code: number) => void;
}

const ofThisProcess: OutputChannels = {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  setExitCode: (code) => {
    process.exitCode = code;
  },
};

/** Adds `--format <name>` and `--out <file>`. @param formats that the command offers; default all */
export function addOutputOptions(
  command: Command,
  formats: readonly FormatName[] = availableFormats,
): Command {
  return command
    .addOption(new Option('--format <name>', 'format of stdout').choices(formats).default('text'))
    .addOption(
      new Option(
        '--out <file>',
        `also write the report to this file, in the format of its extension (${extensionsOf(formats).join(', ')}); repeatable`,
      ).argParser((file: string, before: readonly string[] | undefined) => {
        const format = formatOfFile(file);
        if (format === undefined || !formats.includes(format)) {
          throw new InvalidArgumentError(`The file name has to end in ${choice(extensionsOf(formats))}.`);
        }
        return [...(before ?? []), file];
      }),
    );
}

/**
 * Makes the folders of the files and checks that they can be written. Commands call it before their work, so that
 * nobody waits for a report that cannot be kept.
 * @throws EnvironmentError
 */
export async function checkOutputs({ out = [] }: OutputOptions): Promise<void> {
  for (const file of out) {
    try {
      await makeFolder(path.dirname(path.resolve(file)));
      await writeFile(draftOf(file), '');
      await rm(draftOf(file));
      if (await isFolder(file)) throw new Error('it is a folder');
    } catch (error) {
      throw cannotWrite(file, error);
    }
  }
}

/**
 * Writes a report to its files, to the summary and the annotations of GitHub Actions, and to stdout. Before that it sets
 * the exit code: 2 when the report needs attention. So the code is right also when the reader of stdout leaves
 * (`| head`), which ends the command without a message.
 * @throws EnvironmentError when a file cannot be written; stdout has the report all the same
 */
export async function writeReport(
  report: Report,
  options: OutputOptions,
  channels: OutputChannels = ofThisProcess,
): Promise<void> {
  const { stdout, stderr, environment } = channels;
  const { format = 'text', out = [] } = options;
  channels.setExitCode(needsAttention(report) ? ExitCode.CHANGES : ExitCode.OK);
  const written = await Promise.allSettled([
    ...out.map((file) => writeReportFile(report, file)),
    appendStepSummary(report, environment).catch((error: unknown) => {
      throw cannotWrite(environment.GITHUB_STEP_SUMMARY ?? '', error);
    }),
  ]);
  // Text is for people, and GitHub takes the annotations out of it; another format on stdout is read by a program.
  await writeText(format === 'text' ? stdout : stderr, annotationsOf(report, environment));
  const { columns: width } = stdout;
  const printed = formatNamed(format).render(report, {
    isColoured: isColoured(stdout, environment),
    ...(width === undefined ? {} : { width }),
  });
  await writeText(stdout, format === 'text' ? withoutCommands(printed, environment) : printed);
  const failed = written.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Node's own recursion never returns for a folder in /proc. */
async function makeFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  const parent = path.dirname(folder);
  if (parent !== folder) await makeFolder(parent);
  await mkdir(folder).catch(async (error: unknown) => {
    // Another process may have made it meanwhile.
    if (!(await isFolder(folder))) throw error;
  });
}

async function isFolder(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function writeReportFile(report: Report, file: string): Promise<void> {
  const format = formatOfFile(file);
  if (format === undefined) throw cannotWrite(file, `no format has the extension "${path.extname(file)}"`);
  try {
    await writeWhole(file, formatNamed(format).render(report));
  } catch (error) {
    throw cannotWrite(file, error);
  }
}

/** Writes beside the file and renames, so that nobody reads one half of a report. */
async function writeWhole(file: string, text: string): Promise<void> {
  const draft = draftOf(file);
  try {
    await writeFile(draft, text);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

function draftOf(file: string): string {
  return `${file}.${process.pid}.new`;
}

function cannotWrite(file: string, cause: unknown): EnvironmentError {
  return new EnvironmentError({
    attempted: `write "${file}"`,
    found: errorText(cause),
    next: 'Name a file in a folder that you may write to',
    cause,
  });
}

/** Resolves when the text is handed over, or when the reader has left; whoever owns the stream then ends the process. */
export async function writeText(stream: Writable, text: string): Promise<void> {
  if (text === '') return;
  const ignore = (): void => undefined;
  stream.on('error', ignore);
  try {
    await new Promise<void>((resolve, reject) => {
      stream.write(text, (error) => {
        if (error instanceof Error && (error as NodeJS.ErrnoException).code !== 'EPIPE') reject(error);
        else resolve();
      });
    });
  } finally {
    // Streams report an error to their listeners after the callback.
    setImmediate(() => stream.off('error', ignore));
  }
}

function choice(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}
