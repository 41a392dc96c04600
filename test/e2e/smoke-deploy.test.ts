import { App, LocalBackend, TerraformStack } from 'cdktf';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemphisProvider, Schema, SmokeTest, Station } from '../../src';
import type { SmokeTestProps } from '../../src';
import { LocalBroker } from '../../src/runtime/broker';
import { connectAdmin } from '../../src/runtime/admin';
import { resolveConnection } from '../../src/model/connection';
import { AttachedProvider } from '../support/attached-provider';
import { runCommand } from '../support/command-line';
import { Terraform } from '../support/terraform';

// One deploy after the other in one folder, as a team does it; each looks at what the one before left.
let broker: LocalBroker;
let folder: string;
let terraform: Terraform;
const provider = new AttachedProvider();
beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory', password: 'Secret-of-this-test-1' });
  folder = mkdtempSync(join(tmpdir(), 'cdktf-memphis-smoke-deploy-'));
  synth();
  // The provider of this stack knows its broker by variables with a prefix alone.
  terraform = new Terraform(join(folder, 'stacks/test'), { env: staging(), provider });
  expect(await terraform.init()).toMatchObject({ code: 0 });
}, 60_000);
afterAll(async () => {
  await provider.stop();
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
});

function staging(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(broker.environment()).map(([name, value]) => [`STAGING_${name}`, value]),
  );
}

interface Variation {
  readonly age?: number;
  readonly content?: string;
  readonly allowMessageLoss?: boolean;
  readonly test?: Partial<SmokeTestProps>;
}

/** Synthesises the stack anew, as `cdktf deploy` does before it calls Terraform. */
function synth({
  age = 600,
  content = '{"type":"object"}',
  allowMessageLoss = false,
  test,
}: Variation = {}): void {
  const app = new App({ outdir: folder, stackTraces: false });
  const stack = new TerraformStack(app, 'test');
  new LocalBackend(stack, { path: 'terraform.tfstate' });
  new MemphisProvider(stack, 'memphis', { envPrefix: 'STAGING_' });
  const order = new Schema(stack, 'order', { name: 'order', type: 'json', content });
  const orders = new Station(stack, 'orders', { name: 'orders', retentionValue: age, allowMessageLoss });
  orders.enforce(order);
  new SmokeTest(stack, 'smoke', { station: orders, sample: { id: 1 }, runVia: 'terraformData', ...test });
  app.synth();
}

/** Deploys, and counts how often the test ran. */
async function deploy(): Promise<{ readonly code: number; readonly runs: number; readonly output: string }> {
  const { code, stdout, stderr } = await terraform.apply();
  const output = stdout + stderr;
  return { code, runs: output.match(/smoke test "smoke" on station "orders", run /g)?.length ?? 0, output };
}

test('the first deploy runs it, with live output, and its plan says so', async () => {
  const { stdout } = await terraform.plan();
  expect(stdout).toContain('terraform_data.smoke will be created');
  expect(stdout).toContain('(will run the smoke test)');
  const { code, runs, output } = await deploy();
  expect({ code, runs, output }).toEqual({ code: 0, runs: 1, output });
  expect(output).toMatch(/✓ ok {5}consume: 5 messages came back, unchanged; p50 /);
}, 60_000);

test.each<[why: string, change: Variation, runs: number]>([
  ['nothing changed', {}, 0],
  ['a permission that changes nothing on the broker', { allowMessageLoss: true }, 0],
  ['a setting of the station', { age: 700 }, 1],
  ['a new version of the schema', { age: 700, content: '{"type":"object","required":["id"]}' }, 1],
  ['the test', { age: 700, content: '{"type":"object","required":["id"]}', test: { messages: 6 } }, 1],
])(
  'a deploy after a change of %s: how often it runs',
  async (_why, change, runs) => {
    synth(change);
    expect(await deploy()).toMatchObject({ code: 0, runs });
  },
  60_000,
);

async function changeByHand(): Promise<void> {
  const admin = await connectAdmin(resolveConnection({}, broker.environment()));
  const stream = await admin.readStream('orders$1');
  if (stream === undefined) throw new Error('there is no station');
  await admin.updateStream({ ...stream.config, max_age: 900_000_000_000 });
  await admin.close();
}

test('a deploy that repairs what somebody changed by hand runs it', async () => {
  await changeByHand();
  expect(await deploy()).toMatchObject({ code: 0, runs: 1 });
}, 60_000);

test('a new active version by hand is repaired, and runs it', async () => {
  const admin = await connectAdmin(resolveConnection({}, broker.environment()));
  await admin.activateSchemaVersion('order', 1);
  await admin.close();
  expect(await deploy()).toMatchObject({ code: 0, runs: 1 });
}, 60_000);

test('a test that fails fails the deploy with a summary, and runs again; failDeploy: false only reports', async () => {
  const declared = { age: 700, content: '{"type":"object","required":["id"]}' };
  const test = { messages: 1, rate: 1 };
  const failing = { ...test, invalidMessages: [{ message: {}, reason: 'no such reason' }] };
  synth({ ...declared, test: failing });
  const failed = await deploy();
  expect([failed.code, failed.runs]).toEqual([1, 1]);
  expect(failed.output).toContain('FAILED: 1 produced, 1 consumed');
  expect(failed.output).toContain('is rejected for another reason than "no such reason"');
  synth({ ...declared, test: { ...failing, failDeploy: false } });
  expect(await deploy()).toMatchObject({ code: 0, runs: 1 });
  // No secret is in what Terraform and the tests keep: state, plans, the stack, and reports of each format.
  const { stdout: state } = await terraform.run(['show', '-json']);
  const secret = broker.environment().MEMPHIS_PASSWORD ?? '';
  expect(state).not.toContain(secret);
  const reports = ['txt', 'json', 'md', 'xml', 'sarif', 'html', 'prom'].map((end) => `smoke.${end}`);
  const args = ['smoke', folder, ...reports.flatMap((file) => ['--out', join(folder, file)])];
  const smoke = await runCommand(args, { cwd: folder, env: { PATH: process.env.PATH, ...staging() } });
  expect(smoke.code).toBe(2);
  const kept = readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  expect(kept).toEqual(expect.arrayContaining(reports.map((file) => join(folder, file))));
  expect(kept.filter((file) => readFileSync(file).includes(secret))).toEqual([]);
  expect([failed.output, smoke.out, smoke.err].filter((text) => text.includes(secret))).toEqual([]);
}, 60_000);

test('in HCL output it runs at the same times: not without a change, and after a repair', async () => {
  const declared = { age: 700, content: '{"type":"object","required":["id"]}' };
  rmSync(join(folder, 'stacks/test/cdk.tf.json'));
  // As `cdktf synth --hcl` asks for it.
  process.env.SYNTH_HCL_OUTPUT = 'true';
  try {
    synth(declared);
  } finally {
    delete process.env.SYNTH_HCL_OUTPUT;
  }
  for (const [change, runs] of [
    [undefined, 1],
    [undefined, 0],
    [changeByHand, 1],
  ] as const) {
    await change?.();
    const { output, ...seen } = await deploy();
    expect({ ...seen, output }).toEqual({ code: 0, runs, output });
  }
}, 60_000);
