import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { run } from '../support/user-project';
import { placeOf, snippetsIn } from './support/snippets';

const root = join(__dirname, '../..');
/** Inside the project, so that its packages are found from there. */
const folder = join(root, '.cache/code-of-docs');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const isWhole = (piece: string): boolean => piece.startsWith('import');

/** The pieces of the guide that have no imports are one stack, read from its top to its end. */
function stackOf(found: readonly string[]): string {
  return `import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { Duration, Retention, Schema, SmokeTest, Station, StationSet } from 'cdktf-memphis';
export class GuideStack extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
${found.join('\n')}
  }
}
`;
}

/** What the compiler says about each of some programs, with the strictest settings that a user may have. */
function problemsOf(programs: Readonly<Record<string, string>>): Record<string, string[]> {
  mkdirSync(folder, { recursive: true });
  // Modules, as they may have `await` at their top.
  const files = Object.entries(programs).map(([name, text]) => {
    const file = join(folder, `${name.replace(/\W/g, '-')}.mts`);
    writeFileSync(file, text);
    return [name, file] as const;
  });
  const program = ts.createProgram(
    files.map(([, file]) => file),
    {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
      // What is built may be older than what is documented.
      paths: {
        'cdktf-memphis': [join(root, 'src/index.ts')],
        'cdktf-memphis/runtime': [join(root, 'src/runtime/index.ts')],
        'cdktf-memphis/broker': [join(root, 'src/runtime/broker/index.ts')],
      },
    },
  );
  return Object.fromEntries(
    files.map(([name, file]) => {
      const source = program.getSourceFile(file);
      const problems = [
        ...program.getSyntacticDiagnostics(source),
        ...program.getSemanticDiagnostics(source),
      ];
      return [name, problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))];
    }),
  );
}

const pieces = snippetsIn(['ts']);

test('all code in the documents compiles against the package', () => {
  const whole = pieces.filter(({ text }) => isWhole(text));
  const inStack = pieces.filter(({ text }) => !isWhole(text));
  // The pieces of a document that have no imports are one stack.
  const guides = [...new Set(inStack.map(({ document }) => document))];
  expect(guides).toContain('docs/guide.md');
  expect(inStack.length).toBeGreaterThan(3);
  expect(whole.length).toBeGreaterThan(15);
  const problems = problemsOf({
    ...Object.fromEntries(whole.map((piece) => [placeOf(piece), piece.text])),
    ...Object.fromEntries(
      guides.map((guide) => [
        `${guide} stack`,
        stackOf(inStack.filter(({ document }) => document === guide).map(({ text }) => text)),
      ]),
    ),
    // So that it is known that the compiler looks, and as strictly as a user may.
    'no string': `import type { StationOptions } from 'cdktf-memphis/runtime';
export const options: StationOptions = { name: process.env.STATION };`,
    'undefined where nothing is meant': 'export const named: { name?: string } = { name: undefined };',
  });
  const found = Object.entries(problems).filter(([, list]) => list.length > 0);
  expect(found).toEqual([
    ['no string', [expect.stringContaining("Type 'string | undefined' is not assignable")]],
    ['undefined where nothing is meant', [expect.stringContaining('exactOptionalPropertyTypes')]],
  ]);
});

test('every program in the documents that makes an app synthesises its stacks', async () => {
  const programs = pieces.filter(({ text }) => text.includes('app.synth()'));
  expect(programs.length).toBeGreaterThan(8);
  const folders = programs.map((piece) => {
    const at = join(folder, `synth-${placeOf(piece).replace(/\W/g, '-')}`);
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, 'main.mts'), piece.text);
    writeFileSync(join(at, 'order.json'), '{ "type": "object" }');
    writeFileSync(
      join(at, 'cdktf.json'),
      '{ "language": "typescript", "app": "unused", "projectId": "docs" }',
    );
    return at;
  });
  // One process for all: to load cdktf takes longer than to synthesise.
  const all = folders.map(
    (at) => `process.chdir(${JSON.stringify(at)});\nawait import(${JSON.stringify(join(at, 'main.mts'))});\n`,
  );
  writeFileSync(join(folder, 'all.mts'), all.join(''));
  await run(process.execPath, ['--import', 'tsx', join(folder, 'all.mts')], root);
  const without = folders.filter((at) => {
    const stacks = join(at, 'cdktf.out/stacks');
    return (
      !existsSync(stacks) ||
      readdirSync(stacks).some((name) => !existsSync(join(stacks, name, 'cdk.tf.json')))
    );
  });
  expect(without).toEqual([]);
});
