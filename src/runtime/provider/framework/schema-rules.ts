import { encodeValue } from '../cty/msgpack';
import { isWhollyKnown } from '../cty/value';
import type { Attribute } from './attribute';
import type { Provider } from './resource';

/** Names that mean something else in a block of that kind. */
const TAKEN_IN_RESOURCES = [
  'count',
  'for_each',
  'depends_on',
  'lifecycle',
  'provider',
  'provisioner',
  'connection',
];
const TAKEN_IN_PROVIDERS = ['alias', 'version'];
const NAME = /^[a-z][a-z0-9_]*$/;

/** What Terraform would refuse in the schemas of a provider, and what could never work; one sentence each. */
export function providerDefects<Client>(provider: Provider<Client>): string[] {
  const problems = attributeProblems('the provider configuration', provider.attributes, TAKEN_IN_PROVIDERS);
  for (const { name } of provider.attributes.filter(({ computed }) => computed === true)) {
    problems.push(`the provider configuration: attribute ${name} is computed, which only objects can have`);
  }
  const resources = provider.resources.map(({ typeName }) => typeName);
  const dataSources = (provider.dataSources ?? []).map(({ typeName }) => typeName);
  for (const name of [...repeatedNames(resources), ...repeatedNames(dataSources)]) {
    problems.push(`${name} is declared twice`);
  }
  for (const resource of provider.resources) {
    problems.push(...attributeProblems(resource.typeName, resource.attributes, TAKEN_IN_RESOURCES));
    if (resource.update === undefined) {
      for (const { name } of resource.attributes.filter(needsUpdate)) {
        problems.push(
          `${resource.typeName}: attribute ${name} can change in place, but the resource has no update`,
        );
      }
    }
  }
  for (const source of provider.dataSources ?? []) {
    problems.push(...attributeProblems(source.typeName, source.attributes, TAKEN_IN_RESOURCES));
  }
  const functions = provider.functions ?? [];
  problems.push(
    ...nameProblems(
      'function',
      functions.map(({ name }) => name),
    ),
    ...functions.flatMap(({ name, parameters }) =>
      nameProblems(
        `function ${name}: parameter`,
        parameters.map((parameter) => parameter.name),
      ),
    ),
  );
  return problems;
}

function nameProblems(owner: string, names: readonly string[]): string[] {
  return [
    ...repeatedNames(names).map((name) => `${owner} ${name} is declared twice`),
    ...names
      .filter((name) => !NAME.test(name))
      .map((name) => `${owner} ${name} needs a name of lower case letters, digits and underscores`),
  ];
}

function needsUpdate(attribute: Attribute): boolean {
  return (attribute.required ?? attribute.optional ?? false) && attribute.requiresReplace !== true;
}

function attributeProblems(
  owner: string,
  attributes: readonly Attribute[],
  taken: readonly string[],
): string[] {
  const names = attributes.map(({ name }) => name);
  const problems = repeatedNames(names).map((name) => `attribute ${name} is declared twice`);
  for (const attribute of attributes) {
    const report = (problem: string) => problems.push(`attribute ${attribute.name} ${problem}`);
    if (!NAME.test(attribute.name)) report('needs a name of lower case letters, digits and underscores');
    if (taken.includes(attribute.name)) report('has a name that Terraform keeps for itself');
    const { required = false, optional = false, computed = false, default: byDefault, follows } = attribute;
    if (required && (optional || computed)) report('is required, so it can be neither optional nor computed');
    if (!required && !optional && !computed) report('is neither required, optional nor computed');
    if (byDefault !== undefined) {
      if (!optional) report('has a default, so it has to be optional');
      if (byDefault === null || !isWhollyKnown(byDefault)) report('has a default that is not a known value');
      else if (!fits(attribute)) report('has a default of another type');
    }
    if (attribute.nested !== undefined)
      problems.push(...attributeProblems(`attribute ${attribute.name}`, attribute.nested, []));
    if (attribute.writeOnly !== undefined && (computed || byDefault !== undefined))
      report('is write-only, so the provider can give it no value');
    if (attribute.writeOnly !== undefined && attribute.requiresReplace === true)
      report('is write-only, so nothing shows that it changes');
    if (follows !== undefined && !computed) report('follows other attributes, but is not computed');
    for (const followed of follows?.filter((name) => !names.includes(name)) ?? []) {
      report(`follows ${followed}, which does not exist`);
    }
  }
  return problems.map((problem) => `${owner}: ${problem}`);
}

function fits({ type, default: byDefault = null }: Attribute): boolean {
  try {
    encodeValue(type, byDefault);
    return true;
  } catch {
    return false;
  }
}

function repeatedNames(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
