import { externalName, lowerCase } from '../../model/names';
import type { Admin, UserRow } from '../admin';
import { allStations } from '../admin/all-stations';
import { Remembered } from '../admin/batch';

/** What the broker tells by its lists alone: each is read once a run, and kept current from the run's own writes. */

interface Links {
  /** The broker's own id of the station; absent for one that was made after the list was read. */
  uid?: string;
  /** Empty when the station enforces none. */
  schemaName: string;
  /** Empty when there is none. */
  dlsStation: string;
}

/**
 * What only the list of all stations tells of one: the schema it enforces, and which stations send their dead letters
 * to it. The list is read once, when an apply first needs it, and from then on kept current from the run's own writes:
 * its cost would otherwise grow with the square of the number of stations.
 */
export class StationLinks {
  readonly #listed: Remembered<Map<string, Links>>;
  /** Own writes that are not in the list yet, in their order; the list may have been read before or after them. */
  readonly #written: ((links: Map<string, Links>) => void)[] = [];

  constructor(admin: Admin) {
    this.#listed = new Remembered(async () => {
      const rows = await allStations(admin);
      return new Map(
        rows.map(({ id, name, schemaName, dlsStation }) => [
          name,
          { uid: String(id), schemaName, dlsStation },
        ]),
      );
    });
  }

  /** @returns an empty string when the station enforces no schema, or is not there. */
  async schemaOf(station: string): Promise<string> {
    return (await this.#all()).get(externalName(station))?.schemaName ?? '';
  }

  /** The names of the stations that send their dead letters to this one. */
  async deadLetterSourcesOf(station: string): Promise<string[]> {
    const name = externalName(station);
    return [...(await this.#all())].flatMap(([source, { dlsStation }]) =>
      dlsStation === name ? [source] : [],
    );
  }

  /** The uids of the listed stations by name. @param isMeant leaves out the others */
  async uids(isMeant: (links: { readonly schemaName: string }) => boolean): Promise<Map<string, string>> {
    return new Map(
      [...(await this.#all())].flatMap(([name, links]) =>
        links.uid === undefined || !isMeant(links) ? [] : [[name, links.uid]],
      ),
    );
  }

  /** Records that this run attached a schema, or detached it (an empty name). */
  schemaSet(station: string, schema: string): void {
    this.#set(station, { schemaName: externalName(schema) });
  }

  /** Records which dead-letter station a station has after this run wrote it. */
  dlsStationSet(station: string, dlsStation: string): void {
    this.#set(station, { dlsStation: externalName(dlsStation) });
  }

  /** Records that this run removed a station; the broker clears the references to it. */
  removed(station: string): void {
    const name = externalName(station);
    this.#written.push((all) => {
      all.delete(name);
      for (const links of all.values()) if (links.dlsStation === name) links.dlsStation = '';
    });
  }

  #set(station: string, links: Partial<Links>): void {
    const name = externalName(station);
    this.#written.push((all) => all.set(name, { ...(all.get(name) ?? none), ...links }));
  }

  async #all(): Promise<ReadonlyMap<string, Links>> {
    const links = await this.#listed.get();
    for (const write of this.#written.splice(0)) write(links);
    return links;
  }
}

const none: Links = { schemaName: '', dlsStation: '' };

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
