// `npm run soak [-- MINUTES]`: the random tests with other seeds and ten times the values, over and over until the time is up.
// A round holds at least 500 random kills of provider, Terraform and broker (test/e2e/random-kills.test.ts).
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const minutes = Number(process.argv[2] ?? 30);
prepare(root);

const random = readdirSync(join(root, 'test'), { recursive: true })
  .map((name) => join('test', String(name)))
  .filter(
    (name) =>
      name.endsWith('.test.ts') && /fast-check|support\/random/.test(readFileSync(join(root, name), 'utf8')),
  );

const end = Date.now() + minutes * 60_000;
let rounds = 0;
while (rounds === 0 || Date.now() < end) {
  const seed = String(Math.floor(Math.random() * 2 ** 31));
  console.log(`round ${(rounds += 1)}: SEED=${seed} TIMES=10, ${random.length} files`);
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules/jest/bin/jest.js'), ...random], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, SEED: seed, TIMES: '10' },
  });
  if (status !== 0) {
    console.error(`failed; repeat it with: SEED=${seed} TIMES=10 npx jest`);
    process.exit(1);
  }
}
console.log(`${rounds} rounds passed`);
