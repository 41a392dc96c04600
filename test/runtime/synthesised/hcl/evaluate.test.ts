import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Scope } from '../../../../src/runtime/synthesised/hcl/evaluate';
import { evaluate } from '../../../../src/runtime/synthesised/hcl/evaluate';
import { callFunction } from '../../../../src/runtime/synthesised/hcl/functions';
import { parseExpression } from '../../../../src/runtime/synthesised/hcl/parser';
import { Unresolved } from '../../../../src/runtime/synthesised/hcl/value';
import { many, seed } from '../../../support/random';

const scope: Scope = {
  variable: () => undefined,
  readFile: () => {
    throw new Unresolved('no file');
  },
};

/** The JSON text of an expression's value; undefined when only Terraform can tell it. */
function ours(expression: string): string | undefined {
  try {
    return callFunction('jsonencode', [evaluate(parseExpression(expression), scope)], scope) as string;
  } catch (error) {
    if (error instanceof Unresolved) return undefined;
    throw error;
  }
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cdktf-memphis-console-'));
  writeFileSync(join(folder, 'terraform.rc'), '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The JSON texts that Terraform gives for expressions; undefined where it reports an error. */
function terraforms(expressions: readonly string[]): (string | undefined)[] {
  const directory = mkdtempSync(join(folder, 'run-'));
  // An error in one of them must not end the others.
  const items = expressions.map((each) => `try(base64encode(jsonencode(${each})), "error"),\n`);
  writeFileSync(join(directory, 'main.tf'), `locals {\n  all = [\n${items.join('')}]\n}\n`);
  const { stdout, stderr, status } = spawnSync('terraform', ['console'], {
    cwd: directory,
    input: 'local.all\n',
    encoding: 'utf8',
    env: { ...process.env, TF_CLI_CONFIG_FILE: join(folder, 'terraform.rc') },
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`terraform console failed: ${stdout.slice(-1000)}${stderr}`);
  // One line each, or that it is not known; in brackets.
  return stdout
    .trim()
    .split('\n')
    .slice(1, -1)
    .map((line) => /^ *"(.*)",$/.exec(line)?.[1])
    .map((text) =>
      text === undefined || text === 'error' ? undefined : Buffer.from(text, 'base64').toString(),
    );
}

describe('an expression has the value that Terraform gives it', () => {
  const table = [
    ['1 + 2 * 3 - 4 % 3', '6'],
    ['"a" == "a" && 1 < 2 || false', 'true'],
    ['1 == "1"', 'false'],
    ['null == null', 'true'],
    ['true ? 1 : "a"', '"1"'],
    ['false ? "a" : null', 'null'],
    ['"${"${"x"}-y"}-${1 + 1}-${true}"', '"x-y-2-true"'],
    ['"$${a} %%{b} \\" \\\\ \\u00e9"', '"${a} %{b} \\" \\\\ é"'],
    ['{ a = 1, "b" : [2, 3], (join("", ["c", "d"])) = null }', '{"a":1,"b":[2,3],"cd":null}'],
    ['{ format = 1 }.format', '1'],
    ['[for i, x in ["a", "b"] : "${i}${x}" if x != "a"]', '["1b"]'],
    ['{for k, v in { b = 1, a = 2 } : upper(k) => v * 2}', '{"A":4,"B":2}'],
    ['{for x in ["a", "b", "aa"] : substr(x, 0, 1) => x...}', '{"a":["a","aa"],"b":["b"]}'],
    ['[{ n = "x" }, { n = "y" }][*].n', '["x","y"]'],
    ['toset(["b", "a", "b"])', '["a","b"]'],
    ['keys({ b = 1, a = 2 })', '["a","b"]'],
    ['merge({ a = 1 }, { a = 2, b = 3 })', '{"a":2,"b":3}'],
    ['concat(["a"], ["b"])', '["a","b"]'],
    ['flatten([["a"], [["b"]], []])', '["a","b"]'],
    ['lookup({ a = "x" }, "b", "y")', '"y"'],
    ['lookup({ a = null }, "a", "y")', 'null'],
    ['format("%s-%03d%%", "a", 7)', '"a-007%"'],
    ['replace("a-b-c", "-", "_")', '"a_b_c"'],
    ['split(",", "a,b,")', '["a","b",""]'],
    [
      'jsonencode({ b = "<&>", a = [1.5, true, null] })',
      '"{\\"a\\":[1.5,true,null],\\"b\\":\\"\\\\u003c\\\\u0026\\\\u003e\\"}"',
    ],
    ['jsondecode("{\\"a\\": [1, \\"x\\"]}").a[1]', '"x"'],
    ['element(["a", "b"], 3)', '"b"'],
    ['range(2, 5)', '[2,3,4]'],
    ['zipmap(["a"], [1])', '{"a":1}'],
    ['max([1, 3, 2]...)', '3'],
    ['-5 + 10 / 2', '0'],
    ['!(1 >= 2)', 'true'],
    ['"5" * "2"', '10'],
    ['{ a = { b = ["x"] } }["a"].b[0]', '"x"'],
  ] as const;
  test.each(table)('%s is %s', (expression, value) => {
    expect(ours(expression)).toBe(value);
  });

  test('as terraform console says', () => {
    expect(terraforms(table.map(([expression]) => expression))).toEqual(table.map(([, value]) => value));
  });
});

describe('what only Terraform can tell is left open', () => {
  const table = [
    'null_resource.x.id',
    'timestamp()',
    'uuid()',
    '0.1 + 0.2',
    '-0',
    'element([1, 2], 0.5)',
    '9007199254740993',
    '10 / 3',
    'true ? [1] : ["a"]',
    'lower("É")',
    'length("é")',
    '"%{ if true }a%{ endif }"',
    '"a${null}"',
    '{ for = 1 }',
    '[1, 2][5]',
    'toset([1, "a"])',
    'replace("abc", "/b/", "x")',
    'provider::x::y()',
    'try(null_resource.x.id, "b")',
    '['.repeat(500),
  ];
  test.each(table)('%s', (expression) => {
    expect(ours(expression)).toBeUndefined();
  });
});

/** Expressions of all forms, most of them valid. */
const expressions = fc.letrec<Record<'any' | 'text' | 'number' | 'flag' | 'list' | 'map', string>>((tie) => ({
  any: fc.oneof(tie('text'), tie('number'), tie('flag'), tie('list'), tie('map'), fc.constant('null')),
  text: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('"a"', '"b-1"', '""', '" x "', '"5"', '"true"', '"A,b"', '"é"', '"$${x}"'),
    fc.tuple(tie('any'), tie('text')).map(([a, b]) => `"p\${${a}}-\${${b}}"`),
    fc
      .tuple(
        fc.constantFrom('lower', 'upper', 'trimspace', 'tostring', 'jsonencode', 'chomp', 'sha256'),
        tie('any'),
      )
      .map(([name, a]) => `${name}(${a})`),
    fc.tuple(tie('text'), tie('text'), tie('text')).map((args) => `replace(${args.join(', ')})`),
    fc.tuple(tie('text'), tie('list')).map((args) => `join(${args.join(', ')})`),
    fc.tuple(tie('text'), tie('any'), tie('number')).map(([, a, b]) => `format("%s:%d", ${a}, ${b})`),
    fc.tuple(tie('flag'), tie('any'), tie('any')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    fc.tuple(tie('text'), tie('number'), tie('number')).map((args) => `substr(${args.join(', ')})`),
    fc.tuple(tie('text'), tie('text')).map((args) => `trimprefix(${args.join(', ')})`),
    fc.tuple(tie('text'), tie('text')).map((args) => `trimsuffix(${args.join(', ')})`),
  ),
  number: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('0', '1', '7', '2.5', '1e3', '123456789012', '-3', '-0'),
    fc
      .tuple(tie('any'), fc.constantFrom('+', '-', '*', '/', '%'), tie('number'))
      .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
    fc
      .tuple(fc.constantFrom('length', 'tonumber', 'abs', 'ceil', 'floor'), tie('any'))
      .map(([f, a]) => `${f}(${a})`),
    fc.tuple(fc.constantFrom('max', 'min'), tie('number'), tie('any')).map(([f, a, b]) => `${f}(${a}, ${b})`),
  ),
  flag: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('true', 'false', '"true"'),
    fc
      .tuple(tie('any'), fc.constantFrom('==', '!=', '<', '>=', '&&', '||'), tie('any'))
      .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
    tie('flag').map((a) => `!${a}`),
    fc.tuple(tie('list'), tie('any')).map((args) => `contains(${args.join(', ')})`),
    fc.tuple(tie('text'), tie('text')).map((args) => `startswith(${args.join(', ')})`),
  ),
  list: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('[]', '["b", "a"]', '[1, 2, 2]'),
    fc.array(tie('any'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    fc
      .tuple(
        fc.constantFrom(
          'toset',
          'tolist',
          'distinct',
          'sort',
          'reverse',
          'flatten',
          'compact',
          'keys',
          'values',
        ),
        fc.oneof(tie('list'), tie('map')),
      )
      .map(([name, a]) => `${name}(${a})`),
    fc.tuple(tie('list'), tie('list')).map((args) => `concat(${args.join(', ')})`),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `[for k, v in ${a} : [k, v, ${b}]]`),
    tie('map').map((a) => `[for k, v in ${a} : "\${k}" if k != "a"]`),
    fc.tuple(tie('text'), tie('text')).map((args) => `split(${args.join(', ')})`),
    tie('list').map((a) => `${a}[*]`),
  ),
  map: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('{}', '{ a = 1, b = 2 }', '{ b = "x" }'),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `{ a = ${a}, "c" = ${b} }`),
    fc.tuple(tie('map'), tie('map')).map((args) => `merge(${args.join(', ')})`),
    fc.tuple(tie('list'), tie('any')).map(([a, b]) => `{ for i, x in ${a} : "k\${i}" => ${b} }`),
    fc.tuple(tie('list'), tie('any')).map(([a, b]) => `{ for x in ${a} : x => ${b}... }`),
    tie('map').map((a) => `tomap(${a})`),
    fc.tuple(tie('list'), tie('list')).map((args) => `zipmap(${args.join(', ')})`),
  ),
}));

test('a random expression has the value that Terraform gives it, or none', () => {
  const tried = fc.sample(
    fc.oneof(
      expressions.any,
      fc.tuple(expressions.map, expressions.text).map(([map, key]) => `lookup(${map}, ${key}, "d")`),
      fc.tuple(expressions.list, expressions.number).map(([list, index]) => `${list}[${index}]`),
      fc.tuple(expressions.list, expressions.number).map((args) => `element(${args.join(', ')})`),
    ),
    { numRuns: many(600), seed },
  );
  const expected = terraforms(tried);
  // Where Terraform reports an error in one part of a list or a map, the other parts are still told here.
  const wrong = tried.flatMap((expression, index) => {
    const [value, theirs] = [ours(expression), expected[index]];
    return value === undefined || theirs === undefined || value === theirs
      ? []
      : [{ expression, ours: value, terraform: theirs }];
  });
  expect(wrong).toEqual([]);
  // A resolver that leaves everything open would pass the above.
  const known = tried.filter((expression) => ours(expression) !== undefined).length;
  expect(known / expected.filter((value) => value !== undefined).length).toBeGreaterThan(0.6);
});
