import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { EnvironmentError, errorText } from '../model/errors';
import { PROVIDER_ADDRESS } from '../model/provider-address';
import { packageRoot } from './package-root';

/** What the build says about the packed provider. */
const providerManifest = z.object({
  /** `HOST/NAMESPACE/TYPE`, the address under which stacks ask for the provider. */
  address: z.string().regex(/^[^/]+\/[^/]+\/[^/]+$/),
  version: z.string().min(1),
  /** Terraform's hash of the unpacked files; the same for all platforms. */
  h1: z.string().startsWith('h1:'),
  /** The zip archive, in the folder of the manifest; it serves every platform. */
  archive: z.string().min(1),
  /** `linux_amd64` and the like. */
  platforms: z.array(z.string().regex(/^[a-z0-9]+_[a-z0-9]+$/)).min(1),
});

export type ProviderManifest = z.infer<typeof providerManifest>;

/** The version of this package, which is also that of the provider inside it. */
export function packageVersion(): string {
  const text = readPackaged('package.json').toString('utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

/**
 * What the packed provider is.
 * @throws EnvironmentError when the package has not been built, or was built from another version.
 */
export function readProviderManifest(): ProviderManifest {
  const text = readBundle('memphis.json').toString('utf8');
  let manifest: ProviderManifest;
  try {
    manifest = providerManifest.parse(JSON.parse(text));
  } catch (error) {
    throw staleBuild(`lib/bundles/memphis.json is not what the build writes (${errorText(error)})`, error);
  }
  const version = packageVersion();
  if (manifest.address !== PROVIDER_ADDRESS || manifest.version !== version) {
    throw staleBuild(
      `lib/bundles holds ${manifest.address} ${manifest.version}, but this package is ${PROVIDER_ADDRESS} ${version}`,
    );
  }
  return manifest;
}

/** The bytes of a file of `lib/bundles`. */
export function readBundle(name: string): Buffer {
  return readPackaged(join('lib', 'bundles', name));
}

/** The SHA-256 of bytes or text, in hexadecimal. */
export function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}

function readPackaged(path: string): Buffer {
  try {
    return readFileSync(join(packageRoot, path));
  } catch (error) {
    throw staleBuild(`${path.replaceAll('\\', '/')} is not in the package cdktf-memphis`, error);
  }
}

function staleBuild(found: string, cause?: unknown): EnvironmentError {
  return new EnvironmentError({
    attempted: 'read the programs that are put next to a stack',
    found,
    next: 'In a checkout run `npm run build`; otherwise install the package again, and do not bundle it into one file.',
    cause,
  });
}
