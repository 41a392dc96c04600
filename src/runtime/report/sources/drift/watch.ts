import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { DeclaredStack } from '../../../synthesised/declared-stack';
import type { Report } from '../../report';
import type { DriftOptions } from '../drift';
import { DriftCheck } from '../drift';
import type { BrokerCheck } from './broker-check';

/** Is notified of what a watch finds. */
export interface DriftListener {
  /** After every check, also when it found what the one before it found. */
  checked(report: Report): void;
  /** A broker cannot be used, and what was found before may be outdated; the watch tries again until it can. */
  unreachable(error: Error): void;
}

/** Announcements that come together are read together: a change of a station updates every partition. */
const GATHER_MS = 100;
/** Streams come and go with stations, which REST shows a moment later. */
const SETTLE_MS = 300;

/** How often is read what nobody announces, at most, in milliseconds. */
export interface WatchPace {
  /** The lists of stations and schemas of REST. Default 5,000. */
  readonly listsMs: number;
  /** Everything, owners and messages included. Default 30,000. */
  readonly everythingMs: number;
}

const defaultPace: WatchPace = { listsMs: 5_000, everythingMs: 30_000 };

/** Between two looks of a kind pass so many times the work of one: with what comes after them, all stay below 1 % of a core. */
const REST_FACTOR = 500;
/** How long to wait before the next attempt to connect. */
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;

/** What is to be read next. */
type Wish = 'everything' | 'lists' | 'streams';

/**
 * Compares stacks with their brokers as long as it runs: at once when the server announces a change of a stream, and from
 * time to time because REST announces nothing.
 */
export class DriftWatch {
  readonly #stacks: readonly DeclaredStack[];
  readonly #options: DriftOptions;
  readonly #listener: DriftListener;
  readonly #pace: WatchPace;
  readonly #ended = new AbortController();
  readonly #changedStreams = new Map<BrokerCheck, Set<string>>();
  #check: DriftCheck;
  #unwatch: (() => void)[] = [];
  #isBroken = false;
  /** Attempts since the last check that went well. */
  #failures = 0;
  /** When each wish is due, on the clock of `performance`. */
  readonly #due: Record<Wish, number> = { everything: 0, lists: Infinity, streams: Infinity };
  #wake: () => void = () => undefined;
  #lists = '';
  readonly #running: Promise<void>;

  private constructor(
    stacks: readonly DeclaredStack[],
    options: DriftOptions,
    listener: DriftListener,
    pace: WatchPace,
    check: DriftCheck,
  ) {
    this.#stacks = stacks;
    this.#options = options;
    this.#listener = listener;
    this.#pace = pace;
    this.#check = check;
    this.#listen();
    this.#running = this.#run();
  }

  /**
   * Connects, and begins with a check of everything.
   * @throws ConnectionError, AuthenticationError, TimeoutError when the first attempt to connect fails.
   */
  static async start(
    stacks: readonly DeclaredStack[],
    options: DriftOptions,
    listener: DriftListener,
    pace: WatchPace = defaultPace,
  ): Promise<DriftWatch> {
    return new DriftWatch(stacks, options, listener, pace, await DriftCheck.open(stacks, options));
  }

  /** Ends after the check that is under way. */
  async stop(): Promise<void> {
    this.#ended.abort();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      try {
        if (this.#isBroken) await this.#reconnect();
        else await this.#next();
      } catch (error) {
        this.#isBroken = true;
        this.#listener.unreachable(error as Error);
      }
    }
    await this.#close();
  }

  /** Waits for the wish that is due first, and fulfils it. */
  async #next(): Promise<void> {
    const [wish, at] = (Object.entries(this.#due) as [Wish, number][]).reduce((first, each) =>
      each[1] < first[1] ? each : first,
    );
    const wait = at - performance.now();
    if (wait > 0) {
      await this.#sleep(wait);
      return;
    }
    this.#due[wish] = Infinity;
    if (wish === 'streams') {
      await this.#readStreams();
      return;
    }
    const begin = process.cpuUsage();
    if (wish === 'everything') await this.#readEverything();
    else if (await this.#haveListsChanged()) this.#want('everything', 0);
    const { user, system } = process.cpuUsage(begin);
    const rest = ((user + system) / 1000) * REST_FACTOR;
    const { listsMs, everythingMs } = this.#pace;
    if (wish === 'everything') this.#want('everything', Math.max(everythingMs, rest));
    // Lists are read sooner, because they cost less than everything did.
    this.#want('lists', wish === 'lists' ? Math.max(listsMs, rest) : listsMs);
  }

  async #readEverything(): Promise<void> {
    this.#changedStreams.clear();
    this.#due.streams = Infinity;
    // Before the check, so that a change during it is found by the next look.
    await this.#haveListsChanged();
    this.#listener.checked(await this.#check.report());
    this.#failures = 0;
  }

  async #readStreams(): Promise<void> {
    const changed = [...this.#changedStreams];
    this.#changedStreams.clear();
    for (const [broker, streams] of changed) {
      this.#listener.checked(await this.#check.reportAfter(broker, streams));
    }
  }

  /** Reads what REST lists, and compares it with the last time. */
  async #haveListsChanged(): Promise<boolean> {
    const hash = createHash('sha1');
    for (const { admin } of this.#check.brokers) {
      const [{ rows }, schemas] = await Promise.all([admin.listNewestStations(), admin.listSchemas()]);
      for (const row of [...rows, ...schemas]) hash.update(JSON.stringify(row));
    }
    const before = this.#lists;
    this.#lists = hash.digest('base64');
    return this.#lists !== before;
  }

  #listen(): void {
    this.#unwatch = this.#check.brokers.map((broker) =>
      broker.admin.watchStreams({
        changed: (stream, what) => {
          if (what !== 'updated') {
            this.#want('everything', SETTLE_MS);
            return;
          }
          const streams = this.#changedStreams.get(broker) ?? new Set();
          this.#changedStreams.set(broker, streams.add(stream));
          this.#want('streams', GATHER_MS);
        },
        lost: () => undefined,
        restored: () => this.#want('everything', 0),
        ended: () => {
          this.#isBroken = true;
          this.#wake();
        },
      }),
    );
  }

  async #reconnect(): Promise<void> {
    await this.#close();
    const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures);
    this.#failures += 1;
    await delay(wait, undefined, { signal: this.#ended.signal }).catch(() => undefined);
    if (this.#ended.signal.aborted) return;
    this.#check = await DriftCheck.open(this.#stacks, this.#options);
    this.#isBroken = false;
    this.#listen();
    this.#want('everything', 0);
  }

  async #close(): Promise<void> {
    for (const end of this.#unwatch.splice(0)) end();
    this.#changedStreams.clear();
    await this.#check.close().catch(() => undefined);
  }

  /** Has something read in so many milliseconds at the latest. */
  #want(wish: Wish, inMs: number): void {
    this.#due[wish] = Math.min(this.#due[wish], performance.now() + inMs);
    this.#wake();
  }

  /** Until the time is over, or something is wanted earlier. */
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#wake = done;
    });
  }
}
