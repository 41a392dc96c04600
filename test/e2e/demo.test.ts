import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const records = mkdtempSync(join(tmpdir(), 'cdktf-memphis-demo-records-'));
afterAll(() => rmSync(records, { recursive: true, force: true }));

/** The demo checks every claim it makes itself, with the real tools; here it must come to its good end. */
test('npm run demo shows everything it promises', async () => {
  const demo = spawn(process.execPath, [join(root, 'scripts/demo.mjs'), '--record', records], {
    env: { ...process.env, CI: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [demo.stdout, demo.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(demo, 'close')) as [number | null];
  // A reader of a long log sees the first lines of a failure: what was not so, then how it ended.
  const lines = output.split('\n');
  const failed = [...lines.filter((line) => line.includes('NOT SO')), ...lines.slice(-30)];
  expect({ code, failed: code === 0 ? [] : failed }).toEqual({ code: 0, failed: [] });
  expect(output).toContain('The demo showed everything it promised');
  expect(output).not.toContain('NOT SO');
  // The README shows what the demo once recorded.
  const compared = spawnSync(process.execPath, [join(root, 'scripts/pictures.mjs'), '--compare', records], {
    encoding: 'utf8',
  });
  expect(compared.stdout + compared.stderr).toBe('');
}, 240_000);
