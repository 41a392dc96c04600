import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { environmentVariables } from '../../src/model/environment';
import { stationFields } from '../../src/model/station';

const root = resolve(__dirname, '../..');
const written = mkdtempSync(join(tmpdir(), 'cdktf-memphis-docs-'));

beforeAll(async () => {
  await promisify(execFile)(process.execPath, [join(root, 'scripts/docs.mjs'), written], { cwd: written });
});
afterAll(() => rmSync(written, { recursive: true, force: true }));

const read = (folder: string, page: string) => readFileSync(join(folder, page), 'utf8');

describe('the generated docs', () => {
  test.each([
    'errors.md',
    'reference/station.md',
    'reference/schema.md',
    'reference/schema-enforcement.md',
    'reference/provider.md',
    'report.schema.json',
  ])('%s is what the model says now; otherwise run `npm run docs` and commit', (page) => {
    expect(read(join(root, 'docs'), page)).toBe(read(written, page));
  });

  test.each(['station-props.ts', 'schema.ts', 'schema-source.ts'])(
    'the comments of the props in %s are what the model says now; otherwise run `npm run docs` and commit',
    (file) => {
      const path = join('src/constructs', file);
      expect(read(root, path)).toBe(read(written, path));
    },
  );

  // A page that is not written any more would stay in the folder, and grow wrong.
  test('docs/reference has no page that nothing writes', () => {
    expect(readdirSync(join(root, 'docs/reference'))).toEqual(readdirSync(join(written, 'reference')));
  });

  test('every field of a station has a section that says its unit and what a change can lose', () => {
    const page = read(written, 'reference/station.md');
    const sections = page.split(/^## /m).map((section) => section.split('\n')[0]);
    expect(sections).toEqual(expect.arrayContaining(Object.keys(stationFields)));
    expect(page).toContain('- Unit: milliseconds');
    expect(page).toContain('- Can lose messages: A smaller limit');
  });

  test('every environment variable is in the page of the provider', () => {
    const page = read(written, 'reference/provider.md');
    const names = Object.values(environmentVariables).map(({ name }) => name);
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
