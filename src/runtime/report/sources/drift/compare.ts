import { brokerFields } from '../../../../model/field';
import type { MemphisError } from '../../../../model/errors';
import { errorText, sentence } from '../../../../model/error-text';
import type { Compatibility } from '../../../../model/schema-compatibility';
import { externalName, internalName } from '../../../../model/names';
import { restOnlyStationFields } from '../../../admin';
import type { DeclaredObject } from '../../../synthesised/declared-stack';
import type { LiveStation, LiveUser, Plan, Permissions, Run, Snapshot } from '../../../reconcile';
import { damageOf, describeCarry, isIntact } from '../../../reconcile';
import type { Action, Difference, Finding, HistoryEntry, ReportedObject, Stake } from '../../report';
import type { DeclaredNames } from './declared-names';
import { unitsOf } from '../units';
import type { DriftKind } from './kinds';
import { declaredName, driftKinds } from './kinds';
import type { Records } from './live-facts';
import { liveFacts } from './live-facts';

/** One broker as a check sees it: what is live, who is recorded to own it, and what is declared on it. */
export interface BrokerView {
  readonly run: Run;
  readonly snapshot: Snapshot;
  readonly records: Records;
  /** The users by name; empty where nothing is said of users. */
  readonly users: ReadonlyMap<string, LiveUser>;
  readonly declared: DeclaredNames;
  /** Its address where several brokers are compared. */
  readonly label?: string;
}

/** Compares one declared object with its broker, and plans it as the provider would. */
export async function compared(object: DeclaredObject, view: BrokerView): Promise<ReportedObject> {
  const described = driftKinds[object.kind];
  const name = declaredName(object);
  const base = {
    kind: object.kind,
    ...(view.label === undefined ? {} : { broker: view.label }),
    declaration: object.site,
    unresolved: unresolvedOnBroker(object, described),
    history: [],
  };
  if (name === undefined) {
    const { nameField } = described;
    return {
      ...base,
      name: object.site.address,
      status: 'unknown',
      action: 'none',
      differences: [],
      findings: [
        note('UNRESOLVED_NAME', `Only Terraform can know ${nameField}, so nothing was compared.`, nameField),
      ],
    };
  }
  const { isWithoutRest = false } = view.run.admin.facts;
  if (isWithoutRest && object.kind !== 'station') {
    const message = 'Only the REST API knows it, and it was not asked, so nothing was compared.';
    const findings: Finding[] = [{ severity: 'note', code: 'REST_NOT_READ', message }];
    return { ...base, name, status: 'unknown', action: 'none', differences: [], findings };
  }
  const live = await described.kind.find(view.run, { name });
  // The broker has no such values, so that they differ; Terraform refuses them before anything is deployed.
  const invalid = (problems: readonly string[]): ReportedObject => {
    const findings = problems.map((problem): Finding => ({
      severity: 'error',
      code: 'MEMPHIS_VALIDATION',
      message: sentence(problem),
    }));
    const status = live === undefined ? 'missing' : 'changed';
    return { ...base, name, status, action: 'none', differences: [], findings };
  };
  const problems = described.problems(object);
  if (problems.length > 0) return invalid(problems);
  const outcome =
    live === undefined
      ? await missing(object, name, described, view)
      : await present(object, name, live, described, view);
  const wrong = outcome.status === 'same' ? [] : (described.contentProblems?.(object) ?? []);
  if (wrong.length > 0) return invalid(wrong);
  const interrupted = await described.kind.interrupted?.(view.run, name);
  const left: Finding[] =
    interrupted === undefined
      ? []
      : [{ severity: 'warning', code: 'REPLACEMENT_INTERRUPTED', message: interrupted }];
  return {
    ...base,
    name,
    ...outcome,
    findings: [...left, ...outcome.findings, ...namesakes(object, name, view)],
  };
}

type Outcome = Pick<ReportedObject, 'status' | 'action' | 'differences' | 'findings'> &
  Partial<Pick<ReportedObject, 'stake' | 'live' | 'history'>>;

