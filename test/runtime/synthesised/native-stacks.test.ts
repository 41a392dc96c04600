import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { App } from 'cdktf';
import type { DeclaredStack } from '../../../src/runtime/synthesised';
import { readSynthesisedStacks } from '../../../src/runtime/synthesised';
import { OrdersStack } from '../../../stacks/orders/orders-stack';

/** What Terraform itself makes of such stacks is compared in test/e2e/native-configuration.test.ts. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cdktf-memphis-native-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function read(files: Readonly<Record<string, string>>): Promise<DeclaredStack> {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const [stack] = await readSynthesisedStacks({ folder, environment: {} });
  if (stack === undefined) throw new Error('nothing was read');
  return stack;
}

const station = (name: string): string => `resource "memphis_station" "s" {\n  name = ${name}\n}\n`;
const addresses = ({ objects }: DeclaredStack): string[] =>
  objects.map(({ site, unresolved }) => [site.address, ...unresolved].join(' without '));

test('a module from elsewhere is not read, and the stack says that it declares more', async () => {
  const secret = 'git::https://user:t0ken@example.com/modules.git';
  const stack = await read({
    'main.tf': `module "vpc" {\n  source = "${secret}"\n}\n${station('module.vpc.name')}`,
  });
  expect(addresses(stack)).toEqual(['memphis_station.s without name']);
  expect(stack.isPartial).toBe(true);
  expect(stack.problems).toEqual([
    'module.vpc is not in a folder of the project; whatever it declares is not compared',
  ]);
  expect(JSON.stringify(stack)).not.toContain('t0ken');
});

test('a module of which only Terraform can tell how often it is called has objects without names', async () => {
  const stack = await read({
    'main.tf': 'module "m" {\n  source = "./m"\n  count = var.unknown\n}\nvariable "unknown" {}\n',
    'm/main.tf': station('"fixed"'),
  });
  expect(addresses(stack)).toEqual(['module.m.memphis_station.s without name']);
  expect(stack.isPartial).toBe(true);
  expect(stack.problems).toEqual([
    'count of module.m is known to Terraform only; its objects are not compared',
  ]);
});

test('a module may have providers of its own, or those of its caller by other names', async () => {
  const provider = (more: string): string => `provider "memphis" {\n${more}\n}\n`;
  const inner = `${provider('alias = "x"')}${station('"a"').replace('\n}', '\n  provider = memphis.x\n}')}`;
  const stack = await read({
    'main.tf': `${provider('host = "outer"')}${provider('alias = "two"\nhost = "two"\nenv_prefix = "TWO_"')}
module "passed" {
  source    = "./passed"
  providers = { memphis.x = memphis.two }
}
module "own" {
  source = "./own"
  host   = "inner"
}
`,
    'passed/main.tf': inner,
    'own/main.tf': `variable "host" {}\n${provider('host = var.host')}${station('"b"')}`,
  });
  expect(stack.objects.map(({ site, provider: key }) => [site.address, key])).toEqual([
    ['module.passed.memphis_station.s', 'memphis.two'],
    ['module.own.memphis_station.s', 'module.own.memphis'],
  ]);
  expect(stack.providers).toEqual([
    { key: 'memphis', settings: { host: 'outer' }, unresolved: [] },
    { key: 'memphis.two', settings: { host: 'two' }, envPrefix: 'TWO_', unresolved: [] },
    { key: 'module.own.memphis', settings: { host: 'inner' }, unresolved: [] },
  ]);
});

test('a sensitive value stays sensitive through modules and outputs', async () => {
  const stack = await read({
    'main.tf': `variable "secret" {
  default   = "s3cret"
  sensitive = true
}
module "m" {
  source = "./m"
  name   = var.secret
}
${station('"x-\${module.m.plain}"')}
resource "memphis_station" "marked" {
  name = module.m.marked
}
`,
    'm/main.tf': `variable "name" {}
${station('var.name')}
output "plain" {
  value = memphis_station.s.name
}
output "marked" {
  value     = "open"
  sensitive = true
}
`,
  });
  expect(stack.objects.map(({ sensitive }) => sensitive)).toEqual([['name'], ['name'], ['name']]);
});

describe('an expression that is not read leaves the rest as it is:', () => {
  test.each([
    ['a directive', '"%{ for x in [1] }${x}%{ endfor }"'],
    ['a strip marker', '"${~ "a" ~}"'],
    ['brackets in strings', 'concat(["}"], [")"]...)[*].x["${"}"}"] ?'],
    ['a heredoc', 'f(<<EOT\n}\nEOT\n) ?'],
    ['a function of a provider', 'provider::x::f("}")'],
    ['a comment', '[ # }\n 1, // ]\n /* } */ ] ?'],
  ])('%s', async (_, expression) => {
    const stack = await read({
      'main.tf': `${station(expression)}\nresource "memphis_station" "t" {\n  name = "t"\n}\n`,
    });
    expect(addresses(stack)).toEqual(['memphis_station.s without name', 'memphis_station.t']);
  });
});

