// What must be on the machine and cannot be brought along: a Node that cdktf's command line runs on, and Terraform.
import { spawnSync } from 'node:child_process';

/** @returns the name of the Terraform or OpenTofu program; ends the process with what to do if there is none. */
export function checkTools() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major > 22) {
    fail(
      `this is Node ${process.version}; cdktf's command line runs on Node 20 and 22 only. Use one of these.`,
    );
  }
  const named = process.env.TERRAFORM_BINARY_NAME;
  for (const program of named === undefined ? ['terraform', 'tofu'] : [named]) {
    const found = spawnSync(program, ['version', '-json'], {
      encoding: 'utf8',
      env: { ...process.env, CHECKPOINT_DISABLE: '1' },
    });
    if (found.status === 0) return program;
  }
  return fail(
    named === undefined
      ? 'neither terraform nor tofu is on the PATH. Install Terraform 1.5 or later, or OpenTofu 1.10 or later.'
      : `TERRAFORM_BINARY_NAME names "${named}", which does not run.`,
  );
}

function fail(message) {
  console.error(`The demo cannot start: ${message}`);
  process.exit(1);
}