async function missing(
  object: DeclaredObject,
  name: string,
  { kind, fields }: DriftKind,
  view: BrokerView,
): Promise<Outcome> {
  const record = view.records[object.kind].get(name);
  const history: HistoryEntry[] =
    record?.state === 'complete'
      ? [{ what: 'It was deployed, and removed without Terraform. The broker does not record by whom.' }]
      : [];
  const findings: Finding[] = [];
  const shell = object.kind === 'station' ? view.snapshot.stations.get(internalName(name)) : undefined;
  if (shell !== undefined) {
    findings.push({
      severity: 'warning',
      code: 'STREAMS_LOST',
      message: 'The broker still lists the station, but its streams and messages are gone.',
    });
  }
  const isPlannable = object.unresolved.every((field) => fields[field]?.required !== true);
  if (isPlannable) {
    const plan = await kind.plan(view.run, undefined, kind.canonical(object.values), {
      permissions: permissionsOf(object),
      creation: ownerOf(object),
      createdFirst: view.declared.createdFirst(object),
    });
    findings.push(...refusalsOf(object, plan));
  }
  return { status: 'missing', action: 'create', differences: [], findings, history };
}

async function present(
  object: DeclaredObject,
  name: string,
  live: object,
  { kind, fields }: DriftKind,
  view: BrokerView,
): Promise<Outcome> {
  const asItIs = kind.normalise(live) as Readonly<Record<string, unknown>>;
  // What only Terraform knows counts as what is there, so that it is no difference.
  const unread = view.run.admin.facts.isWithoutRest === true ? restOnlyStationFields : [];
  const unknown = brokerFields(fields).flatMap(([field]) =>
    [...object.unresolved, ...unread].includes(field) ? [[field, asItIs[field]] as const] : [],
  );
  const after = kind.canonical({ ...object.values, ...Object.fromEntries(unknown) });
  const plan = await kind.plan(view.run, live, after, {
    permissions: permissionsOf(object),
    createdFirst: view.declared.createdFirst(object),
  });
  const differences = plan.change.fields.map(({ field, before, after: wanted, change }): Difference => ({
    field,
    declared: wanted,
    live: before,
    ...unitsOf(fields[field], after as Readonly<Record<string, unknown>>, asItIs),
    effect: change.how === 'replace' ? 'replace' : 'inPlace',
    ...(change.how === 'replace' ? { why: capitalised(change.why) } : {}),
  }));
  const foreign = ownership(object, name, kind.uidOf(live), view);
  const isPassedOver = foreign.length > 0;
  const findings = isPassedOver ? foreign : [...refusalsOf(object, plan), ...carriedMessages(plan)];
  if (object.kind === 'station') {
    differences.push(...brokenPartitions(live as LiveStation));
    findings.push(...damage(live as LiveStation), ...undeclaredEnforcement(name, view));
  }
  const record = view.records[object.kind].get(name);
  const owner = record?.uid === kind.uidOf(live) ? record.owner : undefined;
  const row = object.kind === 'station' ? view.snapshot.stations.get(internalName(name))?.row : undefined;
  const stake = isPassedOver ? undefined : stakeOf(object, plan);
  return {
    status: differences.length === 0 ? 'same' : 'changed',
    action: isPassedOver ? 'none' : actionOf(plan, differences),
    differences,
    findings,
    ...(stake === undefined ? {} : { stake }),
    live: liveFacts(object.kind, live, owner, row?.schemaName),
  };
}

/** A repair is an update, and so is for Terraform a replacement that takes the messages along. */
function actionOf({ change, carry }: Plan, differences: readonly Difference[]): Action {
  if (differences.length > 0 && change.kind === 'noop') return 'update';
  return carry === undefined ? actions[change.kind] : 'update';
}

const actions: Readonly<Record<Plan['change']['kind'], Action>> = {
  noop: 'none',
  create: 'create',
  update: 'update',
  replace: 'replace',
  delete: 'delete',
};

function unresolvedOnBroker({ unresolved }: DeclaredObject, { fields }: DriftKind): string[] {
  const compared = new Set(brokerFields(fields).map(([field]) => field));
  return unresolved.filter((field) => compared.has(field));
}

function permissionsOf(object: DeclaredObject): Permissions {
  const { values } = object;
  return {
    ...compatibilityOf(object),
    allowMessageLoss: values.allowMessageLoss === true,
    deletionProtection: values.deletionProtection === true,
    ...(values.onReplace === 'carryMessages' && typeof values.name === 'string'
      ? { carry: { from: externalName(values.name) } }
      : {}),
  };
}

/** What a replacement that takes the messages along means for them and for consumer groups. */
export function carriedMessages({ carry, refusals }: Pick<Plan, 'carry' | 'refusals'>): Finding[] {
  if (carry === undefined || refusals.length > 0) return [];
  return [{ severity: 'note', code: 'MESSAGES_CARRIED', message: describeCarry(carry).join(' ') }];
}

