// Makes lib/cdktn, the entry point for CDK Terrain (cdktn), from the constructs that were compiled for cdktf. The code is the
// same; only the package that it imports as the framework differs, and where the rest of this package is from there.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const lib = fileURLToPath(new URL('../lib/', import.meta.url));
const target = join(lib, 'cdktn');

rmSync(target, { recursive: true, force: true });
mkdirSync(join(target, 'constructs'), { recursive: true });
for (const name of ['index.js', 'index.d.ts'])
  convert(name, (path) => path.replace(/^\.\/(?!constructs\/)/, '../'));
for (const name of readdirSync(join(lib, 'constructs'))) {
  convert(join('constructs', name), (path) => path.replace(/^\.\.\//, '../../'));
}

/** Copies a compiled file; `moved` gives the path of an imported file as it is from the new place. */
function convert(name, moved) {
  const text = readFileSync(join(lib, name), 'utf8')
    .replaceAll(/(["'])(\.\.?\/[^"'\n]*)\1/g, (_all, quote, path) => quote + moved(path) + quote)
    .replaceAll(/(["'])cdktf\1/g, '$1cdktn$1');
  writeFileSync(join(target, name), text);
}
