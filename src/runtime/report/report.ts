/**
 * The one model of every report: what is declared, what is live, what a deploy does about it and what that costs.
 * Sources fill it and know no format; formats print it and know no source. It holds no secret.
 */
import type { DeclarationSite } from '../synthesised/declared-stack';

export type { DeclarationSite } from '../synthesised/declared-stack';

/** Where the facts of a report come from. */
export type ReportSource = 'drift' | 'plan' | 'smoke';

export interface Report {
  readonly source: ReportSource;
  /** ISO 8601, UTC. */
  readonly madeAt: string;
  /** The brokers that were asked, in the order of their addresses; none in a report from a plan file alone. */
  readonly brokers: readonly ReportedBroker[];
  /** Names of the stacks that were read, sorted. */
  readonly stacks: readonly string[];
  /** Every object that was looked at, in the order of `sorted`. */
  readonly objects: readonly ReportedObject[];
  /** Smoke tests that ran (`smoke`), or that the deploy will run (`plan`). */
  readonly tests: readonly ReportedTest[];
  /** What concerns no single object. */
  readonly findings: readonly Finding[];
}

export interface ReportedBroker {
  /** `127.0.0.1:6666` */
  readonly address: string;
  readonly restAddress: string;
  /** The version of its NATS server: `2.10.26`; reports do not have that of Memphis. */
  readonly serverVersion: string;
}

/** What an object is, in the words of the project. `stream` and `record` exist on the broker only. */
export type ObjectKind = 'station' | 'schema' | 'enforcement' | 'stream' | 'record' | (string & {});

/**
 * How the declared and the live object relate:
 * `same`, `changed`, `missing` (declared, not live), `unmanaged` (live, not declared), or `unknown`: only Terraform can
 * know its name.
 */
export type ObjectStatus = 'same' | 'changed' | 'missing' | 'unmanaged' | 'unknown';

/** What the next deploy does. */
export type Action = 'none' | 'create' | 'update' | 'replace' | 'delete';

export interface ReportedObject {
  readonly kind: ObjectKind;
  /** The name on the broker; an enforcement has that of its station. */
  readonly name: string;
  /** The address of its broker; absent where one broker or none was asked. */
  readonly broker?: string;
  readonly status: ObjectStatus;
  readonly action: Action;
  /** Absent for an object that no stack declares. */
  readonly declaration?: DeclarationSite;
  /** The fields that differ, in the order of the model's table. */
  readonly differences: readonly Difference[];
  /** Declared fields whose value only Terraform can know; they were not compared. */
  readonly unresolved: readonly string[];
  /** What the action drops; absent when it drops nothing. */
  readonly stake?: Stake;
  /** Refusals and warnings about this object. */
  readonly findings: readonly Finding[];
  /** Who changed it and when, the newest first, as far as the broker recorded it. */
  readonly history: readonly HistoryEntry[];
  /** What is live, for topology and lists; absent for what is missing. */
  readonly live?: LiveFacts;
}

/** One field that differs. */
export interface Difference {
  /** In the words of the props: `retentionValue`. */
  readonly field: string;
  /** Absent: not declared. */
  readonly declared?: unknown;
  /** Absent: not there. */
  readonly live?: unknown;
  /** What the declared number counts, such as `seconds`; absent for what counts nothing. */
  readonly declaredUnit?: string;
  /** The same of the live number; a retention of another type has another one. */
  readonly liveUnit?: string;
  /** Whether a deploy changes it in place or replaces the object for it. */
  readonly effect: 'inPlace' | 'replace';
  /** Why a replacement, as a sentence. */
  readonly why?: string;
}

/** Messages that the action drops, or that forbid it. */
export interface Stake {
  readonly messages: number;
  readonly bytes: number;
  readonly consumerGroups: number;
  /** True when the declaration permits it (`allowMessageLoss`); false: the deploy is refused. */
  readonly isPermitted: boolean;
  /** The end of the sentence "this would …". */
  readonly consequence: string;
}

export interface Finding {
  readonly severity: 'error' | 'warning' | 'note';
  /** Stable, such as `MEMPHIS_MESSAGE_LOSS` or `UNSYNTHESISED`. */
  readonly code: string;
  /** One sentence or more. */
  readonly message: string;
  /** The field that it is about, in the words of the props. */
  readonly field?: string;
}

export interface HistoryEntry {
  /** ISO 8601; absent when the broker does not record it. */
  readonly at?: string;
  /** User name; absent when the broker does not record it. */
  readonly by?: string;
  /** One sentence. */
  readonly what: string;
}

