import { createHash } from 'node:crypto';

import type { BrokerContext } from '../objects/context';
import type { UserRow } from '../store/rows';

/** A user in the shapes that the REST API has for it. Keys, their order and their spelling are the broker's. */

/** The reply of addUser. */
export function addedUser({ mode }: BrokerContext, user: UserRow): object {
  return {
    already_logged_in: false,
    avatar_id: user.avatarId ?? 1,
    broker_connection_creds: user.type === 'application' ? mode.connectionToken : '',
    created_at: user.createdAt,
    description: user.description ?? '',
    full_name: user.fullName ?? '',
    id: user.id,
    owner: user.owner ?? '',
    pending: false,
    permissions: permissionLists(user),
    position: user.position ?? '',
    team: user.team ?? '',
    user_type: user.type,
    username: user.username,
  };
}

/** An application user in getAllUsers. */
export function userView(user: UserRow): object {
  return {
    id: user.id,
    username: user.username,
    user_type: user.type,
    created_at: user.createdAt,
    avatar_id: user.avatarId ?? 1,
    full_name: user.fullName ?? '',
    pending: false,
    position: user.position ?? '',
    team: user.team ?? '',
    owner: user.owner ?? '',
    description: user.description ?? '',
    permissions: permissionLists(user),
  };
}

/** Root or a management user in getAllUsers. */
export function managementUser(context: BrokerContext, user: UserRow): object {
  return {
    ...commonRow(context, user),
    permissions: {
      allow_read_permissions: null,
      allow_write_permissions: null,
      deny_read_permissions: null,
      deny_write_permissions: null,
    },
  };
}

/** An element of getApplicationUsers. */
export function fullUser(context: BrokerContext, user: UserRow): object {
  return {
    ...commonRow(context, user),
    roles: user.permissions === undefined ? null : [user.permissions.roleId],
  };
}

function commonRow({ mode }: BrokerContext, user: UserRow): object {
  return {
    id: user.id,
    username: user.username,
    password: shownPassword(user),
    user_type: user.type,
    already_logged_in: user.type === 'root',
    created_at: user.createdAt,
    avatar_id: user.avatarId ?? 1,
    full_name: user.fullName ?? '',
    subscription: false,
    skip_get_started: false,
    tenant_name: mode.tenant,
    pending: false,
    position: user.position ?? '',
    team: user.team ?? '',
    owner: user.owner ?? '',
    description: user.description ?? '',
    last_login: user.createdAt,
  };
}

/**
 * A real broker gives away the hash or the encrypted text. Clients find the field here, in the same form, with nothing in it
 * that a password could be found from.
 */
function shownPassword({ id, username, type }: UserRow): string {
  const digest = createHash('sha512').update(`${id} ${username}`).digest('base64');
  const text = digest.replace(/[+/=]/g, '.');
  return type === 'application'
    ? digest.slice(0, 44).replace(/\+/g, '-').replace(/\//g, '_')
    : `$2a$10$${text.slice(0, 53)}`;
}

function permissionLists({ permissions }: UserRow): object {
  return {
    allow_read_permissions: permissions?.allowRead ?? [],
    allow_write_permissions: permissions?.allowWrite ?? [],
    deny_read_permissions: permissions?.denyRead ?? [],
    deny_write_permissions: permissions?.denyWrite ?? [],
  };
}
