import { chmodSync, cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { LocalBroker } from '../../src/runtime/broker';
import { satisfies } from 'semver';
import { installNullProvider } from '../support/null-provider/install';
import { Terraform } from '../support/terraform';
import { installWithNpm, installWithPnpm, pack, run, writeFiles } from '../support/user-project';

const root = resolve(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'cdktf-memphis-projects-'));
const template = join(root, 'node_modules/cdktf-cli/bundle/templates/typescript');

// One installation by npm serves the projects in the folders below it.
const npm = join(folder, 'npm');
const commonJs = join(npm, 'commonjs');
const esModules = join(npm, 'es-modules');
const workspace = join(folder, 'pnpm');
const member = join(workspace, 'stacks/orders');

/** The stack of the README, word by word. */
const stackOfReadme = /^```ts\n(.*?)^```/ms.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1] ?? '';
const order = { type: 'object', properties: { orderId: { type: 'string' } }, required: ['orderId'] };

/** What else a program may load, in types only. */
const traffic = `import { LocalBroker } from 'cdktf-memphis/broker';
import type { Consumer, Producer, ProduceReceipt, WaitOptions } from 'cdktf-memphis/runtime';
import { ConnectionError, Headers, Memphis, Message, Retention } from 'cdktf-memphis/runtime';

interface Text {
  readonly text: string;
}

/** What most programs use of it, with options that may be undefined handed on. */
export async function traffic(memphis: Memphis, options: WaitOptions): Promise<Text | undefined> {
  const { signal } = options;
  const station = await memphis.station({ name: 'orders', retentionType: Retention.MESSAGES, retentionValue: 5, signal });
  const producer: Producer<Text> = await memphis.producer({ stationName: station.name, producerName: 'p', signal });
  const headers = new Headers().add('a', 'b');
  const receipt: ProduceReceipt = await producer.produce({ message: { text: 'a' }, headers, ...options });
  await producer.flush({ timeoutMs: 1_000, signal });
  await memphis.produce({ stationName: ['orders'], producerName: 'p', message: String(receipt.sequence) });
  const consumer: Consumer<Text> = await memphis.consumer({ stationName: 'orders', consumerName: 'c', signal });
  consumer.consume(async (messages: Message<Text>[]) => {
    for (const message of messages) await message.ack(options);
  });
  for await (const message of consumer.messages(options)) {
    return message.getDataDeserialized({ strict: true });
  }
  await memphis.close(options);
  return undefined;
}

// Only a client makes them.
// @ts-expect-error
export const forged = (): Message => new Message();

export async function send(text: string): Promise<Error | undefined> {
  const broker: LocalBroker = await LocalBroker.start();
  const memphis = new Memphis();
  try {
    await memphis.connect({ host: broker.host, port: broker.port, username: 'root', password: 'memphis' });
    const producer = await memphis.producer({ stationName: 'orders', producerName: 'test' });
    await producer.produce({ message: { text } });
  } catch (error) {
    if (error instanceof ConnectionError) return error;
    throw error;
  } finally {
    await memphis.close();
    await broker.stop();
  }
  return undefined;
}
`;

const strictEsModules = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2022',
    // Nothing of a browser: a program of Node that says so must find all types, too.
    lib: ['es2022'],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    types: ['node'],
    outDir: 'out',
  },
  include: ['*.ts'],
};

const project = { 'main.ts': stackOfReadme, 'traffic.ts': traffic, 'order.json': order };
const npx = process.platform === 'win32' ? 'npx.cmd' : 'npx';

/** `tsc` of the project, not of this repository. */
const compile = (cwd: string, ...args: string[]) => {
  const compiler = join(cwd.startsWith(npm) ? npm : cwd, 'node_modules/typescript/bin/tsc');
  return run(process.execPath, [compiler, '-p', '.', ...args], cwd);
};

let broker: LocalBroker;
/** Another one, for the second deploy of a stack. */
let empty: LocalBroker;