function compatibilityOf({ kind, values, unresolved }: DeclaredObject): Pick<Permissions, 'compatibility'> {
  if (kind !== 'schema' || unresolved.includes('compatibility')) return {};
  return { compatibility: values.compatibility as Compatibility | undefined };
}

function ownerOf({ values }: DeclaredObject) {
  const owner = typeof values.owner === 'string' ? values.owner : '';
  return { owner, adoptExisting: values.adoptExisting === true };
}

/** What the next deploy refuses. A permission that only Terraform knows may be given, so its absence is a warning. */
function refusalsOf({ unresolved }: DeclaredObject, { refusals }: Plan): Finding[] {
  const permissionOf: Readonly<Record<string, string>> = {
    MEMPHIS_MESSAGE_LOSS: 'allowMessageLoss',
    MEMPHIS_DELETION_PROTECTED: 'deletionProtection',
  };
  return refusals.map(({ error, field }) => ({
    severity: unresolved.includes(permissionOf[error.code] ?? '') ? 'warning' : 'error',
    code: error.code,
    message: refusalText(error),
    ...(field === undefined ? {} : { field }),
  }));
}

function refusalText(error: MemphisError): string {
  return `The next deploy is refused: ${errorText(error)}`;
}

function stakeOf({ values }: DeclaredObject, { loss }: Plan): Stake | undefined {
  if (loss === undefined) return undefined;
  const { messages, bytes, consumerGroups, consequence } = loss;
  const isPermitted = values.allowMessageLoss === true;
  return { messages, bytes, consumerGroups, isPermitted, consequence };
}

/** Whose the live object is, as far as the ledger tells. */
function ownership(object: DeclaredObject, name: string, uid: string, view: BrokerView): Finding[] {
  const { owner } = ownerOf(object);
  const record = view.records[object.kind].get(name);
  if (owner === '' || record === undefined || object.unresolved.includes('owner')) return [];
  const isOurs = record.owner === owner;
  if (record.uid === uid && !isOurs) {
    return [
      {
        severity: 'error',
        code: 'OWNED_ELSEWHERE',
        message: `It belongs to ${record.owner}, not to ${owner}. A deploy does not touch it.`,
      },
    ];
  }
  if (isOurs && record.uid !== undefined && record.uid !== uid) {
    return [
      {
        severity: 'error',
        code: 'RECREATED',
        message: `It was removed and created again without Terraform: its uid is ${uid}, and ${record.uid} was deployed. A deploy does not touch it until it is imported.`,
      },
    ];
  }
  return [];
}

/** Partitions that are gone or take no messages; a deploy repairs them. */
function brokenPartitions(station: LiveStation): Difference[] {
  if (isIntact(station)) return [];
  return [{ field: 'intact', declared: true, live: false, effect: 'inPlace' }];
}

/** What is wrong with the partitions, and what repairs them. */
function damage(station: LiveStation): Finding[] {
  return damageOf(station).map(({ code, found, next }) => ({
    severity: 'warning',
    code,
    message: `${sentence(capitalised(found))} ${next}`,
  }));
}

/** A schema that no stack declares for the station: producers must fit it, and nothing in the stacks says so. */
function undeclaredEnforcement(name: string, { snapshot, declared, records }: BrokerView): Finding[] {
  const schemaName = snapshot.stations.get(internalName(name))?.row.schemaName ?? '';
  const isKnown = declared.has('enforcement', name) || records.enforcement.has(name);
  if (schemaName === '' || isKnown || !declared.areAllKnown('enforcement')) return [];
  return [
    {
      severity: 'warning',
      code: 'UNDECLARED_ENFORCEMENT',
      message: `It enforces schema "${schemaName}", which no stack declares for it. A deploy leaves that as it is.`,
    },
  ];
}

function namesakes(object: DeclaredObject, name: string, { declared }: BrokerView): Finding[] {
  const others = declared.namesakes(object.kind, name).filter((each) => each !== object);
  return others.map(({ site }) => ({
    severity: 'error',
    code: 'DECLARED_TWICE',
    message: `${site.constructPath} in stack "${site.stack}" declares the same ${object.kind}. Rename or remove one of them.`,
  }));
}

function note(code: string, message: string, field: string): Finding {
  return { severity: 'note', code, message, field };
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
