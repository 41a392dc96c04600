import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../..');
/** Inside the project, so that its packages are found from there. */
const folder = join(root, '.cache/code-of-docs');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Those that have code. */
const documents = [
  'README.md',
  'docs/environments.md',
  'docs/errors.md',
  'docs/existing-stations.md',
  'docs/export.md',
  'docs/guide.md',
  'docs/messaging.md',
  'docs/reading-a-plan.md',
  'docs/schemas.md',
  'docs/smoke-tests.md',
  'docs/teardown.md',
];

/** The pieces of code in a document. */
function pieces(document: string): string[] {
  const text = readFileSync(join(root, document), 'utf8');
  // Those in the items of a list are indented.
  return [...text.matchAll(/^( *)```ts\n(.*?)^\1```/gms)].map(([, indent = '', code = '']) =>
    code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

const isWhole = (piece: string): boolean => piece.startsWith('import');

/** The pieces of the guide that have no imports are one stack, read from its top to its end. */
function stackOf(found: readonly string[]): string {
  return `import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { Duration, Retention, Schema, SmokeTest, Station } from 'cdktf-memphis';
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

test('all code in the documents compiles against the package', () => {
  const whole = documents.flatMap((document) =>
    pieces(document)
      .filter(isWhole)
      .map((piece, index) => [`${document} ${index + 1}`, piece] as const),
  );
  const inStack = pieces('docs/guide.md').filter((piece) => !isWhole(piece));
  // One line for each document that might lose its code to a change of how it is found.
  expect(documents.filter((document) => !whole.some(([name]) => name.startsWith(document)))).toEqual([]);
  expect(inStack.length).toBeGreaterThan(3);
  const problems = problemsOf({
    ...Object.fromEntries(whole),
    'docs/guide.md stack': stackOf(inStack),
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

test('other documents have no code that nobody compiles', () => {
  const all = ['README.md', 'CHANGELOG.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];
  const others = all.filter((name) => name.endsWith('.md') && !documents.includes(name));
  expect(others.length).toBeGreaterThan(2);
  expect(others.filter((document) => pieces(document).length > 0)).toEqual([]);
});
