import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProviderManifest } from './package-files';
import { readBundle } from './package-files';

/**
 * Puts the provider where Terraform looks before it asks any registry: the directory `terraform.d/plugins` of the
 * stack, in its packed form, which needs no file modes. What other versions left there is removed.
 */
export function writePluginMirror(stackDirectory: string, manifest: ProviderManifest): void {
  const type = manifest.address.slice(manifest.address.lastIndexOf('/') + 1);
  const directory = join(stackDirectory, 'terraform.d', 'plugins', ...manifest.address.split('/'));
  const archive = readBundle(manifest.archive);
  const wanted = manifest.platforms.map(
    (platform) => `terraform-provider-${type}_${manifest.version}_${platform}.zip`,
  );
  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(directory)) {
    if (!wanted.includes(name)) rmSync(join(directory, name), { recursive: true, force: true });
  }
  for (const name of wanted) writeWhenChanged(join(directory, name), archive);
}

/** Writes a file with the mode that every file next to a stack has; one that is the same already is left alone. */
export function writeWhenChanged(path: string, content: Buffer | string): void {
  if (existsSync(path) && readFileSync(path).equals(Buffer.from(content))) return;
  writeFileSync(path, content);
  chmodSync(path, 0o644);
}
