import type { Type } from '../cty/type';
import { t } from '../cty/type';
import type { Value } from '../cty/value';

/**
 * One attribute of a resource, a data source or the provider's configuration. Exactly one of `required`,
 * `optional` and `computed` is set, or `optional` and `computed` together.
 */
export interface Attribute {
  /** Lower case letters, digits and underscores. */
  readonly name: string;
  readonly type: Type;
  /**
   * The attributes of each object of a map that `mapOf` makes: each may be left out in a configuration, where the objects
   * of any other map have to say all of theirs. One level only: Terraform decodes a second one in quadratic time.
   */
  readonly nested?: readonly Attribute[];
  /** Markdown, for `terraform providers schema` and editors. */
  readonly description: string;
  /** The user must give it. */
  readonly required?: true;
  /** The user may give it. */
  readonly optional?: true;
  /** The provider gives it where the user does not. */
  readonly computed?: true;
  /** What an optional attribute is when the user leaves it out. Removing it from the configuration brings it back. */
  readonly default?: Value;
  /** A change needs a new object. */
  readonly requiresReplace?: true;
  /** A computed value that the user does not give is unknown when one of these attributes changes. Absent: it stays. */
  readonly follows?: readonly string[];
  /**
   * Only the configuration ever has the value: it is in no plan and no state, and a create or update finds it in `config`.
   * A host that does not know such attributes would store it, so it is refused there; `otherwise` says what to do then.
   */
  readonly writeOnly?: { readonly otherwise: string };
  /** Hidden in plans. The state holds it in clear text all the same. */
  readonly sensitive?: true;
}

/** The type of an object with these attributes. */
export function objectType(attributes: readonly Attribute[]): Type {
  return t.object(Object.fromEntries(attributes.map(({ name, type }) => [name, type])));
}

/** What an attribute needs to be a map of objects with attributes of their own. */
export function mapOf(nested: readonly Attribute[]): Required<Pick<Attribute, 'type' | 'nested'>> {
  return { type: t.map(objectType(nested)), nested };
}

/** Whether the provider may give the attribute a value of its own. */
export function isComputed(attribute: Attribute): boolean {
  return attribute.computed === true || attribute.default !== undefined;
}

/** The value of an attribute that the user left out and the object does not have yet. */
export function defaultOf(attribute: Attribute): Value {
  return attribute.default ?? null;
}
