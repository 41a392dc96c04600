import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run, writeFiles } from '../support/user-project';

const root = resolve(__dirname, '../..');

let project: string;
beforeAll(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'cdktf-memphis-located-')));
  mkdirSync(join(project, 'node_modules/.bin'), { recursive: true });
  for (const name of ['cdktf', 'constructs', 'tsx', 'ts-node', 'typescript', '@types', '@cdktf'])
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name), 'junction');
  symlinkSync(root, join(project, 'node_modules', 'cdktf-memphis'), 'junction');
  writeFiles(project, {
    'package.json': { name: 'located', private: true },
    'cdktf.json': { projectId: 'located' },
    'tsconfig.json': {
      compilerOptions: {
        target: 'ES2022',
        module: 'CommonJS',
        strict: true,
        skipLibCheck: true,
        sourceMap: true,
        outDir: 'dist',
        types: ['node'],
      },
      include: ['app', 'main.ts'],
    },
    // Lines that a compiler drops or moves stand before the ones that matter.
    'app/team.ts': [
      "import type { Construct } from 'constructs';",
      "import { Station } from 'cdktf-memphis';",
      'interface Team {',
      '  readonly name: string;',
      '}',
      'export class TeamStation extends Station {',
      '  constructor(scope: Construct, { name }: Team) {',
      '    super(scope, name, { name });',
      '  }',
      '}',
    ].join('\n'),
    'main.ts': [
      "import { App, TerraformStack } from 'cdktf';",
      "import { MemphisProvider, Schema, Station } from 'cdktf-memphis';",
      "import { TeamStation } from './app/team';",
      'type Unused = {',
      '  a: string;',
      '};',
      'const app = new App();',
      "const stack = new TerraformStack(app, 'shop');",
      "new MemphisProvider(stack, 'memphis');",
      "const orders = new Station(stack, 'orders', {",
      "  name: 'orders',",
      '});',
      "for (const name of ['a', 'b'])",
      '  new TeamStation(stack, { name });',
      "const schema = new Schema(stack, 'order', { name: 'order', type: 'json', content: '{}' });",
      'orders.enforce(schema);',
      'app.synth();',
    ].join('\n'),
  });
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

type Resources = Readonly<
  Record<string, Readonly<Record<string, { readonly '//': { readonly metadata: Located } }>>>
>;

interface Located {
  readonly path: string;
  readonly file?: string;
  readonly line?: number;
}

/** Where each object is declared, as the output of a synth says it. */
async function locations(cwd: string, ...command: string[]): Promise<Record<string, string>> {
  rmSync(join(cwd, 'cdktf.out'), { recursive: true, force: true });
  await run(process.execPath, command, cwd);
  const { resource } = JSON.parse(readFileSync(join(cwd, 'cdktf.out/stacks/shop/cdk.tf.json'), 'utf8')) as {
    resource: Resources;
  };
  const found = Object.values(resource).flatMap((ofType) => Object.values(ofType));
  return Object.fromEntries(
    found.map(({ '//': { metadata } }) => [metadata.path, `${metadata.file}:${metadata.line}`]),
  );
}

const expected = {
  'shop/orders': 'main.ts:10',
  'shop/a': 'app/team.ts:8',
  'shop/b': 'app/team.ts:8',
  'shop/order': 'main.ts:15',
  'shop/orders/enforcement': 'main.ts:16',
};

describe('the output names file and line of the code that declares an object, run', () => {
  test('by tsx', async () => {
    expect(await locations(project, '--import', 'tsx', 'main.ts')).toEqual(expected);
  });

  test('by ts-node', async () => {
    const command = ['-r', 'ts-node/register/transpile-only', 'main.ts'];
    expect(await locations(project, ...command)).toEqual(expected);
  });

  test('as compiled JavaScript, with and without the source maps of Node', async () => {
    await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'], project);
    expect(await locations(project, 'dist/main.js')).toEqual(expected);
    expect(await locations(project, '--enable-source-maps', 'dist/main.js')).toEqual(expected);
    // From there the path would differ between machines.
    const elsewhere = mkdtempSync(join(tmpdir(), 'cdktf-memphis-elsewhere-'));
    const nowhere = Object.keys(expected).map((path) => [path, 'undefined:undefined']);
    expect(await locations(elsewhere, join(project, 'dist/main.js'))).toEqual(Object.fromEntries(nowhere));
    rmSync(elsewhere, { recursive: true });
    rmSync(join(project, 'dist/main.js.map'));
    expect(await locations(project, 'dist/main.js')).toMatchObject({
      'shop/orders': expect.stringMatching(/^dist\/main\.js:\d+$/) as string,
      'shop/a': 'app/team.ts:8',
    });
  });
});
