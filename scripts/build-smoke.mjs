// Bundles the smoke runner into one file that needs Node.js and nothing else; synth copies it next to a stack.
// The same sources give the same bytes everywhere. An argument names another file than lib/bundles/smoke.cjs.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

await build({
  absWorkingDir: root,
  entryPoints: ['src/runtime/smoke/main.ts'],
  outfile: process.argv[2] ?? 'lib/bundles/smoke.cjs',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: true,
  // Functions and classes keep their names, so that a stack trace can be read.
  keepNames: true,
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'warning',
});
