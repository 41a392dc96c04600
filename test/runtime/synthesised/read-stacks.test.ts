import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  App,
  TerraformCount,
  TerraformIterator,
  TerraformLocal,
  TerraformStack,
  TerraformVariable,
} from 'cdktf';
import { MemphisProvider, Schema, SmokeTest, Station } from '../../../src';
import type { DeclaredObject, DeclaredStack } from '../../../src/runtime/synthesised';
import { readSynthesisedStacks } from '../../../src/runtime/synthesised';
import { OrdersStack } from '../../../stacks/orders/orders-stack';
import { rejection } from '../../support/rejection';
import { writeFiles } from '../../support/user-project';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cdktf-memphis-synthesised-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string | object>>): void {
  writeFiles(folder, files);
}

type Environment = Readonly<Record<string, string>>;

/** Reads the one stack in the folder. */
async function read(environment: Environment = {}): Promise<DeclaredStack> {
  const [stack, ...more] = await readSynthesisedStacks({ folder, environment });
  if (stack === undefined || more.length > 0) throw new Error(`not one stack but ${more.length + 1}`);
  return stack;
}

/** Values and open fields of each object by its address. */
function byAddress(objects: readonly DeclaredObject[]): Record<string, unknown> {
  return Object.fromEntries(
    objects.map(({ site, values, unresolved }) => [
      site.address,
      unresolved.length === 0 ? values : { ...values, unresolved },
    ]),
  );
}

async function stations(
  station: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
  environment: Environment = {},
): Promise<Record<string, unknown>> {
  write({ 'cdk.tf.json': { resource: { memphis_station: station }, ...more } });
  return byAddress((await read(environment)).objects);
}

async function errorOf(stacks?: readonly string[]): Promise<string> {
  const options = { folder, environment: {}, ...(stacks === undefined ? {} : { stacks }) };
  return (await rejection(readSynthesisedStacks(options))).message;
}

function synthesise(declare: (stack: TerraformStack) => void): void {
  const app = new App({ outdir: join(folder, 'cdktf.out') });
  const stack = new TerraformStack(app, 'shop');
  new MemphisProvider(stack, 'memphis');
  declare(stack);
  app.synth();
}

test('in the example stack nothing is left open', async () => {
  const app = new App({ outdir: join(folder, 'cdktf.out') });
  new OrdersStack(app, 'orders');
  app.synth();
  const { name, folder: stackFolder, objects, providers, tests, problems } = await read();
  expect({ name, stackFolder, providers, problems }).toEqual({
    name: 'orders',
    stackFolder: join(folder, 'cdktf.out', 'stacks', 'orders'),
    providers: [{ key: 'memphis', settings: {}, unresolved: [] }],
    problems: [],
  });
  expect(objects.flatMap(({ unresolved }) => unresolved)).toEqual([]);
  expect(
    objects.map(({ kind, site, values }) => [kind, site.constructPath, values.name ?? values.stationName]),
  ).toEqual([
    ['schema', 'orders/order', 'order'],
    ['enforcement', 'orders/orders/enforcement', 'orders'],
    ['station', 'orders/dead-letters', 'orders-dead-letters'],
    ['station', 'orders/orders', 'orders'],
    ['station', 'orders/payments', 'payments'],
  ]);
  expect(tests).toEqual([
    {
      name: 'smoke',
      station: 'orders',
      target: 'shadow',
      site: {
        stack: 'orders',
        constructPath: 'orders/smoke',
        address: 'null_resource.smoke',
        file: 'stacks/orders/orders-stack.ts',
        line: expect.any(Number) as number,
      },
    },
  ]);
  expect(objects[3]?.site).toMatchObject({
    file: 'stacks/orders/orders-stack.ts',
    line: expect.any(Number) as number,
  });
  expect(objects[3]?.values).toMatchObject({
    partitionsNumber: 3,
    dlsStation: 'orders-dead-letters',
    tags: ['shop'],
  });
});

test("a smoke test has its target, also where Terraform's own resource runs it", async () => {
  synthesise((stack) => {
    const station = new Station(stack, 'orders', { name: 'orders' });
    new SmokeTest(stack, 'smoke', { station, target: 'live', runVia: 'terraformData' });
  });
  expect((await read()).tests).toMatchObject([
    {
      name: 'smoke',
      station: 'orders',
      target: 'live',
      site: { constructPath: 'shop/smoke', address: 'terraform_data.smoke' },
    },
  ]);
});