beforeAll(async () => {
  const { filename } = await pack(folder);
  const others = [
    'cdktf',
    'constructs',
    'typescript',
    'ts-node',
    'tsx',
    '@types/node',
    '@cdktf/provider-null',
  ];
  [broker, empty] = await Promise.all([
    LocalBroker.start({ store: 'memory' }),
    LocalBroker.start({ store: 'memory' }),
    installWithNpm(npm, join(folder, filename), others),
  ]);
});
afterAll(async () => {
  await Promise.all([broker.stop(), empty.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

describe('a project made by cdktf init, in CommonJS', () => {
  const stack = join(commonJs, 'cdktf.out/stacks/orders');
  const deployed = { code: 0, stdout: expect.stringMatching('3 added') as string };

  beforeAll(() => {
    cpSync(join(template, 'tsconfig.json'), join(commonJs, 'tsconfig.json'), { recursive: true });
    writeFiles(commonJs, { ...project, 'package.json': { name: 'orders', private: true } });
  });

  test('synthesises the stack of the README with the command of its cdktf.json', async () => {
    const { app } = JSON.parse(
      readFileSync(join(template, 'cdktf.json'), 'utf8').replace('{{futureFlags}}', ''),
    ) as { app: string };
    const [command, ...args] = app.split(' ');
    expect(command).toBe('npx');
    await run(npx, ['--no-install', ...args], commonJs);
    expect(readdirSync(stack).sort()).toEqual(['.terraform.lock.hcl', 'cdk.tf.json', 'terraform.d']);
  });

  // The template names no moduleResolution, which with CommonJS is node10, where "exports" is not read.
  test('has types in the old module resolution, also those of the entries beside the main one', async () => {
    const options = ['--noEmit', '--moduleResolution', 'node10', '--skipLibCheck', 'false'];
    await expect(compile(commonJs, ...options)).resolves.toBe('');
  });

  test('deploys it, and deploys it from a copy that an artifact upload has taken the file modes of', async () => {
    const copy = join(folder, 'artifact');
    cpSync(join(commonJs, 'cdktf.out'), copy, { recursive: true });
    for (const path of readdirSync(copy, { recursive: true, encoding: 'utf8' })) {
      if (statSync(join(copy, path)).isFile()) chmodSync(join(copy, path), 0o644);
    }
    const original = new Terraform(stack, { env: broker.environment() });
    expect(await original.init()).toMatchObject({ code: 0 });
    expect(await original.apply()).toMatchObject(deployed);

    // Both name one file for the state, and another broker is another environment.
    rmSync(join(commonJs, 'terraform.orders.tfstate'));
    const copied = new Terraform(join(copy, 'stacks/orders'), { env: empty.environment() });
    expect(await copied.init()).toMatchObject({ code: 0 });
    expect(await copied.apply()).toMatchObject(deployed);
    expect(Object.keys(await copied.show()).sort()).toEqual([
      'memphis_schema.schema',
      'memphis_schema_enforcement.orders_enforcement_62D55ADD',
      'memphis_station.orders',
    ]);
  });

  // A module that names a package which is not in the manifest, or a file that is not in the archive, fails here.
  test('can load every module of the package', async () => {
    const library = join(npm, 'node_modules/cdktf-memphis/lib');
    const programs = ['bundles/report-page.js', 'bundles/smoke.cjs', 'cli/main.js', 'runtime/smoke/main.js'];
    const modules = readdirSync(library, { recursive: true, encoding: 'utf8' }).filter(
      // Those of cdktn need that package, which this project does not use.
      (path) => path.endsWith('.js') && !programs.includes(path) && !path.startsWith('cdktn'),
    );
    const code = `for (const path of ${JSON.stringify(modules)}) require(${JSON.stringify(library)} + '/' + path);`;
    expect(modules.length).toBeGreaterThan(100);
    await expect(run(process.execPath, ['-e', code], npm)).resolves.toBe('');
  });

  // Every program that sends or gets messages pays for what it loads; the client of NATS and the codecs come when needed.
  test('loads one small package with the runtime', async () => {
    const code = `require('cdktf-memphis/runtime');
      const packages = Object.keys(require.cache).map((path) => path.split('node_modules/').at(-1).split('/')[0]);
      console.log([...new Set(packages)].sort().join());`;
    await expect(run(process.execPath, ['-e', code], npm)).resolves.toBe(
      'cdktf-memphis,murmurhash3js-revisited\n',
    );
  });

  test('has the command', async () => {
    await expect(run(npx, ['--no-install', 'cdktf-memphis', '--help'], commonJs)).resolves.toContain(
      'broker',
    );
  });
});

describe('a project made by cdktf-memphis init', () => {
  const made = join(npm, 'made');
  const manifestOf = (
    at: string,
  ): Record<'dependencies' | 'devDependencies', Record<string, string>> & { version: string } =>
    JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')) as ReturnType<typeof manifestOf>;

  beforeAll(async () => {
    await run(
      process.execPath,
      [join(npm, 'node_modules/cdktf-memphis/lib/cli/main.js'), 'init', 'made'],
      npm,
    );
  });

  test('asks for the versions that are tested here', () => {
    const { dependencies, devDependencies } = manifestOf(made);
    // Installed beside it are all but the command line of cdktf, which is large.
    const { 'cdktf-cli': cli = '', ...others } = { ...dependencies, ...devDependencies };
    const installed = { ...others, 'cdktf-cli': cli };
    const misfits = Object.entries(installed).filter(([name, range]) => {
      const home = name === 'cdktf-cli' ? root : npm;
      return !satisfies(manifestOf(join(home, 'node_modules', name)).version, range);
    });
    expect(misfits).toEqual([]);
    expect(Object.keys(installed)).toHaveLength(8);
  });

  test('has types, and deploys to the local broker as it is, with its smoke test', async () => {
    await expect(compile(made)).resolves.toBe('');
    const { app } = JSON.parse(readFileSync(join(made, 'cdktf.json'), 'utf8')) as { app: string };
    const [, ...args] = app.split(' ');
    await run(npx, ['--no-install', ...args], made);
    const stack = join(made, 'cdktf.out/stacks/orders');
    await installNullProvider(stack);
    const local = await LocalBroker.start({ store: 'memory' });
    try {
      const terraform = new Terraform(stack, { env: local.environment() });
      expect(await terraform.init()).toMatchObject({ code: 0 });
      // Two stations, a schema, its enforcement, and the smoke test.
      expect(await terraform.apply()).toMatchObject({
        code: 0,
        stdout: expect.stringMatching('5 added') as string,
      });
      expect(await terraform.plan()).toMatchObject({ code: 0 });
    } finally {
      await local.stop();
    }
  });
});

describe('a strict project of ES modules', () => {
  test('has types, and synthesises the same stack', async () => {
    writeFiles(esModules, {
      ...project,
      'package.json': { name: 'orders', private: true, type: 'module' },
      'tsconfig.json': strictEsModules,
    });
    // Declarations of other packages do not hold under every option; so ours ask only for what a stack has in any case.
    const declarations = (await compile(esModules, '--listFiles')).split('\n');
    const packages = declarations.flatMap(
      (path) => /.*\/node_modules\/(@[^/]+\/[^/]+|[^/]+)/.exec(path)?.[1] ?? [],
    );
    expect([...new Set(packages)].sort()).toEqual([
      '@types/node',
      'cdktf',
      'cdktf-memphis',
      'constructs',
      'typescript',
      'undici-types',
    ]);
    await run(process.execPath, ['out/main.js'], esModules);
    expect(synthesised(esModules)).toEqual(synthesised(commonJs));
  });
});

describe('a pnpm workspace', () => {
  test('has types, and synthesises the same stack, without what the manifest does not name', async () => {
    writeFiles(member, {
      ...project,
      'package.json': {
        name: 'orders',
        private: true,
        type: 'module',
        dependencies: { 'cdktf-memphis': '*', cdktf: '*', constructs: '*' },
        devDependencies: { typescript: '*', '@types/node': '*' },
      },
      'tsconfig.json': strictEsModules,
    });
    await installWithPnpm(workspace, ['stacks/*'], npm);
    await expect(compile(member)).resolves.toBe('');
    await run(process.execPath, ['out/main.js'], member);
    await run(process.execPath, ['out/traffic.js'], member);
    expect(synthesised(member)).toEqual(synthesised(commonJs));
  });
});

/**
 * Every file of a stack that was synthesised in a project; cdktf writes the path of the local state into one of them.
 * The lines of the program that declare its objects are those of what ran, so they are left out.
 */
function synthesised(cwd: string): Record<string, string> {
  const stack = join(cwd, 'cdktf.out/stacks/orders');
  const ignored = /^\.terraform($|\/)|^empty\.tfrc$/;
  const files = readdirSync(stack, { recursive: true, encoding: 'utf8' }).filter(
    (path) => !ignored.test(path) && statSync(join(stack, path)).isFile(),
  );
  return Object.fromEntries(
    files.map((path) => {
      const text = readFileSync(join(stack, path), 'latin1').replaceAll(cwd, 'PROJECT');
      return [path, text.replaceAll(/"(file|line)": .*\n/g, '')];
    }),
  );
}
