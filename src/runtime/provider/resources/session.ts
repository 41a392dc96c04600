import type { ConnectionSettings } from '../../../model/connection';
import { resolveConnection } from '../../../model/connection';
import { BrokerMismatchError } from '../../../model/errors';
import type { StationDefaults } from '../../../model/station-defaults';
import type { Admin } from '../../admin';
import { connectAdmin } from '../../admin';
import { Run } from '../../reconcile';
import type { Values } from '../cty/value';
import type { Outcome, Private } from '../framework/resource';
import { NamesInPlan } from './claimed-names';
import { Outage } from './diagnose';
import { Upcoming } from './upcoming';

/** What an object keeps about the broker it is on. */
export type KnownBroker = Readonly<Record<'brokerId' | 'brokerAddress', string>>;

/** What the provider's configuration says beside the connection. */
export interface SessionOptions {
  /** What stands before the names of the environment variables. */
  readonly envPrefix?: string;
  readonly allowBrokerChange: boolean;
  readonly stationDefaults: StationDefaults;
  /** Aborted when Terraform was killed while the process still works. */
  readonly orphaned?: AbortSignal;
}

/** One configured provider process: its connection to the broker, and what it has read. */
export class Session {
  /** What the engine has read and may read in this process. */
  readonly run: Run;
  /** The uids of the objects that this process created or resumed, by kind and name. */
  readonly created = new Map<string, string>();
  /** The objects that this plan leaves on the broker, by kind and name. */
  readonly planned = new Upcoming();
  /** The objects that this process has created or changed, by kind and name. */
  readonly made = new Upcoming();
  /** The objects of the state that Terraform has shown to this process, by kind and name. */
  readonly inState = new Map<string, Values>();
  /** The state of the set in which a station stands, by external name; as Terraform has shown it to this process. */
  readonly setOf = new Map<string, Values>();
  /** The stations that the removal of a replaced set has left to the new one: the state of the old set, by external name. */
  readonly keptOf = new Map<string, Values>();
  /** The stations of a set that is to be removed, which the set that Terraform created before has taken over. */
  readonly takenOver = new Set<string>();
  /** True as soon as Terraform has asked to end the run: nothing new is begun then. */
  isStopped = false;
  /** The objects that import blocks of this plan take over, by kind and name. */
  readonly imported = new Set<string>();
  /** Objects of the state whose names other objects have taken, by kind and name; found while this plan was refreshed. */
  readonly taken = new Set<string>();
  /** Shortens the errors that follow from the first one about an unreachable broker. */
  readonly outage = new Outage();
  /** For which objects the resources of this plan stand. */
  readonly claimed = new NamesInPlan();
  #hasReportedMismatch = false;
  #ensuredId: Promise<string> | undefined;

  readonly #brokerId: string | undefined;
  readonly #allowBrokerChange: boolean;

  /** What the provider's configuration says for all stations. */
  readonly stationDefaults: StationDefaults;

  private constructor(
    readonly admin: Admin,
    brokerId: string | undefined,
    { allowBrokerChange, stationDefaults, orphaned }: SessionOptions,
  ) {
    this.#brokerId = brokerId;
    this.#allowBrokerChange = allowBrokerChange;
    this.stationDefaults = stationDefaults;
    this.run = new Run(admin, { abandoned: orphaned });
  }

  static async open(settings: ConnectionSettings, options: SessionOptions): Promise<Session> {
    const admin = await connectAdmin(resolveConnection(settings, process.env, options.envPrefix));
    try {
      return new Session(admin, await admin.ledger.brokerId(), options);
    } catch (error) {
      await admin.close();
      throw error;
    }
  }

  /**
   * Reads an object of the state, unless it is on another broker; then it stays as it is, and the run fails.
   * @throws BrokerMismatchError
   */
  async readHere(state: Values, privateState: Private, read: () => Promise<Outcome>): Promise<Outcome> {
    if (this.#isElsewhere(privateState)) return { state };
    const outcome = await read();
    if (this.#brokerId === undefined) return outcome;
    const here = {
      brokerId: this.#brokerId,
      brokerAddress: privateState.brokerAddress ?? this.admin.facts.address,
    };
    return { ...outcome, private: { ...privateState, ...here } };
  }

  /** Call it before anything on the broker changes: this process applies, and its plans have nothing to wait for. */
  changing(): void {
    this.run.changing();
    this.planned.release();
  }

  /** What to keep with an object that was just made or changed. */
  async identity(): Promise<KnownBroker> {
    this.#ensuredId ??= this.admin.ledger.ensureBrokerId();
    const brokerId = await this.#ensuredId.catch((error: unknown) => {
      this.#ensuredId = undefined;
      throw error;
    });
    return { brokerId, brokerAddress: this.admin.facts.address };
  }

  /**
   * Whether an object of the state is on another broker than this one. Then it must not be looked for here: it would
   * seem to be gone. The first such object fails the run with both names; the others stay as they are.
   * @throws BrokerMismatchError
   */
  #isElsewhere({ brokerId, brokerAddress }: Private): boolean {
    if (typeof brokerId !== 'string' || brokerId === this.#brokerId || this.#allowBrokerChange) return false;
    if (this.#hasReportedMismatch) return true;
    this.#hasReportedMismatch = true;
    throw otherBroker(
      { brokerId, brokerAddress: String(brokerAddress) },
      { brokerId: this.#brokerId, brokerAddress: this.admin.facts.address },
    );
  }
}

/**
 * The error for a state that another broker's objects are in. At the same address it is most likely the same broker, with
 * its data lost: a local one that was started again without a store.
 */
function otherBroker(
  known: KnownBroker,
  reached: { readonly brokerId: string | undefined; readonly brokerAddress: string },
): BrokerMismatchError {
  const isSameAddress = known.brokerAddress === reached.brokerAddress;
  const now =
    reached.brokerId === undefined
      ? 'a broker that nothing was deployed on yet'
      : `the broker ${reached.brokerId}`;
  return new BrokerMismatchError({
    attempted: 'use this state',
    found: isSameAddress
      ? `the broker at ${reached.brokerAddress} no longer has what was deployed on it: the state was made with the broker ${known.brokerId}, and now it is ${now}. It was started with an empty store, or replaced; nothing was changed`
      : `it was made with the broker ${known.brokerId} (then at ${known.brokerAddress}), but ${reached.brokerAddress} is ${now}; nothing was changed`,
    next: isSameAddress
      ? 'Restore the data of the broker, or set allowBrokerChange: true on MemphisProvider: the next deploy creates everything again. A local broker keeps its data across restarts with cdktf-memphis broker start --store FOLDER'
      : 'Check MEMPHIS_HOST and MEMPHIS_PORT. If the stack is meant to move to this broker, set allowBrokerChange: true on MemphisProvider',
  });
}
