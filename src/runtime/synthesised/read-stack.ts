import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { ConnectionSettings } from '../../model/connection';
import type { ConnectionSetting } from '../../model/environment';
import { environmentVariables } from '../../model/environment';
import type { FieldFacts } from '../../model/field';
import { fieldNames, terraformName } from '../../model/field';
import { PROVIDER_ADDRESS } from '../../model/provider-address';
import { stationDefaultFields } from '../../model/station-defaults';
import type { Block, Configuration, Json, JsonObject } from './configuration';
import { isObject, memberAt, readConfiguration } from './configuration';
import type {
  DeclarationSite,
  DeclaredObject,
  DeclaredProvider,
  DeclaredStack,
  DeclaredTest,
} from './declared-stack';
import type { Scope } from './hcl/evaluate';
import type { Value } from './hcl/value';
import { LazyObject, UNKNOWN, Unresolved, ValueSet } from './hcl/value';
import { jsonValue } from './json-expression';
import { resourceKinds } from './kinds';
import { ReadFiles } from './read-files';
import type { Instance, StackScope } from './resource';
import { Resource, typed } from './resource';
import { SensitiveReads } from './sensitive-reads';
import type { GivenValue } from './variables';
import { givenValues, variableValue } from './variables';

/** The name of our provider in a configuration; aliases follow after a dot. */
const PROVIDER = 'memphis';

/** The folder of a stack, and its name where the manifest tells it. */
export interface StackFolder {
  readonly folder: string;
  readonly name: string | undefined;
}

/**
 * Reads what a stack declares.
 * @param files is notified of what is read
 */
