// Packs the stand-in for hashicorp/null, with which the tests and the demo run where no registry can be reached.
//   node scripts/build-null-provider.mjs [STACK_DIRECTORY]      packs it, and installs it in the directory if one is given
import { fileURLToPath } from 'node:url';
import { installProvider, packProvider } from './pack-provider.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const outDir = `${root}.cache/null-provider`;

/** A source without a host means another host for each of the two programs. */
const ADDRESSES = ['registry.terraform.io/hashicorp/null', 'registry.opentofu.org/hashicorp/null'];
/** The version that `@cdktf/provider-null` pins. */
const VERSION = '3.2.4';

/** Packs the stand-in into `.cache/null-provider` and returns its manifest. */
function buildNullProvider() {
  return packProvider({
    entry: `${root}test/support/null-provider/main.ts`,
    address: ADDRESSES[0],
    version: VERSION,
    outDir,
  });
}

/** Makes `terraform init` and `tofu init`, run in `stackDirectory`, find the stand-in. */
export async function installNullProvider(stackDirectory) {
  const manifest = await buildNullProvider();
  for (const address of ADDRESSES) installProvider(stackDirectory, outDir, manifest, address);
  return manifest;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stackDirectory = process.argv[2];
  await (stackDirectory === undefined ? buildNullProvider() : installNullProvider(stackDirectory));
}
