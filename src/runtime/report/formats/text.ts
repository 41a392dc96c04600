import pc from 'picocolors';

import type { Difference, Finding, HistoryEntry, Report, ReportedObject } from '../report';
import type { Format, FormatOptions } from './format';
import { printable, printableSentence } from './printable';
import type { Colours } from './text-tests';
import { testBlocks } from './text-tests';
import {
  declaredText,
  isQuiet,
  objectTitle,
  scopeOf,
  sideTexts,
  siteText,
  stakeSentence,
  stakeText,
  standing,
  titleOf,
  totals,
} from './words';

interface Page {
  readonly report: Report;
  readonly colours: Colours;
  readonly width: number;
}

/** For people: one paragraph an object that differs, the totals last, where a terminal ends. */
export const text: Format = {
  name: 'text',
  render(report, { isColoured = false, width = 100, isComplete = false }: FormatOptions = {}) {
    const page = { report, colours: pc.createColors(isColoured), width: Math.max(width, 40) };
    const scope = scopeOf(report);
    const shown = report.objects.filter((object) => isComplete || !isQuiet(object));
    const blocks = [
      `${page.colours.bold(titleOf(report))}${scope === '' ? '' : `  ${page.colours.dim(scope)}`}`,
      report.findings.map((finding) => findingLine(finding, page)).join('\n'),
      ...shown.map((object) => objectBlock(object, page)),
      ...testBlocks(report.tests, { ...page, isComplete }),
      page.colours.bold(totals(report)),
    ];
    return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
  },
};

/** As Terraform marks them. */
const symbols: Readonly<Record<ReportedObject['action'], string>> = {
  none: ' ',
  create: '+',
  update: '~',
  replace: '-/+',
  delete: '-',
};

function symbolOf({ action, status }: ReportedObject): string {
  if (action !== 'none') return symbols[action];
  if (status === 'same') return '=';
  return status === 'unknown' ? '?' : '!';
}

function colourOf({ action, status }: ReportedObject, colours: Colours): (line: string) => string {
  if (action === 'delete' || action === 'replace') return colours.red;
  if (action === 'create') return colours.green;
  return status === 'same' && action === 'none' ? colours.dim : colours.yellow;
}

function objectBlock(object: ReportedObject, page: Page): string {
  const { colours, report } = page;
  const { declaration, stake, unresolved, findings, history } = object;
  const colour = colourOf(object, colours);
  const lines = [
    `${colour(symbolOf(object).padEnd(3))} ${colours.bold(objectTitle(object))}  ${colour(standing(object, report))}`,
  ];
  if (declaration !== undefined) lines.push(`    ${colours.dim(siteText(declaration))}`);
  lines.push(...differenceLines(object, page));
  if (unresolved.length > 0) {
    lines.push(
      colours.dim(
        `    not compared, because only Terraform knows it: ${unresolved.map(printable).join(', ')}`,
      ),
    );
  }
  if (stake !== undefined) {
    lines.push(`    ${colours.red(`at stake: ${stakeText(stake)}.`)} ${stakeSentence(stake)}`);
  }
  lines.push(...history.map((entry) => `    ${historyText(entry)}`));
  lines.push(...findings.map((finding) => `    ${findingLine(finding, page)}`));
  return lines.join('\n');
}

/** `field:   declared -> live`; in a plan, as Terraform prints it, `live -> declared`. */
function differenceLines(object: ReportedObject, { report, colours, width }: Page): string[] {
  const { differences } = object;
  if (differences.length === 0) return [];
  if (object.action === 'create' && differences.every(({ live }) => live === undefined)) {
    return valueLines(differences, width);
  }
  const isPlan = report.source === 'plan';
  const room = Math.max(16, Math.floor((width - 34) / 2));
  const rows = differences.map((difference) => {
    const { field, effect, why } = difference;
    const [wanted, there] = sideTexts(difference, room);
    const before = isPlan ? there || '(absent)' : wanted || '(not declared)';
    const after = isPlan ? wanted || '(not declared)' : there || '(absent)';
    const reason = why === undefined ? '' : `: ${printableSentence(why)}`;
    const note = effect === 'replace' ? `  ${colours.red(`forces replacement${reason}`)}` : '';
    return { field: `${printable(field)}:`, before, after, note };
  });
  const widest = (cells: readonly string[]): number =>
    Math.min(room, Math.max(...cells.map((cell) => cell.length)));
  const [first, second] = isPlan ? ['live', 'declared'] : ['declared', 'live'];
  const fields = widest(rows.map(({ field }) => field));
  const before = widest([first, ...rows.map((row) => row.before)]);
  return [
    colours.dim(`    ${''.padEnd(fields)}  ${first.padEnd(before)} -> ${second}`),
    ...rows.map(
      (row) => `    ${row.field.padEnd(fields)}  ${row.before.padEnd(before)} -> ${row.after}${row.note}`,
    ),
  ];
}

/** `field:  declared`, for an object of which nothing is live. */
function valueLines(differences: readonly Difference[], width: number): string[] {
  const fields = differences.map(({ field }) => `${printable(field)}:`);
  const widest = Math.min(width, Math.max(...fields.map((field) => field.length)));
  return differences.map(
    (difference, index) =>
      `    ${(fields[index] ?? '').padEnd(widest)}  ${declaredText(difference, Math.max(16, width - widest - 6))}`,
  );
}

function historyText({ at, by, what }: HistoryEntry): string {
  const head = [at, by].filter((part) => part !== undefined && part !== '').join(' by ');
  return head === '' ? printableSentence(what) : `${printable(head)}: ${printableSentence(what)}`;
}

function findingLine({ severity, code, message, field }: Finding, { colours }: Page): string {
  const colour = { error: colours.red, warning: colours.yellow, note: colours.cyan }[severity];
  const place = field === undefined ? '' : ` ${printable(field)}`;
  return `${colour(severity)}${place}: ${printableSentence(message)} ${colours.dim(`(${printable(code)})`)}`;
}
