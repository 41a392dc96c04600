import { madeByTheBroker } from '../../../../model/first-start';
import { externalName, fromInternalName, internalName, parsePartitionStream } from '../../../../model/names';
import { isShadowStationName } from '../../../../model/smoke-test';
import type { LedgerKind, LedgerRecord } from '../../../admin';
import type { Finding, ReportedObject } from '../../report';
import type { BrokerView } from './compare';
import { liveFacts } from './live-facts';

/** What is on a broker and declared by nobody, and how much of it other stacks own. */
export interface Unmanaged {
  readonly objects: readonly ReportedObject[];
  readonly findings: readonly Finding[];
}

/** The kinds of objects that are looked for. A broker always has its settings, so nobody need declare them. */
export const searchedKinds: readonly LedgerKind[] = ['station', 'schema', 'enforcement', 'user'];

/**
 * Finds what no stack declares: stations, schemas, enforcements, users, streams without a station, and records of the ledger
 * without an object. What the ledger records for stacks that were not read is left out and counted: they declare it.
 * @param stacks the names of the stacks that were read
 */
export function unmanaged(view: BrokerView, stacks: readonly string[]): Unmanaged {
  const search = new Search(view, new Set(stacks));
  return { objects: [...search.objects()], findings: search.findings() };
}

class Search {
  readonly #view: BrokerView;
  readonly #stacks: ReadonlySet<string>;
  readonly #elsewhere = new Map<string, number>();
  #smokeStations = 0;

  constructor(view: BrokerView, stacks: ReadonlySet<string>) {
    this.#view = view;
    this.#stacks = stacks;
  }

  *objects(): Generator<ReportedObject> {
    const { snapshot, users } = this.#view;
    for (const station of snapshot.stations.values()) {
      const { name, id, schemaName } = station.row;
      const isDefault = name === madeByTheBroker.station;
      if (!isDefault) yield* this.#object('station', name, String(id), station, schemaName);
      const isDefaultSchema = isDefault && schemaName === madeByTheBroker.schema;
      if (schemaName !== '' && !isDefaultSchema)
        yield* this.#object('enforcement', name, String(id), station.row, schemaName);
    }
    for (const { name, id } of snapshot.schemas.values()) {
      if (name !== madeByTheBroker.schema) yield* this.#object('schema', name, String(id), {}, '');
    }
    for (const { name, id } of users.values()) yield* this.#object('user', name, String(id), {}, '');
    for (const { config, state } of snapshot.orphans) {
      const { internal = '', partition = 0 } = parsePartitionStream(config.name) ?? {};
      const { messages, bytes, consumer_count: consumerGroups } = state;
      const partitions = [{ number: partition, messages, bytes }];
      yield {
        ...this.#unmanaged('stream', config.name),
        findings: [
          note(
            'ORPHAN_STREAM',
            `The broker has no station "${fromInternalName(internal)}" that it belongs to.`,
          ),
        ],
        live: { messages, bytes, partitions, consumerGroups, schemaName: '', dlsStation: '' },
      };
    }
    const { isWithoutRest = false } = this.#view.run.admin.facts;
    const kinds: readonly LedgerKind[] = isWithoutRest ? ['station'] : searchedKinds;
    for (const kind of kinds) {
      for (const [name, record] of this.#view.records[kind]) yield* this.#record(kind, name, record);
    }
  }

  findings(): Finding[] {
    const { declared } = this.#view;
    const findings: Finding[] = [];
    if (this.#elsewhere.size > 0) {
      const counts = [...this.#elsewhere].sort().map(([stack, count]) => `${stack}: ${count}`);
      const message = `Objects of stacks that were not read are left out (${counts.join(', ')}).`;
      findings.push(note('OTHER_STACKS', message));
    }
    if (this.#smokeStations > 0) {
      const message = `Temporary stations of smoke tests are left out (${this.#smokeStations}). The next smoke test removes those of interrupted runs.`;
      findings.push(note('SMOKE_STATIONS', message));
    }
    const kinds = searchedKinds.filter((kind) => !declared.areAllKnown(kind));
    if (kinds.length > 0) {
      const message = `Some of the unmanaged objects may be declared: only Terraform can know the names of some objects (${kinds.join(', ')}).`;
      findings.push(note('UNRESOLVED_NAME', message));
    }
    return findings;
  }

  *#object(
    kind: LedgerKind,
    name: string,
    uid: string,
    live: object,
    schemaName: string,
  ): Generator<ReportedObject> {
    if (this.#view.declared.has(kind, externalName(name))) return;
    if (isShadowStationName(name)) {
      if (kind === 'station') this.#smokeStations += 1;
      return;
    }
    const record = this.#view.records[kind].get(externalName(name));
    const owner = record?.uid === uid ? record.owner : undefined;
    if (owner !== undefined && this.#isElsewhere(owner)) return;
    const findings =
      owner === undefined
        ? []
        : [note('NO_LONGER_DECLARED', `${owner} deployed it, and the stack no longer declares it.`)];
    yield { ...this.#unmanaged(kind, name), findings, live: liveFacts(kind, live, owner, schemaName) };
  }

  /** A record whose object is gone, and that no declaration will renew. */
  *#record(kind: LedgerKind, name: string, { owner, uid, state }: LedgerRecord): Generator<ReportedObject> {
    if (this.#view.declared.has(kind, name)) return;
    const there = this.#uidOf(kind, name);
    if (there !== undefined && (there === uid || state === 'pending')) return;
    const what = state === 'pending' ? 'began to create it' : 'deployed it';
    const message = `${owner} ${what}, and the broker has no such ${kind} any more.`;
    yield {
      ...this.#unmanaged('record', `${kind}/${name}`),
      findings: [note('RECORD_WITHOUT_OBJECT', message)],
    };
  }

  #uidOf(kind: LedgerKind, name: string): string | undefined {
    const { schemas, stations } = this.#view.snapshot;
    if (kind === 'user') {
      const id = this.#view.users.get(name)?.id;
      return id === undefined ? undefined : String(id);
    }
    if (kind === 'schema') {
      const id = schemas.get(name)?.id;
      return id === undefined ? undefined : String(id);
    }
    const row = stations.get(internalName(name))?.row;
    if (row === undefined || (kind === 'enforcement' && row.schemaName === '')) return undefined;
    return String(row.id);
  }

  /** Counts an object of a stack that was not read. */
  #isElsewhere(owner: string): boolean {
    const stack = stackOf(owner);
    if (this.#stacks.has(stack)) return false;
    this.#elsewhere.set(stack, (this.#elsewhere.get(stack) ?? 0) + 1);
    return true;
  }

  #unmanaged(kind: string, name: string) {
    const { label } = this.#view;
    return {
      kind,
      name,
      ...(label === undefined ? {} : { broker: label }),
      status: 'unmanaged' as const,
      action: 'none' as const,
      differences: [],
      unresolved: [],
      history: [],
    };
  }
}

/** An owner is the path of a construct, which begins with its stack; cdktf's id of the project, a UUID, may stand before it. */
function stackOf(owner: string): string {
  const [first = '', second = ''] = owner.split('/');
  return /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(first) ? second : first;
}

function note(code: string, message: string): Finding {
  return { severity: 'note', code, message };
}
