import type { Values } from '../cty/value';
import type { Attribute } from './attribute';
import type { Diagnostic } from './diagnostics';
import type { ProviderFunction } from './function';
import type { ResourceIdentity } from './identity';
import type { ListResource } from './list-resource';

/** JSON that the provider keeps with an object, invisible to users. Keep it small: it is in every state file. */
export type Private = Readonly<Record<string, unknown>>;

/** What Terraform is going to do with an object. */
export type Action = 'create' | 'update' | 'replace' | 'delete' | 'none';

/** A possibly asynchronous result. */
export type Eventually<T> = T | Promise<T>;

/** What is true of an object now. */
export interface Outcome {
  /**
   * Attributes of the object. Attributes left out keep what was there before: the stored value after a read, the
   * planned one after a create or an update. `null`: there is no object.
   */
  readonly state: Values | null;
  /** Replaces the private state; absent keeps it. */
  readonly private?: Private;
  readonly diagnostics?: readonly Diagnostic[];
}

/** One planned change. */
export interface PlanRequest<Client> {
  /** `undefined` while the provider's configuration is not known yet. */
  readonly client: Client | undefined;
  readonly action: Action;
  /** What the user wrote; null where nothing was written. Null as a whole for `delete`. */
  readonly config: Values | null;
  /** The object as it is; null for `create`. */
  readonly prior: Values | null;
  /** The object as it will be; null for `delete`. */
  readonly planned: Values | null;
  /** Attributes whose change makes it a replacement. */
  readonly requiresReplace: readonly string[];
  /**
   * The private state of the prior object. In the second call for a replacement (action `create`) it is what the
   * first call (action `replace`) planned.
   */
  readonly priorPrivate: Private;
}

/** Changes that the plan hook makes to the plan. */
export interface PlanAdjustment {
  /** Values to put in: `UNKNOWN`, derived values, or the prior value where the given one means the same. */
  readonly planned?: Values;
  /** Further attributes whose change makes it a replacement. */
  readonly requiresReplace?: readonly string[];
  /** True when `update` itself replaces the object: no attribute makes it a replacement then. */
  readonly replacesInPlace?: boolean;
  /** Handed to create, update or delete; absent hands over the prior private state. */
  readonly private?: Private;
  readonly diagnostics?: readonly Diagnostic[];
}

/** An object to be made. */
export interface CreateRequest {
  readonly config: Values;
  readonly planned: Values;
  readonly private: Private;
}

/** An object to be changed in place. */
export interface UpdateRequest extends CreateRequest {
  readonly prior: Values;
}

/** An object to be removed. */
export interface DeleteRequest {
  readonly prior: Values;
  readonly private: Private;
}

/**
 * A type of object that the provider manages. Every function may throw: that becomes one error with the message
 * of what was thrown.
 */
export interface Resource<Client> {
  /** With the name of the provider in front: `memphis_station`. */
  readonly typeName: string;
  /** Of stored states. A newer state is refused, and an older one without `fromEarlierVersion`. */
  readonly schemaVersion: number;
  readonly description: string;
  readonly attributes: readonly Attribute[];
  /** By what the object can be told from all others, beside its import id. Hosts keep it with the state. */
  readonly identity?: ResourceIdentity;

  /**
   * A stored state that is older, or lacks attributes of this version, with the values that mean the same today. What it
   * lacks is filled in afterwards. Terraform would show any other difference as a change.
   * @param version the schema version that wrote it
   */
  readonly fromEarlierVersion?: (state: Values, version: number) => Values;
  /** Checks what the user wrote. Unknown values come through here too: check known ones only. */
  validate?(config: Values): Eventually<readonly Diagnostic[]>;
  /**
   * Takes note of an object of the state. Terraform hands over each one before anything else about it, also where it
   * shows no prior object afterwards: for a tainted one, and for the second half of a forced replacement. Called with
   * `-refresh=false` too; not while the provider's configuration is unknown.
   */
  stored?(client: Client, state: Values): void;
  /** The object as it is now. Not called while the provider's configuration is unknown. */
  read(client: Client, state: Values, privateState: Private): Eventually<Outcome>;
  /**
   * Looks at every planned change, destroys and changes that do nothing included, and may adjust or refuse it.
   * Terraform calls it while planning, and again with known values just before a create or an update. It does not
   * show the old object of a replacement that was not asked for by the plan itself: a tainted object arrives as
   * `create` only, one of `-replace` as `none` or `update` and then as `create`; `stored` has shown it before. Its
   * private state is not among what the call for a tainted object gets.
   */
  plan?(request: PlanRequest<Client>): Eventually<PlanAdjustment>;
  /**
   * Makes the object. When only a part of it could be made, return that part together with an error: Terraform
   * then records the object as tainted and replaces it in the next run.
   */
  create(client: Client, request: CreateRequest): Eventually<Outcome>;
  /**
   * Changes the object in place. When it fails half-way, return what is true together with an error; an error
   * that is thrown leaves the prior state.
   */
  update?(client: Client, request: UpdateRequest): Eventually<Outcome>;
  /** Removes the object. An error that is thrown leaves the prior state; `undefined` means it is gone. */
  delete(client: Client, request: DeleteRequest): Eventually<Outcome | undefined>;
  /** The object with this import id; null state when there is none. `read` is called right after. */
  import?(client: Client, id: string): Eventually<Outcome>;
}

/** Something that a configuration may look up. */
export interface DataSource<Client> {
  readonly typeName: string;
  readonly description: string;
  readonly attributes: readonly Attribute[];
  validate?(config: Values): Eventually<readonly Diagnostic[]>;
  /** The values of the computed attributes; the configured ones are filled in. */
  read(
    client: Client,
    config: Values,
  ): Eventually<{
    readonly state: Values;
    readonly diagnostics?: readonly Diagnostic[];
  }>;
}

/** A whole provider. */
export interface Provider<Client> {
  /** The arguments of the provider block. */
  readonly attributes: readonly Attribute[];
  readonly resources: readonly Resource<Client>[];
  readonly dataSources?: readonly DataSource<Client>[];
  readonly functions?: readonly ProviderFunction[];
  readonly listResources?: readonly ListResource<Client>[];
  /**
   * Makes the client that every other function gets. Load the packages of the client in here, not at the top of a
   * module: Terraform starts a provider three to five times per command and configures it in two of these.
   * Not called while an argument is unknown.
   * @param orphaned aborted when Terraform was killed while calls are running: the next run may begin at once, so a long
   *   call stops before its next step. A short one comes to its end.
   */
  configure(config: Values, orphaned: AbortSignal): Eventually<Client>;
  /** Called when Terraform asks to end the run: what is under way may finish, and nothing new should be begun. */
  stop?(client: Client): void;
}
