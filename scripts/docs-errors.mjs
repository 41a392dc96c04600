// Records the examples of docs/errors.md: provokes each error with the real programs, then writes the page.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
prepare(root);
for (const [args, environment] of [
  [['node_modules/jest/bin/jest.js', 'test/docs/errors.test.ts'], { RECORD_ERROR_EXAMPLES: '1' }],
  [['scripts/docs.mjs'], {}],
]) {
  const [program, ...rest] = args;
  const { status } = spawnSync(process.execPath, [join(root, program), ...rest], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  if (status !== 0) process.exit(1);
}
