import { join } from 'node:path';
import ts from 'typescript';

const sources = join(__dirname, '../../src');
const entries = ['runtime/index.ts', 'runtime/broker/index.ts'];

let program: ts.Program;
let checker: ts.TypeChecker;
beforeAll(() => {
  program = ts.createProgram(
    entries.map((entry) => join(sources, entry)),
    {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      strict: true,
      skipLibCheck: true,
      types: ['node'],
    },
  );
  checker = program.getTypeChecker();
});

/** What a name stands for, wherever it was exported from. */
function meant(symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function exportsOf(entry: string): ReadonlySet<ts.Symbol> {
  const source = program.getSourceFile(join(sources, entry));
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  return new Set(module === undefined ? [] : checker.getExportsOfModule(module).map(meant));
}

/** Declarations and parts of them that users do not see. */
function isHidden(node: ts.Node): boolean {
  if (ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal')) return true;
  if (!ts.isClassElement(node)) return ts.isBlock(node);
  const isPrivate = (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) !== 0;
  return isPrivate || (node.name !== undefined && ts.isPrivateIdentifier(node.name));
}

/** The names of our own types that a declaration writes down and that an entry does not export. */
function* unexported(node: ts.Node, exported: ReadonlySet<ts.Symbol>): Generator<string> {
  if (isHidden(node)) return;
  if (ts.isTypeReferenceNode(node)) {
    const named = checker.getSymbolAtLocation(node.typeName);
    const symbol = named === undefined ? undefined : meant(named);
    const file = symbol?.declarations?.[0]?.getSourceFile().fileName;
    const isParameter = ((symbol?.flags ?? 0) & ts.SymbolFlags.TypeParameter) !== 0;
    if (symbol !== undefined && file?.startsWith(sources) && !isParameter && !exported.has(symbol))
      yield symbol.name;
  }
  // What a value starts with is no part of its type.
  const initializer = ts.isPropertyDeclaration(node) ? node.initializer : undefined;
  for (const child of node.getChildren()) {
    if (child !== initializer) yield* unexported(child, exported);
  }
}

function problemsOf(entry: string): string[] {
  const exported = exportsOf(entry);
  const problems = [...exported].flatMap(({ name, declarations }) =>
    (declarations ?? []).flatMap((declaration) =>
      [...unexported(declaration, exported)].map((type) => `${name} needs ${type}`),
    ),
  );
  return [...new Set(problems)];
}

test.each(entries)('every type in what users see of %s can be imported from there', (entry) => {
  expect(exportsOf(entry).size).toBeGreaterThan(1);
  expect(problemsOf(entry)).toEqual([]);
});

test('types that are not exported are found', () => {
  // A file below the entry, which exports the options of a client without what they are made of.
  expect(problemsOf('runtime/messaging/station/schema-lifecycle.ts')).toContain(
    'CreateSchemaOptions needs SchemaType',
  );
});
