import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { LocalBroker } from '../../src/runtime/broker';
import { Terraform } from '../support/terraform';
import { run } from '../support/user-project';
import { snippetsIn } from './support/snippets';

const root = resolve(__dirname, '../..');
const page = readFileSync(join(root, 'docs/hcl.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'cdktf-memphis-hcl-'));
let broker: LocalBroker;

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
});
afterAll(async () => {
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The only piece of the page in a language. */
function piece(language: string): string {
  const [, text = ''] = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(page) ?? [];
  return text;
}

test('the commands and the configuration of the HCL guide deploy as they stand', async () => {
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules/cdktf-memphis'), 'dir');
  const [install = '', ...commands] = piece('sh').split('\n');
  expect(install).toBe('npm install cdktf-memphis');
  await run('sh', ['-euc', commands.join('\n')], folder);
  const [set] = snippetsIn(['hcl'], 'docs/station-sets.md');
  const [functions] = snippetsIn(['hcl'], 'docs/reference/functions.md');
  writeFileSync(join(folder, 'main.tf'), [piece('hcl'), set?.text, functions?.text].join('\n'));

  const terraform = new Terraform(folder, { env: broker.environment() });
  // As Terraform itself formats it.
  expect(await terraform.run(['fmt', '-check', '-diff', 'main.tf'])).toMatchObject({ code: 0, stdout: '' });
  expect(await terraform.init()).toMatchObject({ code: 0 });
  expect(await terraform.apply()).toMatchObject({ code: 0 });
  expect(Object.keys(await terraform.show()).sort()).toEqual([
    'memphis_schema.order',
    'memphis_schema_enforcement.orders',
    'memphis_station.dead_letters',
    'memphis_station.orders',
    'memphis_station_set.events',
  ]);
  expect(await terraform.plan()).toMatchObject({ code: 0 });

  const drift = snippetsIn(['sh'], 'docs/hcl.md')[1]?.text ?? '';
  const program = `'${process.execPath}' node_modules/cdktf-memphis/lib/cli/main.js`;
  const where = Object.entries(broker.environment()).map(([name, value]) => `export ${name}='${value}'\n`);
  // Any other exit code than 0 is an error here.
  await run('sh', ['-euc', where.join('') + drift.replace('npx cdktf-memphis', program)], folder);
  expect(readFileSync(join(folder, 'drift.sarif'), 'utf8')).toContain('"results": []');
});

test('no other document has HCL that no test runs', () => {
  // That of docs/ci.md is a configuration of the command line, with which test/docs/commands.test.ts initialises a stack.
  // Queries need Terraform 1.14: test/runtime/provider/list-resources.test.ts runs those of docs/adopt-with-query.md where it is named.
  expect(snippetsIn(['hcl']).map(({ document }) => document)).toEqual([
    'docs/adopt-with-query.md',
    'docs/adopt-with-query.md',
    'docs/ci.md',
    'docs/hcl.md',
    'docs/reference/functions.md',
    'docs/station-sets.md',
  ]);
});
