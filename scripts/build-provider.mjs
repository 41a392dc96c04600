// Packs the Terraform provider into lib/bundles, from where synth copies it next to a stack.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packProvider } from './pack-provider.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

await packProvider({
  entry: join(root, 'src/runtime/provider/main.ts'),
  address: 'npm.invalid/cdktf-memphis/memphis',
  version,
  outDir: join(root, 'lib/bundles'),
  define: { PACKAGE_VERSION: JSON.stringify(version) },
});
