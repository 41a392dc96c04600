import type { IConstruct } from 'constructs';
import { externalName } from '../model/names';
import type { TerraformResource } from './framework';
import { TerraformStack, isUnresolved } from './framework';
import { changesOfResources, resourcesInStack } from './memphis-resource';

/** The resources of one type that a stack declares, by the name of what they stand for. */
interface Names<R> {
  /** `changesOfResources` when they were read. */
  readonly asOf: number;
  /** In the order of their declaration. */
  readonly all: readonly R[];
  readonly byName: ReadonlyMap<string, readonly R[]>;
}

const known = new WeakMap<TerraformStack, Map<string, Names<TerraformResource>>>();

/**
 * The resources of one type that a construct's stack declares under a name, in the order of their declaration. The tree is
 * walked once, not for each name: a stack of thousands of stations looks each of them up.
 * @param name a token stands for itself alone
 * @param nameOf what a resource is called; anything but a string is not a name
 */
export function resourcesNamed<R extends TerraformResource>(
  of: IConstruct,
  terraformResourceType: string,
  name: string,
  nameOf: (resource: R) => unknown,
): readonly R[] {
  const { byName } = namesIn(TerraformStack.of(of), terraformResourceType, nameOf);
  return (byName.get(comparable(name)) ?? []).filter(isInTree);
}

/** All resources of one type that are looked up by their names. */
export function allNamed<R extends TerraformResource>(
  of: IConstruct,
  terraformResourceType: string,
  nameOf: (resource: R) => unknown,
): readonly R[] {
  return namesIn(TerraformStack.of(of), terraformResourceType, nameOf).all.filter(isInTree);
}

function namesIn<R extends TerraformResource>(
  stack: TerraformStack,
  type: string,
  nameOf: (resource: R) => unknown,
): Names<R> {
  const ofStack = known.get(stack) ?? new Map<string, Names<TerraformResource>>();
  known.set(stack, ofStack);
  const before = ofStack.get(type);
  if (before?.asOf === changesOfResources()) return before as unknown as Names<R>;
  const all = resourcesInStack<R>(stack, type);
  const byName = new Map<string, R[]>();
  for (const resource of all) {
    const name = nameOf(resource);
    if (typeof name !== 'string') continue;
    const others = byName.get(comparable(name));
    if (others === undefined) byName.set(comparable(name), [resource]);
    else others.push(resource);
  }
  const names = { asOf: changesOfResources(), all, byName };
  ofStack.set(type, names);
  return names;
}

function comparable(name: string): string {
  return isUnresolved(name) ? name : externalName(name);
}

/** False for what has been removed from the tree since. */
function isInTree({ node }: IConstruct): boolean {
  return (
    node.scope === undefined || (node.scope.node.tryFindChild(node.id) !== undefined && isInTree(node.scope))
  );
}
