import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const script = join(resolve(__dirname, '../../..'), 'scripts/build-null-provider.mjs');

/** Packs the stand-in for hashicorp/null and puts it where `terraform init`, run in the directory, finds it. */
export async function installNullProvider(stackDirectory: string): Promise<void> {
  await promisify(execFile)(process.execPath, [script, stackDirectory]);
}
