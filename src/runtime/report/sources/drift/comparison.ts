import { sentence } from '../../../../model/error-text';
import { restOnlyStationFields } from '../../../admin';
import type { DeclaredStack } from '../../../synthesised/declared-stack';
import type { Finding, Report } from '../../report';
import { sorted } from '../../report';
import type { BrokerPart } from './broker-check';
import { BrokerCheck } from './broker-check';
import { brokersOf } from './brokers';
import { withoutIgnored } from './ignored';

export interface DriftOptions {
  /** The `MEMPHIS_*` variables: what the configuration of a provider leaves out. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** True to report what no stack declares, too. Default false. */
  readonly includeUnmanaged?: boolean;
  /** True to use the client port alone, and to leave out what only the REST API tells. Default false. */
  readonly streamsOnly?: boolean;
  /** Globs of objects to leave out, over the name, `kind/name` and the construct path. */
  readonly ignore?: readonly string[];
  /** Gets what is going on, for people. */
  readonly progress?: (text: string) => void;
}

/** A broker that stacks declare objects on. */
export interface ComparedBroker {
  /** `127.0.0.1:6666` */
  readonly address: string;
  /** Connects. @throws ConnectionError, AuthenticationError, TimeoutError */
  open(): Promise<BrokerCheck>;
}

/** What is compared: some stacks, with each of the brokers that they name. */
export class Comparison {
  /** Each once, however many providers name it. */
  readonly brokers: readonly ComparedBroker[];
  readonly #stacks: readonly DeclaredStack[];
  readonly #options: DriftOptions;
  readonly #findings: readonly Finding[];

  /** @throws ConnectionSettingsError for settings of a broker that are missing or wrong. */
  constructor(stacks: readonly DeclaredStack[], options: DriftOptions) {
    const { environment, includeUnmanaged = false, streamsOnly = false } = options;
    const { brokers, findings } = brokersOf(stacks, environment, includeUnmanaged);
    const unmanagedBeside = includeUnmanaged ? stacks.map(({ name }) => name) : undefined;
    const isLabelled = brokers.length > 1;
    this.#stacks = stacks;
    this.#options = options;
    this.#findings = [...findingsOf(stacks), ...findings, ...(streamsOnly ? [notRead()] : [])];
    this.brokers = brokers.map((broker) => ({
      address: `${broker.connection.host}:${broker.connection.port}`,
      open: () => BrokerCheck.open(broker, { isLabelled, unmanagedBeside, streamsOnly }),
    }));
  }

  /** Connects to every broker, in their order. @throws the error of the first that cannot be used; the others are closed. */
  async openAll(): Promise<BrokerCheck[]> {
    const open: BrokerCheck[] = [];
    try {
      for (const broker of this.brokers) {
        this.#options.progress?.(`connecting to ${broker.address}`);
        open.push(await broker.open());
      }
    } catch (error) {
      await Promise.all(open.map((check) => check.close()));
      throw error;
    }
    return open;
  }

  /** The report of what was found on the brokers. @param more findings that concern no single object */
  reportOf(parts: readonly BrokerPart[], more: readonly Finding[] = []): Report {
    const all = parts.flatMap(({ objects }) => objects);
    const { objects, findings } = withoutIgnored(all, this.#options.ignore ?? []);
    return {
      source: 'drift',
      madeAt: new Date().toISOString(),
      brokers: parts.map(({ broker }) => broker),
      stacks: this.#stacks.map(({ name }) => name).sort(),
      objects: sorted(objects),
      tests: [],
      findings: [...this.#findings, ...more, ...parts.flatMap((part) => part.findings), ...findings],
    };
  }
}

/** What the client port alone does not tell. */
function notRead(): Finding {
  return {
    severity: 'warning',
    code: 'REST_NOT_READ',
    message: `The REST API was not asked. Of stations, ${restOnlyStationFields.join(', ')} were not compared; schemas, enforcements, users and settings of the broker were not compared at all.`,
  };
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
