// The smoke test is a null_resource. Its provider comes from Terraform's registry, where that can be reached; elsewhere a
// stand-in from this repository's tests takes its place.
import { installNullProvider } from '../build-null-provider.mjs';

const DISCOVERY = 'https://registry.terraform.io/.well-known/terraform.json';

/** @returns a sentence about which one is used. */
export async function provideNullProvider(stackDirectory) {
  if (await canReachRegistry())
    return "the provider hashicorp/null for the smoke test comes from Terraform's registry";
  await installNullProvider(stackDirectory);
  return "Terraform's registry cannot be reached from here: a stand-in for the provider hashicorp/null, from the tests of this repository, is used for the smoke test";
}

async function canReachRegistry() {
  try {
    const response = await fetch(DISCOVERY, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