test('iterators, locals and variables of a stack are resolved', async () => {
  synthesise((stack) => {
    const size = new TerraformVariable(stack, 'size', { type: 'number', default: 3 });
    const prefix = new TerraformLocal(stack, 'prefix', 'eu');
    const teams = TerraformIterator.fromMap({ a: { days: 1 }, b: { days: 2 } });
    const schema = new Schema(stack, 'order', { name: 'order', type: 'json', content: '{"type":"object"}' });
    new Station(stack, 'team', {
      forEach: teams,
      name: `${prefix.asString}-${teams.key}`,
      retentionValue: teams.getNumber('days'),
      partitionsNumber: size.numberValue,
    }).enforce(schema);
    const count = TerraformCount.of(2);
    new Station(stack, 'shard', { count, name: 'shard-${count.index}' });
    new Station(stack, 'late', { name: 'late', dlsStation: `\${null_resource.x.id}` });
  });
  const { objects, problems } = await read({ TF_VAR_size: '5' });
  expect(problems).toEqual([]);
  expect(byAddress(objects)).toMatchObject({
    'memphis_schema.order': { name: 'order', type: 'json', content: '{"type":"object"}' },
    'memphis_station.team["a"]': { name: 'eu-a', retentionValue: 1, partitionsNumber: 5 },
    'memphis_station.team["b"]': { name: 'eu-b', retentionValue: 2, partitionsNumber: 5 },
    'memphis_schema_enforcement.team_enforcement_7E15A71E["a"]': { stationName: 'eu-a', schemaName: 'order' },
    'memphis_schema_enforcement.team_enforcement_7E15A71E["b"]': { stationName: 'eu-b', schemaName: 'order' },
    'memphis_station.shard[0]': { name: 'shard-0' },
    'memphis_station.shard[1]': { name: 'shard-1' },
    'memphis_station.late': { name: 'late', unresolved: ['dlsStation'] },
  });
});

describe('values get the types of the model', () => {
  test('numbers and flags that came as strings', async () => {
    const found = await stations({
      a: {
        name: 5,
        retention_value: '60',
        send_poison_msg_to_dls: 'false',
        tags: ['b', 'a', 'b'],
        dls_station: null,
      },
    });
    expect(found).toEqual({
      'memphis_station.a': { name: '5', retentionValue: 60, sendPoisonMsgToDls: false, tags: ['a', 'b'] },
    });
  });

  test('a value that the provider would refuse is left open', async () => {
    const found = await stations({ a: { name: 'a', retention_value: 'soon', tags: 'x' } });
    expect(found).toEqual({ 'memphis_station.a': { name: 'a', unresolved: ['retentionValue', 'tags'] } });
  });
});

describe('a reference to another object', () => {
  test('gives declared values, and defaults where none are', async () => {
    const found = await stations({
      a: { name: 'a' },
      b: {
        name: '${memphis_station.a.name}-b',
        retention_value: '${memphis_station.a.retention_value}',
        partitions_number: '${memphis_station.a.partitions_number + 1}',
      },
      c: { name: '${memphis_station.b.name}-c', tags: '${memphis_station.a.tags}' },
    });
    expect(found).toMatchObject({
      'memphis_station.b': { name: 'a-b', retentionValue: 3600, partitionsNumber: 2 },
      'memphis_station.c': { name: 'a-b-c', unresolved: ['tags'] },
    });
  });

  test('to what the broker gives, to itself, and to nothing is left open', async () => {
    const found = await stations(
      {
        a: { name: '${memphis_station.a.uid}' },
        b: { name: '${memphis_station.c.name}' },
        c: { name: '${memphis_station.b.name}' },
        d: { name: '${memphis_station.none.name}' },
        e: { name: '${local.x}' },
      },
      { locals: { x: '${local.y}', y: '${local.x}' } },
    );
    expect(Object.values(found)).toEqual(Array(5).fill({ unresolved: ['name'] }));
  });
});

