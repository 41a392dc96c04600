import { join, resolve } from 'node:path';
import * as ts from 'typescript';

test('illegal combinations do not compile, legal ones do', () => {
  const root = resolve(__dirname, '../..');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: unknown };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const file = join(__dirname, 'compile-time.ts');
  const program = ts.createProgram([file], { ...options, noEmit: true, types: ['node'] });
  const source = program.getSourceFile(file);
  const problems = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  const texts = problems.map(({ start, messageText }) => {
    const line = source?.getLineAndCharacterOfPosition(start ?? 0).line ?? 0;
    return `line ${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
  expect(source).toBeDefined();
  expect(texts).toEqual([]);
});