/** What is live of an object. Only stations have partitions, groups and links. */
export interface LiveFacts {
  readonly messages: number;
  readonly bytes: number;
  readonly partitions: readonly PartitionFacts[];
  /** Absent when they were not read. */
  readonly groups?: readonly GroupFacts[];
  /** Number of consumer groups, also where they were not read one by one. */
  readonly consumerGroups: number;
  /** Empty when none is enforced. */
  readonly schemaName: string;
  /** Empty when there is none. */
  readonly dlsStation: string;
  /** Project, stack and construct path of the owner in the broker's ledger. */
  readonly owner?: string;
}

export interface PartitionFacts {
  readonly number: number;
  readonly messages: number;
  readonly bytes: number;
}

export interface GroupFacts {
  readonly name: string;
  /** Messages not yet acknowledged, over all partitions. */
  readonly backlog: number;
}

/** A smoke test: its verdict, or, in a plan, that it will run. */
export interface ReportedTest {
  readonly name: string;
  readonly station: string;
  readonly target: 'shadow' | 'live';
  readonly declaration?: DeclarationSite;
  /** `planned`: the deploy will run it. `error`: it could not be run. */
  readonly verdict: 'passed' | 'failed' | 'error' | 'planned';
  /** Why it runs, or why it could not; one sentence. */
  readonly reason?: string;
  readonly expectations: readonly ReportedExpectation[];
  readonly durationMs?: number;
  readonly latency?: LatencyFacts;
  /** Messages a second. */
  readonly throughput?: number;
  /** For a failure: the first messages that differ, never payloads unless the user asked for them. */
  readonly messages?: readonly DifferingMessage[];
}

export interface ReportedExpectation {
  /** `all messages are delivered` */
  readonly what: string;
  readonly expected: string;
  readonly seen: string;
  readonly isMet: boolean;
}

/** Milliseconds. */
export interface LatencyFacts {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** Counts of messages by upper bound, ascending. */
  readonly histogram: readonly { readonly upToMs: number; readonly count: number }[];
}

export interface DifferingMessage {
  readonly id: string;
  readonly what: string;
  readonly payload?: string;
}

/** How many of what a report holds. */
export interface ReportCounts {
  readonly objects: number;
  readonly byStatus: Readonly<Record<ObjectStatus, number>>;
  readonly byAction: Readonly<Record<Action, number>>;
  /** Messages that the actions drop, or that stand in their way. */
  readonly messagesAtStake: number;
  readonly tests: Readonly<Record<ReportedTest['verdict'], number>>;
}

export function countsOf({ objects, tests }: Report): ReportCounts {
  const byStatus = { same: 0, changed: 0, missing: 0, unmanaged: 0, unknown: 0 };
  const byAction = { none: 0, create: 0, update: 0, replace: 0, delete: 0 };
  const verdicts = { passed: 0, failed: 0, error: 0, planned: 0 };
  let messagesAtStake = 0;
  for (const { status, action, stake } of objects) {
    byStatus[status] += 1;
    byAction[action] += 1;
    messagesAtStake += stake?.messages ?? 0;
  }
  for (const { verdict } of tests) verdicts[verdict] += 1;
  return { objects: objects.length, byStatus, byAction, messagesAtStake, tests: verdicts };
}

/** How many errors a report and its objects hold. */
export function errorsIn({ findings, objects }: Report): number {
  return [...findings, ...objects.flatMap((object) => object.findings)].filter(
    ({ severity }) => severity === 'error',
  ).length;
}

/** True when a pipeline has to act: drift, a change, a refusal or a test that did not pass. */
export function needsAttention(report: Report): boolean {
  const isOff = ({ status, action }: ReportedObject): boolean =>
    status === 'changed' || status === 'missing' || status === 'unmanaged' || action !== 'none';
  const isError = ({ severity }: Finding): boolean => severity === 'error';
  return (
    report.objects.some((object) => isOff(object) || object.findings.some(isError)) ||
    report.findings.some(isError) ||
    report.tests.some(({ verdict }) => verdict === 'failed' || verdict === 'error')
  );
}

const actionOrder: readonly Action[] = ['delete', 'replace', 'update', 'create', 'none'];

/** The order of every report: what destroys comes first, then by kind and name. */
export function sorted(objects: readonly ReportedObject[]): ReportedObject[] {
  const rank = ({ action, status }: ReportedObject): number =>
    actionOrder.indexOf(action) + (status === 'same' ? 1 : 0);
  return [...objects].sort((a, b) => rank(a) - rank(b) || compare(a.kind, b.kind) || compare(a.name, b.name));
}

/** By code units, the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
