import type { DeclarationSite, DeclaredStack } from '../../synthesised/declared-stack';
import type { Finding, Report } from '../report';
import { sorted } from '../report';
import type { ProviderConnection } from './drift/brokers';
import type { PlannedObject } from './plan/changes';
import { resourceKindOf, plannedObject, withoutMarked } from './plan/changes';
import type { PlanFile, ResourceChange } from './plan/plan-file';
import { configurationOf, providerFlag } from './plan/plan-file';
import { plannedTests } from './plan/smoke-tests';
import { withStakes } from './plan/stake';
import { StoredInPlan } from './plan/stored-in-plan';
import { withoutSets } from './plan/station-sets';

export { readPlanFile } from './plan/plan-file';
export type { PlanFile } from './plan/plan-file';

export interface PlanReportOptions {
  /** The synthesised stacks, which name construct paths and source lines; empty when there are none. */
  readonly stacks: readonly DeclaredStack[];
  /** Names the broker that is asked for the messages at stake. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The report of a saved plan: each change of our objects with its reason, what it costs, and the smoke tests that run. */
export async function planReport(
  plan: PlanFile,
  { stacks, environment }: PlanReportOptions,
): Promise<Report> {
  const changes = withoutSets(plan.resource_changes ?? []);
  const stack = stackOf(changes, stacks);
  const declared = new Map((stack?.objects ?? []).map((object) => [object.site.address, object]));
  const siteOf = (address: string, change?: ResourceChange): DeclarationSite =>
    declared.get(address)?.site ?? siteByOwner(address, change, stack);
  const drifted = new Map(withoutSets(plan.resource_drift ?? []).map((each) => [each.address, each]));
  const planned = changes.flatMap((change): PlannedObject[] => {
    const expressions = configurationOf(plan, change)?.expressions;
    const given = expressions === undefined ? undefined : new Set(Object.keys(expressions));
    const flags = {
      allowMessageLoss: providerFlag(plan, change, 'allow_message_loss'),
      deletionProtection: providerFlag(plan, change, 'deletion_protection'),
    };
    const site = siteOf(change.address, change);
    const found = plannedObject(change, drifted.get(change.address), site, given, flags);
    return found === undefined ? [] : [found];
  });
  const settings = ({ change }: PlannedObject): ProviderConnection => {
    const key = declared.get(change.address)?.provider ?? 'memphis';
    const provider = stack?.providers.find((each) => each.key === key);
    const { settings: own = {}, envPrefix } = provider ?? {};
    return { settings: own, ...(envPrefix === undefined ? {} : { envPrefix }) };
  };
  const {
    objects: staked,
    brokers,
    findings,
  } = await withStakes(planned, new StoredInPlan(plan), settings, environment);
  const objects = staked.map((object, index) => {
    const change = planned[index];
    return change === undefined ? object : withoutMarked(object, change);
  });
  const stationOf = (address: string): string | undefined =>
    objects.find(({ declaration }) => declaration?.address === address)?.name;
  return {
    source: 'plan',
    madeAt: new Date().toISOString(),
    brokers: [...brokers].sort((a, b) => (a.address < b.address ? -1 : 1)),
    stacks: [...new Set(planned.map(({ reported }) => reported.declaration?.stack ?? ''))]
      .filter((name) => name !== '')
      .sort(),
    objects: sorted(objects),
    tests: plannedTests(plan, stack?.tests ?? [], siteOf, stationOf),
    findings: [...findingsOf(plan), ...findings],
  };
}

/** The stack that the plan is of: the one that declares most of its objects. */
function stackOf(
  changes: readonly ResourceChange[],
  stacks: readonly DeclaredStack[],
): DeclaredStack | undefined {
  const planned = new Map(
    changes
      .filter((change) => resourceKindOf(change) !== undefined)
      .map(({ address, change }) => [address, change.after?.owner ?? change.before?.owner] as const),
  );
  const matches = stacks.map((stack) => ({
    stack,
    count: stack.objects.filter(
      ({ site, values }) => planned.has(site.address) && planned.get(site.address) === values.owner,
    ).length,
  }));
  const [best] = matches.sort((a, b) => b.count - a.count);
  return best === undefined || best.count === 0 ? undefined : best.stack;
}

/** Constructs name themselves in the owner of an object: project, stack and path. */
function siteByOwner(
  address: string,
  change: ResourceChange | undefined,
  stack: DeclaredStack | undefined,
): DeclarationSite {
  const owner = change?.change.after?.owner ?? change?.change.before?.owner;
  const path =
    typeof owner === 'string' ? owner.replace(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\//, '') : '';
  const isPath = path.includes('/');
  return {
    stack: stack?.name ?? (isPath ? (path.split('/')[0] ?? '') : ''),
    constructPath: isPath ? path : address,
    address,
  };
}

function findingsOf({ errored, complete }: PlanFile): Finding[] {
  if (errored === true) {
    return [
      {
        severity: 'error',
        code: 'PLAN_ERRORED',
        message:
          'Planning ended with errors, so that this plan cannot be applied. The output of terraform plan names them.',
      },
    ];
  }
  if (complete !== false) return [];
  return [
    {
      severity: 'warning',
      code: 'PLAN_INCOMPLETE',
      message: 'Terraform put off a part of the work. Another plan has to follow after this one is applied.',
    },
  ];
}
