// Bundles a Terraform provider into one executable file and packs it the way a local mirror holds it.
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { zipSync } from 'fflate';

/** The platforms that can start the file: it needs nothing but `sh` and `node`. */
export const PLATFORMS = ['linux_amd64', 'linux_arm64', 'darwin_amd64', 'darwin_arm64'];

const OLDEST_NODE_MAJOR = 20;
const EXECUTABLE = 0o755;
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
 * Bundles an entry into one CommonJS program that starts by itself.
 * @param {{ entry: string, type: string }} options `entry`: the TypeScript file that calls `serve`; `type`: last part
 *   of the provider's address
 * @returns {Promise<{ fileName: string, content: Uint8Array }>}
 */
export async function bundleProvider({ entry, type, define = {} }) {
  const fileName = `terraform-provider-${type}.cjs`;
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: `node${OLDEST_NODE_MAJOR}`,
    // Names stay readable in the stack traces that users send.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'error',
    plugins: [leaveOut],
    define,
    banner: { js: head(`The Terraform provider ${type}`) },
  });
  return { fileName, content: result.outputFiles[0].contents };
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

/** One archive with every file executable; byte-identical on every machine. */
export function zip(files) {
  const entries = Object.entries(files).map(([path, content]) => [
    path,
    [content, { level: 9, mtime: FIXED_TIME, os: UNIX, attrs: EXECUTABLE << 16 }],
  ]);
  return zipSync(Object.fromEntries(entries));
}

/**
 * Bundles and packs a provider and writes to `outDir`: the archive, the bundled file itself (for benchmarks and for
 * debugging) and `<type>.json`, which says what a stack needs to know to install it.
 * @param {{ entry: string, address: string, version: string, outDir: string, define?: Record<string, string> }} options
 */
export async function packProvider({ entry, address, version, outDir, define }) {
  const type = address.split('/').at(-1);
  const { fileName, content } = await bundleProvider({ entry, type, define });
  const files = { [fileName]: content };
  const archive = `terraform-provider-${type}_${version}.zip`;
  const manifest = { address, version, h1: lockHash(files), archive, platforms: PLATFORMS };
  mkdirSync(outDir, { recursive: true });
  writeFileSync(join(outDir, fileName), content);
  chmodSync(join(outDir, fileName), EXECUTABLE);
  writeFileSync(join(outDir, archive), zip(files));
  writeFileSync(join(outDir, `${type}.json`), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

/** The name under which a local mirror holds the archive for one platform. */
export function mirrorName({ address, version }, platform) {
  return `terraform-provider-${address.split('/').at(-1)}_${version}_${platform}.zip`;
}
