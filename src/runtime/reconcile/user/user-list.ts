import { lowerCase } from '../../../model/names';
import type { Admin, UserRow } from '../../admin';
import { Remembered } from '../../admin/batch';

/**
 * The users of the broker. Root, whom every broker has, is nobody's object. There is no request for one user, so the list is read
 * once, when it is first needed, and from then on kept current from the run's own writes.
 */
export class UserList {
  readonly #users: Remembered<Map<string, UserRow>>;

  constructor(admin: Admin) {
    this.#users = new Remembered(async () => {
      const users = await admin.listUsers();
      return new Map(users.map((user) => [user.name, user]));
    });
  }

  /** @returns undefined when there is no user of that name, or it is root. */
  async find(name: string): Promise<UserRow | undefined> {
    const user = await this.listed(name);
    return user?.type === 'root' ? undefined : user;
  }

  /** The same, also for root. */
  async listed(name: string): Promise<UserRow | undefined> {
    return (await this.#users.get()).get(lowerCase(name));
  }

  /** The users by name, without root. */
  async all(): Promise<ReadonlyMap<string, UserRow>> {
    return new Map([...(await this.#users.get())].filter(([, { type }]) => type !== 'root'));
  }

  /** Reads the list again when it is needed next. */
  forget(): void {
    this.#users.forget();
  }

  /** Records that this run added a user. */
  async added(user: UserRow): Promise<void> {
    (await this.#users.get()).set(user.name, user);
  }

  /** Records that this run removed a user. */
  async removed(name: string): Promise<void> {
    (await this.#users.get()).delete(lowerCase(name));
  }
}
