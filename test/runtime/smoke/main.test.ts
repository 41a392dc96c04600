import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect } from 'nats';
import type { SmokeTestSpec } from '../../../src/model/smoke-test';
import { LocalBroker } from '../../../src/runtime/broker';
import { Memphis } from '../../../src/runtime/messaging';
import { TestBroker } from '../../support/broker';

const broker = TestBroker.forThisFile();
const root = path.join(__dirname, '../../..');
let folder: string;
let program: string;

// The bundle runs from a folder outside the project: nothing of node_modules can be found from there.
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'cdktf-memphis-smoke-'));
  program = path.join(folder, 'smoke.cjs');
  execFileSync(process.execPath, [path.join(root, 'scripts/build-smoke.mjs'), program]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function smoke(spec: SmokeTestSpec | string, environment: Record<string, string>): Promise<Run> {
  const file = path.join(folder, 'spec.json');
  await writeFile(file, typeof spec === 'string' ? spec : JSON.stringify({ target: 'live', ...spec }));
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [program, file],
      { cwd: folder, env: environment, timeout: 30_000 },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

async function station(): Promise<string> {
  const name = broker.stationName();
  const memphis = await broker.client();
  await memphis.station({ name });
  return name;
}

test('a test that passes: exit code 0, one line for each step, no secret', async () => {
  const name = await station();
  const { code, stdout, stderr } = await smoke(
    { name: 'orders', station: name, messages: 3 },
    broker.environment,
  );
  const [first, ...rest] = stdout.trimEnd().split('\n');
  expect(first).toMatch(new RegExp(`^smoke test "orders" on station "${name}", run [0-9a-f]{8}$`));
  expect(rest.map((line) => line.replace(/: .*/, ''))).toEqual([
    '  ✓ ok     connect',
    '  ✓ ok     station',
    '  ✓ ok     join',
    '  ✓ ok     schema',
    '  ✓ ok     produce',
    '  ✓ ok     consume',
    '  ✓ ok     clean up',
    'passed',
  ]);
  expect(rest.at(-1)).toMatch(/^passed: 3 produced, 3 consumed, \d+ ms$/);
  expect([code, stderr]).toEqual([0, '']);
});

test('the codecs are in the bundle: a schema of each type is checked without node_modules', async () => {
  const memphis = await broker.client();
  const schemas = [
    { schemaType: 'json', schemaContent: '{"type":"object"}', sample: {}, invalidSample: [1] },
    {
      schemaType: 'graphql',
      schemaContent: 'type Query { a: Int }',
      sample: '{ a }',
      invalidSample: '{ b }',
    },
    {
      schemaType: 'avro',
      schemaContent: '{"type":"record","name":"A","fields":[{"name":"a","type":"int"}]}',
      sample: { a: 1 },
      invalidSample: { a: 'x' },
    },
    {
      schemaType: 'protobuf',
      schemaContent: 'syntax = "proto3"; message A { int32 a = 1; }',
      sample: { a: 1 },
      invalidSample: { b: 1 },
    },
  ] as const;
  for (const { schemaType, schemaContent, sample, invalidSample } of schemas) {
    const [name, schema] = [broker.stationName(), broker.stationName('schema')];
    await memphis.createSchema({ schemaName: schema, schemaType, schemaContent });
    await memphis.station({ name, schemaName: schema });
    const { code, stdout } = await smoke(
      { name: 'codec', station: name, schema, sample, invalidSample },
      broker.environment,
    );
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining('✓ ok     invalid sample') as string,
    });
  }
});

test('an expectation that fails: exit code 2, and the line says FAILED', async () => {
  const name = broker.stationName();
  const { code, stdout } = await smoke({ name: 'orders', station: name }, broker.environment);
  expect(code).toBe(2);
  expect(stdout).toContain(`✗ FAILED station: station "${name}" does not exist; deploy it first`);
  expect(stdout).toContain('\nFAILED: 0 produced, 0 consumed');
});

