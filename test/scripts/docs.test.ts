import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { projectFiles } from '../../src/cli/init-action';
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
    'command-line.md',
    'first-stack.md',
    'reference/station.md',
    'reference/schema.md',
    'reference/schema-enforcement.md',
    'reference/provider.md',
    'reference/smoke-test.md',
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

  test('every command has a section with an example, and every file of a new project is shown', () => {
    const commands = read(written, 'command-line.md');
    for (const name of ['init', 'doctor', 'broker start', 'completion']) {
      expect(commands).toMatch(new RegExp(`^## cdktf-memphis ${name}$`, 'm'));
    }
    expect(commands.match(/^```sh$/gm)?.length).toBe(commands.match(/^## cdktf-memphis /gm)?.length);
    const firstStack = read(written, 'first-stack.md');
    const files = Object.entries(projectFiles({ name: 'messaging', projectId: '' }));
    for (const [name, text] of files.filter(([file]) => !['README.md', 'cdktf.json'].includes(file))) {
      expect(firstStack).toContain(`### ${name}\n`);
      expect(firstStack).toContain(text);
    }
  });

  test('every environment variable is in the page of the provider', () => {
    const page = read(written, 'reference/provider.md');
    const names = Object.values(environmentVariables).map(({ name }) => name);
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
