import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
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

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));

/** The page of each type of props. */
const pageOfProps: Readonly<Record<string, string>> = {
  ClusterConfigProps: 'cluster-config',
  DataMemphisSchemaProps: 'data-sources',
  DataMemphisSchemasProps: 'data-sources',
  DataMemphisStationProps: 'data-sources',
  DataMemphisStationsProps: 'data-sources',
  DataMemphisUserProps: 'data-sources',
  MemphisProviderProps: 'provider',
  SchemaEnforcementProps: 'schema-enforcement',
  SchemaFile: 'schema',
  SchemaSettings: 'schema',
  InlineSchema: 'schema',
  SmokeExpectations: 'smoke-test',
  SmokeLoad: 'smoke-test',
  SmokeSuiteProps: 'smoke-test',
  SmokeTestProps: 'smoke-test',
  StationOptions: 'station-set',
  StationSetProps: 'station-set',
  StationRetention: 'station',
  StationSettings: 'station',
  UserProps: 'user',
};

describe('the generated docs', () => {
  // One test for all, since what is written is known only after the script has run.
  test('each page is what the model says now; otherwise run `npm run docs` and commit', () => {
    const pages = filesIn(written).filter((file) => /\.(?:md|json)$/.test(file));
    expect(pages).toEqual(expect.arrayContaining(['errors.md', 'report.schema.json', 'reference/user.md']));
    for (const page of pages)
      expect([page, read(join(root, 'docs'), page)]).toEqual([page, read(written, page)]);
  });

  test('the comments of the props are what the model says now; otherwise run `npm run docs` and commit', () => {
    const sources = filesIn(written).filter((file) => file.endsWith('.ts'));
    expect(sources).toEqual(
      expect.arrayContaining(['src/constructs/station-props.ts', 'src/model/smoke-load.ts']),
    );
    for (const file of sources) expect([file, read(root, file)]).toEqual([file, read(written, file)]);
  });

  // The public surface is what `npm run api` found in the built package.
  test('every prop of every construct is in the reference', () => {
    const surface = read(root, 'etc/cdktf-memphis.api.md');
    const pages = Object.entries(pageOfProps);
    for (const [type, page] of pages) {
      const [, body = ''] =
        new RegExp(`^export (?:interface|type) ${type}\\b(.*?)^}`, 'ms').exec(surface) ?? [];
      const names = [...body.matchAll(/readonly (\w+)\??: (?!never)/g)].map(([, name = '']) => name);
      expect([type, names.length]).not.toEqual([type, 0]);
      const text = read(written, `reference/${page}.md`);
      const rows = names.filter((name) => !new RegExp(`^(?:\\||-) \`${name}\``, 'm').test(text));
      expect([type, rows]).toEqual([type, []]);
    }
    const declared = [...surface.matchAll(/^export (?:interface|type) (\w+Props)\b/gm)].map(
      ([, name]) => name,
    );
    const composed = ['SchemaProps', 'StationProps'];
    expect(Object.keys(pageOfProps)).toEqual(
      expect.arrayContaining(declared.filter((name) => !composed.includes(name ?? ''))),
    );
  });

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
