import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { BrokerCheck, BrokerPart } from './broker-check';

/** Is notified of what the watch of one broker finds. */
export interface BrokerListener {
  /** After every check, also when it found what the one before it found. */
  found(part: BrokerPart): void;
  /** The broker cannot be used, and what was found before may be outdated. */
  unreachable(error: Error): void;
}

/** How often is read what nobody announces, at most, in milliseconds. */
export interface WatchPace {
  /** The lists of stations and schemas of REST. Default 5,000. */
  readonly listsMs: number;
  /** Everything, owners and messages included. Default 30,000. */
  readonly everythingMs: number;
  /** The part of a core that one kind of looks may take. Default 0.002: with what comes after them, all stay below 1 %. */
  readonly share?: number;
}

/** Announcements that come together are read together: a change of a station updates every partition. */
const GATHER_MS = 100;
/** Streams come and go with stations, which REST shows a moment later. */
const SETTLE_MS = 300;

const DEFAULT_SHARE = 0.002;
/** How long to wait before the next attempt to connect. */
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;

/** What is to be read next. */
type Wish = 'everything' | 'lists' | 'streams';

/**
 * Compares one broker as long as it runs: at once when the server announces a change of a stream, and from time to time
 * because REST announces nothing. A broker that is gone is tried again until it is back.
 */
export class BrokerWatch {
  readonly #open: () => Promise<BrokerCheck>;
  readonly #listener: BrokerListener;
  readonly #pace: WatchPace;
  readonly #ended = new AbortController();
  #changedStreams = new Set<string>();
  /** Undefined while there is no connection. */
  #check: BrokerCheck | undefined;
  #unwatch: () => void = () => undefined;
  #isBroken = false;
  #isFirst: boolean;
  /** Attempts since the last check that went well. */
  #failures = 0;
  /** When each wish is due, on the clock of `performance`. */
  readonly #due: Record<Wish, number> = { everything: 0, lists: Infinity, streams: Infinity };
  #wake: () => void = () => undefined;
  #lists = '';
  readonly #running: Promise<void>;

  /**
   * @param check that is connected already; undefined: the watch connects
   * @param open connects again
   */
  constructor(
    check: BrokerCheck | undefined,
    open: () => Promise<BrokerCheck>,
    listener: BrokerListener,
    pace: WatchPace,
  ) {
    this.#open = open;
    this.#listener = listener;
    this.#pace = pace;
    this.#check = check;
    this.#isFirst = check === undefined;
    if (check !== undefined) this.#listen(check);
    this.#running = this.#run();
  }

  /** Ends after the check that is under way, and closes the connection. */
  async stop(): Promise<void> {
    this.#ended.abort();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      try {
        if (this.#check === undefined || this.#isBroken) await this.#connect();
        else await this.#next(this.#check);
      } catch (error) {
        this.#isBroken = true;
        if (!this.#isEnded()) this.#listener.unreachable(error as Error);
      }
    }
    await this.#close();
  }

  /** Waits for the wish that is due first, and fulfils it. */
  async #next(check: BrokerCheck): Promise<void> {
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
      const changed = this.#changedStreams;
      this.#changedStreams = new Set();
      this.#found(await check.streams(changed));
      return;
    }
    const begin = process.cpuUsage();
    if (wish === 'everything') await this.#readEverything(check);
    else if (await this.#haveListsChanged(check)) this.#want('everything', 0);
    const { user, system } = process.cpuUsage(begin);
    const { listsMs, everythingMs, share = DEFAULT_SHARE } = this.#pace;
    const rest = (user + system) / 1000 / share;
    if (wish === 'everything') this.#want('everything', Math.max(everythingMs, rest));
    // Lists are read sooner, because they cost less than everything did.
    this.#want('lists', wish === 'lists' ? Math.max(listsMs, rest) : listsMs);
  }

  async #readEverything(check: BrokerCheck): Promise<void> {
    this.#changedStreams = new Set();
    this.#due.streams = Infinity;
    // Before the check, so that a change during it is found by the next look.
    await this.#haveListsChanged(check);
    this.#found(await check.whole());
    this.#failures = 0;
  }

  #isEnded(): boolean {
    return this.#ended.signal.aborted;
  }

  /** What comes after the end is news to nobody. */
  #found(part: BrokerPart): void {
    if (!this.#ended.signal.aborted) this.#listener.found(part);
  }

  /** Reads what REST lists, and compares it with the last time. */
  async #haveListsChanged({ admin }: BrokerCheck): Promise<boolean> {
    const [{ rows }, schemas] = await Promise.all([admin.listNewestStations(), admin.listSchemas()]);
    const hash = createHash('sha1');
    for (const row of [...rows, ...schemas]) hash.update(JSON.stringify(row));
    const before = this.#lists;
    this.#lists = hash.digest('base64');
    return this.#lists !== before;
  }

  #listen({ admin }: BrokerCheck): void {
    this.#unwatch = admin.watchStreams({
      changed: (stream, what) => {
        if (what !== 'updated') {
          this.#want('everything', SETTLE_MS);
          return;
        }
        this.#changedStreams.add(stream);
        this.#want('streams', GATHER_MS);
      },
      lost: () => undefined,
      restored: () => this.#want('everything', 0),
      ended: () => {
        this.#isBroken = true;
        this.#wake();
      },
    });
  }

  async #connect(): Promise<void> {
    await this.#close();
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (!isFirst) {
      const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures);
      this.#failures += 1;
      await delay(wait, undefined, { signal: this.#ended.signal }).catch(() => undefined);
      if (this.#ended.signal.aborted) return;
    }
    this.#check = await this.#open();
    this.#isBroken = false;
    this.#listen(this.#check);
    this.#want('everything', 0);
  }

  async #close(): Promise<void> {
    this.#unwatch();
    this.#unwatch = () => undefined;
    this.#changedStreams = new Set();
    await this.#check?.close().catch(() => undefined);
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
