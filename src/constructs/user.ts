import type { Construct } from 'constructs';
import { fieldNames } from '../model/field';
import type { UserDeclaration } from '../model/user';
import { userFields, userRules } from '../model/user';
import type { IResolvable, ImportableResource, TerraformMetaArguments, TerraformProvider } from './framework';
import { isUnresolved } from './framework';
import { givenResourceProps } from './given-props';
import type { Inputs, Settable } from './inputs';
import { addInputs, addSettable } from './inputs';
import { instanceProblems } from './instances';
import { brokerOf, importable, isMemphisResource } from './memphis-resource';
import type { ReadProps } from './memphis-resource';
import type { IStation } from './named-object';
import { NamedObject, namedInStack, plainName, referenceProblems, referenceTo } from './named-object';

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

/** For each prop the value as given, such as `teamInput`, and `resetTeam()`, which leaves it out. */
export interface User
  extends Settable<Omit<UserInputs, 'name' | 'type'>>, Inputs<Pick<UserInputs, 'name' | 'type'>> {}

/**
 * A user of a Memphis broker: for clients (`application`) or for the REST API and the UI (`management`).
 *
 * Memphis cannot change a user. Whatever changes, the user is removed and added again, and the broker closes its live
 * connections; the plan says so.
 *
 * Import id: the name of the user.
 *
 * @example
 * new User(this, 'billing', {
 *   name: 'billing',
 *   type: 'application',
 *   passwordEnv: 'BILLING_PASSWORD',
 *   passwordVersion: 1,
 *   allowReadPermissions: [orders],
 * });
 */
export class User extends NamedObject<UserDeclaration, UserInputs> {
  /** Type of the resource in Terraform. */
  static readonly tfResourceType = 'memphis_user';

  /**
   * Writes the code that imports an existing user, for `cdktf plan` and `cdktf import`.
   * @param importFromId name of the user
   */
  static generateConfigForImport(
    scope: Construct,
    importToId: string,
    importFromId: string,
    provider?: TerraformProvider,
  ): ImportableResource {
    return importable(User.tfResourceType, scope, importToId, importFromId, provider);
  }

  constructor(scope: Construct, id: string, props: UserProps) {
    super(scope, id, {
      terraformResourceType: User.tfResourceType,
      fields: userFields,
      rules: userRules,
      given: givenResourceProps<UserInputs>(props, userProps),
      read: readProps,
    });
  }

  /** A reference to what the user is for. */
  get type(): string {
    return this.referenceTo('type');
  }
  set type(value: 'application' | 'management') {
    this.change('type', value);
  }

  /** @internal The stations that the lists name become references, so that they are created first. */
  protected override renderedValues(): Partial<UserDeclaration> {
    const values: Record<string, unknown> = { ...super.renderedValues() };
    for (const [name, stations] of this.#stations)
      values[name] = stations.map((station) => this.#reference(station));
    return values;
  }

  /** @internal */
  protected override problemsInStack(): string[] {
    const ofLists = this.#stations.flatMap(([name, stations]) =>
      stations.flatMap((station, index) =>
        isMemphisResource(station) ? instanceProblems(`${name}[${index}]`, station, this) : [],
      ),
    );
    return [...super.problemsInStack(), ...ofLists];
  }

  /** The lists of stations that can be used. */
  get #stations(): (readonly [StationList, readonly (IStation | string)[]])[] {
    const lists = usableLists(Object.fromEntries(stationLists.map((name) => [name, this.given(name)])));
    return stationLists.flatMap((name) => {
      const list: unknown = lists[name];
      return Array.isArray(list) ? [[name, list as readonly (IStation | string)[]] as const] : [];
    });
  }

  #reference(station: IStation | string): string {
    if (typeof station !== 'string') return referenceTo(station, 'name');
    if (isUnresolved(station)) return station;
    return namedInStack(this, 'memphis_station', brokerOf(this), station)?.name ?? station;
  }
}

/** The props of a user. */
export type UserInputs = Omit<UserProps, keyof TerraformMetaArguments>;

type StationList = 'allowReadPermissions' | 'allowWritePermissions';

const stationLists: readonly StationList[] = ['allowReadPermissions', 'allowWritePermissions'];

const LITERAL_PASSWORD =
  'password is written into the program, and synth would write it into cdk.tf.json; give a reference to a variable that is sensitive and ephemeral, or set passwordEnv to the name of an environment variable that holds it';

const userProps = {
  construct: 'User',
  names: fieldNames(userFields).filter((name) => name !== 'owner'),
  first: 'name and type',
};

const withReferences = ['name', 'type'];
addInputs(User.prototype, withReferences);
addSettable(
  User.prototype,
  userProps.names.filter((name) => !withReferences.includes(name)),
);

function readProps(given: Partial<UserInputs>): ReadProps<UserDeclaration> {
  const isLiteral = typeof given.password === 'string' && !isUnresolved(given.password);
  return {
    declaration: declarationOf(given, isLiteral, usableLists(given)),
    problems: [
      ...(isLiteral ? [LITERAL_PASSWORD] : []),
      ...stationLists.flatMap((name) => listProblems(name, given[name])),
    ],
  };
}

function usableLists(given: Partial<UserInputs>): Pick<UserProps, StationList> {
  const usable = stationLists.filter((name) => listProblems(name, given[name]).length === 0);
  return Object.fromEntries(usable.map((name) => [name, given[name]]));
}

/** What is wrong with the constructs among the stations of a list; its strings are checked by the table. */
function listProblems(prop: StationList, list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown, index) =>
    typeof item === 'string' ? [] : referenceProblems(`${prop}[${index}]`, item, 'station'),
  );
}

function declarationOf(
  given: Partial<UserInputs>,
  isLiteral: boolean,
  lists: Pick<UserProps, StationList>,
): UserDeclaration {
  const named = Object.entries(lists).map(([name, list]: [string, unknown]) => [
    name,
    Array.isArray(list) ? list.map((station: IStation | string) => plainName(station)) : list,
  ]);
  const values = { ...given, ...Object.fromEntries(named) } as Readonly<Record<string, unknown>>;
  const isLeftOut = (name: string): boolean =>
    values[name] === undefined ||
    (name === 'password' && isLiteral) ||
    (name in given && stationLists.includes(name as StationList) && !(name in lists));
  const kept = fieldNames(userFields).filter((name) => !isLeftOut(name));
  return Object.fromEntries(kept.map((name) => [name, values[name]])) as unknown as UserDeclaration;
}
