import { resolveConnection } from '../../../../model/connection';
import { MemphisError, ValidationError, errorText } from '../../../../model/errors';
import { clauses, inOneLine, quotedNames, sentence } from '../../../../model/error-text';
import { fieldNames, terraformName } from '../../../../model/field';
import { externalName } from '../../../../model/names';
import type { StationDeclaration } from '../../../../model/station';
import { stationFields } from '../../../../model/station';
import type { Admin } from '../../../admin';
import { connectAdmin, readOnly } from '../../../admin';
import type { LiveStation } from '../../../reconcile';
import { Run, observe, stationKind } from '../../../reconcile';
import type { Finding, ReportedBroker, ReportedObject } from '../../report';
import type { ProviderConnection } from '../drift/brokers';
import { carriedMessages } from '../drift/compare';
import { liveFacts } from '../drift/live-facts';
import type { PlannedObject } from './changes';
import { isLossPermitted } from './permission';
import type { PlanValues } from './plan-file';
import type { StoredInPlan } from './stored-in-plan';

/** The same objects with the messages at stake, and the broker that told them. */
export interface Stakes {
  readonly objects: readonly ReportedObject[];
  readonly brokers: readonly ReportedBroker[];
  readonly findings: readonly Finding[];
}

/**
 * Adds the messages at stake. A plan in JSON has none of the warnings in which the provider names them: where its data
 * sources do not tell what a station held, the broker is asked.
 * @param settings how to reach the broker of the provider that manages an object
 */
export async function withStakes(
  planned: readonly PlannedObject[],
  storedInPlan: StoredInPlan,
  settings: (object: PlannedObject) => ProviderConnection,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Stakes> {
  const byBroker = new Map<
    string,
    { readonly settings: ProviderConnection; readonly objects: PlannedObject[] }
  >();
  const found = new Map<PlannedObject, ReportedObject>();
  for (const object of planned.filter(mayDropMessages)) {
    // What a carry keeps, only the broker tells.
    const inPlan = isCarried(object.change) ? undefined : storedInPlan.withStake(object);
    if (inPlan !== undefined) {
      found.set(object, inPlan);
      continue;
    }
    const own = settings(object);
    const key = JSON.stringify(own);
    const group = byBroker.get(key) ?? { settings: own, objects: [] };
    group.objects.push(object);
    byBroker.set(key, group);
  }
  const brokers: ReportedBroker[] = [];
  const findings: Finding[] = [];
  for (const group of byBroker.values()) {
    try {
      brokers.push(await askBroker(group.objects, group.settings, environment, found));
    } catch (error) {
      if (!(error instanceof MemphisError)) throw error;
      findings.push(notAsked(group.objects, error));
    }
  }
  return { objects: planned.map((object) => found.get(object) ?? object.reported), brokers, findings };
}

/** Only stations hold messages; a creation and a change that drops none have nothing at stake. */
function mayDropMessages({ kind, reported: { action, differences }, change }: PlannedObject): boolean {
  if (kind.kind !== 'station') return false;
  if (action === 'delete' || action === 'replace') return true;
  const lossy = fieldNames(stationFields).filter((name) => {
    const { change: rule } = stationFields[name];
    return 'loses' in rule || (rule.how === 'replace' && isCarried(change));
  });
  return action === 'update' && differences.some(({ field }) => lossy.includes(field as never));
}

/** Terraform shows a replacement that takes the messages along as an update. */
function isCarried({ change: { after } }: PlannedObject['change']): boolean {
  return after?.on_replace === 'carryMessages';
}

function notAsked(objects: readonly PlannedObject[], error: MemphisError): Finding {
  const names = quotedNames(objects.map(({ reported: { name } }) => name));
  const isSettings = error instanceof ValidationError;
  const why = isSettings ? clauses(error.problems) : inOneLine(errorText(error));
  return {
    severity: 'warning',
    code: 'STAKE_UNKNOWN',
    message: `How many messages are at stake in ${names} is not known, because no data source of the plan reads them and the broker was not asked: ${sentence(why)}`,
  };
}

async function askBroker(
  objects: readonly PlannedObject[],
  { settings, envPrefix }: ProviderConnection,
  environment: Readonly<Record<string, string | undefined>>,
  found: Map<PlannedObject, ReportedObject>,
): Promise<ReportedBroker> {
  const admin = readOnly(await connectAdmin(resolveConnection(settings, environment, envPrefix)));
  try {
    const run = new Run(admin, { snapshot: await observe(admin) });
    for (const object of objects) found.set(object, await withStake(object, run));
    const { address, restAddress, serverVersion } = admin.facts satisfies Admin['facts'];
    return { address, restAddress, serverVersion };
  } finally {
    await admin.close();
  }
}

async function withStake(planned: PlannedObject, run: Run): Promise<ReportedObject> {
  const { change, reported, defaults } = planned;
  const { before, after } = change.change;
  const prior = before ?? {};
  const name = typeof prior.name === 'string' ? prior.name : reported.name;
  const uid = typeof prior.uid === 'string' ? prior.uid : undefined;
  const live: LiveStation | undefined = await stationKind.find(run, { name, uid });
  if (live === undefined) return reported;
  const isGone = reported.action === 'delete';
  const isPermitted = isLossPermitted(planned);
  const deletionProtection = (prior.deletion_protection ?? defaults.deletionProtection) === true;
  const plan = await stationKind.plan(run, live, isGone ? undefined : canonicalAfter(after ?? {}, prior), {
    permissions: {
      allowMessageLoss: isPermitted,
      deletionProtection,
      ...(isCarried(change) ? { carry: { from: externalName(name) } } : {}),
    },
    isForced: reported.action === 'replace',
    createdFirst: ['dlsStation'],
  });
  const refusals = plan.refusals.map(({ error, field }): Finding => ({
    severity: 'error',
    code: error.code,
    message: `The deploy is refused: ${errorText(error)}`,
    ...(field === undefined ? {} : { field }),
  }));
  const owner = typeof prior.owner === 'string' ? prior.owner : undefined;
  return {
    ...reported,
    findings: [...reported.findings, ...refusals, ...carriedMessages(plan)],
    live: liveFacts('station', live, owner),
    ...(plan.loss === undefined ? {} : { stake: { ...stakeOf(plan.loss), isPermitted } }),
  };
}

function stakeOf({
  messages,
  bytes,
  consumerGroups,
  consequence,
}: NonNullable<Awaited<ReturnType<typeof stationKind.plan>>['loss']>) {
  return { messages, bytes, consumerGroups, consequence };
}

/** The planned station; what is known only after the apply stays as it is. */
function canonicalAfter(after: PlanValues, before: PlanValues): ReturnType<typeof stationKind.canonical> {
  const declared = fieldNames(stationFields).flatMap((name) => {
    const value = after[terraformName(name)] ?? before[terraformName(name)] ?? undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
  return stationKind.canonical(Object.fromEntries(declared) as unknown as StationDeclaration);
}
