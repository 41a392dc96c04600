import type pc from 'picocolors';

import type { ReportedTest } from '../report';
import { printable, printableSentence, shortened, valueText } from './printable';
import { durationText, latencyText, siteText, throughputText, verdictWords } from './words';

export type Colours = ReturnType<typeof pc.createColors>;

interface Page {
  readonly colours: Colours;
  readonly width: number;
  /** True to print every test with its expectations. */
  readonly isComplete: boolean;
}

/** Up to so many tests, the expectations of each are printed although it passed. */
const FEW_TESTS = 20;

/** Smoke tests as paragraphs: those that passed first, those that will run last. */
export function testBlocks(tests: readonly ReportedTest[], page: Page): string[] {
  const withVerdict = (...verdicts: readonly ReportedTest['verdict'][]): ReportedTest[] =>
    tests.filter(({ verdict }) => verdicts.includes(verdict));
  const passed = withVerdict('passed');
  const planned = withVerdict('planned');
  const isShort = !page.isComplete && tests.length > FEW_TESTS;
  return [
    ...(isShort
      ? [passed.map((test) => testLine(test, page)).join('\n')]
      : passed.map((test) => testBlock(test, page))),
    ...withVerdict('failed', 'error').map((test) => testBlock(test, page)),
    planned.length === 0
      ? ''
      : ['Smoke tests that will run:', ...planned.map((test) => plannedLines(test, page))].join('\n'),
  ];
}

function plannedLines(
  { name, station, target, reason, declaration }: ReportedTest,
  { colours }: Page,
): string {
  const lines = [
    `    ${colours.bold(printable(name))}  ${colours.dim(printable(`station ${station}, ${target}`))}`,
  ];
  if (reason !== undefined) lines.push(`        ${printableSentence(reason)}`);
  if (declaration !== undefined) lines.push(`        ${colours.dim(siteText(declaration))}`);
  return lines.join('\n');
}

/** `passed  orders-smoke  station orders, shadow  840 ms` */
function testLine({ name, station, target, verdict, durationMs }: ReportedTest, { colours }: Page): string {
  const colour = { passed: colours.green, failed: colours.red, error: colours.red, planned: colours.cyan }[
    verdict
  ];
  const duration = durationMs === undefined ? '' : `  ${durationText(durationMs)}`;
  const place = colours.dim(printable(`station ${station}, ${target}`));
  return `${colour(verdictWords[verdict])}  ${colours.bold(printable(name))}  ${place}${duration}`;
}

function testBlock(test: ReportedTest, page: Page): string {
  const { verdict, reason, expectations, latency, throughput } = test;
  const { colours, width } = page;
  const lines = [testLine(test, page)];
  if (reason !== undefined) lines.push(`    ${printableSentence(reason)}`);
  if (test.declaration !== undefined && verdict !== 'passed') {
    lines.push(`    ${colours.dim(siteText(test.declaration))}`);
  }
  const longest = Math.min(
    width,
    Math.max(0, ...expectations.map(({ what }) => printableSentence(what).length)),
  );
  for (const { what, expected, seen, isMet } of expectations) {
    const mark = isMet ? colours.green('ok    ') : colours.red('not ok');
    const sides = `expected ${printableSentence(expected)}, seen ${printableSentence(seen)}`;
    lines.push(
      `    ${mark}  ${printableSentence(what).padEnd(longest)}  ${isMet ? colours.dim(sides) : sides}`,
    );
  }
  const measured = [
    latency === undefined ? '' : `latency ${latencyText(latency)}`,
    throughput === undefined ? '' : throughputText(throughput),
  ].filter((part) => part !== '');
  if (measured.length > 0) lines.push(`    ${measured.join('; ')}`);
  for (const { id, what, payload } of test.messages ?? []) {
    const content = payload === undefined ? '' : `  ${shortened(valueText(payload), width)}`;
    lines.push(`    message ${printable(id)}: ${printableSentence(what)}${content}`);
  }
  return lines.join('\n');
}
