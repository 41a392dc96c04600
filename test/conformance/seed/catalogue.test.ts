import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { exceptions } from './not-testable-here';
import { seedRows } from './rows';

const ids = Object.values(seedRows)
  .flat()
  .map(([id]) => id);

const tested = readdirSync(__dirname)
  .filter((file) => file.endsWith('.test.ts') && file !== path.basename(__filename))
  .flatMap((file) => [
    ...readFileSync(path.join(__dirname, file), 'utf8').matchAll(/\brow\(\s*'([A-Z]+-\d+)'/g),
  ])
  .map((match) => match[1]);

test('the seed has 209 rows, and each of them has exactly one test or a reason why it has none', () => {
  expect(ids).toHaveLength(209);
  const expected = ids.filter((id) => tested.includes(id) || !(id in exceptions));
  expect([...tested].sort()).toEqual([...expected].sort());
});

test('no more than twelve rows are not testable on the local broker', () => {
  const onLocal = Object.values(exceptions).filter(({ only }) => only !== 'external');
  expect(onLocal.length).toBeLessThanOrEqual(12);
});
