import type { Values } from '../cty/value';
import type { Attribute } from './attribute';

/**
 * By what an object can be told from all others of its type: `import { identity = { name = "orders" } }` names it so, and a
 * query lists it so. It stays the same as long as the object exists.
 */
export interface ResourceIdentity {
  /** Of stored identities. An identity of another version is refused. */
  readonly version: number;
  /** Each is needed to import the object. */
  readonly attributes: readonly Pick<Attribute, 'name' | 'type' | 'description'>[];
  /** The identity of an object; undefined while it is not known. */
  of(state: Values): Values | undefined;
  /** The import id that means the same. */
  importId(identity: Values): string;
}
