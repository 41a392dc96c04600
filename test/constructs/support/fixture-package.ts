import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A package of a fixed version with tiny bundles, so that golden files do not change with each build. Tests put it in
 * place of this package with `jest.mock('../../src/constructs/package-root', ...)`.
 */
export const packageRoot = mkdtempSync(join(tmpdir(), 'cdktf-memphis-package-'));

export const fixtureManifest = {
  address: 'npm.invalid/cdktf-memphis/memphis',
  version: '1.2.3',
  h1: `h1:${createHash('sha256').update('fixture').digest('base64')}`,
  archive: 'terraform-provider-memphis_1.2.3.zip',
  platforms: ['linux_amd64', 'darwin_arm64'],
};

export function writeBundle(name: string, content: string): void {
  writeFileSync(join(packageRoot, 'lib', 'bundles', name), content);
}

export function writeFixture(): void {
  mkdirSync(join(packageRoot, 'lib', 'bundles'), { recursive: true });
  writeFileSync(join(packageRoot, 'package.json'), '{ "version": "1.2.3" }');
  writeFileSync(join(packageRoot, 'cdktf.json'), '{ "projectId": "fixture-project" }');
  writeBundle('memphis.json', JSON.stringify(fixtureManifest));
  writeBundle(fixtureManifest.archive, 'the archive of the provider');
  writeBundle('smoke.cjs', '// the smoke runner\n');
}

writeFixture();
afterAll(() => rmSync(packageRoot, { recursive: true, force: true }));
