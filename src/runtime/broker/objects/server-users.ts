import type { ServerUser, UsersFile } from '../nats-server/users-file';
import type { Metadata } from '../store/metadata';
import type { UserRow } from '../store/rows';
import { decryptPassword } from './passwords';
import { natsPermissions } from './permissions';

/** Keeps the users of the servers as the metadata say. */
export interface ServerUsers {
  /** To be called after every change of users. It waits until the change counts. */
  update(): Promise<void>;
  /** To be called when stations came or went: users with lists have rights by station. */
  stationsChanged(): Promise<void>;
  /** The user of the broker that is this user of the server. */
  usernameOf(serverUser: string): string;
}

/** With a connection token the servers know nobody by name. */
export const noServerUsers: ServerUsers = {
  update: () => Promise.resolve(),
  stationsChanged: () => Promise.resolve(),
  usernameOf: (serverUser) => serverUser,
};

/**
 * @param always users that are no application users.
 * @param limitedPrefix stands in front of the names of users with lists. Nobody can guess it, so that such users come
 *   through the proxy alone, which restricts them further than permissions of the server can.
 */
export function serverUsers(
  metadata: Metadata,
  file: UsersFile,
  always: readonly ServerUser[],
  secret: string,
  limitedPrefix: string,
  reload: () => Promise<void>,
): ServerUsers {
  const toServerUsers = (user: UserRow): ServerUser[] => {
    const password = decryptPassword(user.password ?? '', secret);
    const permissions = natsPermissions(user, (name) => metadata.stations.find(name));
    if (permissions !== undefined) return [{ user: limitedPrefix + user.username, password, permissions }];
    // A real broker knows everybody with and without the id of the account.
    return [user.username, `${user.username}$1`].map((name) => ({ user: name, password }));
  };
  let last: Promise<void> = Promise.resolve();
  const update = async (): Promise<void> => {
    const application = metadata.users.all().filter(({ type }) => type === 'application');
    if (await file.write([...always, ...application.flatMap(toServerUsers)])) await reload();
  };
  // One after the other: each sees all that was there when it was called.
  const queued = (): Promise<void> => {
    const result = last.then(update);
    last = result.catch(() => undefined);
    return result;
  };
  return {
    update: queued,
    async stationsChanged() {
      if (metadata.users.all().some(({ permissions }) => permissions !== undefined)) await queued();
    },
    usernameOf: (serverUser) =>
      serverUser.startsWith(limitedPrefix)
        ? serverUser.slice(limitedPrefix.length)
        : serverUser.replace(/\$1$/, ''),
  };
}
