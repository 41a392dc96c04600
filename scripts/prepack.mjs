// Before `npm pack` and `npm publish`: installs, builds, and checks what goes into the tarball.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
prepare(root);
// npm reads the list of files from stdout.
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/jest/bin/jest.js'), 'test/e2e/packaging.test.ts'],
  { cwd: root, stdio: ['ignore', 2, 2] },
);
process.exit(status ?? 1);
