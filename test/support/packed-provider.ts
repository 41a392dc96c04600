import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(__dirname, '../..');

/** What scripts/pack-provider.mjs writes about a provider that it packed. */
export interface ProviderManifest {
  readonly address: string;
  readonly version: string;
  /** The hash that Terraform writes into lock files. */
  readonly h1: string;
  /** File name of the archive, in the folder of the manifest. */
  readonly archive: string;
  readonly platforms: readonly string[];
}

/** Bundles and packs a provider into `outDir`, in a process of its own, since the packer is no CommonJS. */
export async function packProvider(options: {
  readonly entry: string;
  readonly address: string;
  readonly version: string;
  readonly outDir: string;
}): Promise<ProviderManifest> {
  const script = join(root, 'scripts/pack-provider.mjs');
  const { entry, address, version, outDir } = options;
  await promisify(execFile)(process.execPath, [script, entry, address, version, outDir], { cwd: root });
  return readManifest(outDir, address);
}

/** Reads the manifest of a packed provider. */
export function readManifest(outDir: string, address: string): ProviderManifest {
  const file = join(outDir, `${address.split('/').at(-1) ?? ''}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as ProviderManifest;
}

/** Puts a packed provider where `terraform init`, run in `stackDirectory`, finds it. */
export function installProvider(
  stackDirectory: string,
  packedIn: string,
  manifest: ProviderManifest,
  address = manifest.address,
): void {
  const mirror = join(stackDirectory, 'terraform.d/plugins', address);
  mkdirSync(mirror, { recursive: true });
  const type = address.split('/').at(-1) ?? '';
  for (const platform of manifest.platforms) {
    copyFileSync(
      join(packedIn, manifest.archive),
      join(mirror, `terraform-provider-${type}_${manifest.version}_${platform}.zip`),
    );
  }
}