test('a wrong password: exit code 3, and it is in no output', async () => {
  const { code, stdout, stderr } = await smoke(
    { name: 'orders', station: 's' },
    { ...broker.environment, MEMPHIS_PASSWORD: 'not-the-secret' },
  );
  expect(code).toBe(3);
  expect(stdout).toContain('the broker refused the user or the password');
  expect(stdout).toContain('Check MEMPHIS_USERNAME and MEMPHIS_PASSWORD, and that the user is root');
  expect(stdout + stderr).not.toContain('not-the-secret');
});

test('wrong credentials of a provider with envPrefix: the message names its variables', async () => {
  const environment = Object.fromEntries(
    Object.entries(broker.environment).map(([name, value]) => [`STAGING_${name}`, value]),
  );
  const spec = { name: 'orders', station: 's', envPrefix: 'STAGING_', connection: { username: 'nobody' } };
  const wrong = await smoke(spec, { ...environment, STAGING_MEMPHIS_PASSWORD: 'wrong' });
  expect(wrong.stdout).toContain('Check username and STAGING_MEMPHIS_PASSWORD, and that');
  expect(wrong.code).toBe(3);
  const down = await smoke(spec, { ...environment, STAGING_MEMPHIS_PORT: '1' });
  expect(down.stdout).toContain('Check STAGING_MEMPHIS_HOST and STAGING_MEMPHIS_PORT');
  expect(down.code).toBe(3);
});

test('no credential at all: exit code 3, and the message names the variable', async () => {
  const { code, stdout } = await smoke(
    { name: 'orders', station: 's', connection: { host: 'h', username: 'u' } },
    {},
  );
  expect(code).toBe(3);
  expect(stdout).toMatch(/✗ FAILED connect: .*MEMPHIS_PASSWORD/);
});

test('what the spec says about the connection comes before the environment', async () => {
  const name = await station();
  const { port } = broker.options;
  const { code } = await smoke(
    { name: 'orders', station: name, connection: { port } },
    { ...broker.environment, MEMPHIS_PORT: '1' },
  );
  expect(code).toBe(0);
});

test.each<[why: string, spec: string, message: string]>([
  ['no JSON', '{', 'could not run the smoke test'],
  ['a typing mistake', '{"name":"a","station":"s","mesages":1}', 'mesages is not a setting of a smoke test'],
  ['too many messages', '{"name":"a","station":"s","messages":10001}', 'messages is 10001'],
  [
    'a secret where none belongs',
    '{"name":"a","station":"s","connection":{"password":"hunter2"}}',
    'connection.password is a secret',
  ],
])('a spec that cannot be run: exit code 1 (%s)', async (_why, spec, message) => {
  const { code, stdout, stderr } = await smoke(spec, broker.environment);
  expect(code).toBe(1);
  expect(stderr).toContain(message);
  expect(stdout + stderr).not.toContain('hunter2');
});

test('a broker that is killed half-way: an error inside the time, no hang', async () => {
  const own = await LocalBroker.start({ store: 'memory' });
  const memphis = new Memphis();
  try {
    await memphis.connect({ host: own.host, port: own.port, username: 'root', password: 'memphis' });
    await memphis.station({ name: 'st' });
    await memphis.close();
    const observer = await connect({ servers: `${own.host}:${own.port}`, user: 'root', pass: 'memphis' });
    let seen = 0;
    const halfWay = new Promise<void>((resolve) => {
      observer.subscribe('st$1.final', { callback: () => (seen += 1) === 500 && resolve() });
    });
    await observer.flush();
    const running = smoke(
      { name: 'killed', station: 'st', messages: 10_000, timeoutMs: 8_000 },
      own.environment(),
    );
    await halfWay;
    const begin = performance.now();
    await Promise.all([own.kill(), observer.close()]);
    const { code, stdout } = await running;
    // The clean-up waits 5 seconds for the broker to come back.
    expect(performance.now() - begin).toBeLessThan(10_000);
    expect(code).toBe(2);
    expect(stdout).toMatch(/✗ FAILED (produce|consume): /);
    expect(stdout).toMatch(/✗ FAILED clean up: /);
  } finally {
    await memphis.close();
    await own.stop();
  }
});
