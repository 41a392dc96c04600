// What the Go client reaches on the same stations, by its own tool: `nats bench js` of github.com/nats-io/natscli, where
// that is installed (`go install github.com/nats-io/natscli/nats@v0.3.0`).
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TIMEOUT_MS = 120_000;
const WINDOW = '1000';

export const isGoClientInstalled = () => spawnSync('nats', ['--version']).status === 0;

/** What the tool does for a task, with 1000 messages under way and an acknowledgement for each. */
const ways = {
  pipelined: (partition) => ['pub', 'async', `${partition}.final`, '--batch', WINDOW],
  fetch: () => ['fetch', '--batch', WINDOW, '--acks', 'explicit'],
  consume: () => ['consume', '--batch', WINDOW, '--acks', 'explicit'],
};

/** A client like those of client.mjs, but each run is a process of its own, which does not count its start. */
export const goClient = (port) => ({
  kind: 'go',
  run: async (task, { station, count, message }) => {
    const partition = `${station}$1`;
    const folder = mkdtempSync(join(tmpdir(), 'nats-bench-'));
    const csv = join(folder, 'result.csv');
    const login = ['--no-context', '--server', `nats://127.0.0.1:${port}`, '--user', 'root'];
    const measured = ['--stream', partition, '--msgs', String(count), '--size', String(message.length)];
    const args = [...ways[task](partition), ...measured, '--no-progress', '--csv', csv];
    try {
      await ended('nats', [...login, '--password', 'memphis', 'bench', 'js', ...args]);
      const [names, values] = readFileSync(csv, 'utf8').trim().split('\n');
      return { perSecond: Number(values.split(',')[names.split(',').indexOf('MsgsPerSec')]) };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  end: () => undefined,
});

/** Not synchronously: the local broker lives in this process. */
async function ended(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: TIMEOUT_MS });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`nats bench ended with ${status}: ${errors.trim().split('\n').at(-1)}`);
}
