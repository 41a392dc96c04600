// The one file that a provider is packed into, and the archive around it.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { unzipSync } from 'fflate';
import { packProvider } from '../../../support/packed-provider';

const folder = mkdtempSync(join(tmpdir(), 'packing-'));
const options = {
  entry: join(__dirname, 'packed-program/main.ts'),
  address: 'test.invalid/some/thing',
  version: '2.0.0',
  outDir: join(folder, 'out'),
};
const program = join(options.outDir, 'terraform-provider-thing.cjs');
const archive = () => readFileSync(join(options.outDir, 'terraform-provider-thing_2.0.0.zip'));

beforeAll(async () => {
  await packProvider(options);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) => spawnSync(program, args, { encoding: 'utf8' });

test('the program starts by itself, with the part that is loaded later unread', () => {
  expect(run('start').stdout).toBe('started\n');
});

test('the part that is loaded later comes out as it went in', () => {
  expect(run('text').stdout).toBe('a* */ ü ∑\n');
  expect(run('import').stdout).toBe('last\n');
});

test('an error in the part that is loaded later names this file and its line', () => {
  const { stderr } = run('throw');
  const line = Number(/terraform-provider-thing\.cjs:(\d+)/.exec(stderr)?.[1]);
  expect(readFileSync(program, 'utf8').split('\n')[line - 1]).toContain('thrown later');
});

test('it works from any folder, and below a package.json that says "module"', () => {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  expect(execFileSync('../out/terraform-provider-thing.cjs', ['start'], { cwd: join(folder, 'out'), encoding: 'utf8' })).toBe('started\n'); // prettier-ignore
});

test('an old node gets one line that says so', () => {
  const preload = join(folder, 'old-node.cjs');
  writeFileSync(
    preload,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.0' } });`,
  );
  const { status, stdout } = spawnSync(process.execPath, ['--require', preload, program, 'start'], {
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stdout).toMatch(/^The Terraform provider thing needs Node\.js 20 or later, and the first node on PATH is v\d+\.\d+\.\d+\.\n$/); // prettier-ignore
});

test('without node on PATH there is one line that says so', () => {
  const { status, stdout, stderr } = spawnSync(program, ['start'], {
    env: { PATH: folder },
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
  expect(stdout).toMatch(/^The Terraform provider thing needs Node\.js.*not on the PATH.*\n$/);
});

test('the archive holds that file alone, executable, with a fixed time', () => {
  const files = unzipSync(archive());
  expect(Object.keys(files)).toEqual(['terraform-provider-thing.cjs']);
  expect(Buffer.from(files['terraform-provider-thing.cjs'] ?? [])).toEqual(readFileSync(program));
  const directory = archive().indexOf(Buffer.from('PK\x01\x02'));
  expect(archive().readUInt32LE(directory + 38) >>> 16).toBe(0o755);
  // 1980-01-01 00:00, the first moment an archive can hold.
  expect(archive().readUInt32LE(directory + 12)).toBe(0x00210000);
});

test('the manifest has the lock hash, which covers content and name', () => {
  const manifest = JSON.parse(readFileSync(join(options.outDir, 'thing.json'), 'utf8')) as object;
  const content = createHash('sha256').update(readFileSync(program)).digest('hex');
  const h1 = createHash('sha256').update(`${content}  terraform-provider-thing.cjs\n`).digest('base64');
  expect(manifest).toEqual({
    address: options.address,
    version: '2.0.0',
    h1: `h1:${h1}`,
    archive: 'terraform-provider-thing_2.0.0.zip',
    platforms: ['linux_amd64', 'linux_arm64', 'darwin_amd64', 'darwin_arm64'],
  });
});

test('packing again elsewhere, in another time zone and with other file modes, gives the same bytes', () => {
  const elsewhere = join(folder, 'elsewhere');
  mkdirSync(elsewhere);
  chmodSync(elsewhere, 0o700);
  const script = resolve(__dirname, '../../../../scripts/pack-provider.mjs');
  execFileSync('sh', ['-c', `umask 077; exec "$0" "$@"`, process.execPath, script, options.entry, options.address, options.version, elsewhere], { cwd: folder, env: { ...process.env, TZ: 'Asia/Tokyo' } }); // prettier-ignore
  expect(readFileSync(join(elsewhere, 'terraform-provider-thing_2.0.0.zip')).equals(archive())).toBe(true);
});
