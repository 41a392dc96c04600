import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { ConnectionSettings } from '../../model/connection';
import type { ConnectionSetting } from '../../model/environment';
import { environmentVariables } from '../../model/environment';
import type { FieldFacts } from '../../model/field';
import { fieldNames, terraformName } from '../../model/field';
import { PROVIDER_ADDRESS } from '../../model/provider-address';
import { stationDefaultFields } from '../../model/station-defaults';
import type { Configuration } from './configuration';
import type {
  DeclarationSite,
  DeclaredObject,
  DeclaredProvider,
  DeclaredStack,
  DeclaredTest,
} from './declared-stack';
import type { Value } from './hcl/value';
import { UNKNOWN, Unresolved, ValueSet } from './hcl/value';
import type { Block, Json, JsonObject } from './json';
import { isObject, memberAt } from './json';
import { jsonValue } from './json-expression';
import { Module, valueOrUnknown } from './module';
import { readModuleTree } from './module-tree';
import { PROVIDER, ownProviderKeys, providerBlocks, providerReference } from './provider-keys';
import { ReadFiles } from './read-files';
import type { StackScope } from './repetition';
import type { Instance, Resource } from './resource';
import { typed } from './resource';
import { membersOfSet, stationSetBlocks } from './station-set';
import { givenValues } from './variables';

/** The folder of a stack, and its name where the manifest tells it. */
export interface StackFolder {
  readonly folder: string;
  readonly name: string | undefined;
}

/**
 * Reads what a stack declares, and the modules in folders that it calls.
 * @param files is notified of what is read
 */
export async function readStack(
  { folder, name }: StackFolder,
  environment: Readonly<Record<string, string | undefined>>,
  files: ReadFiles = new ReadFiles(),
): Promise<DeclaredStack> {
  const shown = `stack "${name ?? basename(folder)}"`;
  const [tree, given] = await Promise.all([
    readModuleTree(folder, { shown, files }),
    givenValues(folder, environment, shown, files),
  ]);
  const { configuration } = tree;
  const stack = name ?? configuration.stackName ?? basename(folder);
  const root = Module.ofStack(tree, { given, folder, files });
  const modules = root.all.filter((module) => isOurProvider(module.tree.configuration));
  const sets = modules.flatMap((module) => setsOf(module, stack));
  const objects = [
    ...modules.flatMap((module) => objectsOf(module, stack)),
    ...sets.flatMap((set) => set.objects),
  ];
  const openCalls = modules.flatMap((module) => module.openCalls);
  const problems = [
    ...modules.flatMap(({ resources }) => resources.flatMap(problemsOf)),
    ...sets.flatMap((set) => set.problems),
    ...openCalls.flatMap(({ problem }) => problem ?? []),
  ];
  return {
    name: stack,
    folder,
    objects,
    providers: isOurProvider(configuration) ? providersOf(modules, objects) : [],
    tests: smokeTestsOf(configuration, folder, stack),
    problems,
    ...(openCalls.length === 0 ? {} : { isPartial: true }),
  };
}

/** Another provider may have the same name in a configuration; its objects are none of ours. */
function isOurProvider(configuration: Configuration): boolean {
  const sources = configuration
    .blocks('terraform', 0)
    .flatMap(({ body }) => listed(body.required_providers))
    .map((providers) => memberAt(providers, [PROVIDER, 'source']))
    .filter((source) => source !== undefined);
  return sources.every((source) => source === PROVIDER_ADDRESS);
}

function listed(json: Json | undefined): readonly Json[] {
  return json === undefined ? [] : Array.isArray(json) ? (json as readonly Json[]) : [json];
}

function objectsOf(module: Module, stack: string): DeclaredObject[] {
  return module.resources.flatMap((resource) => {
    const { instances } = resource;
    const isCounted = module.isCounted && instances !== undefined;
    return (instances ?? [resource.unresolvedInstance]).map((instance) =>
      objectOf(module, resource, instance, stack, isCounted),
    );
  });
}

/** The stations of the sets of a module, each as if it was declared by itself. */
function setsOf(
  module: Module,
  stack: string,
): { readonly objects: readonly DeclaredObject[]; readonly problems: readonly string[] }[] {
  return stationSetBlocks(module.tree.configuration).map((block) => {
    const address = `${module.prefix}${block.labels.join('.')}`;
    const { members, problems } = membersOfSet(block, address, module.isCounted ? module.scope : undefined);
    const provider = module.providerKey(providerReference(block.body.provider) ?? PROVIDER);
    const objects = members.map(({ key, ...object }) => ({
      ...object,
      site: siteOf(`${address}${key}`, block, stack),
      provider,
    }));
    return { objects, problems };
  });
}

function objectOf(
  module: Module,
  resource: Resource,
  instance: Instance,
  stack: string,
  isCounted: boolean,
): DeclaredObject {
  const { kind, fields, nameField } = resource.kind;
  const values: Record<string, unknown> = {};
  const unresolved: string[] = [];
  const sensitive: string[] = [];
  for (const field of fields) {
    const { value, isSensitive } = instance.declared(field);
    if (isSensitive) sensitive.push(field.name);
    const isUnknown = value === UNKNOWN || (!isCounted && field.name === nameField);
    if (isUnknown) unresolved.push(field.name);
    else if (value !== null) values[field.name] = value;
  }
  return {
    kind,
    site: siteOf(`${module.prefix}${resource.address}${instance.key}`, resource.block, stack),
    provider: module.providerKey(providerReference(resource.block.body.provider) ?? PROVIDER),
    values,
    unresolved,
    ...(sensitive.length === 0 ? {} : { sensitive }),
  };
}

