import { int, slice, string, struct } from '../go/struct-decoder';
import { addUser, changePassword, removeUser } from '../objects/users';
import { bindBody } from './binding';
import type { Reply } from './reply';
import { ok } from './reply';
import type { Call, Route } from './route';
import { changes, reads } from './route';
import { addedUser, fullUser, userView, managementUser } from './user-views';

/** Who may log in to this API (management users) or connect as a client (application users). */
export const userRoutes: readonly Route[] = [
  changes('POST', '/usermgmt/addUser', postUser),
  changes('DELETE', '/usermgmt/removeUser', deleteUser),
  changes('PUT', '/usermgmt/changePassword', putPassword),
  reads('/usermgmt/getAllUsers', getAllUsers),
  reads('/usermgmt/getApplicationUsers', getApplicationUsers),
];

const addRequest = struct('models.AddUserSchema', {
  username: string,
  password: string,
  user_type: string,
  avatar_id: int,
  full_name: string,
  team: string,
  position: string,
  description: string,
  allow_read_permissions: slice(string),
  allow_write_permissions: slice(string),
  deny_read_permissions: slice(string),
  deny_write_permissions: slice(string),
});

async function postUser({ context, user, body }: Call): Promise<Reply> {
  const request = bindBody(addRequest, { username: { required: true }, user_type: { required: true } }, body);
  const added = await addUser(
    context,
    {
      username: request.username,
      type: request.user_type,
      password: request.password,
      avatarId: request.avatar_id,
      fullName: request.full_name,
      team: request.team,
      position: request.position,
      description: request.description,
      allowRead: request.allow_read_permissions,
      allowWrite: request.allow_write_permissions,
      denyRead: request.deny_read_permissions,
      denyWrite: request.deny_write_permissions,
    },
    user,
  );
  return ok(addedUser(context, added));
}

const removeUserBody = struct('models.RemoveUserSchema', { username: string });

async function deleteUser({ context, user, body }: Call): Promise<Reply> {
  const { username } = bindBody(removeUserBody, { username: { required: true } }, body);
  await removeUser(context, username, user);
  return ok({});
}

const passwordRequest = struct('models.ChangePasswordSchema', { username: string, password: string });

async function putPassword({ context, user, body }: Call): Promise<Reply> {
  const { username, password } = bindBody(
    passwordRequest,
    { username: { required: true }, password: { required: true } },
    body,
  );
  await changePassword(context, username, password, user);
  return ok({});
}

function getAllUsers({ context }: Call): Reply {
  const users = context.metadata.users.all();
  return ok({
    application_users: users.filter(({ type }) => type === 'application').map((user) => userView(user)),
    management_users: users
      .filter(({ type }) => type !== 'application')
      .map((user) => managementUser(context, user)),
  });
}

function getApplicationUsers({ context }: Call): Reply {
  const users = context.metadata.users.all().filter(({ type }) => type === 'application');
  return ok(users.map((user) => fullUser(context, user)));
}
