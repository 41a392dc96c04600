import type { Admin, LedgerRecord, LedgerKind } from '../admin';
import { AtMost } from '../admin/batch';
import { StationLinks, UserList } from './lists';
import type { Snapshot } from './snapshot';
import { observe } from './snapshot';

/** What a run may be given. */
export interface RunOptions {
  /** When it began, in milliseconds since 1970. Default: now. */
  readonly startedAt?: number;
  /** What was read before, if that is known to be current. */
  readonly snapshot?: Snapshot;
  /** Aborted when nobody waits for the run any more, and another one may have begun. */
  readonly abandoned?: AbortSignal | undefined;
}

/**
 * One run against a broker: the port to it, and what the run has read so far. A plan is served from one snapshot; as
 * soon as something is about to change, each object is read fresh by its name.
 */
export class Run {
  readonly admin: Admin;
  readonly #links: StationLinks;
  #snapshot: Promise<Snapshot> | undefined;
  readonly #records = new Map<LedgerKind, Promise<ReadonlyMap<string, LedgerRecord>>>();
  #replacements: Promise<Map<string, LedgerRecord>> | undefined;
  /** Stations whose enforcement this run leaves to the one that replaces it, in the form of the broker. */
  readonly keptEnforcements = new Set<string>();
  /** The dead-letter station of each station that this run has created or changed; empty for none. Both by external name. */
  readonly decidedDlsStations = new Map<string, string>();
  readonly #turns = new AtMost(1);
  #hasChanged = false;
  readonly #abandoned: AbortSignal | undefined;
  readonly #doneForStacks = new Map<string, Promise<void>>();

  /** When the run began, in milliseconds since 1970. */
  readonly startedAt: number;
  /** The users of the broker, read when they are first needed. */
  readonly users: UserList;

  constructor(admin: Admin, { startedAt = Date.now(), snapshot, abandoned }: RunOptions = {}) {
    this.#abandoned = abandoned;
    this.startedAt = startedAt;
    this.admin = admin;
    this.#snapshot = snapshot === undefined ? undefined : Promise.resolve(snapshot);
    this.#links = new StationLinks(admin);
    this.users = new UserList(admin);
  }

  /** The state of the broker for reads and plans, read once and in bulk. */
  snapshot(): Promise<Snapshot> {
    this.#snapshot ??= observe(this.admin);
    return this.#snapshot;
  }

  /** Whose the objects of a kind are, by external name, enforcements by that of their station; read once. */
  recordsOf(kind: LedgerKind): Promise<ReadonlyMap<string, LedgerRecord>> {
    const records = this.#records.get(kind) ?? this.admin.ledger.list(kind);
    this.#records.set(kind, records);
    return records;
  }

  /**
   * Replacements that are not finished, by station, and schemas that stay until their stations have moved: those that an
   * interrupted run left on the broker, read once, and those of this run.
   */
  async unfinishedReplacements(): Promise<Map<string, LedgerRecord>> {
    this.#replacements ??= this.admin.ledger.list('replacement').then((records) => new Map(records));
    return this.#replacements;
  }

  /** Does something for a stack once; later calls wait for the first one. A failure is left to the next run. */
  oncePerStack(stack: string, action: (stack: string) => Promise<void>): Promise<void> {
    const done = this.#doneForStacks.get(stack) ?? action(stack).catch(() => undefined);
    this.#doneForStacks.set(stack, done);
    return done;
  }

  /** Does something that two resources of the run must not do at the same time. */
  oneAtATime(action: () => Promise<void>): Promise<void> {
    return this.#turns.run(action);
  }

  /** What only the list of all stations tells, as it is during the apply. */
  get links(): StationLinks {
    return this.#links;
  }

  /** Call it before anything on the broker changes: from then on the snapshot proves nothing. */
  changing(): void {
    if (!this.#hasChanged) {
      this.users.forget();
      this.#records.clear();
    }
    this.#hasChanged = true;
    this.#snapshot = undefined;
  }

  /** True when a change of many steps has to stop before its next one, and leave the rest to the next run. */
  get isAbandoned(): boolean {
    return this.#abandoned?.aborted === true;
  }

  /** True while this run has only planned, so that the snapshot says what is there. */
  get isPlanning(): boolean {
    return !this.#hasChanged;
  }
}
