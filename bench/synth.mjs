// Synth of stacks/orders as `cdktf synth` starts it. Its floor is a program that loads cdktf and does nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mediansInTurn, programTime } from './measure.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

export async function synth(rounds) {
  const outdir = mkdtempSync(join(tmpdir(), 'cdktf-memphis-bench-'));
  try {
    const options = { cwd: root, env: { CDKTF_OUTDIR: outdir } };
    const node = (...args) => programTime(process.execPath, ['--import', 'tsx', ...args], options);
    const [floor, example] = await mediansInTurn(
      rounds,
      () => node('-e', "require('cdktf')"),
      () => node('stacks/orders/main.ts'),
    );
    return [
      { what: 'synth: loading cdktf alone', value: floor, unit: 'ms' },
      { what: 'synth of stacks/orders, beside that', value: example, unit: 'ms', ratio: example / floor },
    ];
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