test('what stands in a file at which line is said, also on Windows', async () => {
  const stack = await read({ 'main.tf': `\uFEFF# first\r\n\r\n${station('"a"').replaceAll('\n', '\r\n')}` });
  expect(stack.objects[0]?.values).toEqual({ name: 'a' });
  expect(stack.objects[0]?.site).toMatchObject({ line: 3, constructPath: 'memphis_station.s' });
});

test('an override without anything to override, and files of editors, change nothing', async () => {
  const stack = await read({
    'main.tf': station('"a"'),
    'x_override.tf': station('"b"').replace('"s"', '"other"'),
    '.#main.tf': 'broken',
    '#main.tf#': 'broken',
  });
  expect(stack.objects.map(({ values }) => values)).toEqual([{ name: 'a' }]);
});

describe('is refused with the place of the mistake:', () => {
  const problem = async (files: Readonly<Record<string, string>>): Promise<string> =>
    read(files).then(
      () => 'nothing',
      (error: unknown) => (error as Error).message,
    );
  test.each<[string, Record<string, string>, RegExp]>([
    [
      'a block without its end',
      { 'main.tf': 'resource "a" "b" {\n  name = "x"\n' },
      /main\.tf: line 3, column 1: expected "}"/,
    ],
    ['a name alone', { 'main.tf': '\nname\n' }, /main\.tf: line 2, column 5: expected "=", a label or "\{"/],
    [
      'an attribute twice',
      { 'main.tf': 'locals {\n a = 1\n a = 2\n}\n' },
      /line 3, column 5: a is set twice/,
    ],
    ['a string without its end', { 'main.tf': 'locals {\n a = "x\n}\n' }, /main\.tf: line/],
    ['a broken override', { 'main.tf': '', 'override.tf': '}' }, /override\.tf: line 1, column 1/],
    [
      'a module that is not there',
      { 'main.tf': 'module "m" { source = "./none" }\n' },
      /none has no configuration, and module "m"/,
    ],
    [
      'a module that calls itself',
      { 'main.tf': 'module "m" { source = "./" }\n' },
      /module "m" in .* is nested too deeply/,
    ],
    ['blocks without end', { 'main.tf': 'a {\n'.repeat(10_000) }, /nested too deeply/],
  ])('%s', async (_, files, says) => {
    expect(await problem(files)).toMatch(says);
  });
});

test('a synth with HCL output declares the same as one with JSON', async () => {
  const synthesised = async (isNative: boolean): Promise<DeclaredStack | undefined> => {
    const outdir = join(folder, isNative ? 'native' : 'json');
    if (isNative) process.env.SYNTH_HCL_OUTPUT = 'true';
    try {
      const app = new App({ outdir, skipValidation: true });
      new OrdersStack(app, 'orders');
      app.synth();
    } finally {
      delete process.env.SYNTH_HCL_OUTPUT;
    }
    return (await readSynthesisedStacks({ folder: outdir, environment: {} }))[0];
  };
  const values = (stack: DeclaredStack | undefined) =>
    Object.fromEntries((stack?.objects ?? []).map(({ site, ...object }) => [site.address, object.values]));
  const [native, json] = [await synthesised(true), await synthesised(false)];
  expect(existsSync(join(folder, 'native/stacks/orders/cdk.tf'))).toBe(true);
  expect(values(native)).toEqual(values(json));
  expect(native?.tests?.map(({ name, station: of }) => [name, of])).toEqual([['smoke', 'orders']]);
});

test('5,000 stations in HCL are read in less than a second', async () => {
  const resources = Array.from(
    { length: 5_000 },
    (_, index) => `resource "memphis_station" "s${index}" {\n  name = "s-${index}"\n  tags = ["a", "b"]\n}\n`,
  );
  const before = process.cpuUsage();
  const { objects } = await read({ 'main.tf': resources.join('\n') });
  const { user, system } = process.cpuUsage(before);
  expect(objects).toHaveLength(5_000);
  expect((user + system) / 1000).toBeLessThan(1_000);
});
