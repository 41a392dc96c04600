import { setImmediate } from 'node:timers/promises';
import type { KindName } from '../../../../model/kinds';
import { kindNames } from '../../../../model/kinds';
import { parsePartitionStream } from '../../../../model/names';
import type { Admin, LedgerRecord } from '../../../admin';
import { connectAdmin, connectToStreams, readOnly } from '../../../admin';
import type { LiveUser, Snapshot } from '../../../reconcile';
import { Run, observe, withStream } from '../../../reconcile';
import type { DeclaredObject } from '../../../synthesised/declared-stack';
import type { Finding, ReportedBroker, ReportedObject } from '../../report';
import type { DeclaredBroker } from './brokers';
import type { BrokerView } from './compare';
import { compared } from './compare';
import { DeclaredNames } from './declared-names';
import { withHistory } from './history';
import { withoutSensitive } from '../sensitive';
import { inParallel } from '../../../admin/batch';
import { driftKinds } from './kinds';
import { searchedKinds, unmanaged } from './unmanaged';

/** What a check of one broker found. */
export interface BrokerPart {
  readonly broker: ReportedBroker;
  readonly objects: readonly ReportedObject[];
  readonly findings: readonly Finding[];
}

export interface BrokerCheckOptions {
  /** True where the reports name the broker of each object. */
  readonly isLabelled: boolean;
  /** The names of the stacks that were read; undefined: what is unmanaged is not reported. */
  readonly unmanagedBeside: readonly string[] | undefined;
  /** True to use the client port alone. Default false. */
  readonly streamsOnly?: boolean;
}

/** The kinds whose objects the snapshot holds. */
const snapshotKinds: readonly KindName[] = ['station', 'schema', 'enforcement'];

/** Schemas are read one by one, so many at the same time; everything else is read in bulk. */
const SCHEMAS_IN_FLIGHT = 8;

/** After so many comparisons without a request, replies that came meanwhile get their turn. */
const COMPARED_IN_ONE_GO = 200;

/** The comparison of one broker with what is declared on it. It may be repeated, wholly or for some streams. */
export class BrokerCheck {
  readonly admin: Admin;
  readonly #declared: DeclaredBroker;
  readonly #options: BrokerCheckOptions;
  readonly #names: DeclaredNames;
  #last: { readonly view: BrokerView; readonly objects: readonly ReportedObject[] } | undefined;

  private constructor(admin: Admin, declared: DeclaredBroker, options: BrokerCheckOptions) {
    this.admin = admin;
    this.#declared = declared;
    this.#options = options;
    this.#names = new DeclaredNames(declared.objects, declared.isPartial);
  }

  /** Connects. @throws ConnectionError, AuthenticationError, TimeoutError */
  static async open(declared: DeclaredBroker, options: BrokerCheckOptions): Promise<BrokerCheck> {
    const connect = options.streamsOnly === true ? connectToStreams : connectAdmin;
    return new BrokerCheck(readOnly(await connect(declared.connection)), declared, options);
  }

