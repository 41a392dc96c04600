// The framework under the real Terraform, with a provider whose objects are JSON files.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { unzipSync } from 'fflate';
import type { ProviderManifest } from '../../../support/packed-provider';
import { installProvider, packProvider } from '../../../support/packed-provider';
import { Terraform, eventsOf } from '../../../support/terraform';

type Json = Readonly<Record<string, unknown>>;

const workspace = mkdtempSync(join(tmpdir(), 'framework-'));
const stack = join(workspace, 'stack');
const sockets = join(workspace, 'sockets');
const terraform = new Terraform(stack, { env: { PLUGIN_UNIX_SOCKET_DIR: sockets } });
let manifest: ProviderManifest;
let shelf: string;

beforeAll(async () => {
  mkdirSync(stack);
  mkdirSync(sockets);
  manifest = await packProvider({
    entry: resolve(__dirname, '../../../support/toy-provider/main.ts'),
    address: 'toy.invalid/test/toy',
    version: '1.0.0',
    outDir: join(workspace, 'packed'),
  });
  installProvider(stack, join(workspace, 'packed'), manifest);
  declare({});
  const init = await terraform.init();
  if (init.code !== 0) throw new Error(init.stdout + init.stderr);
});

afterAll(() => {
  expect(readdirSync(sockets)).toEqual([]);
  rmSync(workspace, { recursive: true, force: true });
});

beforeEach(() => {
  shelf = mkdtempSync(join(workspace, 'shelf-'));
  for (const name of ['terraform.tfstate', 'terraform.tfstate.backup'])
    rmSync(join(stack, name), { force: true });
});

/** Writes the configuration of the stack: boxes by label, and whatever else. */
function declare(boxes: Readonly<Record<string, Json>>, more: Json = {}, provider: Json = {}): void {
  const configuration = {
    terraform: { required_providers: { toy: { source: manifest.address, version: manifest.version } } },
    provider: { toy: { folder: shelf, ...provider } },
    ...(Object.keys(boxes).length === 0 ? {} : { resource: { toy_box: boxes } }),
    ...more,
  };
  writeFileSync(join(stack, 'main.tf.json'), JSON.stringify(configuration));
}

/** The attributes of every object in the state, by address. */
function state(): Record<string, Json> {
  const { resources } = JSON.parse(readFileSync(join(stack, 'terraform.tfstate'), 'utf8')) as {
    resources: { type: string; name: string; instances: { attributes: Json }[] }[];
  };
  return Object.fromEntries(
    resources.map(({ type, name, instances }) => [`${type}.${name}`, instances[0]?.attributes ?? {}]),
  );
}

const file = (name: string) => join(shelf, `${name}.json`);
const stored = (name: string) => JSON.parse(readFileSync(file(name), 'utf8')) as Json;

/** The planned changes of a plan by address: actions and, where it is a replacement, the paths that ask for it. */
async function planned(...args: string[]): Promise<Record<string, unknown>> {
  const events = eventsOf(await terraform.plan('-json', ...args));
  const changes = events.filter(({ type }) => type === 'planned_change').map(({ change }) => change) as {
    resource: { addr: string };
    action: string;
  }[];
  return Object.fromEntries(changes.map(({ resource, action }) => [resource.addr, action]));
}

test('the lock hash computed here is the one that Terraform computes', () => {
  expect(readFileSync(join(stack, '.terraform.lock.hcl'), 'utf8')).toContain(`"${manifest.h1}"`);
  // More than one file, so that their order in the hash counts too.
  const files = unzipSync(readFileSync(join(workspace, 'packed', manifest.archive)));
  expect(Object.keys(files).sort()).toEqual([
    'THIRD-PARTY-LICENSES.txt',
    'provider.cjs',
    'terraform-provider-toy.cjs',
  ]);
  const licences = Buffer.from(files['THIRD-PARTY-LICENSES.txt'] ?? []).toString();
  for (const name of ['@grpc/grpc-js', '@msgpack/msgpack', '@peculiar/asn1-x509', 'protobufjs']) {
    expect(licences).toContain(`\n${name}\n-`);
  }
});

