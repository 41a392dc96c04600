import { creationBody } from '../../model/field';
import { lowerCase } from '../../model/names';
import { userFields, userTypes } from '../../model/user';
import type { Shaped } from '../connection/shape';
import { count, listOf, nonEmptyText, nullable, object, oneOf, text } from '../connection/shape';
import { shared } from './batch';
import type { NewUser, UserRow } from './port';
import type { RestApi } from './rest';
import { RestRefusal } from './rest';

/** Management users have null in place of each list. */
const list = nullable(listOf(text));

// The reply also has a hash of each password, which is dropped here.
const userRow = object({
  id: count,
  username: nonEmptyText,
  user_type: oneOf(...userTypes, 'root'),
  created_at: text,
  owner: text,
  full_name: text,
  team: text,
  position: text,
  description: text,
  // A user without them may use every station, so a reply that has lost them must not read as that.
  permissions: object({ allow_read_permissions: list, allow_write_permissions: list }),
});

const allUsers = object({
  application_users: nullable(listOf(userRow)),
  management_users: nullable(listOf(userRow)),
});

/** The users of a broker, over its REST API. */
export class RestUsers {
  /** All of them, that of root included; calls made at the same time share one request. */
  readonly list: () => Promise<UserRow[]>;

  readonly #rest: RestApi;

  constructor(rest: RestApi) {
    this.#rest = rest;
    this.list = shared(() => this.#readAll());
  }

  async #readAll(): Promise<UserRow[]> {
    const { application_users, management_users } = await this.#rest.call({
      method: 'GET',
      path: '/usermgmt/getAllUsers',
      attempted: 'list the users of the broker',
      reply: allUsers,
    });
    return [...(application_users ?? []), ...(management_users ?? [])].map(toRow);
  }

  /** The reply holds the connection token of the broker, if it has one; it is dropped. */
  async create(user: NewUser): Promise<UserRow> {
    const reply = await this.#rest.call({
      method: 'POST',
      path: '/usermgmt/addUser',
      body: { ...creationBody(userFields, user), ...listsOf(user), password: user.password },
      attempted: `create user "${user.name}"`,
      reply: userRow,
    });
    return toRow(reply);
  }

  /** Succeeds also when the user does not exist. */
  async remove(name: string): Promise<void> {
    try {
      await this.#rest.call({
        method: 'DELETE',
        path: '/usermgmt/removeUser',
        body: { username: lowerCase(name) },
        attempted: `remove user "${name}"`,
        reply: object({}),
      });
    } catch (error) {
      if (error instanceof RestRefusal && /^user does not exist$/i.test(error.reason)) return;
      throw error;
    }
  }
}

/** All four lists or none: the broker fails on lists that are all empty after it has added the user. */
function listsOf({ allowReadPermissions, allowWritePermissions }: NewUser): object {
  if (allowReadPermissions.length + allowWritePermissions.length === 0) return {};
  return {
    allow_read_permissions: allowReadPermissions,
    allow_write_permissions: allowWritePermissions,
    // The broker stores them and never looks at them.
    deny_read_permissions: [],
    deny_write_permissions: [],
  };
}

function toRow(user: Shaped<typeof userRow>): UserRow {
  return {
    id: user.id,
    name: user.username,
    type: user.user_type,
    fullName: user.full_name,
    team: user.team,
    position: user.position,
    description: user.description,
    allowReadPermissions: user.permissions.allow_read_permissions ?? [],
    allowWritePermissions: user.permissions.allow_write_permissions ?? [],
    creation: { by: user.owner, at: user.created_at },
  };
}
