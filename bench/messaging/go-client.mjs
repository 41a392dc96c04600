// For orientation: what the Go client reaches on the same server, by its own `nats bench`, if that is installed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const isGoClientInstalled = () => spawnSync('nats', ['--version']).status === 0;

/**
 * Messages per second of one run of `nats bench`, which keeps 1000 messages under way and acknowledges each.
 * @param {'pipelined' | 'fetch'} task fetches what was produced before.
 */
export function goClient(port, task, { size, count }) {
  const folder = mkdtempSync(join(tmpdir(), 'nats-bench-'));
  const csv = join(folder, 'result.csv');
  const ways = {
    pipelined: ['pub', 'async', 'bench.go', '--create', '--purge', '--storage', 'file', '--batch', '1000'],
    fetch: ['fetch', '--batch', '1000', '--acks', 'explicit'],
  };
  const login = [
    '--no-context',
    '--server',
    `nats://127.0.0.1:${port}`,
    '--user',
    'root',
    '--password',
    'memphis',
  ];
  const measured = ['--msgs', String(count), '--size', String(size), '--no-progress', '--csv', csv];
  try {
    const { status, stderr } = spawnSync('nats', [...login, 'bench', 'js', ...ways[task], ...measured], {
      encoding: 'utf8',
      timeout: 120_000,
    });
    if (status !== 0) throw new Error(`nats bench: ${stderr.trim().split('\n').at(-1)}`);
    const [names, values] = readFileSync(csv, 'utf8').trim().split('\n');
    return Number(values.split(',')[names.split(',').indexOf('MsgsPerSec')]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
