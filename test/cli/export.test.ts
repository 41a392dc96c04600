import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { resolveConnection } from '../../src/model/connection';
import { canonicalStation } from '../../src/model/station';
import { connectAdmin } from '../../src/runtime/admin';
import { LocalBroker } from '../../src/runtime/broker';
import { runCommand } from '../support/command-line';

const folder = mkdtempSync(path.join(tmpdir(), 'cdktf-memphis-export-'));
let broker: LocalBroker;

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
  const admin = await connectAdmin(resolveConnection({}, broker.environment()));
  await admin.createSchema({ name: 'order', type: 'json', content: '{}', messageStructName: '' });
  await admin.createStation(canonicalStation({ name: 'orders' }));
  await admin.attachSchema('orders', 'order');
  await admin.close();
});

afterAll(async () => {
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the command line as a user would. */
function run(...args: readonly string[]) {
  const env = { ...process.env, ...broker.environment(), CI: 'true' };
  return runCommand(['export', ...args], { cwd: folder, env });
}

test('writes the program, says how to use it, and replaces nothing without --force', async () => {
  const first = await run('--import');
  expect(first).toMatchObject({ out: '', code: 0 });
  expect(first.err).toMatch(/^Left out: station "default" and schema "demo-schema"/);
  expect(first.err).toContain('Wrote 1 station and 1 schema to memphis (3 files, 1 stack).');
  // The versions that this package is tested with.
  expect(first.err).toContain('npm install cdktf-memphis cdktf@0.21 constructs@10.7\n');
  expect(first.err).toContain('set "app" in cdktf.json to "npx tsx memphis/main.ts"');
  expect(first.err).toContain('npx cdktf diff memphis');
  const program = path.join(folder, 'memphis');
  expect(readdirSync(program, { recursive: true }).sort()).toEqual([
    'main.ts',
    'memphis-stack.ts',
    'schemas',
    path.join('schemas', 'order.json'),
  ]);

  // The same broker gives the same files, which are no conflict.
  expect((await run('--import')).code).toBe(0);

  const mine = path.join(program, 'memphis-stack.ts');
  writeFileSync(mine, '// mine');
  const refused = await run('--import');
  expect(refused.code).toBe(1);
  expect(refused.err).toContain('"memphis-stack.ts" exists there with other contents; nothing was written');
  expect(readFileSync(mine, 'utf8')).toBe('// mine');
  expect((await run('--import', '--force')).code).toBe(0);
  expect(readFileSync(mine, 'utf8')).toContain('class MemphisStack');
});

test.each([
  ['a name that nothing has', ['--filter', 'nothing-*'], 'no station and no schema has such a name'],
  ['an unknown kind', ['--only', 'station,function'], 'Allowed choices are station, schema, enforcement'],
  ['a name that no stack can have', ['--stack', '1 2'], 'It must begin with a letter'],
  ['a folder that is a file', ['--out', 'file'], 'Name a folder with --out in which this user may write'],
])('%s is an error that says what to do', async (_what, args, remedy) => {
  writeFileSync(path.join(folder, 'file'), '');
  const { err, code } = await run(...args);
  expect(code).toBe(1);
  expect(err).toContain(remedy);
  expect(existsSync(path.join(folder, 'nothing'))).toBe(false);
});
