import { PROVIDER_TYPE } from '../model/provider-address';
import { shownValue } from '../model/validation';
import { unknownNameProblems } from '../model/unknown-names';
import { TerraformProvider, Token, conditionNames, lifecycleNames, metaArgumentNames } from './framework';

/**
 * Props as a program really gave them. Types hold no value back that comes from YAML, from JavaScript or from an object
 * with too many properties, so that everything here may be missing, null, or of another type.
 */
export interface GivenProps<P extends object> {
  /** The props, without those that cannot be used at all. */
  readonly props: Partial<P>;
  readonly problems: readonly string[];
  readonly called: PropNames;
}

/** What the props of a construct are called. */
export interface PropNames {
  /** Name of the construct, for errors: `Station`. */
  readonly construct: string;
  readonly names: readonly string[];
  /** The prop without which nothing works, for a program that gives no props. */
  readonly first: string;
}

/** Reads the props of a construct that is not a resource: unknown names are problems. */
export function givenProps<P extends object>(given: unknown, called: PropNames): GivenProps<P> {
  const { construct, names, first } = called;
  if (given === undefined || given === null) {
    return {
      props: {},
      called,
      problems: [`the props of ${construct} are missing; give an object with ${first}`],
    };
  }
  if (!isRecord(given)) {
    const shown = shownValue(given);
    return {
      props: {},
      called,
      problems: [`the props of ${construct} are ${shown}; give an object with ${first}`],
    };
  }
  return {
    props: given as Partial<P>,
    called,
    problems: unknownNameProblems(given, names, `a prop of ${construct}`),
  };
}

/**
 * Reads the props of a resource, among them those that Terraform has for every resource.
 * @param metaNames the names of the latter that the construct takes
 */
export function givenResourceProps<P extends object>(
  given: unknown,
  { construct, names, first }: PropNames,
  metaNames: readonly string[] = metaArgumentNames,
): GivenProps<P> {
  const all = [...new Set([...names, ...metaNames])];
  const read = givenProps<P>(given, { construct, names: all, first });
  const values = read.props as Readonly<Record<string, unknown>>;
  const problems = [...read.problems];
  const unusable = new Set<string>();
  for (const name of metaNames) {
    const found = values[name] === undefined ? [] : metaProblems(name, values[name]);
    problems.push(...found);
    if (found.length > 0) unusable.add(name);
  }
  const props = Object.fromEntries(Object.entries(values).filter(([name]) => !unusable.has(name)));
  return { props: props as Partial<P>, problems, called: { construct, names, first } };
}

/**
 * The problems of what a program assigned to a construct after it was made: `Object.assign(station, settings)` takes any
 * name, and drops those that have no setter in silence.
 * @param before the names of the construct's own properties when it was made
 * @param names those of the props
 */
export function assignedProblems(
  construct: object,
  before: ReadonlySet<string>,
  { construct: kind, names }: PropNames,
): string[] {
  const isNew = (name: string): boolean =>
    !before.has(name) && !name.startsWith('_') && !metaArgumentNames.includes(name);
  return Object.entries(construct).flatMap(([name, value]: [string, unknown]) => {
    if (!isNew(name)) return [];
    return names.includes(name)
      ? [`${name} cannot be set after the ${kind} is made; give it in the props`]
      : unknownNameProblems({ [name]: value }, names, `a prop of ${kind}`);
  });
}

/** The problems of an argument of Terraform that a program set on a resource. */
export function setMetaProblems(name: string, value: unknown): string[] {
  if (value === undefined) return [];
  // The resource keeps addresses here, not constructs.
  const isAddresses = Array.isArray(value) && value.every((item) => typeof item === 'string');
  return name === 'dependsOn' && isAddresses ? [] : metaProblems(name, value);
}

function metaProblems(name: string, value: unknown): string[] {
  const wrong = (valid: string): string[] => [
    `${name} is ${shownValue(value)}; it must be ${valid}, or be left out`,
  ];
  switch (name) {
    case 'provider':
      return isMemphisProvider(value) ? [] : wrong('a MemphisProvider');
    case 'dependsOn':
      return Array.isArray(value) && value.every(hasAddress) ? [] : wrong('a list of constructs');
    case 'forEach':
      return hasMethod(value, '_getForEachExpression') ? [] : wrong('a TerraformIterator');
    case 'count':
      return isCount(value) || hasMethod(value, 'toTerraform') || Token.isUnresolved(value)
        ? []
        : wrong('a number or a TerraformCount');
    case 'provisioners':
      return Array.isArray(value) ? value.flatMap(provisionerProblems) : wrong('a list of provisioners');
    case 'connection':
      return isRecord(value) ? connectionProblems('connection', value) : wrong('an object');
    case 'lifecycle':
      return isRecord(value) ? lifecycleProblems(value) : wrong('an object');
    default:
      return isRecord(value) ? [] : wrong('an object');
  }
}

function lifecycleProblems(lifecycle: Readonly<Record<string, unknown>>): string[] {
  const what = 'a setting of lifecycle';
  return [
    ...unknownNameProblems(lifecycle, lifecycleNames, what, 'lifecycle'),
    ...lifecycleNames.flatMap((name) =>
      lifecycle[name] === null ? [`lifecycle.${name} is null; give a value, or leave it out`] : [],
    ),
    ...['precondition', 'postcondition'].flatMap((name) => {
      const conditions = lifecycle[name];
      if (conditions === undefined || conditions === null) return [];
      if (!Array.isArray(conditions))
        return [`lifecycle.${name} is ${shownValue(conditions)}; it must be a list`];
      return conditions.flatMap((condition: unknown, index) => {
        const path = `lifecycle.${name}[${index}]`;
        if (!isRecord(condition)) return [`${path} is ${shownValue(condition)}; it must be an object`];
        return unknownNameProblems(condition, conditionNames, 'a setting of a condition', path);
      });
    }),
  ];
}

const provisionerTypes: readonly unknown[] = ['file', 'local-exec', 'remote-exec'];

function provisionerProblems(given: unknown, index: number): string[] {
  const path = `provisioners[${index}]`;
  if (!isRecord(given)) return [`${path} is ${shownValue(given)}; it must be an object`];
  return [
    ...(provisionerTypes.includes(given.type)
      ? []
      : [`${path}.type is ${shownValue(given.type)}; it must be one of ${provisionerTypes.join(', ')}`]),
    ...(isRecord(given.connection) ? connectionProblems(`${path}.connection`, given.connection) : []),
  ];
}

const connectionTypes: readonly unknown[] = ['ssh', 'winrm'];

function connectionProblems(path: string, { type }: Readonly<Record<string, unknown>>): string[] {
  return connectionTypes.includes(type)
    ? []
    : [`${path}.type is ${shownValue(type)}; it must be one of ${connectionTypes.join(', ')}`];
}

function isCount(value: unknown): boolean {
  return (
    typeof value === 'number' && (Token.isUnresolved(value) || (Number.isSafeInteger(value) && value >= 0))
  );
}

function isMemphisProvider(value: unknown): boolean {
  return TerraformProvider.isTerraformProvider(value) && value.terraformResourceType === PROVIDER_TYPE;
}

function hasAddress(value: unknown): value is { readonly fqn: string } {
  return isObject(value) && typeof value.fqn === 'string';
}

function hasMethod(value: unknown, name: string): boolean {
  return isObject(value) && typeof value[name] === 'function';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is an object of named values. A Map, a Set or a Date has none, and would count as empty. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Object.keys(value).length > 0 || prototype === Object.prototype || prototype === null;
}
