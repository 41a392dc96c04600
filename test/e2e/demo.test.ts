import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** The demo checks every claim it makes itself, with the real tools; here it must come to its good end. */
test('npm run demo shows everything it promises', async () => {
  const demo = spawn(process.execPath, [join(__dirname, '../../scripts/demo.mjs')], {
    env: { ...process.env, CI: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [demo.stdout, demo.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(demo, 'close')) as [number | null];
  expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
  expect(output).toContain('The demo showed everything it promised');
  expect(output).not.toContain('NOT SO');
}, 240_000);
