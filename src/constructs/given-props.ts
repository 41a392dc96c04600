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
export function givenProps<P extends object>(
  given: unknown,
  { construct, names, first }: PropNames,
): GivenProps<P> {
  if (given === undefined || given === null) {
    return { props: {}, problems: [`the props of ${construct} are missing; give an object with ${first}`] };
  }
  if (typeof given !== 'object' || Array.isArray(given)) {
    const shown = shownValue(given);
    return { props: {}, problems: [`the props of ${construct} are ${shown}; give an object with ${first}`] };
  }
  return { props: given, problems: unknownNameProblems(given, names, `a prop of ${construct}`) };
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
  return { props: props as Partial<P>, problems };
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
      return typeof value === 'number' || hasMethod(value, 'toTerraform') || Token.isUnresolved(value)
        ? []
        : wrong('a number or a TerraformCount');
    case 'provisioners':
      return Array.isArray(value) && value.every(isRecord) ? [] : wrong('a list of provisioners');
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

function isMemphisProvider(value: unknown): boolean {
  return TerraformProvider.isTerraformProvider(value) && value.terraformResourceType === PROVIDER_TYPE;
}

function hasAddress(value: unknown): boolean {
  return isRecord(value) && typeof value.fqn === 'string';
}

function hasMethod(value: unknown, name: string): boolean {
  return isRecord(value) && typeof value[name] === 'function';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
