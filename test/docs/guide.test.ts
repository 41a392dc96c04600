import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../..');

/** The pieces of code in a document. */
function pieces(document: string): string[] {
  const text = readFileSync(join(root, 'docs', document), 'utf8');
  return [...text.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1] ?? '');
}

test('the code of the guide compiles against the package, read from its top to its end', () => {
  const found = pieces('guide.md');
  expect(found.length).toBeGreaterThan(4);
  const inStack = found.filter((piece) => !piece.startsWith('import'));
  const whole = found.filter((piece) => piece.startsWith('import'));
  const folder = join(root, '.cache/guide');
  mkdirSync(folder, { recursive: true });
  const files = [
    [
      'stack.ts',
      `import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { Retention, Schema, SmokeTest, Station } from 'cdktf-memphis';
export class GuideStack extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
${inStack.join('\n')}
  }
}
`,
    ],
    ...whole.map((piece, index) => [
      `whole-${index}.ts`,
      `export async function piece() {\n${hoisted(piece)}`,
    ]),
  ].map(([name = '', text = '']) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  });
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
  });
  const problems = ts
    .getPreEmitDiagnostics(program)
    .map((problem) => ts.flattenDiagnosticMessageText(problem.messageText, '\n'));
  rmSync(folder, { recursive: true, force: true });
  expect(problems).toEqual([]);
});

/** A piece with `await` at its top goes into a function; its imports stay above it. */
function hoisted(piece: string): string {
  const lines = piece.split('\n');
  const imports = lines
    .filter((line) => line.startsWith('import'))
    .map((line) => line.replace(/^import \{ (.*) \} from (.*);$/, 'const { $1 } = await import($2);'));
  return [...imports, ...lines.filter((line) => !line.startsWith('import')), '}'].join('\n');
}
