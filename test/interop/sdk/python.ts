import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const requirements = path.join(__dirname, 'requirements.txt');
const folder = path.resolve(__dirname, '../../../.cache/official-sdk-python');
const python = path.join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

/** Whether this machine has a Python that can make environments. */
export const hasPython =
  spawnSync('python3', ['-c', 'import venv, ensurepip'], { timeout: 10_000 }).status === 0;

/** A Python that has the official client, in an environment of its own; made by the first call on a machine. */
export function pythonWithOfficialSdk(): string {
  const installed = path.join(folder, 'requirements.txt');
  const isCurrent =
    existsSync(python) &&
    existsSync(installed) &&
    readFileSync(installed, 'utf8') === readFileSync(requirements, 'utf8');
  if (isCurrent) return python;
  mkdirSync(path.dirname(folder), { recursive: true });
  run('python3', ['-m', 'venv', folder]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  // Last, so that an installation that was interrupted is made again.
  copyFileSync(requirements, installed);
  return python;
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 180_000 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
}
