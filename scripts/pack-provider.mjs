// Bundles a Terraform provider into one executable file and packs it the way a local mirror holds it.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { zipSync } from 'fflate';

/** The platforms that can start the file: it needs nothing but `sh` and `node`. */
export const PLATFORMS = ['linux_amd64', 'linux_arm64', 'darwin_amd64', 'darwin_arm64'];

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OLDEST_NODE_MAJOR = 20;
const EXECUTABLE = 0o755;
const READABLE = 0o644;
const UNIX = 3;
// Zip archives hold local time without a zone, so these local parts are the same bytes everywhere.
const FIXED_TIME = new Date(1980, 0, 1);

/**
 * The first lines of the file, for two readers. `sh` runs them: `':' //` does nothing, and what follows the semicolon
 * finds node. For JavaScript each line is a string and a comment. What goes to stdout is what Terraform shows.
 */
function head(name) {
  const missing = `${name} needs Node.js ${OLDEST_NODE_MAJOR} or later, and node is not on the PATH of the process that runs Terraform. Install it, or add its folder to PATH.`;
  const old = `${name} needs Node.js ${OLDEST_NODE_MAJOR} or later, and the first node on PATH is `;
  return [
    '#!/bin/sh',
    `':' //; command -v node >/dev/null 2>&1 || { echo '${missing}'; exit 1; }`,
    `':' //; exec node "$0" "$@"`,
    `if (parseInt(process.versions.node) < ${OLDEST_NODE_MAJOR}) { console.log('${old}' + process.version + '.'); process.exit(1); }`,
  ].join('\n');
}