test('objects whose number only Terraform can tell have no name', async () => {
  write({
    'cdk.tf.json': {
      resource: {
        memphis_station: {
          a: { for_each: '${null_resource.x.triggers}', name: 'team-${each.key}', partitions_number: 2 },
          b: { count: '${var.unset}', name: 'b' },
        },
      },
      variable: { unset: { type: 'number' } },
    },
  });
  const { objects, problems } = await read();
  expect(byAddress(objects)).toEqual({
    'memphis_station.a': { partitionsNumber: 2, unresolved: ['name'] },
    'memphis_station.b': { unresolved: ['name'] },
  });
  expect(problems).toEqual([
    'for_each of memphis_station.a is known to Terraform only; its objects are not compared',
    'count of memphis_station.b is known to Terraform only; its objects are not compared',
  ]);
});

describe('the value of a variable comes from the last of', () => {
  const station = { a: { name: '${var.name}' } };
  const more = { variable: { name: { type: 'string', default: 'default' } } };
  const sources: [string, Readonly<Record<string, unknown>>, Environment][] = [
    ['default', {}, {}],
    ['environment', {}, { TF_VAR_name: 'environment' }],
    ['terraform.tfvars', { 'terraform.tfvars': '# a comment\nname = "terraform.tfvars"\n' }, {}],
    ['terraform.tfvars.json', { 'terraform.tfvars.json': { name: 'terraform.tfvars.json' } }, {}],
    ['a.auto.tfvars', { 'a.auto.tfvars': 'other = [1,\n 2]\nname = "a.auto.tfvars"' }, {}],
    ['b.auto.tfvars.json', { 'b.auto.tfvars.json': { name: 'b.auto.tfvars.json' } }, {}],
  ];
  test.each(sources.map(([name], index) => [name, index] as const))('%s', async (name, index) => {
    const used = sources.slice(0, index + 1);
    write(Object.assign({}, ...used.map(([, files]) => files)) as Readonly<Record<string, object>>);
    const environment = Object.assign({}, ...used.map(([, , each]) => each)) as Environment;
    expect(await stations(station, more, environment)).toEqual({ 'memphis_station.a': { name } });
  });
});

test('values of the environment have the type of their variable', async () => {
  const found = await stations(
    {
      a: {
        for_each: '${var.teams}',
        name: '${each.value}',
        tags: '${var.tags}',
        partitions_number: '${var.settings.partitions}',
        retention_value: '${var.settings.retention}',
        tiered_storage_enabled: '${var.flag}',
      },
    },
    {
      variable: {
        teams: { type: 'set(string)' },
        tags: { type: '${list(string)}', default: [] },
        settings: { type: 'object({ partitions = number, retention = optional(number, 60) })' },
        flag: { type: 'bool', default: false },
      },
    },
    {
      TF_VAR_teams: '["b", "a", "b"]',
      TF_VAR_tags: '["x"]',
      TF_VAR_settings: '{ partitions = "2", more = 1 }',
      TF_VAR_flag: 'true',
    },
  );
  const values = { tags: ['x'], partitionsNumber: 2, retentionValue: 60, tieredStorageEnabled: true };
  expect(found).toEqual({
    'memphis_station.a["a"]': { name: 'a', ...values },
    'memphis_station.a["b"]': { name: 'b', ...values },
  });
});

test('providers have their aliases, and settings that are known', async () => {
  write({
    'cdk.tf.json': {
      provider: {
        memphis: [
          { host: '${var.host}', port: '${var.port}' },
          { alias: 'staging', password: '${var.unset}' },
        ],
        null: [{}],
      },
      variable: { host: { default: 'eu.example' }, port: { type: 'number', default: 6667 }, unset: {} },
      resource: {
        memphis_station: {
          a: { name: 'a', provider: 'memphis.staging' },
          b: { name: 'b', provider: 'memphis.other' },
        },
        null_resource: { c: {} },
      },
    },
  });
  const { objects, providers } = await read();
  expect(providers).toEqual([
    { key: 'memphis', settings: { host: 'eu.example', port: 6667 }, unresolved: [] },
    { key: 'memphis.staging', settings: {}, unresolved: ['password'] },
    { key: 'memphis.other', settings: {}, unresolved: [] },
  ]);
  expect(objects.map(({ provider }) => provider)).toEqual(['memphis.staging', 'memphis.other']);
});

