// Synth of stacks/orders as `cdktf synth` starts it. Its floor is a program that loads cdktf and does nothing. Then what a
// thousand stations take, and three times as many beside that.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mediansInTurn, programTime } from './measure.mjs';

const STATIONS = 1_000;
const GOAL_MS = 1_000;
const GROWTH = 3;

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
    const stations = (count) => () =>
      Number(execFileSync(process.execPath, ['bench/synth/many-stations.cjs', count], options).toString());
    options.env = { ...process.env, ...options.env };
    const [few, many] = await mediansInTurn(rounds, stations(STATIONS), stations(STATIONS * GROWTH));
    return [
      { what: 'synth: loading cdktf alone', value: floor, unit: 'ms' },
      { what: 'synth of stacks/orders, beside that', value: example, unit: 'ms', ratio: example / floor },
      {
        what: `synth of ${STATIONS} stations, processor time`,
        value: few,
        unit: 'ms',
        goal: `${GOAL_MS} ms`,
        met: few <= GOAL_MS,
      },
      {
        what: `synth of ${STATIONS * GROWTH} stations, beside that`,
        value: many,
        unit: 'ms',
        ratio: many / few,
        goal: `ratio ${(GROWTH * 1.1).toFixed(1)}`,
        met: many / few <= GROWTH * 1.1,
      },
    ];
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