/** Parts of packages that are never used by a provider and would only make it slower to start. */
const leaveOut = {
  name: 'leave-out',
  setup(bundler) {
    // Loaded by @grpc/grpc-js for its own debug services, which are not offered.
    bundler.onResolve({ filter: /^@grpc\/proto-loader$/ }, ({ path }) => ({ path, namespace: 'leave-out' }));
    bundler.onLoad({ filter: /.*/, namespace: 'leave-out' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/**
 * Bundles an entry into one CommonJS program that starts by itself. What its TypeScript files load with `require()`
 * or `import()`, instead of an import statement, is kept apart and is not even parsed before it is needed: see `lazyParts`.
 * @param {{ entry: string, type: string, define?: Record<string, string> }} options `entry`: the file that calls
 *   `serve`; `type`: last part of the provider's address; `define`: names to replace by JavaScript expressions
 * @returns {Promise<{ fileName: string, content: Uint8Array, packages: string[] }>} `packages`: the folders of the
 *   npm packages that are in it
 */
export async function bundleProvider({ entry, type, define = {} }) {
  const lazyModules = [];
  const start = await bundle({
    entryPoints: [entry],
    define,
    plugins: [cutAtRequire(lazyModules), leaveOut],
    banner: { js: `${head(`The Terraform provider ${type}`)}\n${lazyLoader}` },
  });
  const later = lazyModules.length === 0 ? { text: '', packages: [] } : await lazyParts(lazyModules, define);
  return {
    fileName: `terraform-provider-${type}.cjs`,
    content: new TextEncoder().encode(start.text + later.text),
    packages: [...new Set([...start.packages, ...later.packages])].sort(),
  };
}

async function bundle(options) {
  const result = await build({
    // The bundle names its modules relative to this folder, so it must not depend on where the build was started.
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: `node${OLDEST_NODE_MAJOR}`,
    // Names stay readable in the stack traces that users send.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    // One byte per character, which V8 reads fastest.
    charset: 'ascii',
    // The lazy part is compiled on its own, where a real import() would need a loader; require() does the same here.
    supported: { 'dynamic-import': false },
    logLevel: 'error',
    metafile: true,
    ...options,
  });
  const packages = Object.keys(result.metafile.inputs).flatMap((path) => PACKAGE_FOLDER.exec(path) ?? []);
  return { text: result.outputFiles[0].text, packages };
}

const LICENCES = 'THIRD-PARTY-LICENSES.txt';
const PACKAGE_FOLDER = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

/** The licences of the packages in a bundle, which ask to go with every copy. */
function licences(packages) {
  const texts = packages.map((folder) => {
    const { name, license } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(ROOT, folder)).find((each) => /^licen[cs]e/i.test(each));
    const text = file === undefined ? `Licence: ${license}` : readFileSync(join(ROOT, folder, file), 'utf8');
    return `${name}\n${'-'.repeat(name.length)}\n\n${text.replaceAll('\r\n', '\n').trim()}\n`;
  });
  return new TextEncoder().encode(`This program holds code of these packages.\n\n${texts.join('\n\n')}`);
}

/** Leaves every `require()` and `import()` of a TypeScript file out of the bundle and collects what it names. */
function cutAtRequire(found) {
  return {
    name: 'cut-at-require',
    setup(bundler) {
      bundler.onResolve({ filter: /^\./ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
        const lazy = kind === 'require-call' || kind === 'dynamic-import';
        if (!lazy || !importer.endsWith('.ts') || pluginData === 'resolved') return undefined;
        const resolved = await bundler.resolve(path, { kind, importer, resolveDir, pluginData: 'resolved' });
        if (!found.includes(resolved.path)) found.push(resolved.path);
        return { path: `lazy:own:${found.indexOf(resolved.path)}`, external: true };
      });
    },
  };
}

/**
 * Packages that are large, and that most processes of a provider do without: parts of their own, however they are
 * imported. A part is named after the first word of the package, so that packages that build on each other share one.
 */
const LARGE_PACKAGE = /^(ajv|graphql|nats|protobufjs(?!\/minimal$)|zod)(-[a-z0-9-]+)?(\/|$)/;

/** Leaves the large packages that TypeScript files import out of the bundle and collects their paths by part. */
function cutAtLargePackages(found) {
  return {
    name: 'cut-at-large-packages',
    setup(bundler) {
      bundler.onResolve({ filter: /^[a-z]/ }, ({ path, importer }) => {
        const part = LARGE_PACKAGE.exec(path)?.[1];
        if (part === undefined || !importer.endsWith('.ts')) return undefined;
        found.set(part, (found.get(part) ?? new Set()).add(path));
        return { path: `lazy:${part}:${path}`, external: true };
      });
    },
  };
}

const lazyBegin = (part) => `\n/*LAZY ${part}\n`;
const LAZY_END = '\n*/\n';
// Ends a comment early, so it is spelled otherwise inside of one.
const COMMENT_END = '*/';
const COMMENT_END_SPELLED = '*<END>/';

/**
 * Makes `require('lazy:PART:PATH')` work: a part of this very file, compiled when it is asked for the first time.
 * The line numbers in stack traces are those of the file.
 */
const lazyLoader = `require = ((plain, parts, file) => {
  const load = (part) => {
    file ??= plain('node:fs').readFileSync(__filename, 'latin1');
    const head = '\\n/*LAZY ' + part + '\\n';
    const begin = file.lastIndexOf(head) + head.length;
    const code = file.slice(begin, file.indexOf(${JSON.stringify(LAZY_END)}, begin)).replaceAll(${JSON.stringify(COMMENT_END_SPELLED)}, '*' + '/');
    const lineOffset = file.slice(0, begin).split('\\n').length - 1;
    plain('node:vm').compileFunction(code, ['require', 'exports', '__filename'], { filename: __filename, lineOffset })(find, parts[part] = {}, __filename);
  };
  const find = (id) => {
    if (!id.startsWith('lazy:')) return plain(id);
    const part = id.split(':')[1];
    if (!(part in parts)) load(part);
    return parts[part][id]();
  };
  return find;
})(require, {});`;

/**
 * The modules that are loaded after the handshake, as comments at the end of the program: V8 skips a comment much
 * faster than it reads functions, and Terraform starts a provider three to five times per command.
 */
async function lazyParts(modules, define) {
  const large = new Map();
  const parts = [
    await lazyPart('own', modules.entries(), { define, plugins: [cutAtLargePackages(large), leaveOut] }),
  ];
  for (const [part, paths] of [...large].sort()) {
    parts.push(
      await lazyPart(
        part,
        [...paths].sort().map((path) => [path, path]),
        { define },
      ),
    );
  }
  return {
    text: parts.map(({ text }) => text).join(''),
    packages: parts.flatMap(({ packages }) => packages),
  };
}

/** One part: what `require('lazy:NAME:KEY')` gives, for each pair of a key and a path. */
async function lazyPart(name, pairs, options) {
  const entries = [...pairs].map(
    ([key, path]) => `exports['lazy:${name}:${key}'] = () => require(${JSON.stringify(path)});`,
  );
  const { text, packages } = await bundle({
    stdin: { contents: entries.join('\n'), resolveDir: ROOT, sourcefile: `lazy-${name}.cjs` },
    ...options,
  });
  if (text.includes(COMMENT_END_SPELLED)) throw new Error(`the bundle contains ${COMMENT_END_SPELLED}`);
  return { text: lazyBegin(name) + text.replaceAll(COMMENT_END, COMMENT_END_SPELLED) + LAZY_END, packages };
}

/**
 * The hash that Terraform puts into lock files for a folder, or a packed folder, of these files. It covers contents
 * and names only.
 * @param {Record<string, Uint8Array>} files by path with `/`
 */
export function lockHash(files) {
  const lines = Object.keys(files)
    .sort()
    .map((path) => `${createHash('sha256').update(files[path]).digest('hex')}  ${path}\n`);
  return `h1:${createHash('sha256').update(lines.join('')).digest('base64')}`;
}

/** One archive, programs executable; byte-identical on every machine. */
export function zip(files) {
  const entries = Object.entries(files).map(([path, content]) => {
    const mode = path.endsWith('.cjs') ? EXECUTABLE : READABLE;
    return [path, [content, { level: 9, mtime: FIXED_TIME, os: UNIX, attrs: mode << 16 }]];
  });
  return zipSync(Object.fromEntries(entries));
}

/**
 * Bundles and packs a provider and writes to `outDir`: the archive, the bundled file itself (for benchmarks and for
 * debugging) and `<type>.json`, which says what a stack needs to know to install it.
 * @param {{ entry: string, address: string, version: string, outDir: string, define?: Record<string, string> }} options
 */
export async function packProvider({ entry, address, version, outDir, define }) {
  const type = address.split('/').at(-1);
  const { fileName, content, packages } = await bundleProvider({ entry, type, define });
  const files = { [fileName]: content, ...(packages.length > 0 ? { [LICENCES]: licences(packages) } : {}) };
  const archive = `terraform-provider-${type}_${version}.zip`;
  const manifest = { address, version, h1: lockHash(files), archive, platforms: PLATFORMS };
  mkdirSync(outDir, { recursive: true });
  writeWhole(join(outDir, fileName), content, EXECUTABLE);
  writeWhole(join(outDir, archive), zip(files));
  writeWhole(join(outDir, `${type}.json`), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

/**
 * Puts a packed provider where `terraform init`, run in `stackDirectory`, finds it.
 * @param address the address to install it under, when it is not the one it was packed for
 */
export function installProvider(stackDirectory, packedIn, manifest, address = manifest.address) {
  const mirror = join(stackDirectory, 'terraform.d/plugins', address);
  mkdirSync(mirror, { recursive: true });
  for (const platform of manifest.platforms) {
    copyFileSync(
      join(packedIn, manifest.archive),
      join(mirror, `terraform-provider-${address.split('/').at(-1)}_${manifest.version}_${platform}.zip`),
    );
  }
}

/** Whole at once: another process may be reading the file. */
function writeWhole(file, content, mode) {
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, content, { mode });
  renameSync(unfinished, file);
}

// node scripts/pack-provider.mjs ENTRY ADDRESS VERSION OUTDIR
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [entry, address, version, outDir] = process.argv.slice(2);
  await packProvider({ entry, address, version, outDir });
}