test('objects are created, left alone, updated, replaced and destroyed', async () => {
  // More digits than a JavaScript number holds, and a fraction that no double is: both would show false changes.
  const others = { b: { name: 'b', weight: '12345678901234567890123.5' } };
  const labels = ['x', 'y'];
  declare({ a: { name: 'a', content: 'first', labels, secret: 'hush-hush', weight: 0.1 }, ...others });
  const created = await terraform.apply();
  expect(created).toMatchObject({ code: 0 });
  expect(created.stdout).not.toContain('hush-hush');
  expect(created.stdout).toContain('(sensitive value)');
  const { uid, ...rest } = state()['toy_box.a'] ?? {};
  expect(rest).toEqual({
    name: 'a',
    content: 'first',
    labels: ['x', 'y'],
    weight: 0.1,
    secret: 'hush-hush',
    locked: false,
    breaks: false,
    revision: 1,
    length: 5,
  });
  // What the plan hook planned reached create.
  expect(stored('a').plannedAs).toBe('create');
  expect(stored('b').weight).toBe('12345678901234567890123.5');

  expect((await terraform.plan()).code).toBe(0);

  // An attribute that is removed gets its default back; the order of a set is no change.
  declare({ a: { name: 'a', labels: ['y', 'x'], secret: 'hush-hush', weight: 0.1 }, ...others });
  const update = await terraform.apply();
  expect(update.stdout).toContain('0 added, 1 changed, 0 destroyed');
  expect(update.stdout).not.toContain('labels');
  expect(state()['toy_box.a']).toMatchObject({ uid, content: 'nothing', revision: 2, length: 7 });

  declare({ a: { name: 'c' } });
  const replacement = await terraform.apply();
  expect(replacement.stdout).toContain('1 added, 0 changed, 2 destroyed');
  expect(replacement.stdout).toMatch(/name +=.*forces replacement/);
  expect(readdirSync(shelf)).toEqual(['c.json']);
  expect(stored('c').uid).not.toBe(uid);

  expect((await terraform.destroy()).code).toBe(0);
  expect(readdirSync(shelf)).toEqual([]);
});

test('drift is planned to be repaired, and an object that is gone to be made again', async () => {
  declare({ a: { name: 'a', content: 'odd' }, b: { name: 'b' } });
  const { code, stdout } = await terraform.apply();
  expect(code).toBe(0);
  // A warning of the plan hook, which does not fail the run.
  expect(stdout).toContain('Warning: Odd content');
  writeFileSync(file('a'), JSON.stringify({ ...stored('a'), content: 'by hand' }));
  rmSync(file('b'));
  expect(await planned()).toEqual({ 'toy_box.a': 'update', 'toy_box.b': 'create' });
});

describe('an existing object', () => {
  const existing = { name: 'old', content: 'long there', uid: 'from before', revision: 7, length: 10 };

  test('is imported by a block, and what it does not tell has its default, so nothing changes', async () => {
    writeFileSync(file('old'), JSON.stringify(existing));
    declare({ a: { name: 'old', content: 'long there' } }, { import: [{ to: 'toy_box.a', id: 'old' }] });
    const { stdout } = await terraform.apply();
    expect(stdout).toContain('1 imported, 0 added, 0 changed, 0 destroyed');
  });

  test('is imported by the command, and may refuse to be destroyed or replaced', async () => {
    declare({ a: { name: 'old' } });
    const missing = await terraform.run(['import', '-no-color', 'toy_box.a', 'never']);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('There is no toy_box with the id "never"');

    writeFileSync(file('old'), JSON.stringify({ ...existing, locked: true }));
    expect(await terraform.run(['import', '-no-color', 'toy_box.a', 'old'])).toMatchObject({ code: 0 });
    expect(state()['toy_box.a']).toMatchObject({ uid: 'from before', locked: true, breaks: false });

    // The plan of a destroy and of a replacement can be refused, before anything is touched.
    const locked = expect.stringContaining('Error: The box is locked') as string;
    const destroy = await terraform.plan('-destroy');
    expect(destroy).toMatchObject({ code: 1, stderr: locked });
    declare({ a: { name: 'other', locked: true } });
    const replacement = await terraform.plan();
    expect(replacement).toMatchObject({
      code: 1,
      stderr: locked,
    });
    expect(readdirSync(shelf)).toEqual(['old.json']);
  });
});

describe('a problem', () => {
  test.each([
    ['illegal', 'Illegal content', 'Put something else in.', 'found by validate'],
    ['unplannable', 'No such content', 'Choose another one.', 'found by the plan hook'],
  ])('with content %p is shown at its attribute', async (content, summary, detail) => {
    declare({ a: { name: 'a', content } });
    const { code, stderr } = await terraform.plan();
    expect(code).toBe(1);
    expect(stderr).toContain(`Error: ${summary}`);
    expect(stderr).toContain(detail);
    expect(stderr).toMatch(/main\.tf\.json line 1, in resource\.toy_box\.a/);
  });

  test('of the provider configuration is reported once, not once per object', async () => {
    const boxes = Object.fromEntries(['a', 'b', 'c'].map((name) => [name, { name }]));
    declare(boxes, {}, { password: 'wrong' });
    const { code, stderr } = await terraform.plan();
    expect(code).toBe(1);
    expect(stderr.match(/Error: /g)).toHaveLength(1);
    expect(stderr).toContain('Error: The password was refused');
  });
});

