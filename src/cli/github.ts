import { appendFile, stat } from 'node:fs/promises';

import { formatNamed } from '../runtime/report/formats';
import { printableSentence, shortened } from '../runtime/report/formats/printable';
import type { Problem } from '../runtime/report/problems';
import { reportProblems } from '../runtime/report/problems';
import type { Report } from '../runtime/report/report';
import type { ProcessEnvironment } from './terminal';

/** What GitHub takes of the summary of a step, in bytes. */
const SUMMARY_BYTES = 1024 * 1024;

/** More than anybody reads beside a line; GitHub takes 64 KiB. */
const ANNOTATION_LENGTH = 4000;

/** What GitHub shows of the annotations of a step, for each severity. */
const MOST_ANNOTATIONS = 10;

/**
 * Appends a report to the summary of the step, where GitHub Actions names its file. A summary that is full stays as it
 * is: GitHub would drop all of it.
 */
export async function appendStepSummary(
  report: Report,
  { GITHUB_STEP_SUMMARY: file = '' }: ProcessEnvironment,
): Promise<void> {
  if (file === '') return;
  const used = await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
  const summary = `${formatNamed('markdown').render(report, { maximumBytes: SUMMARY_BYTES - used - 1 })}\n`;
  if (used + Buffer.byteLength(summary) <= SUMMARY_BYTES) await appendFile(file, summary);
}

/**
 * The problems of a report as workflow commands, which GitHub shows beside the source; empty outside GitHub Actions.
 * Those of one object are one annotation.
 */
export function annotationsOf(report: Report, { GITHUB_ACTIONS: isActive }: ProcessEnvironment): string {
  if (isActive !== 'true') return '';
  const groups = grouped(reportProblems(report));
  return (['error', 'warning', 'note'] as const)
    .flatMap((severity) =>
      limited(
        groups.filter(([first]) => first.severity === severity),
        severity,
      ),
    )
    .map((line) => `${line}\n`)
    .join('');
}

const commands = { error: 'error', warning: 'warning', note: 'notice' } as const;

type Group = readonly [Problem, ...Problem[]];

/** By subject, place and severity, in the order of the first of each. */
function grouped(problems: readonly Problem[]): Group[] {
  const groups = new Map<string, [Problem, ...Problem[]]>();
  for (const problem of problems) {
    const { severity, subject, rule, declaration } = problem;
    const key = JSON.stringify([
      severity,
      subject === '' ? rule : subject,
      declaration?.stack,
      declaration?.address,
    ]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [problem]);
    else group.push(problem);
  }
  return [...groups.values()];
}

/** GitHub drops what is too much without a word; the last annotation says how much that is. */
function limited(groups: readonly Group[], severity: Problem['severity']): string[] {
  if (groups.length <= MOST_ANNOTATIONS) return groups.map(annotation);
  const shown = groups.slice(0, MOST_ANNOTATIONS - 1);
  const rest = groups.length - shown.length;
  return [
    ...shown.map(annotation),
    `::${commands[severity]}::${rest} more of this severity are in the report.`,
  ];
}

function annotation([first, ...others]: Group): string {
  const { severity, subject, declaration } = first;
  const { file = '', line } = declaration ?? {};
  const properties = [
    ...(file === '' ? [] : [`file=${property(file)}`]),
    ...(file === '' || line === undefined ? [] : [`line=${line}`]),
    ...(subject === '' ? [] : [`title=${property(subject)}`]),
  ].join(',');
  const message = [first, ...others].map((problem) => printableSentence(problem.message)).join('\n');
  return `::${commands[severity]}${properties === '' ? '' : ` ${properties}`}::${data(shortened(message, ANNOTATION_LENGTH))}`;
}

/** Text for the log of a step: a name or a value at the start of a line is no workflow command. */
export function withoutCommands(text: string, { GITHUB_ACTIONS: isActive }: ProcessEnvironment): string {
  if (isActive !== 'true') return text;
  return text.replace(/^(\s*):(?=:)/gm, '$1: ').replaceAll('##[', '# #[');
}

/** The message of a workflow command. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** A property of a workflow command. */
function property(text: string): string {
  return data(printableSentence(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
