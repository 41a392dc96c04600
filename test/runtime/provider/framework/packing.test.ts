// The files that a provider is bundled into, and the archive around them.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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
const unpacked = join(options.outDir, 'terraform-provider-thing');
const program = join(unpacked, 'terraform-provider-thing.cjs');
const archive = () => readFileSync(join(options.outDir, 'terraform-provider-thing_2.0.0.zip'));

beforeAll(async () => {
  await packProvider(options);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) => spawnSync(program, args, { encoding: 'utf8' });

test('the program starts by itself, without the part that is loaded later', () => {
  const alone = join(folder, 'alone.cjs');
  cpSync(program, alone);
  expect(spawnSync(alone, ['start'], { encoding: 'utf8' }).stdout).toBe('started\n');
  expect(spawnSync(alone, ['text'], { encoding: 'utf8' }).stderr).toContain(
    "Cannot find module './provider.cjs'",
  );
});

test('the part that is loaded later comes out as it went in', () => {
  expect(run('text').stdout).toBe('*/ ü ∑\n');
  expect(run('import').stdout).toBe('last\n');
});

test('an error in the part that is loaded later names its file and line', () => {
  const { stderr } = run('throw');
  const [, file = '', line] = /^(.*provider\.cjs):(\d+)/.exec(stderr) ?? [];
  expect(file).toBe(join(unpacked, 'provider.cjs'));
  expect(readFileSync(file, 'utf8').split('\n')[Number(line) - 1]).toContain('thrown later');
});

test('it works from any folder, and below a package.json that says "module"', () => {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const started = execFileSync('../out/terraform-provider-thing/terraform-provider-thing.cjs', ['import'], { cwd: join(folder, 'out'), encoding: 'utf8' }); // prettier-ignore
  expect(started).toBe('last\n');
});

// Terraform links the folder of a provider to the one in its plugin cache, where there is one.
test('it works through a link to its folder', () => {
  const link = join(folder, 'link');
  symlinkSync(unpacked, link);
  const { stdout } = spawnSync(join(link, 'terraform-provider-thing.cjs'), ['import'], { encoding: 'utf8' });
  expect(stdout).toBe('last\n');
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

test('the archive holds those files alone, the program executable, with a fixed time', () => {
  const files = unzipSync(archive());
  expect(Object.keys(files).sort()).toEqual(['provider.cjs', 'terraform-provider-thing.cjs']);
  expect(readdirSync(unpacked).sort()).toEqual(Object.keys(files).sort());
  for (const [name, content] of Object.entries(files)) {
    expect(Buffer.from(content)).toEqual(readFileSync(join(unpacked, name)));
  }
  expect(Object.fromEntries(entriesOf(archive()))).toEqual({
    'terraform-provider-thing.cjs': { mode: 0o755, time: FIRST_TIME },
    'provider.cjs': { mode: 0o644, time: FIRST_TIME },
  });
});

/** 1980-01-01 00:00, the first moment that an archive can hold. */
const FIRST_TIME = 0x00210000;

/** What the central directory of an archive says about each file. */
function* entriesOf(zip: Buffer): Generator<[name: string, { mode: number; time: number }]> {
  for (let at = zip.indexOf('PK\x01\x02'); at !== -1; at = zip.indexOf('PK\x01\x02', at + 4)) {
    const name = zip.toString('utf8', at + 46, at + 46 + zip.readUInt16LE(at + 28));
    yield [name, { mode: (zip.readUInt32LE(at + 38) >>> 16) & 0o777, time: zip.readUInt32LE(at + 12) }];
  }
}

test('the manifest has the lock hash, which covers contents and names', () => {
  const manifest = JSON.parse(readFileSync(join(options.outDir, 'thing.json'), 'utf8')) as object;
  const lines = ['provider.cjs', 'terraform-provider-thing.cjs'].map((name) => {
    const content = createHash('sha256')
      .update(readFileSync(join(unpacked, name)))
      .digest('hex');
    return `${content}  ${name}\n`;
  });
  const h1 = createHash('sha256').update(lines.join('')).digest('base64');
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