export async function readStack(
  { folder, name }: StackFolder,
  environment: Readonly<Record<string, string | undefined>>,
  files: ReadFiles = new ReadFiles(),
): Promise<DeclaredStack> {
  const shown = `stack "${name ?? basename(folder)}"`;
  const [configuration, given] = await Promise.all([
    readConfiguration(folder, shown, files),
    givenValues(folder, environment, shown, files),
  ]);
  const stack = name ?? configuration.stackName ?? basename(folder);
  const { resources, scope } = resourcesOf(configuration, folder, given, files);
  const isOurs = isOurProvider(configuration);
  const objects = isOurs ? [...resources.values()].flatMap((resource) => objectsOf(resource, stack)) : [];
  const problems = isOurs ? [...resources.values()].flatMap(problemsOf) : [];
  const providers = isOurs ? providersOf(configuration, objects, scope) : [];
  return {
    name: stack,
    folder,
    objects,
    providers,
    tests: smokeTestsOf(configuration, folder, stack),
    problems,
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

interface Resources {
  /** By address without key. */
  readonly resources: ReadonlyMap<string, Resource>;
  readonly scope: StackScope;
}

function resourcesOf(
  configuration: Configuration,
  folder: string,
  given: ReadonlyMap<string, GivenValue>,
  files: ReadFiles,
): Resources {
  const resources = new Map<string, Resource>();
  const roots = new Map<string, Value>();
  const sensitiveReads = new SensitiveReads();
  const scope: StackScope = {
    sensitiveReads,
    variable: (name) => roots.get(name),
    readFile: (path) => fileText(resolve(folder, path), files),
  };
  const variables = new Map(
    configuration.blocks('variable', 1).map((block) => [block.labels[0] ?? '', block] as const),
  );
  const locals = new Map(configuration.blocks('locals', 0).flatMap(({ body }) => Object.entries(body)));
  roots.set(
    'var',
    lazily(sensitiveReads, (name) => {
      const block = variables.get(name);
      // JSON configuration may write a bool as a string.
      const mark = block?.body.sensitive;
      if (mark === true || mark === 'true') sensitiveReads.note();
      return block === undefined ? UNKNOWN : variableValue(block, given.get(name));
    }),
  );
  roots.set(
    'local',
    lazily(sensitiveReads, (name) => valueOrUnknown(locals.get(name), scope)),
  );
  // Terraform runs in the folder of the stack.
  roots.set(
    'path',
    lazily(sensitiveReads, (name) => (name === 'module' || name === 'root' ? '.' : UNKNOWN)),
  );
  for (const type of resourceKinds.keys()) {
    roots.set(
      type,
      lazily(sensitiveReads, (name) => resources.get(`${type}.${name}`)?.value ?? UNKNOWN),
    );
  }
  for (const block of configuration.blocks('resource', 2)) {
    const kind = resourceKinds.get(block.labels[0] ?? '');
    if (kind !== undefined) resources.set(block.labels.join('.'), new Resource(kind, block, scope));
  }
  return { resources, scope };
}

/** Attributes that are computed once; one that refers to itself is unknown. */
function lazily(sensitiveReads: SensitiveReads, attribute: (name: string) => Value): LazyObject {
  const known = new Map<string, { readonly value: Value; readonly isSensitive: boolean }>();
  return new LazyObject((name) => {
    let found = known.get(name);
    if (found === undefined) {
      known.set(name, { value: UNKNOWN, isSensitive: false });
      found = sensitiveReads.during(() => attribute(name));
      known.set(name, found);
    }
    if (found.isSensitive) sensitiveReads.note();
    return found.value;
  });
}

function valueOrUnknown(json: Json | undefined, scope: Scope): Value {
  if (json === undefined) return UNKNOWN;
  try {
    return jsonValue(json, scope);
  } catch (error) {
    if (error instanceof Unresolved) return UNKNOWN;
    throw error;
  }
}

function fileText(file: string, files: ReadFiles): string {
  files.note(file);
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Unresolved('a file that cannot be read');
  }
}

function objectsOf(resource: Resource, stack: string): DeclaredObject[] {
  const { instances } = resource;
  if (instances === undefined) return [objectOf(resource, resource.unresolvedInstance, stack, true)];
  return instances.map((instance) => objectOf(resource, instance, stack, false));
}

function objectOf(
  resource: Resource,
  instance: Instance,
  stack: string,
  isRepetitionUnknown: boolean,
): DeclaredObject {
  const { kind, fields, nameField } = resource.kind;
  const values: Record<string, unknown> = {};
  const unresolved: string[] = [];
  const sensitive: string[] = [];
  for (const field of fields) {
    const { value, isSensitive } = instance.declared(field);
    if (isSensitive) sensitive.push(field.name);
    const isUnknown = value === UNKNOWN || (isRepetitionUnknown && field.name === nameField);
    if (isUnknown) unresolved.push(field.name);
    else if (value !== null) values[field.name] = value;
  }
  return {
    kind,
    site: siteOf(resource, instance.key, stack),
    provider: providerOf(resource.block),
    values,
    unresolved,
    ...(sensitive.length === 0 ? {} : { sensitive }),
  };
}

function siteOf(
  { address, block }: Pick<Resource, 'address' | 'block'>,
  key: string,
  stack: string,
): DeclarationSite {
  const metadata = memberAt(block.body, ['//', 'metadata']);
  const { path, file, line } = isObject(metadata) ? metadata : {};
  return {
    stack,
    constructPath: typeof path === 'string' ? path : `${address}${key}`,
    address: `${address}${key}`,
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
    const site = siteOf({ address: block.labels.join('.'), block }, '', stack);
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

/** A reference to a provider is written plainly; a template of one means the same. */
function providerOf({ body }: Block): string {
  return typeof body.provider === 'string' ? body.provider.replace(/^\$\{(.*)\}$/, '$1') : PROVIDER;
}

function problemsOf(resource: Resource): string[] {
  if (resource.instances !== undefined) return [];
  return [
    `${resource.repetition ?? 'for_each'} of ${resource.address} can only be told by Terraform; its objects are not compared`,
  ];
}

function providersOf(
  configuration: Configuration,
  objects: readonly DeclaredObject[],
  scope: StackScope,
): DeclaredProvider[] {
  const declared = configuration
    .blocks('provider', 1)
    .filter(({ labels }) => labels[0] === PROVIDER)
    .map((block) => declaredProvider(block, scope));
  // Terraform makes a provider without settings for those who use one that is not declared.
  const used = [...new Set(objects.map(({ provider }) => provider))].sort();
  const implied = used
    .filter((key) => !declared.some((provider) => provider.key === key))
    .map((key) => ({ key, settings: {}, unresolved: [] }));
  return [...declared, ...implied];
}

function declaredProvider({ body }: Block, scope: StackScope): DeclaredProvider {
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
  const { alias } = body;
  const stationDefaults = declaredStationDefaults(body, scope);
  return {
    key: typeof alias === 'string' ? `${PROVIDER}.${alias}` : PROVIDER,
    settings,
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

function typedOrUnknown(facts: FieldFacts, json: Json, scope: Scope): Value {
  try {
    return typed(facts, jsonValue(json, scope));
  } catch (error) {
    if (error instanceof Unresolved) return UNKNOWN;
    throw error;
  }
}
