import type { IResolvable, TerraformMetaArguments } from './framework';
import type { IStation } from './named-object';

/** What a user is, and what it may do. */
export interface UserProps extends TerraformMetaArguments {
  /**
   * Name of the user; case does not matter.
   *
   * Changing this forces replacement: Memphis cannot rename a user.
   */
  readonly name: string;

  /**
   * What the user is for: an application user logs in at the client port, to produce and consume; a management user
   * logs in to the REST API and the UI.
   *
   * Changing this forces replacement: Memphis cannot change a user: it is removed and added.
   */
  readonly type: 'application' | 'management';

  /**
   * The password, which Terraform hands over and never stores (write-only; Terraform 1.11 or OpenTofu 1.11). A change
   * alone has no effect: set another passwordVersion with it.
   *
   * Never a literal, which would be written into `cdk.tf.json`: a reference to a variable that is sensitive and
   * ephemeral.
   *
   * @default the value of the variable that passwordEnv names; one of the two is required to add the user
   */
  readonly password?: string;

  /**
   * Name of the environment variable that holds the password where Terraform runs. It works with every version of
   * Terraform and OpenTofu. A changed value alone has no effect: set another passwordVersion with it.
   *
   * @default the password itself is given
   */
  readonly passwordEnv?: string;

  /**
   * Any number; another one gives the user the password that is declared now. The broker does not return passwords,
   * so nothing else shows that it changed. An import takes the number over without changing the password.
   *
   * Must be a whole number 0 or more.
   *
   * Changing this forces replacement: Memphis 1.4.4 has no way to change the password of an application user: the
   * user is removed and added.
   *
   * @default the password stays as it is
   */
  readonly passwordVersion?: number;

  /**
   * Stations that the application user may consume from. A name without a star also gives the permissions at the
   * client port, if the station exists; a pattern matches any part of a name and counts for the management protocol
   * alone.
   *
   * Constructs, or names and patterns. A name that this stack declares is the same as the construct: that station is
   * created first.
   *
   * Changing this forces replacement: Memphis cannot change a user: it is removed and added.
   *
   * @default all stations, unless allowWritePermissions names some; then none
   */
  readonly allowReadPermissions?: readonly (IStation | string)[];

  /**
   * Stations that the application user may produce to. A name without a star also gives the permissions at the client
   * port, if the station exists; a pattern matches any part of a name and counts for the management protocol alone.
   *
   * Constructs, or names and patterns. A name that this stack declares is the same as the construct: that station is
   * created first.
   *
   * Changing this forces replacement: Memphis cannot change a user: it is removed and added.
   *
   * @default all stations, unless allowReadPermissions names some; then none
   */
  readonly allowWritePermissions?: readonly (IStation | string)[];

  /**
   * Full name, for the UI; the broker keeps it in lower case.
   *
   * Changing this forces replacement: Memphis cannot change a user: it is removed and added.
   *
   * @default empty
   */
  readonly fullName?: string;

  /**
   * Team, for the UI; the broker keeps it in lower case.
   *
   * Changing this forces replacement: Memphis cannot change a user: it is removed and added.
   *
   * @default empty
   */
  readonly team?: string;

  /**
   * Position, for the UI; the broker keeps it in lower case.
   *
   * Changing this forces replacement: Memphis cannot change a user: it is removed and added.
   *
   * @default empty
   */
  readonly position?: string;

  /**
   * Description, for the UI; the broker keeps it in lower case.
   *
   * Changing this forces replacement: Memphis cannot change a user: it is removed and added.
   *
   * @default empty
   */
  readonly description?: string;

  /**
   * Allows this declaration to adopt an existing, unowned object of the same name. The plan shows what would change
   * on it; it refuses a difference that forces replacement or loses messages.
   *
   * @default false
   */
  readonly adoptExisting?: boolean | IResolvable;

  /**
   * Refuses to destroy or replace the object, whatever else is allowed. The deployed value counts: switching it off
   * requires a separate deploy.
   *
   * @default that of the provider, or else false
   */
  readonly deletionProtection?: boolean | IResolvable;
}
