import type { ServerUser, UsersFile } from '../nats-server/users-file';
import type { Metadata } from '../store/metadata';
import type { UserRow } from '../store/rows';
import { decryptPassword } from './passwords';
import { natsPermissions } from './permissions';

/** Keeps the users of the servers as the metadata say. */
export interface ServerUsers {
  /** To be called after every change of users, and of stations that users with lists may use. It waits until it counts. */
  update(): Promise<void>;
}

/** With a connection token the servers know nobody by name. */
export const noServerUsers: ServerUsers = { update: () => Promise.resolve() };

/** @param always users that are no application users. */
export function serverUsers(
  metadata: Metadata,
  file: UsersFile,
  always: readonly ServerUser[],
  secret: string,
  reload: () => Promise<void>,
): ServerUsers {
  const toServerUsers = (user: UserRow): ServerUser[] => {
    const password = decryptPassword(user.password ?? '', secret);
    const permissions = natsPermissions(user, (name) => metadata.stations.find(name));
    const rights = permissions === undefined ? {} : { permissions };
    // A real broker knows everybody with and without the id of the account.
    return [user.username, `${user.username}$1`].map((name) => ({ user: name, password, ...rights }));
  };
  return {
    async update() {
      const application = metadata.users.all().filter(({ type }) => type === 'application');
      if (await file.write([...always, ...application.flatMap(toServerUsers)])) await reload();
    },
  };
}
