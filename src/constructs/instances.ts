import type { TerraformMetaArguments, TerraformResource } from './framework';
import { TerraformStack } from './framework';

/** How a resource is made several times, if it is: by `forEach` or by `count`. */
type Repetition = Pick<TerraformMetaArguments, 'forEach' | 'count'>;

/** The repetition of a resource; empty when there is one of it. */
export function repetitionOf({ forEach, count }: Repetition): Repetition {
  return { ...(forEach === undefined ? {} : { forEach }), ...(count === undefined ? {} : { count }) };
}

/** Whether a construct stands for several objects, each with an address of its own. */
export function isRepeated(resource: Repetition): boolean {
  return resource.forEach !== undefined || resource.count !== undefined;
}

/**
 * A reference to an attribute of the one instance that belongs to an instance of the user: that with the same key. The
 * framework's own reference would be to the list of all instances.
 * @returns undefined for a resource that is there once; its own reference is right.
 */
export function instanceReference(resource: TerraformResource, attribute: string): string | undefined {
  if (!isRepeated(resource)) return undefined;
  const key = resource.forEach === undefined ? 'count.index' : 'each.key';
  return `\${${resource.terraformResourceType}.${resource.friendlyUniqueId}[${key}].${attribute}}`;
}

/** Why a resource that stands for several objects cannot be used here; empty where each instance has its own. */
export function instanceProblems(
  prop: string,
  resource: TerraformResource,
  user: TerraformResource,
): string[] {
  if (!isRepeated(resource)) return [];
  const by = resource.forEach === undefined ? 'count' : 'forEach';
  const found = `${prop} is ${JSON.stringify(resource.node.path)}, which stands for several objects (${by})`;
  if (TerraformStack.of(resource) !== TerraformStack.of(user)) {
    return [`${found} of another stack; give the name of one of them`];
  }
  return user[by] === undefined
    ? [`${found}, and this construct for one; give it the same ${by}, or give the name of one of them`]
    : [];
}

/**
 * Whether two resources repeat for the same reason, or not at all. A name like `each.value` is another one with another
 * `forEach`.
 */
export function isSameRepeated(one: Repetition, other: Repetition): boolean {
  return one.forEach === other.forEach && one.count === other.count;
}
