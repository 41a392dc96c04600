import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { isatty } from 'node:tty';

import pc from 'picocolors';

import { EnvironmentError } from '../model/errors';
import type { CheckedArea, CheckResult, CheckStatus } from '../runtime/doctor';
import { examine } from '../runtime/doctor';
import { ExitCode } from './exit-code';

/** The options of `doctor`. */
export interface DoctorOptions {
  readonly project: string;
  readonly format: 'text' | 'json';
}

/** Runs every check, prints what they found, and sets the exit code. */
export async function runDoctor({ project, format }: DoctorOptions): Promise<void> {
  const folder = path.resolve(project);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new EnvironmentError({
      attempted: `examine the project in ${folder}`,
      found: existsSync(folder) ? 'it is a file' : 'the folder does not exist',
      next: 'Name the folder of your stacks with --project, or make a project with cdktf-memphis init',
    });
  }
  const manifest = JSON.parse(readFileSync(path.join(__dirname, '../../package.json'), 'utf8')) as {
    readonly engines: { readonly node: string };
    readonly peerDependencies: Readonly<Record<string, string>>;
  };
  const areas = await examine({
    folder,
    environment: process.env,
    home: homedir(),
    nodeVersion: process.versions.node,
    nodeRange: manifest.engines.node,
    peers: manifest.peerDependencies,
  });
  const results = areas.flatMap((area) => area.results);
  process.stdout.write(format === 'json' ? jsonText(areas) : readableText(areas, isatty(1)));
  const problems = results.filter(({ status }) => status === 'problem');
  if (problems.length === 0) return;
  const isUnreachable = problems.some((problem) => problem.isUnreachable === true);
  process.exitCode = isUnreachable ? ExitCode.UNREACHABLE : ExitCode.ERROR;
}

function jsonText(areas: readonly CheckedArea[]): string {
  const checks = areas.flatMap(({ name, results }) =>
    results.map(({ id, title, status, found, next = null }) => ({
      area: name,
      id,
      title,
      status,
      found,
      next,
    })),
  );
  const problems = checks.filter(({ status }) => status === 'problem').length;
  return `${JSON.stringify({ version: 1, problems, checks }, null, 2)}\n`;
}

const words: Readonly<Record<CheckStatus, string>> = {
  ok: 'ok',
  warning: 'warning',
  problem: 'PROBLEM',
  notChecked: 'not checked',
};

const headings: Readonly<Record<CheckedArea['name'], string>> = {
  machine: 'This machine',
  project: 'The project',
  broker: 'The broker',
};

/** A line for each check, and below it what to do. */
export function readableText(areas: readonly CheckedArea[], isColoured: boolean): string {
  const { bold, green, yellow, red, dim } = pc.createColors(isColoured && pc.isColorSupported);
  const colours = { ok: green, warning: yellow, problem: red, notChecked: dim };
  const all = areas.flatMap(({ results }) => results);
  const titleWidth = Math.max(...all.map(({ title }) => title.length));
  const wordWidth = Math.max(...Object.values(words).map((word) => word.length));
  const line = ({ status, title, found, next }: CheckResult): string => {
    const word = colours[status](words[status].padEnd(wordWidth));
    const head = `  ${word}  ${title.padEnd(titleWidth)}  ${found}`;
    return next === undefined
      ? head
      : `${head}\n${' '.repeat(wordWidth + titleWidth + 6)}${bold('->')} ${next}`;
  };
  const blocks = areas.map(({ name, results }) => [bold(headings[name]), ...results.map(line)].join('\n'));
  return `${blocks.join('\n\n')}\n\n${summary(all)}\n`;
}

function summary(results: readonly CheckResult[]): string {
  const count = (status: CheckStatus): number => results.filter((each) => each.status === status).length;
  const problems = count('problem');
  const parts = [
    problems === 0 ? 'No problem' : problems === 1 ? '1 problem' : `${problems} problems`,
    ...(count('warning') > 0
      ? [`${count('warning')} ${count('warning') === 1 ? 'warning' : 'warnings'}`]
      : []),
    ...(count('notChecked') > 0 ? [`${count('notChecked')} not checked`] : []),
  ];
  return `${parts.join(', ')}.`;
}
