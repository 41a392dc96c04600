import { setTimeout as delay } from 'node:timers/promises';
import { AtMost } from './batch';
import { RELOAD_MS } from './reload';

/**
 * Keeps apart what a broker must not do at the same time. A change of users makes it reload its configuration, and a
 * reload while it creates or removes a station can block all management for 40 seconds. While there are users with
 * permission lists, each creation and removal of a station is such a reload, too.
 */
export class WriteTurns {
  readonly #hasLimitedUsers: () => Promise<boolean>;
  readonly #reloadMs: number;
  /** What ends with the last write of users that is under way or waiting. */
  #users: Promise<unknown> = Promise.resolve();
  #usersUnderWay = 0;
  #reloadedAt = 0;
  readonly #stations = new Set<Promise<unknown>>();
  #known: Promise<boolean> | undefined;
  readonly #oneStation = new AtMost(1);

  /** @param hasLimitedUsers asked once, before the first write of a station; a failure counts as no */
  constructor(hasLimitedUsers: () => Promise<boolean>, reloadMs = RELOAD_MS) {
    this.#hasLimitedUsers = hasLimitedUsers;
    this.#reloadMs = reloadMs;
  }

  /** Changes users, or settings of the broker, which it reloads in the same way: one after the other, and never while a station is created or removed. */
  users<T>(write: () => Promise<T>): Promise<T> {
    this.#usersUnderWay += 1;
    const before = this.#users;
    const turn = (async () => {
      await before;
      try {
        await Promise.all(this.#stations);
        return await write();
      } finally {
        this.#usersUnderWay -= 1;
        this.#reloadedAt = Date.now() + this.#reloadMs;
      }
    })();
    this.#users = turn.catch(() => undefined);
    return turn;
  }

  /** Creates or removes a station: after all changes of users that are asked for, and the reloads that follow. */
  async stations<T>(write: () => Promise<T>): Promise<T> {
    const isAlone = await this.#isLimited();
    return isAlone ? this.#oneStation.run(() => this.#whenQuiet(write)) : this.#whenQuiet(write);
  }

  /** From now on every creation and removal of a station is a reload. */
  limitedUserComes(): void {
    this.#known = Promise.resolve(true);
  }

  async #whenQuiet<T>(write: () => Promise<T>): Promise<T> {
    while (this.#usersUnderWay > 0 || Date.now() < this.#reloadedAt) {
      await this.#users;
      await delay(Math.max(0, this.#reloadedAt - Date.now()));
    }
    const running = write();
    const ended = running.catch(() => undefined);
    this.#stations.add(ended);
    try {
      return await running;
    } finally {
      this.#stations.delete(ended);
    }
  }

  #isLimited(): Promise<boolean> {
    this.#known ??= this.#hasLimitedUsers().catch(() => false);
    return this.#known;
  }
}