  get #broker(): ReportedBroker {
    const { address, restAddress, serverVersion } = this.admin.facts;
    return { address, restAddress, serverVersion };
  }

  close(): Promise<void> {
    return this.admin.close();
  }

  /** Reads everything in bulk and compares it. */
  async whole(): Promise<BrokerPart> {
    const [snapshot, records] = await Promise.all([observe(this.admin), this.#records()]);
    const run = new Run(this.admin, { snapshot });
    const users = this.#isCompared('user') ? await run.users.all() : new Map<string, LiveUser>();
    const view = this.#viewOf(run, snapshot, users, records);
    const found = await comparedAll(this.#declared.objects, view);
    return this.#keep(view, await finished(this.#declared.objects, found, view));
  }

  /**
   * Reads these streams alone, and compares their stations again. What else has changed meanwhile stays unseen.
   * @returns as `whole`, which it does when there is more to read than these streams.
   */
  async streams(names: Iterable<string>): Promise<BrokerPart> {
    if (this.#last === undefined) return this.whole();
    const { view: before, objects } = this.#last;
    let { snapshot } = before;
    const stations = new Set<string>();
    for (const name of names) {
      const stream = await this.admin.readStream(name);
      const next = stream === undefined ? undefined : withStream(snapshot, stream);
      if (next === undefined) return this.whole();
      snapshot = next;
      stations.add(parsePartitionStream(name)?.internal ?? '');
    }
    const view = this.#viewOf(new Run(this.admin, { snapshot }), snapshot, before.users, before.records);
    const again = new Map<number, DeclaredObject>();
    for (const internal of stations) {
      const name = snapshot.stations.get(internal)?.row.name ?? '';
      for (const object of this.#names.namesakes('station', name))
        again.set(this.#declared.objects.indexOf(object), object);
    }
    const objectsAgain = [...again.values()];
    const found = await finished(objectsAgain, await comparedAll(objectsAgain, view), view);
    const changed = new Map([...again.keys()].map((index, at) => [index, found[at]]));
    return this.#keep(
      view,
      objects.map((object, index) => changed.get(index) ?? object),
    );
  }

  async #records(): Promise<BrokerView['records']> {
    const lists = kindNames.map(async (kind) => {
      const isRead = snapshotKinds.includes(kind) || this.#isCompared(kind);
      return [kind, isRead ? await this.admin.ledger.list(kind) : new Map<string, LedgerRecord>()] as const;
    });
    return Object.fromEntries(await Promise.all(lists)) as unknown as BrokerView['records'];
  }

  /** What the snapshot does not hold is read only where it is compared with something. */
  #isCompared(wanted: KindName): boolean {
    const isDeclared = this.#declared.objects.some(({ kind }) => kind === wanted);
    return isDeclared || (this.#options.unmanagedBeside !== undefined && searchedKinds.includes(wanted));
  }

  #viewOf(
    run: Run,
    snapshot: Snapshot,
    users: BrokerView['users'],
    records: BrokerView['records'],
  ): BrokerView {
    const label = this.#options.isLabelled ? { label: this.admin.facts.address } : {};
    return { run, snapshot, users, records, declared: this.#names, ...label };
  }

  #keep(view: BrokerView, objects: readonly ReportedObject[]): BrokerPart {
    this.#last = { view, objects };
    const { unmanagedBeside } = this.#options;
    const broker = this.#broker;
    if (unmanagedBeside === undefined) return { broker, objects, findings: [] };
    const extra = unmanaged(view, unmanagedBeside);
    return { broker, objects: [...objects, ...extra.objects], findings: extra.findings };
  }
}

/** Adds the history, which needs the names and values, and then hides what is sensitive. */
async function finished(
  objects: readonly DeclaredObject[],
  found: readonly ReportedObject[],
  view: BrokerView,
): Promise<ReportedObject[]> {
  const withAll = await withHistory(found, view);
  return withAll.map((reported, index) => {
    const object = objects[index];
    if (object === undefined) return reported;
    const { sensitive: fields = [], values, site, kind } = object;
    return withoutSensitive(reported, {
      fields,
      values: fields.map((field) => values[field]),
      nameField: driftKinds[kind].nameField,
      address: site.address,
    });
  });
}

/** Compares while schemas are being read. */
async function comparedAll(objects: readonly DeclaredObject[], view: BrokerView): Promise<ReportedObject[]> {
  const found: ReportedObject[] = [];
  const entries = [...objects.entries()];
  const compare = async ([index, object]: readonly [number, DeclaredObject]): Promise<void> => {
    found[index] = await compared(object, view);
  };
  const others = async (): Promise<void> => {
    let done = 0;
    for (const entry of entries) {
      if (entry[1].kind === 'schema') continue;
      await compare(entry);
      done += 1;
      if (done % COMPARED_IN_ONE_GO === 0) await setImmediate();
    }
  };
  const schemas = entries.filter(([, { kind }]) => kind === 'schema');
  await Promise.all([inParallel(schemas, compare, SCHEMAS_IN_FLIGHT), others()]);
  return found;
}
