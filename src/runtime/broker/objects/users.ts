import { lowerCase } from '../../../model/names';
import type { UserRow } from '../store/rows';
import type { BrokerContext } from './context';
import { now } from './context';
import { Refusal, ServerFailure } from './errors';
import { encryptPassword, hashPassword } from './passwords';
import { checkLength, checkPassword, checkPattern, checkUsername } from './user-rules';

/** A user as it is asked for. */
interface NewUser {
  readonly username: string;
  readonly type: string;
  readonly password: string;
  readonly avatarId: number;
  readonly fullName: string;
  readonly team: string;
  readonly position: string;
  readonly description: string;
  /** undefined: no list was sent. */
  readonly allowRead: readonly string[] | undefined;
  readonly allowWrite: readonly string[] | undefined;
  readonly denyRead: readonly string[] | undefined;
  readonly denyWrite: readonly string[] | undefined;
}

/** Adds a user who can log in or connect at once; to a faithful broker only half a second later. @throws Refusal with the broker's words. */
export async function addUser(context: BrokerContext, asked: NewUser, owner: UserRow): Promise<UserRow> {
  const [team, position, fullName, description, username, type] = [
    asked.team,
    asked.position,
    asked.fullName,
    asked.description,
    asked.username,
    asked.type,
  ].map((text) => lowerCase(text)) as [string, string, string, string, string, string];
  checkLength('team', team, 20);
  checkLength('position', position, 30);
  checkLength('full name', fullName, 30);
  checkLength('description', description, 100);
  checkUsername(username);
  if (context.metadata.users.find(username) !== undefined) {
    throw new Refusal(`A user with the name ${username} already exists`);
  }
  if (type !== 'application' && type !== 'management') {
    throw new Refusal(`user type has to be application/management and not ${type}`);
  }
  checkPassword(asked.password);
  const { allowRead, allowWrite, denyRead, denyWrite } = asked;
  const sent = [allowRead, allowWrite, denyRead, denyWrite].filter((patterns) => patterns !== undefined);
  for (const pattern of sent.flat()) checkPattern(pattern);
  const permissions = {
    allowRead: allowRead ?? [],
    allowWrite: allowWrite ?? [],
    denyRead: denyRead ?? [],
    denyWrite: denyWrite ?? [],
    roleId: nextRoleId(context),
  };
  const user = await context.metadata.users.insert({
    username,
    type,
    createdAt: now(),
    password: await storedPassword(context, type, asked.password),
    avatarId: asked.avatarId === 0 ? 1 : asked.avatarId,
    fullName,
    team,
    position,
    description,
    owner: owner.username,
    ...(sent.flat().length > 0 ? { permissions } : {}),
  });
  if (context.mode.admitsUsersLate) admitLater(context);
  else await context.serverUsers.update();
  // The database of a real broker trips over them when the user is already there.
  if (sent.length > 0 && sent.flat().length === 0) {
    throw new ServerFailure(`user ${username} was added with lists that are all empty`);
  }
  return user;
}

/** How long a real broker takes at most until the servers know a new user, in milliseconds. */
const ADMISSION_MS = 500;

function admitLater(context: BrokerContext): void {
  const admit = async (): Promise<void> => {
    await context.serverUsers.update().catch(() => context.log('a new user could not be made known'));
  };
  setTimeout(() => void admit(), ADMISSION_MS).unref();
}

function nextRoleId({ metadata }: BrokerContext): number {
  return 1 + Math.max(0, ...metadata.users.all().map(({ permissions }) => permissions?.roleId ?? 0));
}

async function storedPassword(
  { metadata }: BrokerContext,
  type: UserRow['type'],
  password: string,
): Promise<string> {
  return type === 'application'
    ? encryptPassword(password, await metadata.secret('passwords'))
    : hashPassword(password);
}

/** Removes a user, closes its connections, and marks what it made. */
export async function removeUser(context: BrokerContext, name: string, by: UserRow): Promise<void> {
  const username = lowerCase(name);
  if (username === by.username) throw new Refusal('You can not remove your own user');
  const user = context.metadata.users.find(username);
  if (user === undefined) throw new Refusal('User does not exist');
  if (user.type === 'root') throw new Refusal('You can not remove the root user');
  const { users, stations, schemas, audit } = context.metadata;
  const createdByUsername = `${username}(deleted)`;
  for (const table of [stations, audit]) {
    for (const row of table.all())
      if (row.createdByUsername === username) await table.update(row.id, { createdByUsername });
  }
  await schemas.renameAuthor(username, createdByUsername);
  await users.remove(user.id);
  await context.serverUsers.update();
}

/**
 * Sets another password; unknown users and weak passwords are no error. A real broker ruins application users by that, so
 * the log says it. The password of root counts for REST and until the next start, as on a real broker.
 */
export async function changePassword(
  context: BrokerContext,
  name: string,
  password: string,
  by: UserRow,
): Promise<void> {
  const username = lowerCase(name);
  if (by.type !== 'root' && by.username !== username) {
    throw new Refusal('You can change only your own password');
  }
  const user = context.metadata.users.find(username);
  if (user === undefined) return;
  if (user.type === 'root') {
    context.rootPassword.value = password;
    return;
  }
  await context.metadata.users.update(user.id, {
    password: await storedPassword(context, user.type, password),
  });
  if (user.type !== 'application') return;
  context.log(
    `${username} has another password; on a real broker 1.4.4 this user could not connect after its next start`,
  );
  await context.serverUsers.update();
}