test('a provider of another source that is called memphis is not ours', async () => {
  const terraform = { required_providers: { memphis: { source: 'example.com/acme/memphis' } } };
  expect(await stations({ a: { name: 'a' } }, { terraform })).toEqual({});
});

test('the content of a file is read from the folder of the stack', async () => {
  write({
    'assets/order.json': '{}',
    'cdk.tf.json': {
      resource: {
        memphis_schema: {
          a: { name: 'a', type: 'json', content: '${file("${path.module}/assets/order.json")}' },
        },
      },
    },
  });
  expect(byAddress((await read()).objects)).toEqual({
    'memphis_schema.a': { name: 'a', type: 'json', content: '{}' },
  });
});

describe('the folder', () => {
  const manifest = {
    stacks: { shop: { workingDirectory: 'stacks/shop', synthesizedStackPath: 'stacks/shop/cdk.tf.json' } },
  };
  const stack = { resource: { memphis_station: { a: { name: 'a' } } } };

  test('may be a project with another output folder, its output, or the folder of a stack', async () => {
    write({
      'cdktf.json': { output: 'build/out' },
      'build/out/manifest.json': manifest,
      'build/out/stacks/shop/cdk.tf.json': stack,
    });
    for (const given of ['.', 'build/out', 'build/out/stacks/shop']) {
      const [found] = await readSynthesisedStacks({ folder: join(folder, given), environment: {} });
      expect(found).toMatchObject({ name: 'shop', objects: [{ values: { name: 'a' } }] });
    }
  });

  test('of several files is one stack', async () => {
    write({ 'a.tf.json': stack, 'b.tf.json': { resource: [{ memphis_station: [{ b: [{ name: 'b' }] }] }] } });
    expect(byAddress((await read()).objects)).toEqual({
      'memphis_station.a': { name: 'a' },
      'memphis_station.b': { name: 'b' },
    });
  });

  test('that was never synthesised', async () => {
    expect(await errorOf()).toBe(
      `could not read the synthesised stacks: ${folder} has no synthesised output. Run cdktf synth in the project first, or name the project or its output folder.`,
    );
  });

  test('without the configuration that its manifest names', async () => {
    write({ 'cdktf.out/manifest.json': manifest });
    expect(await errorOf()).toBe(
      `could not read stack "shop": ${join(folder, 'cdktf.out/stacks/shop/cdk.tf.json')} does not exist. Run cdktf synth.`,
    );
  });

  test('with a broken configuration', async () => {
    write({
      'cdktf.out/manifest.json': manifest,
      'cdktf.out/stacks/shop/cdk.tf.json': '{\n  "resource": {]\n}',
    });
    expect(await errorOf()).toBe(
      `could not read stack "shop": ${join(folder, 'cdktf.out/stacks/shop/cdk.tf.json')}: line 2, column 16: expected a name in quotes, found "]". Run cdktf synth again, or correct the file.`,
    );
  });

  test('with a broken file of variables', async () => {
    write({ 'cdk.tf.json': stack, 'terraform.tfvars': 'a = 1\nb = = 2\n' });
    expect(await errorOf()).toContain(
      `${join(folder, 'terraform.tfvars')}: line 2, column 5: unexpected "="`,
    );
  });

  test('without the stack that is asked for', async () => {
    write({ 'cdktf.out/manifest.json': manifest, 'cdktf.out/stacks/shop/cdk.tf.json': stack });
    expect(await errorOf(['shp'])).toBe(
      'could not read the synthesised stacks: stack "shp" is not in the synthesised output, which has "shop"; use "shop".',
    );
  });
});

test('10,000 stations are read in less than a second', async () => {
  const station = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, index) => [
      `s${index}`,
      {
        '//': { metadata: { path: `shop/s${index}`, uniqueId: `s${index}` } },
        name: `station-${index}`,
        owner: `project/shop/s${index}`,
        retention_value: 3600,
        partitions_number: '${var.size}',
        dls_station: '${memphis_station.s0.name}',
        tags: ['a', 'b'],
      },
    ]),
  );
  write({ 'cdk.tf.json': { resource: { memphis_station: station }, variable: { size: { default: 2 } } } });
  const before = process.cpuUsage();
  const { objects } = await read();
  // Not the time on the clock, in which other programs run, too.
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(1000);
  expect(objects).toHaveLength(10_000);
  expect(objects[9999]?.values).toMatchObject({ partitionsNumber: 2, dlsStation: 'station-0' });
});

