import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { PROVIDER_ADDRESS } from '../../model/provider-address';
import type { Check, CheckResult } from './check';

const [HOST = ''] = PROVIDER_ADDRESS.split('/');
const REMEDY = `Add filesystem_mirror { path = "terraform.d/plugins" include = ["${HOST}/*/*"] } to that block, and exclude = ["${HOST}/*/*"] to its direct block.`;

/**
 * Whether the CLI configuration of Terraform hides the provider that lies in each stack: a `provider_installation` block
 * switches the folder `terraform.d/plugins` off unless the block names it.
 */
export function providerInstallationCheck(
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
): Check {
  return {
    id: 'provider-installation',
    title: 'Terraform CLI configuration',
    run: async () => {
      const files = await configurationFiles(environment, home);
      const answers = await Promise.all(files.map(async (file) => answerFor(file, await textOf(file))));
      const worst = answers.find(({ status }) => status !== 'ok');
      if (worst !== undefined) return worst;
      const [first] = answers.filter(({ found }) => found !== '');
      return (
        first ?? { status: 'ok', found: 'No provider_installation block hides the provider of the stacks.' }
      );
    },
  };
}

/** Where Terraform and OpenTofu look; a variable replaces the file in the folder of the user, and nothing else. */
async function configurationFiles(
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
): Promise<string[]> {
  const named = environment.TF_CLI_CONFIG_FILE ?? environment.TERRAFORM_CONFIG ?? '';
  if (named !== '') return [named];
  const folder = path.join(home, '.terraform.d');
  const more = (await readdir(folder).catch((): string[] => [])).filter((name) =>
    /\.tfrc(\.json)?$/.test(name),
  );
  return [
    path.join(home, '.terraformrc'),
    path.join(home, '.tofurc'),
    ...more.sort().map((name) => path.join(folder, name)),
  ];
}

function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

function answerFor(file: string, text: string): Omit<CheckResult, 'id' | 'title'> {
  const block = installationBlock(text);
  if (block === undefined) return { status: 'ok', found: '' };
  if (block.includes(HOST) || block.includes('terraform.d/plugins'))
    return { status: 'ok', found: `provider_installation in ${file} names ${HOST}.` };
  return {
    status: 'problem',
    found: `provider_installation in ${file} hides the provider that lies in each stack (${PROVIDER_ADDRESS}).`,
    next: REMEDY,
  };
}

/** The body of the block, in HCL or in JSON; undefined when there is none. */
function installationBlock(text: string): string | undefined {
  // Comments may name anything. A string in quotes is kept whole, as it may hold what looks like one.
  const code = text.replace(
    /("(?:\\.|[^"\\])*")|#.*|\/\/.*|\/\*[\s\S]*?\*\//g,
    (_, quoted: string | undefined) => quoted ?? '',
  );
  const start = /"?\bprovider_installation\b"?\s*[=:]?\s*[[{]/.exec(code);
  if (start === null) return undefined;
  let depth = 0;
  for (let at = start.index; at < code.length; at += 1) {
    if (code[at] === '{' || code[at] === '[') depth += 1;
    else if (code[at] === '}' || code[at] === ']') depth -= 1;
    if (depth === 0 && /[}\]]/.test(code[at] ?? '')) return code.slice(start.index, at);
  }
  return code.slice(start.index);
}
