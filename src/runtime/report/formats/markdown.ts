import type { Difference, Finding, HistoryEntry, Report, ReportedObject, ReportedTest } from '../report';
import type { Format } from './format';
import { filled } from './markdown-sections';
import { markdownCode, markdownSentence } from './markdown-text';
import { shortened } from './printable';
import {
  declaredText,
  durationText,
  isQuiet,
  latencyText,
  sourcePlace,
  scopeOf,
  sideTexts,
  stakeSentence,
  stakeText,
  standing,
  throughputText,
  titleOf,
  totals,
  verdictWords,
} from './words';

/** The most characters of a comment on GitHub. */
const COMMENT_LENGTH = 65_536;
const VALUE_LENGTH = 300;

/** Markdown for comments of pull requests and step summaries: what destroys comes first, each object can be opened. */
export const markdown: Format = {
  name: 'markdown',
  render(report, { maximumLength, maximumBytes, isComplete = false } = {}) {
    const limits = {
      characters: maximumLength ?? (maximumBytes === undefined ? COMMENT_LENGTH : Infinity),
      bytes: maximumBytes ?? Infinity,
    };
    const scope = markdownSentence(shortened(scopeOf(report), VALUE_LENGTH));
    const head = `## ${titleOf(report)}\n\n**${totals(report)}**\n${scope === '' ? '' : `\n${scope}\n`}`;
    const objects = report.objects.filter((object) => isComplete || !isQuiet(object));
    const planned = report.tests.filter(({ verdict }) => verdict === 'planned');
    const ran = report.tests.filter(({ verdict }) => verdict !== 'planned');
    return filled(head, limits, [
      {
        heading: '',
        noun: 'finding',
        parts: report.findings.map((finding) => `- ${findingText(finding)}\n`),
      },
      {
        heading: '',
        noun: 'object',
        parts: objects.map((object) => objectBlock(object, report)),
        isSpaced: true,
      },
      { heading: '', noun: 'smoke test', parts: failedFirst(ran).map(testBlock), isSpaced: true },
      {
        heading: `### Smoke tests that will run\n\n${PLANNED_HEAD}`,
        noun: 'smoke test that will run',
        parts: planned.map(plannedRow),
      },
    ]);
  },
};

const marks: Readonly<Record<ReportedObject['action'], string>> = {
  none: '⚪',
  create: '🟢',
  update: '🟡',
  replace: '🔴',
  delete: '🔴',
};

function markOf({ action, status }: ReportedObject): string {
  if (action !== 'none') return marks[action];
  return status === 'same' || status === 'unknown' ? marks.none : marks.update;
}

function objectBlock(object: ReportedObject, report: Report): string {
  const { kind, name, broker, action, declaration, differences, unresolved, stake, findings, history } =
    object;
  const on = broker === undefined ? '' : ` on ${markdownCode(shortened(broker, VALUE_LENGTH))}`;
  const atStake = stake === undefined ? '' : ` <b>${stakeText(stake)} at stake.</b>`;
  const title = `${markdownSentence(kind)} <b>${markdownCode(shortened(name, VALUE_LENGTH))}</b>${on}`;
  const isOpen = action === 'delete' || action === 'replace';
  const notes = [
    ...(stake === undefined ? [] : [markdownSentence(stakeSentence(stake))]),
    ...findings.map(findingText),
    ...(unresolved.length === 0
      ? []
      : [
          `Not compared, because only Terraform knows it: ${unresolved.map((field) => markdownCode(field)).join(', ')}`,
        ]),
    ...history.map(historyText),
  ];
  const paragraphs = [
    declaration === undefined ? '' : `Declared at ${siteText(declaration)}`,
    differenceTable(object, differences, report),
    notes.map((note) => `- ${note}`).join('\n'),
  ];
  return details(`${markOf(object)} ${title}: ${standing(object, report)}.${atStake}`, paragraphs, isOpen);
}

function details(summary: string, paragraphs: readonly string[], isOpen: boolean): string {
  const content = paragraphs.filter((paragraph) => paragraph !== '').join('\n\n');
  if (content === '') return `${summary}\n`;
  return `<details${isOpen ? ' open' : ''}>\n<summary>${summary}</summary>\n\n${content}\n\n</details>\n`;
}

function siteText(site: NonNullable<ReportedObject['declaration']>): string {
  const place = sourcePlace(site);
  const path = markdownCode(shortened(site.constructPath, VALUE_LENGTH));
  return place === '' ? path : `${path}, ${markdownCode(shortened(place, VALUE_LENGTH))}`;
}