test('an object that was made half-way is replaced by the next run, one that could not go stays', async () => {
  declare({ a: { name: 'a', breaks: true }, s: { name: 's', content: 'sticky' } });
  const broken = await terraform.apply();
  expect(broken.code).toBe(1);
  expect(broken.stderr).toContain('Error: The box broke');
  const { uid } = stored('a');
  declare({ a: { name: 'a' } });
  const repaired = await terraform.apply();
  // Terraform and OpenTofu word the reason differently.
  expect(repaired.stdout).toMatch(/toy_box\.a is tainted, so (it )?must be replaced/);
  expect(stored('a')).toMatchObject({ breaks: false, uid: expect.not.stringMatching(String(uid)) as string });
  expect(repaired.code).toBe(1);
  expect(repaired.stderr.match(/Error: /g)).toHaveLength(1);
  expect(repaired.stderr).toContain('Error: The box sticks');
  expect(Object.keys(state())).toEqual(['toy_box.a', 'toy_box.s']);
});

test('values and a provider configuration that are not known while planning', async () => {
  const unknown = '${terraform_data.source.output}';
  const configuration = (input: string) => {
    const source = { terraform_data: { source: { input: shelf, triggers_replace: input } } };
    const boxes = {
      a: { name: 'a', content: '${terraform_data.source.id}' },
      b: { name: 'b', content: '${toy_box.a.uid}' },
    };
    declare({}, { resource: { ...source, toy_box: boxes } }, { folder: unknown });
  };
  configuration('1');
  expect(await terraform.apply()).toMatchObject({ code: 0 });
  expect(stored('b').content).toBe(stored('a').uid);
  // Now the configuration is unknown while there are objects to read and to plan.
  configuration('2');
  expect(await terraform.apply()).toMatchObject({ code: 0 });
  expect(stored('a').revision).toBe(2);
});

test('a data source reads what is there', async () => {
  writeFileSync(file('left'), '{}');
  writeFileSync(file('right'), '{}');
  declare(
    {},
    {
      data: { toy_shelf: { s: { prefix: 'r' } } },
      output: { names: { value: '${data.toy_shelf.s.names}' } },
    },
  );
  const { code, stdout } = await terraform.apply();
  expect(code).toBe(0);
  expect(stdout).toContain('"right",');
  expect(stdout).not.toContain('"left",');
});

test('it serves without TLS when TF_DISABLE_PLUGIN_TLS asks for it', async () => {
  declare({ a: { name: 'a' } });
  const plain = new Terraform(stack, { env: { TF_DISABLE_PLUGIN_TLS: '1' } });
  expect((await plain.plan()).code).toBe(2);
});

test('a Terraform that is killed leaves no provider behind, and no half-made object', async () => {
  declare({ a: { name: 'a', content: 'slow' } });
  const started = terraform.start(['apply', '-auto-approve', '-input=false']);
  await until(() => existsSync(file('a.begun')));
  started.kill('SIGKILL');
  // The socket is removed as the last thing of a provider.
  await until(() => readdirSync(sockets).length === 0);
  expect(stored('a').content).toBe('slow');
});

test('Ctrl-C lets the running change finish, and the state knows about it', async () => {
  declare({ a: { name: 'a', content: 'slow' } });
  const started = terraform.start(['apply', '-auto-approve', '-input=false'], true);
  const ended = once(started, 'exit');
  started.stdout?.resume();
  await until(() => existsSync(file('a.begun')));
  process.kill(-(started.pid ?? 0), 'SIGINT');
  await ended;
  expect(state()['toy_box.a']?.uid).toBe(stored('a').uid);
});

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 50) {
    if (waited > 10_000) throw new Error('it did not come true within 10 s');
    await pause(50);
  }
}

test('node missing from PATH gives one readable line', async () => {
  declare({ a: { name: 'a' } });
  const bin = join(workspace, 'bin-without-node');
  mkdirSync(bin);
  const terraformPath = execFileSync('sh', [
    '-c',
    `command -v ${process.env.TERRAFORM_BINARY_NAME ?? 'terraform'}`,
  ]);
  cpSync(terraformPath.toString().trim(), join(bin, process.env.TERRAFORM_BINARY_NAME ?? 'terraform'));
  const { code, stderr } = await new Terraform(stack, { env: { PATH: bin } }).plan();
  expect(code).toBe(1);
  expect(stderr.replace(/\s+/g, ' ')).toContain('node is not on the PATH of the process that runs Terraform');
});
