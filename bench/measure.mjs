// What the benchmarks share. Each module exports one function that gives rows for the table of run.mjs.
import { spawn } from 'node:child_process';

/**
 * One line of the table.
 * @typedef {{ what: string, value: number, unit: string, ratio?: number, goal?: string, met?: boolean }} Row
 * `ratio`: to the same number of bare `node -e 0`, or of what the row names
 */

export const median = (values) =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)];

/** Milliseconds that an action takes. */
export async function milliseconds(action) {
  const began = performance.now();
  await action();
  return performance.now() - began;
}

/**
 * Milliseconds until a program has ended, or has printed something; then it is ended.
 * @param {{ untilOutput?: boolean, env?: Record<string, string>, cwd?: string }} options
 */
export function programTime(command, args, { untilOutput = false, env = {}, cwd } = {}) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let took;
    child.once('error', reject);
    child.stdout.once('data', () => {
      if (!untilOutput) return;
      took = performance.now() - began;
      child.kill('SIGTERM');
    });
    child.stdout.resume();
    child.once('exit', (code) => {
      if (took === undefined && code !== 0)
        reject(new Error(`${command} ${args.join(' ')} ended with ${code}`));
      else resolve(took ?? performance.now() - began);
    });
  });
}

export const bareNode = () => programTime(process.execPath, ['-e', '0']);

/** Medians of several measurements, taken in turn, so that a busy machine slows all of them alike. */
export async function mediansInTurn(rounds, ...actions) {
  for (const action of actions) await action();
  const taken = actions.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, action] of actions.entries()) taken[index].push(await action());
  }
  return taken.map(median);
}
