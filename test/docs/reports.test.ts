import { readFileSync } from 'node:fs';
import path from 'node:path';
import { FORMAT_NAMES, availableFormats, extensionsOf, formatNamed } from '../../src/runtime/report/formats';
import { RULES } from '../../src/runtime/report/problems';
import { driftReport, smokeReport } from '../support/reports';

/** Without the spaces that align the columns of tables. */
const page = readFileSync(path.join(__dirname, '../../docs/reports.md'), 'utf8').replace(/ {2,}\|/g, ' |');

/** The first cells of a table's rows that hold code, by the heading of the first column. */
function firstColumn(heading: string): string[] {
  const [, rows = ''] =
    new RegExp(String.raw`^\| ${heading} \|.*\n\| -{3,}.*\n((?:\|.*\n)+)`, 'm').exec(page) ?? [];
  return [...rows.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = '']) => name);
}

test('docs/reports.md lists every format with its extension', () => {
  expect(firstColumn('format')).toEqual([...FORMAT_NAMES]);
  for (const name of availableFormats) {
    expect(page).toContain(`| \`${name}\` | \`${extensionsOf([name])[0] ?? ''}\` |`);
  }
});

test('docs/reports.md lists every rule', () => {
  expect(firstColumn('rule')).toEqual(Object.keys(RULES));
});

test('docs/reports.md lists every metric', () => {
  const printed = [driftReport(), smokeReport()]
    .map((report) => formatNamed('prometheus').render(report))
    .join('');
  const names = [...printed.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);
  expect(firstColumn('metric')).toEqual([...new Set(names)].sort(byTable(firstColumn('metric'))));
});

/** Sorts names as a table has them; others come last. */
function byTable(table: readonly string[]): (a: string, b: string) => number {
  const rank = (name: string): number => table.indexOf(name) + 1 || Infinity;
  return (a, b) => rank(a) - rank(b);
}

test('the sample of text in docs/reports.md is what the format prints', () => {
  const [, sample = ''] = /^## Text\n\n```text\n(.*?)^```/ms.exec(page) ?? [];
  const [orders] = driftReport().objects;
  if (orders === undefined) throw new Error('no object');
  const { differences, ...rest } = orders;
  const object = { ...rest, differences: differences.slice(0, 2), unresolved: [], findings: [], history: [] };
  expect(formatNamed('text').render({ ...driftReport(), objects: [object] })).toContain(sample);
});
