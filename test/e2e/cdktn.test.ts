import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { LocalBroker } from '../../src/runtime/broker';
import { Terraform } from '../support/terraform';
import { run } from '../support/user-project';

const root = resolve(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'cdktf-memphis-cdktn-'));
let broker: LocalBroker;

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
});
afterAll(async () => {
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Synthesises the stack with the packages of a framework. @returns the folder of the stack */
async function synthesised(framework: 'cdktf' | 'cdktn'): Promise<string> {
  const program = readFileSync(join(__dirname, 'cdktn', 'stack.ts'), 'utf8')
    .replace("'cdktf-memphis/cdktn'", framework === 'cdktn' ? "'cdktf-memphis/cdktn'" : "'cdktf-memphis'")
    .replace("'cdktn'", `'${framework}'`);
  const outdir = join(folder, framework);
  const script = program.replace('process.env.OUTDIR', JSON.stringify(outdir));
  await run(process.execPath, ['--input-type=module', '-e', script], root);
  return join(outdir, 'stacks', 'orders');
}

test('a stack of cdktn synthesises to what cdktf makes of it, deploys, and plans no change', async () => {
  const [stack, sibling] = [await synthesised('cdktn'), await synthesised('cdktf')];
  const configuration = (at: string): unknown => {
    const { '//': _metadata, ...rest } = JSON.parse(
      readFileSync(join(at, 'cdk.tf.json'), 'utf8'),
    ) as object & {
      '//'?: unknown;
    };
    return rest;
  };
  expect(configuration(stack)).toEqual(configuration(sibling));
  const lock = '.terraform.lock.hcl';
  expect(readFileSync(join(stack, lock), 'utf8')).toBe(readFileSync(join(sibling, lock), 'utf8'));

  const terraform = new Terraform(stack, { env: broker.environment() });
  expect(await terraform.init()).toMatchObject({ code: 0 });
  expect(await terraform.apply()).toMatchObject({ code: 0 });
  expect(Object.keys(await terraform.show())).toHaveLength(4);
  expect((await terraform.run(['output', '-raw', 'internal'])).stdout).toBe('orders');
  expect(await terraform.plan()).toMatchObject({ code: 0 });
});
