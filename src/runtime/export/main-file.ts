import { camelCase, variableNames } from './names';
import type { ExportedStack } from './plan';
import { classNameOf, moduleOf } from './stack-file';
import type { Source } from './typescript';
import { importOf, stringLiteral } from './typescript';

/** The program that cdktf runs: it makes the stacks. */
export function mainFile(stacks: readonly ExportedStack[]): Source {
  const variables = variableNames();
  const isWaitedFor = new Set(stacks.flatMap(({ dependencies }) => dependencies));
  const made = stacks.map(({ name, dependencies }) => {
    const construction = `new ${classNameOf(name)}(app, ${stringLiteral(name)});`;
    const isNamed = isWaitedFor.has(name) || dependencies.length > 0;
    const variable = isNamed ? variables.give(stackVariable(name)) : undefined;
    return {
      name,
      variable,
      line: variable === undefined ? construction : `const ${variable} = ${construction}`,
    };
  });
  const variableOf = new Map(made.map(({ name, variable }) => [name, variable]));
  const order = stacks.flatMap(({ name, dependencies }) =>
    dependencies.map(
      (other) => `${variableOf.get(name) ?? ''}.addDependency(${variableOf.get(other) ?? ''});`,
    ),
  );
  return [
    importOf(['App'], 'cdktf'),
    ...stacks.map(({ name }) => importOf([classNameOf(name)], `./${moduleOf(name)}`)),
    '',
    'const app = new App();',
    ...made.map(({ line }) => line),
    ...order,
    'app.synth();',
    '',
  ].join('\n');
}

function stackVariable(name: string): string {
  const camel = camelCase(name);
  return /^\d/.test(camel) || camel === '' ? `stack${camel}` : camel;
}
