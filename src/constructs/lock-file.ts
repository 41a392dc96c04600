import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RequiredProvider } from './framework';
import type { LockedProvider } from './lock-text';
import { lockedProviders, withLockedProvider } from './lock-text';
import type { ProviderManifest } from './package-files';
import { writeWhenChanged } from './plugin-mirror';

/** Terraform's dependency lock file, in the directory of each stack. */
export const LOCK_FILE = '.terraform.lock.hcl';

/** The hosts that Terraform and OpenTofu put before a provider source without one. */
const DEFAULT_HOSTS = ['registry.terraform.io', 'registry.opentofu.org'];

/**
 * Merges what a first deploy needs into the lock file of a stack: our own entry, renewed at every synth, and for each
 * other provider with an exact version an entry without hashes where there is none. Without them the cdktf command
 * line asks registries for hashes of all providers, and no registry knows ours.
 */
export function mergeLockFile(
  stackDirectory: string,
  own: ProviderManifest,
  required: readonly RequiredProvider[],
): void {
  const path = join(stackDirectory, LOCK_FILE);
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const locked = new Set(lockedProviders(before).map(({ address }) => address));
  const ownEntry = { address: own.address, version: own.version, hashes: [own.h1] };
  const missing = required.flatMap(missingEntries).filter(({ address }) => !locked.has(address));
  const others = missing.filter(({ address }) => address !== own.address);
  writeWhenChanged(path, [ownEntry, ...others].reduce(withLockedProvider, before));
}

/** The entries that a provider needs: under both hosts when its source names none, since each program knows its own. */
function missingEntries({ source, version }: RequiredProvider): LockedProvider[] {
  const exact = /^=?\s*v?(\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?)$/.exec(version.trim())?.[1];
  if (exact === undefined) return [];
  return addressesOf(source).map((address) => ({ address, version: exact, hashes: [] }));
}

function addressesOf(source: string): string[] {
  const parts = source.toLowerCase().split('/');
  if (parts.length === 3) return [parts.join('/')];
  const path = parts.length === 1 ? ['hashicorp', ...parts] : parts;
  return DEFAULT_HOSTS.map((host) => [host, ...path].join('/'));
}
