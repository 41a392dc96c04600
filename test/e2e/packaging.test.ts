import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(__dirname, '../..');
const project = mkdtempSync(join(tmpdir(), 'cdktf-memphis-packaging-'));
let packed: { readonly filename: string; readonly files: readonly { readonly path: string }[] } | undefined;

async function run(command: string, args: readonly string[], cwd = project): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { cwd, timeout: 60_000 });
  return stdout;
}

beforeAll(async () => {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', project];
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  [packed] = JSON.parse(await run(npm, args, root)) as (typeof packed)[];
  const installed = join(project, 'node_modules', 'cdktf-memphis');
  mkdirSync(installed, { recursive: true });
  await run('tar', ['-xzf', packed?.filename ?? '', '--strip-components=1', '-C', installed]);
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name.startsWith('.') || name === 'cdktf-memphis') continue;
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
  }
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

const program = (load: string): string => `${load}
const app = new App({ outdir: 'out' });
const stack = new TerraformStack(app, 'shop');
new MemphisProvider(stack, 'memphis');
new Station(stack, 'orders', { name: 'orders', retentionType: Retention.ACK_BASED });
app.synth();
`;

const archive = new RegExp('^terraform-provider-memphis_.*_linux_amd64\\.zip$');

describe('the package as users install it', () => {
  test('holds the library and its programs, and nothing of how they are made', () => {
    const paths = packed?.files.map(({ path }) => path) ?? [];
    expect(paths).toEqual(
      expect.arrayContaining([
        'package.json',
        'LICENSE',
        'lib/index.js',
        'lib/index.d.ts',
        'lib/bundles/memphis.json',
      ]),
    );
    expect(
      paths.filter((path) => !/^(lib\/|package\.json$|LICENSE$|README\.md$|CHANGELOG\.md$)/.test(path)),
    ).toEqual([]);
    expect(paths.filter((path) => /\.tsbuildinfo$|\.map$|(?<!\.d)\.ts$|\.tfstate/.test(path))).toEqual([]);
  });

  test.each([
    [
      'an ES module',
      'main.mjs',
      `import cdktf from 'cdktf';
       import { MemphisProvider, Retention, Station } from 'cdktf-memphis';
       const { App, TerraformStack } = cdktf;`,
    ],
    [
      'a CommonJS module',
      'main.cjs',
      `const { App, TerraformStack } = require('cdktf');
       const { MemphisProvider, Retention, Station } = require('cdktf-memphis');`,
    ],
  ])('is used by %s, and puts the provider next to the stack', async (_kind, name, load) => {
    rmSync(join(project, 'out'), { recursive: true, force: true });
    writeFileSync(join(project, name), program(load));
    await run(process.execPath, [name]);
    const stack = join(project, 'out', 'stacks', 'shop');
    const mirror = join(stack, 'terraform.d/plugins/npm.invalid/cdktf-memphis/memphis');
    expect(readdirSync(mirror).filter((file) => archive.test(file))).toHaveLength(1);
    expect(existsSync(join(stack, '.terraform.lock.hcl'))).toBe(true);
  });

  test('has types for a strict program of a user', async () => {
    const load = `import { App, TerraformStack } from 'cdktf';
      import { MemphisProvider, Retention, Station } from 'cdktf-memphis';`;
    writeFileSync(join(project, 'main.ts'), program(load));
    const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    await expect(
      run(process.execPath, [compiler, ...options, '--skipLibCheck', 'false', 'main.ts']),
    ).resolves.toBe('');
  });
});
