// Packs a Terraform provider the way a local mirror holds it: one archive for every platform.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import { bundleProvider } from './bundle-provider.mjs';

/** The platforms that can start the program: it needs nothing but `sh` and `node`. */
const PLATFORMS = ['linux_amd64', 'linux_arm64', 'darwin_amd64', 'darwin_arm64'];

const EXECUTABLE = 0o755;
const READABLE = 0o644;
const UNIX = 3;
// Zip archives hold local time without a zone, so these local parts are the same bytes everywhere.
const FIXED_TIME = new Date(1980, 0, 1);

/**
 * Bundles and packs a provider and writes to `outDir`: the archive; the folder `terraform-provider-<type>` with the same
 * files unpacked, for benchmarks and debugging; and `<type>.json`, which says what a stack needs to know to install it.
 * @param {{ entry: string, address: string, version: string, outDir: string, define?: Record<string, string> }} options
 */
export async function packProvider({ entry, address, version, outDir, define }) {
  const type = address.split('/').at(-1);
  const { program, files } = await bundleProvider({ entry, type, define });
  const modes = Object.fromEntries(
    Object.keys(files).map((name) => [name, name === program ? EXECUTABLE : READABLE]),
  );
  const archive = `terraform-provider-${type}_${version}.zip`;
  const manifest = { address, version, h1: lockHash(files), archive, platforms: PLATFORMS };
  const unpacked = join(outDir, `terraform-provider-${type}`);
  mkdirSync(unpacked, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    writeWhole(join(unpacked, name), content, modes[name]);
  }
  writeWhole(join(outDir, archive), zip(files, modes));
  writeWhole(join(outDir, `${type}.json`), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

/**
 * The hash that Terraform puts into lock files for a folder, or a packed folder, of these files. It covers contents
 * and names only.
 */
function lockHash(files) {
  const lines = Object.keys(files)
    .sort()
    .map((name) => `${createHash('sha256').update(files[name]).digest('hex')}  ${name}\n`);
  return `h1:${createHash('sha256').update(lines.join('')).digest('base64')}`;
}

/** One archive, byte-identical on every machine. */
function zip(files, modes) {
  const entries = Object.entries(files).map(([name, content]) => {
    return [name, [content, { level: 9, mtime: FIXED_TIME, os: UNIX, attrs: modes[name] << 16 }]];
  });
  return zipSync(Object.fromEntries(entries));
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
function writeWhole(file, content, mode = READABLE) {
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, content, { mode });
  renameSync(unfinished, file);
}

// node scripts/pack-provider.mjs ENTRY ADDRESS VERSION OUTDIR
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [entry, address, version, outDir] = process.argv.slice(2);
  await packProvider({ entry, address, version, outDir });
}
