import { sentence } from '../../../model/error-text';
import type { Admin } from '../../admin';
import { connectAdmin, readOnly } from '../../admin';
import { Run } from '../../reconcile';
import type { DeclaredObject, DeclaredStack } from '../../synthesised/declared-stack';
import type { Finding, Report, ReportedBroker, ReportedObject } from '../report';
import { sorted } from '../report';
import type { DeclaredBroker } from './drift/brokers';
import { brokersOf } from './drift/brokers';
import type { BrokerView } from './drift/compare';
import { compared } from './drift/compare';
import { DeclaredNames } from './drift/declared-names';
import { withHistory } from './drift/history';
import { withoutIgnored } from './drift/ignored';
import { inFlight } from './drift/in-flight';
import { unmanaged } from './drift/unmanaged';

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

/** How many schemas are read at the same time; everything else is read in bulk. */
const IN_FLIGHT = 8;

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
  readonly #stacks: readonly DeclaredStack[];
  readonly #options: DriftOptions;
  readonly #brokers: readonly OpenBroker[];
  readonly #findings: readonly Finding[];

  private constructor(
    stacks: readonly DeclaredStack[],
    options: DriftOptions,
    brokers: readonly OpenBroker[],
    findings: readonly Finding[],
  ) {
    this.#stacks = stacks;
    this.#options = options;
    this.#brokers = brokers;
    this.#findings = findings;
  }

  /** Connects to every broker of the stacks, once each. */
  static async open(stacks: readonly DeclaredStack[], options: DriftOptions): Promise<DriftCheck> {
    const { environment, includeUnmanaged = false, progress } = options;
    const { brokers, findings } = brokersOf(stacks, environment, includeUnmanaged);
    const open: OpenBroker[] = [];
    try {
      for (const broker of brokers) {
        progress?.(`connecting to ${broker.connection.host}:${broker.connection.port}`);
        open.push({ ...broker, admin: readOnly(await connectAdmin(broker.connection)) });
      }
    } catch (error) {
      await Promise.all(open.map(({ admin }) => admin.close()));
      throw error;
    }
    const problems = stacks.flatMap(({ name, problems: found }) =>
      found.map((problem): Finding => ({
        severity: 'warning',
        code: 'UNRESOLVED',
        message: sentence(`stack "${name}": ${problem}`),
      })),
    );
    return new DriftCheck(stacks, options, open, [...problems, ...findings]);
  }

  async report(): Promise<Report> {
    const { ignore = [], progress } = this.#options;
    const parts: BrokerPart[] = [];
    for (const broker of this.#brokers) {
      progress?.(`reading ${broker.admin.facts.address}`);
      parts.push(await this.#compare(broker));
    }
    const all = parts.flatMap(({ objects }) => objects);
    const { objects, findings } = await withoutIgnored(all, ignore);
    return {
      source: 'drift',
      madeAt: new Date().toISOString(),
      brokers: this.#brokers.map(({ admin }) => reported(admin)),
      stacks: this.#stacks.map(({ name }) => name).sort(),
      objects: sorted(objects),
      tests: [],
      findings: [...this.#findings, ...parts.flatMap((part) => part.findings), ...findings],
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#brokers.map(({ admin }) => admin.close()));
  }

  async #compare({ admin, objects }: OpenBroker): Promise<BrokerPart> {
    const { includeUnmanaged = false, progress } = this.#options;
    const view = await viewOf(admin, objects, this.#brokers.length > 1);
    progress?.(`comparing ${objects.length} objects`);
    const found = await inFlight(objects, IN_FLIGHT, (object) => compared(object, view));
    const extra = includeUnmanaged
      ? unmanaged(
          view,
          this.#stacks.map(({ name }) => name),
        )
      : { objects: [], findings: [] };
    return {
      objects: [...(await withHistory(found, view)), ...extra.objects],
      findings: extra.findings,
    };
  }
}

interface OpenBroker extends DeclaredBroker {
  readonly admin: Admin;
}

interface BrokerPart {
  readonly objects: readonly ReportedObject[];
  readonly findings: readonly Finding[];
}

/** Reads a broker in bulk. */
async function viewOf(
  admin: Admin,
  objects: readonly DeclaredObject[],
  isLabelled: boolean,
): Promise<BrokerView> {
  const run = new Run(admin);
  const [snapshot, station, schema, enforcement] = await Promise.all([
    run.snapshot(),
    admin.ledger.list('station'),
    admin.ledger.list('schema'),
    admin.ledger.list('enforcement'),
  ]);
  return {
    run,
    snapshot,
    records: { station, schema, enforcement },
    declared: new DeclaredNames(objects),
    ...(isLabelled ? { label: admin.facts.address } : {}),
  };
}

function reported({ facts }: Admin): ReportedBroker {
  const { address, restAddress, serverVersion } = facts;
  return { address, restAddress, serverVersion };
}
