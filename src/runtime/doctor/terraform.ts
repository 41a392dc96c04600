import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { errorText } from '../../model/errors';
import type { Check, CheckResult } from './check';

type Environment = Readonly<Record<string, string | undefined>>;

const PROGRAM_TIMEOUT_MS = 10_000;
const oldest = { Terraform: '1.5.0', OpenTofu: '1.10.0' } as const;
const INSTALL =
  'Install Terraform 1.5 or later (https://developer.hashicorp.com/terraform/install), or OpenTofu 1.10 or later (https://opentofu.org/docs/intro/install).';

/** Whether cdktf finds a Terraform or an OpenTofu that runs the provider. */
export function terraformCheck(environment: Environment): Check {
  return { id: 'terraform', title: 'Terraform or OpenTofu', run: () => examine(environment) };
}

async function examine(environment: Environment): Promise<Omit<CheckResult, 'id' | 'title'>> {
  const named = environment.TERRAFORM_BINARY_NAME ?? '';
  const program = named === '' ? 'terraform' : named;
  const found = await versionOf(program, environment);
  if ('version' in found) return checkedVersion(program, found);
  if (named !== '') {
    return {
      status: 'problem',
      found: `TERRAFORM_BINARY_NAME names "${named}", which does not run: ${found.why}.`,
      next: `Install it, or unset TERRAFORM_BINARY_NAME to use terraform.`,
    };
  }
  const tofu = await versionOf('tofu', environment);
  if (!('version' in tofu)) {
    return { status: 'problem', found: `Neither terraform nor tofu runs: ${found.why}.`, next: INSTALL };
  }
  return {
    status: 'problem',
    found: `OpenTofu ${tofu.version} is installed, but cdktf calls terraform, which is not.`,
    next: 'Set TERRAFORM_BINARY_NAME=tofu.',
  };
}

interface Program {
  readonly product: keyof typeof oldest;
  readonly version: string;
}

async function versionOf(
  program: string,
  environment: Environment,
): Promise<Program | { readonly why: string }> {
  try {
    const { stdout } = await promisify(execFile)(program, ['version'], {
      timeout: PROGRAM_TIMEOUT_MS,
      env: { ...environment, CHECKPOINT_DISABLE: '1' },
    });
    const [, product, version] = /^(Terraform|OpenTofu) v(\d+\.\d+\.\d+\S*)/.exec(stdout) ?? [];
    if (product === undefined || version === undefined) return { why: `it printed no version` };
    return { product: product as Program['product'], version };
  } catch (error) {
    const isMissing = (error as { readonly code?: unknown }).code === 'ENOENT';
    return { why: isMissing ? 'it is not on the PATH' : (errorText(error).split('\n')[0] ?? '') };
  }
}

async function checkedVersion(
  program: string,
  { product, version }: Program,
): Promise<Omit<CheckResult, 'id' | 'title'>> {
  const { gte } = await import('semver');
  if (gte(version, oldest[product])) {
    return { status: 'ok', found: `${product} ${version} (${program}).` };
  }
  return {
    status: 'problem',
    found: `${product} ${version} (${program}) is too old; the provider needs ${oldest[product]} or later.`,
    next: INSTALL,
  };
}
