// Installs the official client in a folder of its own, so that its packages never get among those of this project. Its
// dependency avro-js has to be one version older than it asks for: the newest cannot be loaded.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const manifest = fileURLToPath(new URL('package.json', import.meta.url));
const folder = fileURLToPath(new URL('../../.cache/official-sdk/', import.meta.url));

/** The folder that has the official client in its node_modules; installed by the first call on a machine. */
export function officialSdkFolder() {
  const copied = join(folder, 'package.json');
  const isCurrent =
    existsSync(copied) &&
    readFileSync(copied, 'utf8') === readFileSync(manifest, 'utf8') &&
    existsSync(join(folder, 'node_modules/memphis-dev/lib/index.js'));
  if (isCurrent) return folder;
  mkdirSync(folder, { recursive: true });
  copyFileSync(manifest, copied);
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = [
    'install',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--prefer-offline',
  ];
  const { status, stderr } = spawnSync(npm, args, { cwd: folder, encoding: 'utf8', timeout: 180_000 });
  if (status !== 0) throw new Error(`the official client cannot be installed: ${stderr}`);
  return folder;
}
