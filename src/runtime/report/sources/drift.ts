import { sentence } from '../../../model/error-text';
import type { DeclaredStack } from '../../synthesised/declared-stack';
import type { Finding, Report } from '../report';
import { sorted } from '../report';
import type { BrokerPart } from './drift/broker-check';
import { BrokerCheck } from './drift/broker-check';
import { brokersOf } from './drift/brokers';
import { withoutIgnored } from './drift/ignored';

export interface DriftOptions {
  /** The `MEMPHIS_*` variables: what the configuration of a provider leaves out. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** True to report what no stack declares, too. Default false. */
  readonly includeUnmanaged?: boolean;
  /** Globs of objects to leave out, over the name, `kind/name` and the construct path. */
  readonly ignore?: readonly string[];
  /** Gets what is going on, for people. */
  readonly progress?: (text: string) => void;
}

/**
 * Compares what stacks declare with their brokers, by the code that the provider plans with. It reads only.
 * @throws ConnectionError, AuthenticationError, TimeoutError when one of the brokers cannot be used.
 */
export async function driftReport(stacks: readonly DeclaredStack[], options: DriftOptions): Promise<Report> {
  const check = await DriftCheck.open(stacks, options);
  try {
    return await check.report();
  } finally {
    await check.close();
  }
}

/** A comparison that can be repeated on the same connections. */
export class DriftCheck {
  readonly brokers: readonly BrokerCheck[];
  readonly #stacks: readonly DeclaredStack[];
  readonly #options: DriftOptions;
  readonly #findings: readonly Finding[];
  /** What was found last on each broker. */
  readonly #parts = new Map<BrokerCheck, BrokerPart>();

  private constructor(
    stacks: readonly DeclaredStack[],
    options: DriftOptions,
    brokers: readonly BrokerCheck[],
    findings: readonly Finding[],
  ) {
    this.#stacks = stacks;
    this.#options = options;
    this.brokers = brokers;
    this.#findings = findings;
  }

  /** Connects to every broker of the stacks, once each. */
  static async open(stacks: readonly DeclaredStack[], options: DriftOptions): Promise<DriftCheck> {
    const { environment, includeUnmanaged = false, progress } = options;
    const { brokers, findings } = brokersOf(stacks, environment, includeUnmanaged);
    const unmanagedBeside = includeUnmanaged ? stacks.map(({ name }) => name) : undefined;
    const open: BrokerCheck[] = [];
    try {
      for (const broker of brokers) {
        progress?.(`connecting to ${broker.connection.host}:${broker.connection.port}`);
        open.push(await BrokerCheck.open(broker, { isLabelled: brokers.length > 1, unmanagedBeside }));
      }
    } catch (error) {
      await Promise.all(open.map((broker) => broker.close()));
      throw error;
    }
    return new DriftCheck(stacks, options, open, [...findingsOf(stacks), ...findings]);
  }

  /** Reads every broker, and compares everything. */
  async report(): Promise<Report> {
    for (const broker of this.brokers) {
      this.#options.progress?.(`reading ${broker.admin.facts.address}`);
      this.#parts.set(broker, await broker.whole());
    }
    return this.#reportOf();
  }

  /** Reads some streams of one broker; for the rest, the report says what was found before. */
  async reportAfter(broker: BrokerCheck, streams: Iterable<string>): Promise<Report> {
    this.#parts.set(broker, await broker.streams(streams));
    return this.#reportOf();
  }

  async close(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.close()));
  }

  async #reportOf(): Promise<Report> {
    const parts = [...this.#parts.values()];
    const all = parts.flatMap(({ objects }) => objects);
    const { objects, findings } = await withoutIgnored(all, this.#options.ignore ?? []);
    return {
      source: 'drift',
      madeAt: new Date().toISOString(),
      brokers: this.brokers.map(({ broker }) => broker),
      stacks: this.#stacks.map(({ name }) => name).sort(),
      objects: sorted(objects),
      tests: [],
      findings: [...this.#findings, ...parts.flatMap((part) => part.findings), ...findings],
    };
  }
}

/** What the stacks themselves say: what could not be resolved, and that there is nothing to compare. */
function findingsOf(stacks: readonly DeclaredStack[]): Finding[] {
  const unresolved = stacks.flatMap(({ name, problems }) =>
    problems.map((problem): Finding => ({
      severity: 'warning',
      code: 'UNRESOLVED',
      message: sentence(`Stack "${name}": ${problem}`),
    })),
  );
  if (stacks.some(({ objects }) => objects.length > 0)) return unresolved;
  const message = 'The stacks declare no station, no schema and no enforcement.';
  return [...unresolved, { severity: 'note', code: 'NOTHING_DECLARED', message }];
}
