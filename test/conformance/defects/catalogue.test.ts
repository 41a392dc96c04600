import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { coveredElsewhere } from './elsewhere';

const tests = path.resolve(__dirname, '..', '..');

test.each(coveredElsewhere.map((entry) => [entry.defect, entry] as const))(
  'has a test where the table says: %s',
  (_defect, { file, test: title }) => {
    const source = readFileSync(path.join(tests, file), 'utf8');
    expect(["'", '"', '`'].some((quote) => source.includes(`${quote}${title}${quote}`))).toBe(true);
  },
);

test('no defect stands in the table twice, nor in the table and in a test of this folder', () => {
  const files = readdirSync(__dirname).filter((name) => name.endsWith('.test.ts'));
  const here = files.flatMap((name) => {
    const source = readFileSync(path.join(__dirname, name), 'utf8');
    return [...source.matchAll(/^ *notRepeated\(\s*(['"`])(.*?)\1,/gms)].map(([, , title]) => title);
  });
  expect(here.length).toBeGreaterThan(50);
  const all = [...here, ...coveredElsewhere.map(({ defect }) => defect)];
  expect(all.filter((defect, index) => all.indexOf(defect) !== index)).toEqual([]);
});