function differenceTable(
  { action }: ReportedObject,
  differences: readonly Difference[],
  { source }: Report,
): string {
  if (differences.length === 0) return '';
  const isPlan = source === 'plan';
  if (action === 'create' && differences.every(({ live }) => live === undefined)) {
    return table(
      ['Field', 'Declared'],
      differences.map((difference) => [
        markdownCode(shortened(difference.field, VALUE_LENGTH)),
        markdownCode(declaredText(difference, VALUE_LENGTH)),
      ]),
    );
  }
  const rows = differences.map((difference) => {
    const { field, effect, why } = difference;
    const [wanted, there] = sideTexts(difference, VALUE_LENGTH);
    const sides = [markdownCode(wanted) || 'not declared', markdownCode(there) || 'absent'];
    const reason = why === undefined ? '' : `: ${markdownSentence(why)}`;
    return [
      markdownCode(shortened(field, VALUE_LENGTH)),
      ...(isPlan ? sides.reverse() : sides),
      effect === 'replace' ? `<b>forces replacement</b>${reason}` : 'changes in place',
    ];
  });
  return table(['Field', ...(isPlan ? ['Live', 'Declared'] : ['Declared', 'Live']), 'Deploy'], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(tableRow).join('\n');
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function findingText({ severity, code, message, field }: Finding): string {
  const mark = { error: '🔴', warning: '🟡', note: '🔵' }[severity];
  const place = field === undefined ? '' : ` ${markdownCode(shortened(field, VALUE_LENGTH))}`;
  return `${mark} <b>${severity}</b>${place}: ${markdownSentence(message)} (${markdownCode(code)})`;
}

function historyText({ at, by, what }: HistoryEntry): string {
  const time = at === undefined ? '' : markdownSentence(at);
  const user = by === undefined ? '' : `${time === '' ? '' : ' by '}${markdownCode(by)}`;
  const head = `${time}${user}`;
  return head === '' ? markdownSentence(what) : `${head}: ${markdownSentence(what)}`;
}

function failedFirst(tests: readonly ReportedTest[]): ReportedTest[] {
  const rank = ({ verdict }: ReportedTest): number => (verdict === 'passed' ? 1 : 0);
  return [...tests].sort((a, b) => rank(a) - rank(b));
}

function testBlock(test: ReportedTest): string {
  const {
    name,
    station,
    target,
    verdict,
    reason,
    expectations,
    durationMs,
    latency,
    throughput,
    messages = [],
  } = test;
  const mark = verdict === 'passed' ? '🟢' : '🔴';
  const title = `${mark} <b>${markdownCode(shortened(name, VALUE_LENGTH))}</b> ${verdictWords[verdict]}`;
  const facts = [
    `station ${markdownCode(shortened(station, VALUE_LENGTH))}`,
    target,
    ...(durationMs === undefined ? [] : [durationText(durationMs)]),
    ...(throughput === undefined ? [] : [throughputText(throughput)]),
  ];
  const rows = expectations.map(({ what, expected, seen, isMet }) => [
    isMet ? '✅' : '❌',
    markdownSentence(what),
    markdownSentence(shortened(expected, VALUE_LENGTH)),
    markdownSentence(shortened(seen, VALUE_LENGTH)),
  ]);
  const differing = messages.map(({ id, what, payload }) => {
    const content = payload === undefined ? '' : ` ${markdownCode(shortened(payload, VALUE_LENGTH))}`;
    return `- message ${markdownCode(shortened(id, VALUE_LENGTH))}: ${markdownSentence(what)}${content}`;
  });
  return details(
    `${title}: ${facts.join(', ')}`,
    [
      reason === undefined ? '' : markdownSentence(reason),
      test.declaration === undefined ? '' : `Declared at ${siteText(test.declaration)}`,
      rows.length === 0 ? '' : table(['', 'Expectation', 'Expected', 'Seen'], rows),
      latency === undefined ? '' : `Latency: ${latencyText(latency)}`,
      differing.join('\n'),
    ],
    verdict !== 'passed',
  );
}

const PLANNED_HEAD = `${table(['Test', 'Station', 'Why', 'Declared at'], [])}\n`;

function plannedRow({ name, station, target, reason, declaration }: ReportedTest): string {
  return `${tableRow([
    markdownCode(shortened(name, VALUE_LENGTH)),
    `${markdownCode(shortened(station, VALUE_LENGTH))} (${target})`,
    reason === undefined ? '' : markdownSentence(reason),
    declaration === undefined ? '' : siteText(declaration),
  ])}\n`;
}
