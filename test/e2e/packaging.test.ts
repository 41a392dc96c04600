import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { PackedPackage } from '../support/user-project';
import { pack } from '../support/user-project';

const root = resolve(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'cdktf-memphis-packaging-'));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly version: string;
};
let packed: PackedPackage;

beforeAll(async () => {
  packed = await pack(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * What the compiler makes of the sources: the provider ships packed, the page of HTML reports bundled but for what the
 * report says of itself, and one file is for the docs only.
 */
function compiledFiles(): string[] {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  return sources
    .map((path) => path.replaceAll('\\', '/'))
    .filter(
      (path) =>
        /(?<!\.d)\.ts$/.test(path) &&
        !/^(runtime\/provider\/|runtime\/report\/formats\/html-page\/(?!(verdict|words)\.ts)|model\/error-guide)/.test(
          path,
        ),
    )
    .flatMap((path) => ['.js', '.d.ts'].map((end) => `lib/${path.replace(/\.ts$/, end)}`));
}

/** What a stack imports, once more for cdktn. */
function forCdktn(files: readonly string[]): string[] {
  return files
    .filter((path) => /^lib\/(constructs\/|index\.)/.test(path))
    .map((path) => path.replace('lib/', 'lib/cdktn/'));
}

const filesBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));

/** Everything in the archive that no source file stands for. */
const others = [
  // The pictures of the README and the architecture are looked up in the repository.
  ...filesBelow('docs').filter((file) => !/^docs\/(pictures\/|architecture\.md$)/.test(file)),
  ...filesBelow('templates'),
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'lib/bundles/memphis.json',
  'lib/bundles/report-page.css',
  'lib/bundles/report-page.js',
  'lib/bundles/smoke.cjs',
  `lib/bundles/terraform-provider-memphis_${manifest.version}.zip`,
  'package.json',
];

describe('the archive that is published', () => {
  test('holds what every source was compiled to, the listed files, and nothing else', () => {
    const compiled = compiledFiles();
    const expected = [...compiled, ...forCdktn(compiled), ...others];
    expect(packed.files.map(({ path }) => path).sort()).toEqual(expected.sort());
  });

  // Each of the three to five processes of a Terraform command compiles the program and `provider.cjs`; with the large
  // packages in them, that took 50 ms more.
  test('has a provider that compiles large packages only where they are needed', () => {
    const program = join(root, 'lib/bundles/terraform-provider-memphis');
    const large = /node_modules\/(ajv|graphql|nats|re2js|zod)\//;
    const always = ['terraform-provider-memphis.cjs', 'provider.cjs'];
    const texts = always.map((name) => readFileSync(join(program, name), 'latin1'));
    expect(texts.map((text) => large.exec(text)?.[1])).toEqual([undefined, undefined]);
    const parts = ['ajv.cjs', 'graphql.cjs', 'nats.cjs', 'protobufjs.cjs', 're2js.cjs'];
    expect(readdirSync(program).sort()).toEqual([...always, ...parts, 'THIRD-PARTY-LICENSES.txt'].sort());
  });

  // Every CI job of every user loads it. At first: 1.3 MB, 3.5 MB unpacked; with users, sets, carries and reports 2.0 MB. Most
  // of it are the provider and the smoke runner.
  test('is small', () => {
    expect(packed.size).toBeLessThan(2_100_000);
    expect(packed.unpackedSize).toBeLessThan(6_000_000);
  });
});
