import { readFileSync } from 'node:fs';
import path from 'node:path';
import { seedRows } from '../conformance/seed/rows';
import { notInTheSdk } from './tour/not-in-the-sdk';
import { stepsOf } from './tour/steps';

const ids = Object.values(seedRows)
  .flat()
  .map(([id]) => id);

test.each(['memphis-dev', 'memphis-py'] as const)(
  '%s: each of the 209 rows is either in a step or in the table of those that are not',
  (name) => {
    expect(ids).toHaveLength(209);
    const toured = new Set(stepsOf(name).flatMap(({ rows }) => rows));
    const left = Object.keys(notInTheSdk[name]);
    expect([...toured].filter((id) => left.includes(id))).toEqual([]);
    expect([...toured, ...left].sort()).toEqual([...ids].sort());
  },
);

test('two steps of one client have different titles', () => {
  for (const name of ['memphis-dev', 'memphis-py'] as const) {
    const titles = stepsOf(name).map(({ rows, what }) => `${rows.join(', ')}: ${what}`);
    expect(new Set(titles).size).toBe(titles.length);
  }
});

test('the page about the official clients tells how many rows are steps', () => {
  const page = readFileSync(path.join(__dirname, '../../docs/official-clients.md'), 'utf8');
  const count = (name: 'memphis-dev' | 'memphis-py') =>
    new Set(stepsOf(name).flatMap(({ rows }) => rows)).size;
  expect(page.replaceAll(/\s+/g, ' ')).toContain(
    `${count('memphis-dev')} rows are steps for \`memphis-dev\` and ${count('memphis-py')} for \`memphis-py\``,
  );
});
