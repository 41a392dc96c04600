import type { Values } from '../cty/value';
import type { Attribute } from './attribute';
import type { Diagnostic } from './diagnostics';

/** One object that a query finds. */
export interface ListedObject {
  /** The identity that the resource of this type declares. */
  readonly identity: Values;
  /** What people know it by. */
  readonly displayName: string;
  /** Reads the whole object, like an import; null when it is gone by now. Called only when the query asks for it. */
  read(): Promise<Values | null> | Values | null;
}

/** A list of the objects of a resource type, for `terraform query`. Its type name is that of the resource. */
export interface ListResource<Client> {
  readonly typeName: string;
  readonly description: string;
  /** What a query may say in `config`. */
  readonly attributes: readonly Attribute[];
  validate?(config: Values): Promise<readonly Diagnostic[]> | readonly Diagnostic[];
  /** The objects, in the order in which they are shown; no more are asked for than the query's limit. */
  list(client: Client, config: Values): Promise<Iterable<ListedObject>> | Iterable<ListedObject>;
}
