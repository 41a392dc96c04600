// Bundles the smoke runner into one file that needs Node.js and nothing else; synth copies it next to a stack.
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Writes the bundle to `outfile` and gives its size in bytes. The same sources give the same bytes everywhere. */
export async function buildSmoke(outfile = `${root}lib/bundles/smoke.cjs`) {
  await build({
    absWorkingDir: root,
    entryPoints: ['src/runtime/smoke/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // Readable stack traces matter more than the last kilobytes.
    minifyWhitespace: true,
    minifySyntax: true,
    keepNames: true,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'warning',
  });
  return statSync(outfile).size;
}

if (process.argv[1] === fileURLToPath(import.meta.url) || process.argv[1]?.endsWith('build.mjs')) {
  console.log(`lib/bundles/smoke.cjs ${Math.round((await buildSmoke()) / 1024)} kB`);
}