function siteOf(address: string, block: Block, stack: string): DeclarationSite {
  const metadata = memberAt(block.body, ['//', 'metadata']);
  const { path, file, line } = isObject(metadata) ? metadata : {};
  return {
    stack,
    constructPath: typeof path === 'string' ? path : address,
    address,
    ...(typeof file === 'string' ? { file } : {}),
    ...(typeof file === 'string' && typeof line === 'number' ? { line } : {}),
  };
}

/** What `SmokeTest` renders runs this; the file holds the test. */
const smokeCommand = /\bcdktf-memphis\/smoke\.cjs (cdktf-memphis\/smoke-\S+\.json)/;

function smokeTestsOf(configuration: Configuration, folder: string, stack: string): DeclaredTest[] {
  return configuration.blocks('resource', 2).flatMap((block) => {
    if (block.labels[0] !== 'null_resource' && block.labels[0] !== 'terraform_data') return [];
    const commands = listed(block.body.provisioner).map((each) => memberAt(each, ['local-exec', 'command']));
    const file = commands
      .map((command) => (typeof command === 'string' ? smokeCommand.exec(command)?.[1] : undefined))
      .find((each) => each !== undefined);
    const test = file === undefined ? undefined : readTest(resolve(folder, file));
    if (test === undefined) return [];
    const site = siteOf(block.labels.join('.'), block, stack);
    // The construct of the user; the resource in it has the id that the framework leaves out of addresses.
    return [{ ...test, site: { ...site, constructPath: site.constructPath.replace(/\/Default$/, '') } }];
  });
}

function readTest(file: string): Omit<DeclaredTest, 'site'> | undefined {
  try {
    const { name, station, target } = JSON.parse(readFileSync(file, 'utf8')) as JsonObject;
    if (typeof name !== 'string' || typeof station !== 'string') return undefined;
    return { name, station, target: target === 'live' ? 'live' : 'shadow' };
  } catch {
    return undefined;
  }
}

function problemsOf(resource: Resource): string[] {
  if (resource.instances !== undefined) return [];
  return [
    `${resource.repetition ?? 'for_each'} of ${resource.address} is known to Terraform only; its objects are not compared`,
  ];
}

function providersOf(modules: readonly Module[], objects: readonly DeclaredObject[]): DeclaredProvider[] {
  const declared = modules.flatMap((module) => {
    const blocks = [...providerBlocks(module.tree.configuration)];
    const own = ownProviderKeys(module.tree.configuration);
    return blocks
      .filter(([key]) => module.prefix === '' || own.has(key))
      .map(([key, block]) => declaredProvider(`${module.prefix}${key}`, block, module.scope));
  });
  // Terraform makes a provider without settings for those who use one that is not declared.
  const used = [...new Set(objects.map(({ provider }) => provider))].sort();
  const implied = used
    .filter((key) => !declared.some((provider) => provider.key === key))
    .map((key) => ({ key, settings: {}, unresolved: [] }));
  return [...declared, ...implied];
}

function declaredProvider(key: string, { body }: Block, scope: StackScope): DeclaredProvider {
  const settings: ConnectionSettings = {};
  const unresolved: string[] = [];
  for (const name of Object.keys(environmentVariables) as ConnectionSetting[]) {
    const json = body[terraformName(name)];
    if (json === undefined) continue;
    const value = valueOrUnknown(json, scope);
    if (value === null) continue;
    if (typeof value === 'string' || typeof value === 'number') settings[name] = value;
    else unresolved.push(name);
  }
  const envPrefix = body.env_prefix === undefined ? '' : valueOrUnknown(body.env_prefix, scope);
  // Without the names of its variables, nothing of what they say is known.
  if (envPrefix === UNKNOWN) unresolved.push('host');
  const stationDefaults = declaredStationDefaults(body, scope);
  return {
    key,
    settings,
    ...(typeof envPrefix === 'string' && envPrefix !== '' ? { envPrefix } : {}),
    unresolved,
    ...(stationDefaults === undefined ? {} : { stationDefaults }),
  };
}

function declaredStationDefaults(
  body: Block['body'],
  scope: StackScope,
): DeclaredProvider['stationDefaults'] {
  const values: Record<string, unknown> = {};
  const unresolved: string[] = [];
  const sensitive: string[] = [];
  for (const name of fieldNames(stationDefaultFields)) {
    const json = body[terraformName(name)];
    if (json === undefined) continue;
    const { value, isSensitive } = scope.sensitiveReads.during(() =>
      typedOrUnknown(stationDefaultFields[name], json, scope),
    );
    if (isSensitive) sensitive.push(name);
    if (value === UNKNOWN) unresolved.push(name);
    else if (value !== null) values[name] = value instanceof ValueSet ? value.items : value;
  }
  const isEmpty = unresolved.length === 0 && Object.keys(values).length === 0;
  if (isEmpty) return undefined;
  return { values, unresolved, ...(sensitive.length === 0 ? {} : { sensitive }) };
}

function typedOrUnknown(facts: FieldFacts, json: Json, scope: StackScope): Value {
  try {
    return typed(facts, jsonValue(json, scope));
  } catch (error) {
    if (error instanceof Unresolved) return UNKNOWN;
    throw error;
  }
}
