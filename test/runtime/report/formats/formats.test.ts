import { spawnSync } from 'node:child_process';
import path from 'node:path';
import {
  availableFormats,
  extensionsOf,
  formatNamed,
  formatOfFile,
} from '../../../../src/runtime/report/formats';
import type { FormatName } from '../../../../src/runtime/report/formats';
import { expectGoldenFile } from '../../../support/golden';
import { driftReport, largeReport, planReport, smokeReport } from '../../../support/reports';

const root = path.join(__dirname, '../../../..');
// HTML has its own tests, with a browser.
const formats = availableFormats.filter((name) => name !== 'html');
const reports = { drift: driftReport(), plan: planReport(), smoke: smokeReport() };

const cases = formats.flatMap((format) =>
  Object.entries(reports).map(([source, report]) => ({ format, source, report })),
);
test.each(cases)('prints a $source report as $format like the golden file', ({ format, source, report }) => {
  const [extension = ''] = extensionsOf([format]);
  expectGoldenFile(
    path.join(__dirname, 'golden', `${source}${extension}`),
    formatNamed(format).render(report, { isComplete: true }),
  );
});

test.each(formats)('prints as %s 10,000 objects that all differ', (format) => {
  const report = largeReport(10_000, 10_000);
  const start = process.cpuUsage();
  const printed = formatNamed(format).render(report);
  const { user, system } = process.cpuUsage(start);
  expect(printed.endsWith('\n')).toBe(true);
  // In milliseconds of the processor, because other tests run beside this one.
  expect((user + system) / 1000).toBeLessThan(1000);
});

test.each<[string, FormatName | undefined]>([
  ['a.json', 'json'],
  ['out/a.MD', 'markdown'],
  ['a.xml', 'junit'],
  ['a.sarif', 'sarif'],
  ['a.txt', 'text'],
  ['a.prom', 'prometheus'],
  ['drift.html', 'html'],
  ['json', undefined],
  ['.json', undefined],
  ['a.json/b', undefined],
])('the file %s is written as %s', (file, format) => {
  expect(formatOfFile(file)).toBe(format);
});

test('a format is loaded only when it is asked for', () => {
  const script = `
    const { formatNamed } = require('./src/runtime/report/formats');
    const loaded = () => Object.keys(require.cache).filter((each) => /fast-xml-builder|picocolors|formats.(text|junit|sarif)/.test(each)).length;
    const before = loaded();
    formatNamed('junit');
    console.log(JSON.stringify([before, loaded() > 0]));
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '-e', script], {
    cwd: root,
    encoding: 'utf8',
  });
  expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: '[0,true]', stderr: '' });
});
