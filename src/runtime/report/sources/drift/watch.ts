import { setTimeout as delay } from 'node:timers/promises';
import type { DeclaredStack } from '../../../synthesised/declared-stack';
import type { Finding, Report } from '../../report';
import type { BrokerCheck, BrokerPart } from './broker-check';
import type { WatchPace } from './broker-watch';
import { BrokerWatch } from './broker-watch';
import type { ComparedBroker, DriftOptions } from './comparison';
import { Comparison } from './comparison';

/** Why brokers cannot be used at the moment, by their addresses. */
export type Outages = ReadonlyMap<string, Error>;

/** Is notified of what a watch finds. */
export interface DriftListener {
  /**
   * After every check, also when it found what the one before it found. The objects of a broker that cannot be used are as
   * they were found last.
   */
  checked(report: Report, outages: Outages): void;
  /** A broker cannot be used; the watch tries again until it can, and goes on with the others. */
  unreachable(error: Error, address: string, outages: Outages): void;
  /**
   * The stacks have changed, and are compared from now on.
   * @param error why they cannot be; those that were compared before still are
   */
  reread?(error: Error | undefined): void;
}

/** Where stacks come from, which may change while they are compared. */
export interface StackSource {
  /** True when what `read` would return may have changed since it was last called. */
  hasChanged(): boolean;
  /** @throws EnvironmentError when it cannot be read, also while it is being written. */
  read(): Promise<readonly DeclaredStack[]>;
}

export interface WatchOptions {
  readonly pace?: WatchPace;
  /** Read again when it changes. Absent: the same stacks are compared until the end. */
  readonly source?: StackSource;
}

const defaultPace: WatchPace = { listsMs: 5_000, everythingMs: 30_000 };

/** How often it is looked whether the stacks have changed. */
const SOURCE_MS = 200;
/** A synth writes its files one after the other: so many attempts pass before one that cannot be read is a problem. */
const PATIENCE = 10;

/** Compares stacks with their brokers as long as it runs. Each broker has a watch of its own, and an outage of its own. */
export class DriftWatch {
  readonly #options: DriftOptions;
  readonly #listener: DriftListener;
  readonly #pace: WatchPace;
  readonly #ended = new AbortController();
  #comparison: Comparison;
  #watches: readonly BrokerWatch[] = [];
  /** What was found last, in the order of the brokers. */
  #parts = new Map<string, BrokerPart>();
  #outages = new Map<string, Error>();
  /** Reports are made one after the other. */
  #reporting: Promise<void> = Promise.resolve();
  readonly #rereading: Promise<void>;

  private constructor(
    comparison: Comparison,
    open: readonly BrokerCheck[],
    options: DriftOptions,
    listener: DriftListener,
    { pace = defaultPace, source }: WatchOptions,
  ) {
    this.#options = options;
    this.#listener = listener;
    this.#pace = pace;
    this.#comparison = comparison;
    this.#watch(open);
    this.#rereading = source === undefined ? Promise.resolve() : this.#reread(source);
  }

  /**
   * Connects, and begins with a check of everything.
   * @throws ConnectionError, AuthenticationError, TimeoutError when the first attempt to connect fails.
   */
  static async start(
    stacks: readonly DeclaredStack[],
    options: DriftOptions,
    listener: DriftListener,
    watching: WatchOptions = {},
  ): Promise<DriftWatch> {
    const comparison = new Comparison(stacks, options);
    return new DriftWatch(comparison, await comparison.openAll(), options, listener, watching);
  }

  /** Ends after the checks that are under way. */
  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#rereading;
    await Promise.all(this.#watches.map((watch) => watch.stop()));
    await this.#reporting;
  }

  #watch(open: readonly BrokerCheck[]): void {
    const comparison = this.#comparison;
    const parts = new Map<string, BrokerPart>();
    const outages = new Map<string, Error>();
    this.#parts = parts;
    this.#outages = outages;
    this.#watches = comparison.brokers.map((broker, index) => {
      const listener = {
        found: (part: BrokerPart) => {
          parts.set(keyOf(broker, index), part);
          outages.delete(broker.address);
          this.#report(comparison);
        },
        unreachable: (error: Error) => {
          outages.set(broker.address, error);
          this.#listener.unreachable(error, broker.address, new Map(outages));
        },
      };
      return new BrokerWatch(open[index], () => broker.open(), listener, this.#pace);
    });
    // Without a broker there is nothing to wait for.
    if (comparison.brokers.length === 0) this.#report(comparison);
  }

  /** Reports what was found on all brokers, once each of them was read or is known to be away. */
  #report(comparison: Comparison): void {
    this.#reporting = this.#reporting.then(() => {
      if (comparison !== this.#comparison) return;
      const { brokers } = comparison;
      const isKnown = (broker: ComparedBroker, index: number): boolean =>
        this.#parts.has(keyOf(broker, index)) || this.#outages.has(broker.address);
      if (!brokers.every(isKnown)) return;
      const parts = brokers.flatMap((broker, index) => this.#parts.get(keyOf(broker, index)) ?? []);
      const outages = new Map(this.#outages);
      const report = comparison.reportOf(parts, [...outages.keys()].map(outdated));
      this.#listener.checked(report, outages);
    });
  }

  /** Compares what the source holds, from a moment after it changes. */
  async #reread(source: StackSource): Promise<void> {
    let isPending = false;
    let attempts = 0;
    for (;;) {
      await delay(SOURCE_MS, undefined, { signal: this.#ended.signal }).catch(() => undefined);
      if (this.#ended.signal.aborted) return;
      const isBeingWritten = source.hasChanged();
      isPending ||= isBeingWritten;
      if (!isPending) continue;
      attempts += 1;
      if (isBeingWritten && attempts < PATIENCE) continue;
      try {
        await this.#compare(new Comparison(await source.read(), this.#options));
        isPending = false;
        this.#listener.reread?.(undefined);
      } catch (error) {
        if (attempts < PATIENCE) continue;
        // Until it changes again there is nothing to try.
        isPending = false;
        this.#listener.reread?.(error as Error);
      }
      attempts = 0;
    }
  }

  async #compare(comparison: Comparison): Promise<void> {
    const before = this.#watches;
    this.#comparison = comparison;
    this.#watches = [];
    await Promise.all(before.map((watch) => watch.stop()));
    this.#watch([]);
  }
}

/** Several providers may log in to one broker as different users. */
function keyOf({ address }: ComparedBroker, index: number): string {
  return `${index} ${address}`;
}

function outdated(address: string): Finding {
  const message = `The broker at ${address} cannot be used at the moment. Its objects are reported as they were found last.`;
  return { severity: 'warning', code: 'BROKER_UNREACHABLE', message };
}
