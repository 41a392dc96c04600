// Builds lib/: the compiled package (tsc), its copy for cdktn, then the programs that synth copies next to a stack.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

rmSync(`${root}lib`, { recursive: true, force: true });
execFileSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
for (const step of ['build-cdktn.mjs', 'build-provider.mjs', 'build-smoke.mjs', 'build-report-page.mjs']) {
  await import(`${root}scripts/${step}`);
}