test('what a provider says for all stations is read with its types, and open where only Terraform knows it', async () => {
  await stations(
    { a: { name: 'a' } },
    {
      provider: {
        memphis: [
          {
            allow_message_loss: 'true',
            tags: ['b', 'a', 'b'],
            deletion_protection: '${memphis_station.a.intact}',
          },
          { alias: 'plain', host: 'x' },
        ],
      },
    },
  );
  expect((await read()).providers.map(({ key, stationDefaults }) => [key, stationDefaults])).toEqual([
    ['memphis', { values: { allowMessageLoss: true, tags: ['a', 'b'] }, unresolved: ['deletionProtection'] }],
    ['memphis.plain', undefined],
  ]);
});

test('a field is marked as sensitive when anything that it reads is', async () => {
  const secret = '${var.secret}';
  write({
    'cdk.tf.json': {
      variable: { secret: { type: 'string', sensitive: true }, open: { type: 'string' } },
      locals: { hidden: `x-${secret}`, shown: '${var.open}', all: { a: { of: secret } } },
      resource: {
        memphis_station: {
          direct: { name: secret, tags: ['${var.open}'] },
          through: { name: '${local.hidden}', dls_station: '${memphis_station.direct.name}' },
          again: { name: '${local.hidden}', dls_station: '${local.shown}' },
          called: { name: '${sensitive("a")}', dls_station: `\${nonsensitive(var.secret)}` },
          each: { for_each: '${local.all}', name: '${each.value.of}', dls_station: '${var.open}' },
        },
      },
    },
  });
  const { objects } = await read({ TF_VAR_secret: 'pssst', TF_VAR_open: 'hello' });
  expect(
    Object.fromEntries(
      objects.map(({ site, values, sensitive }) => [site.address, [values.name, sensitive]]),
    ),
  ).toEqual({
    'memphis_station.direct': ['pssst', ['name']],
    'memphis_station.through': ['x-pssst', ['name', 'dlsStation']],
    'memphis_station.again': ['x-pssst', ['name']],
    'memphis_station.called': ['a', ['name']],
    'memphis_station.each["a"]': ['pssst', ['name']],
  });
});

const chain = Object.fromEntries(
  Array.from({ length: 5_000 }, (_, index) => [`c${index}`, index === 0 ? 'x' : `\${local.c${index - 1}}`]),
);
const doubled = Object.fromEntries(
  Array.from({ length: 40 }, (_, index) => {
    const before = `\${local.d${index - 1}}`;
    return [`d${index}`, index === 0 ? '0123456789' : before + before];
  }),
);

test.each([
  ['a sum of 50,000 numbers', { retention_value: `\${${Array(50_000).fill(1).join('+')}}` }, {}],
  ['attributes of attributes', { dls_station: `\${local${'.a'.repeat(50_000)}}` }, {}],
  ['a chain of 5,000 locals', { dls_station: '${local.c4999}' }, chain],
  ['a string that doubles 40 times', { dls_station: '${local.d39}' }, doubled],
  ['ten billion objects', { count: 1e10 }, {}],
  ['a hundred million objects', { count: 1e8 }, {}],
])('configuration that is too large is left open: %s', async (_, more, locals) => {
  write({ 'cdk.tf.json': { locals, resource: { memphis_station: { a: { name: 'a', ...more } } } } });
  const { objects } = await read();
  expect(objects).toHaveLength(1);
  expect(objects[0]?.unresolved).toHaveLength(1);
});

test('lists nested 20,000 deep are left open', async () => {
  const tags = '['.repeat(20_000) + ']'.repeat(20_000);
  write({ 'cdk.tf.json': `{"resource":{"memphis_station":{"a":{"name":"a","tags":${tags}}}}}` });
  expect((await read()).objects.map(({ unresolved }) => unresolved)).toEqual([['tags']]);
});
