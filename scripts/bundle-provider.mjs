// Bundles a Terraform provider into a program and the parts that it loads later, as files of one folder.
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licencesOf } from './licences.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OLDEST_NODE_MAJOR = 20;

/** What a provider loads after the handshake line. */
const AFTER_START = 'provider.cjs';

/**
 * Packages that are large and that most processes of a provider never use: each becomes a part. A part is named after
 * the first word of its packages, so that packages that build on each other share one.
 */
const LARGE_PACKAGE = /^(ajv|graphql|nats|protobufjs(?!\/minimal$)|re2js)(-[a-z0-9-]+)?(\/|$)/;

const LICENCES = 'THIRD-PARTY-LICENSES.txt';
const PACKAGE_FOLDER = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

/**
 * Bundles an entry into files of one folder: the program; `provider.cjs`, which holds what the TypeScript files of the
 * program load with `require()` or `import()` instead of an import statement; a part for each group of large packages;
 * and the licences of the packages. Terraform starts a provider three to five times per command, so a file is read and
 * compiled only when a process needs it. The extension `.cjs` keeps the files CommonJS below any package.json.
 * @param {{ entry: string, type: string, define?: Record<string, string> }} options `entry`: the file that calls
 *   `serve`; `type`: last part of the provider's address; `define`: names to replace by JavaScript expressions
 * @returns {Promise<{ program: string, files: Record<string, Uint8Array> }>} `program`: the file name of the program
 */
export async function bundleProvider({ entry, type, define = {} }) {
  const program = `terraform-provider-${type}.cjs`;
  const bundles = {};
  const later = new Map();
  bundles[program] = await bundle({
    entryPoints: [entry],
    define,
    plugins: [cutAtRequire(later), leaveOut],
    banner: { js: head(`The Terraform provider ${type}`) },
  });
  const packages = new Map();
  const plugins = [cutAtLargePackages(packages), leaveOut];
  if (later.size > 0) bundles[AFTER_START] = await bundlePart(later.get(AFTER_START), { define, plugins });
  for (const [part, modules] of [...packages].sort(([left], [right]) => (left < right ? -1 : 1))) {
    bundles[part] = await bundlePart(modules, { define });
  }
  const files = Object.fromEntries(
    Object.entries(bundles).map(([name, { text }]) => [name, new TextEncoder().encode(text)]),
  );
  const folders = new Set(Object.values(bundles).flatMap((each) => each.packages));
  return {
    program,
    files: folders.size === 0 ? files : { ...files, [LICENCES]: licences(folders) },
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
    // A part is loaded with require(), and starts no loader of ES modules.
    supported: { 'dynamic-import': false },
    logLevel: 'error',
    metafile: true,
    ...options,
  });
  const packages = Object.keys(result.metafile.inputs).flatMap((path) => PACKAGE_FOLDER.exec(path) ?? []);
  return { text: result.outputFiles[0].text, packages };
}

/** A file that exports a function for each of some modules, which loads it. */
function bundlePart(modules, options) {
  const lines = [...modules]
    .sort()
    .map(([name, path]) => `exports[${JSON.stringify(name)}] = () => require(${JSON.stringify(path)});`);
  return bundle({ stdin: { contents: lines.join('\n'), resolveDir: ROOT }, ...options });
}

/** Puts every module that a TypeScript file loads with `require()` or `import()` into the part `provider.cjs`. */
function cutAtRequire(parts) {
  return {
    name: 'cut-at-require',
    setup(bundler) {
      bundler.onResolve({ filter: /^\./ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
        const isLazy = kind === 'require-call' || kind === 'dynamic-import';
        if (!isLazy || !importer.endsWith('.ts') || pluginData === 'resolved') return undefined;
        const resolved = await bundler.resolve(path, { kind, importer, resolveDir, pluginData: 'resolved' });
        const name = relative(ROOT, resolved.path).replaceAll('\\', '/').replace(/\.ts$/, '');
        return addToPart(parts, AFTER_START, name, resolved.path);
      });
      loadFromParts(bundler);
    },
  };
}

/** Puts every large package that a TypeScript file imports, in whatever way, into a part. */
function cutAtLargePackages(parts) {
  return {
    name: 'cut-at-large-packages',
    setup(bundler) {
      bundler.onResolve({ filter: /^[a-z]/ }, ({ path, importer }) => {
        const group = LARGE_PACKAGE.exec(path)?.[1];
        if (group === undefined || !importer.endsWith('.ts')) return undefined;
        return addToPart(parts, `${group}.cjs`, path, path);
      });
      loadFromParts(bundler);
    },
  };
}

function addToPart(parts, part, name, path) {
  parts.set(part, (parts.get(part) ?? new Map()).set(name, path));
  return { path: name, namespace: 'part', pluginData: part };
}

/** In place of a module that is in a part there is one that loads it from there. */
function loadFromParts(bundler) {
  bundler.onResolve({ filter: /^\./, namespace: 'part' }, ({ path }) => ({ path, external: true }));
  bundler.onLoad({ filter: /.*/, namespace: 'part' }, ({ path, pluginData: part }) => ({
    contents: `module.exports = require(${JSON.stringify(`./${part}`)})[${JSON.stringify(path)}]();`,
  }));
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
 * The first lines of the program, for two readers. `sh` runs them: `':' //` does nothing, and what follows the semicolon
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

/** The file with the licences of the packages in a bundle. */
function licences(folders) {
  return new TextEncoder().encode(
    `This program holds code of these packages.\n\n${licencesOf(ROOT, folders)}`,
  );
}
