// Bundles the page of HTML reports, with the libraries that it uses, into one script and one style sheet, which the
// format `html` puts into each report.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licencesOf } from './licences.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'src/runtime/report/formats/html-page');
const outDir = join(root, process.argv[2] ?? 'lib/bundles');
const PACKAGE_FOLDER = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

const { outputFiles, metafile } = await build({
  absWorkingDir: root,
  entryPoints: { 'report-page': join(folder, 'main.tsx') },
  outdir: outDir,
  tsconfig: join(folder, 'tsconfig.json'),
  bundle: true,
  write: false,
  metafile: true,
  minify: true,
  platform: 'browser',
  target: ['chrome121', 'firefox121', 'safari17.4'],
  format: 'iife',
  // The script stands in an HTML file that may be read in any encoding.
  charset: 'ascii',
  legalComments: 'none',
  logLevel: 'warning',
});
const packages = new Set(Object.keys(metafile.inputs).flatMap((path) => PACKAGE_FOLDER.exec(path) ?? []));
const script = `${outputFiles[0].text.trimEnd()}\n/*\n${licencesOf(root, packages)}*/\n`;
// Either would end the element that holds the script.
if (/<\/script|<!--/i.test(script))
  throw new Error('the script of the report page must not hold </script or <!--');
await writeFile(join(outDir, 'report-page.js'), script);

const style = await build({
  absWorkingDir: root,
  entryPoints: [join(folder, 'page.css')],
  write: false,
  minify: true,
  charset: 'ascii',
  logLevel: 'warning',
});
await writeFile(join(outDir, 'report-page.css'), style.outputFiles[0].text);
