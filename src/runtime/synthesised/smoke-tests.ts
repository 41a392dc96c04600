import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errorText, ValidationError } from '../../model/errors';
import type { SmokeTestSpec } from '../../model/smoke-test';
import { readSmokeTestSpec } from '../../model/smoke-test';
import type { Json, JsonObject } from './json';
import { configurationFiles, readJsonFile } from './configuration';
import { isObject, memberAt } from './json';
import type { DeclarationSite, SynthesisedStacksOptions } from './declared-stack';
import { stackFolders } from './output-folder';

/** A smoke test that a stack declares. */
export interface DeclaredSmokeTest {
  readonly spec: SmokeTestSpec;
  readonly site: DeclarationSite;
  /** Variables that a deploy would hand to it, as far as the environment gives their values. They may be secrets. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The resource types that run smoke tests. */
const resourceTypes = ['null_resource', 'terraform_data'];

/**
 * Reads the smoke tests of the stacks of a project from its synthesised output, without Terraform.
 * @throws EnvironmentError when nothing was synthesised; ValidationError for a file that is not a smoke test.
 */
export async function readSmokeTests({
  folder = process.cwd(),
  stacks,
  environment,
}: SynthesisedStacksOptions): Promise<DeclaredSmokeTest[]> {
  const folders = await stackFolders(resolve(folder), stacks);
  const tests = folders.map(async (stack) => testsOfStack(stack.folder, stack.name ?? '', environment));
  return (await Promise.all(tests)).flat();
}

async function testsOfStack(
  folder: string,
  stack: string,
  environment: SynthesisedStacksOptions['environment'],
): Promise<DeclaredSmokeTest[]> {
  // What is not JSON was not written by a SmokeTest.
  const files = (await configurationFiles(folder)).filter((file) => file.endsWith('.json'));
  const configurations = await Promise.all(
    files.map(async (file) => readJsonFile(join(folder, file), `stack "${stack}"`)),
  );
  const tests = configurations.flatMap((configuration) =>
    resourceTypes.flatMap((type) => {
      const resources = memberAt(configuration, ['resource', type]);
      return Object.entries(isObject(resources) ? resources : {}).map(async ([name, resource]) =>
        testOf({ folder, stack, environment, configuration, address: `${type}.${name}`, resource }),
      );
    }),
  );
  return (await Promise.all(tests)).filter((test) => test !== undefined);
}

async function testOf(declared: {
  readonly folder: string;
  readonly stack: string;
  readonly environment: SynthesisedStacksOptions['environment'];
  readonly configuration: JsonObject;
  readonly address: string;
  readonly resource: Json;
}): Promise<DeclaredSmokeTest | undefined> {
  const { folder, stack, address, resource } = declared;
  const execution = commandOf(resource);
  const command = isObject(execution) ? execution.command : undefined;
  const [, file] = /^node \S*smoke\.cjs (\S+\.json)$/.exec(typeof command === 'string' ? command : '') ?? [];
  if (file === undefined || !isObject(execution)) return undefined;
  const path = memberAt(resource, ['//', 'metadata', 'path']);
  const constructPath = typeof path === 'string' ? path.replace(/\/Default$/, '') : address;
  return {
    spec: await readSpec(join(folder, file)),
    site: { stack, constructPath, address },
    variables: variablesOf(execution.environment, declared.configuration, declared.environment),
  };
}

function commandOf(resource: Json): Json | undefined {
  const provisioners = memberAt(resource, ['provisioner']);
  const list = Array.isArray(provisioners) ? (provisioners as readonly Json[]) : [];
  return list
    .map((provisioner) => memberAt(provisioner, ['local-exec']))
    .find((found) => found !== undefined);
}

async function readSpec(file: string): Promise<SmokeTestSpec> {
  try {
    return readSmokeTestSpec(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new ValidationError('read the smoke tests', [
      `${file}: ${errorText(error)}; run cdktf synth again`,
    ]);
  }
}

/** The values of Terraform variables that the environment or the configuration gives; others are left out. */
function variablesOf(
  given: Json | undefined,
  configuration: JsonObject,
  environment: SynthesisedStacksOptions['environment'],
): Record<string, string> {
  const entries = Object.entries(isObject(given) ? given : {}).flatMap(([name, value]) => {
    const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    const [, variable] = /^\$\{var\.([\w-]+)\}$/.exec(text) ?? [];
    if (variable === undefined) return text.includes('${') ? [] : [[name, text] as const];
    const found =
      environment[`TF_VAR_${variable}`] ?? memberAt(configuration, ['variable', variable, 'default']);
    return typeof found === 'string' || typeof found === 'number' ? [[name, String(found)] as const] : [];
  });
  return Object.fromEntries(entries);
}
