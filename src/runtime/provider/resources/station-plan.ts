import { fieldNames, terraformName } from '../../../model/field';
import { externalName, internalName } from '../../../model/names';
import { Retention } from '../../../model/retention';
import type { CanonicalStation } from '../../../model/station';
import { stationFields } from '../../../model/station';
import type { ExistingStationPlan, LiveStation, Permissions, StationPlan } from '../../reconcile';
import { diffStation, planExistingStation, planStation } from '../../reconcile';
import type { Value, Values } from '../cty/value';
import { booleanAt, stringAt } from '../cty/value';
import type { Diagnostic } from '../framework/diagnostics';
import type { PlanAdjustment, PlanRequest, Private } from '../framework/resource';
import { claimOf, hasUnknown } from './attributes';
import { isReplacing, secondClaim, secondHalfMemory } from './second-claim';
import { diagnosticFor } from './diagnose';
import type { Session } from './session';
import { canonicalOf } from './station-state';

/** Attributes that steer this tool only: what the user wrote always counts. */
const policies = fieldNames(stationFields)
  .filter((name) => stationFields[name].change.how === 'policy')
  .map(terraformName);

/**
 * What is permitted for a change. Losing messages is permitted by the new configuration, since a replacement needs no
 * deploy of its own; protection against it holds until its removal has been deployed.
 */
function permissionsFor(prior: Values | null, planned: Values | null): Permissions {
  const flags = planned ?? prior ?? {};
  return {
    allowMessageLoss: booleanAt(flags, 'allow_message_loss') === true,
    deletionProtection: prior !== null && booleanAt(prior, 'deletion_protection') === true,
  };
}

/**
 * What is permitted when a station is removed. For a replacement the plan left the permission of the new configuration
 * in the private state; a plain destroy goes by the state.
 */
export function permissionsForRemoval(prior: Values, privateState: Private): Permissions {
  const permissions = permissionsFor(prior, null);
  const planned = privateState.allowMessageLoss;
  return typeof planned === 'boolean' ? { ...permissions, allowMessageLoss: planned } : permissions;
}

export async function planStationChange(request: PlanRequest<Session>): Promise<PlanAdjustment> {
  const { prior, planned, config } = request;
  const permissions = permissionsFor(prior, planned);
  const memory = { ...secondHalfMemory(request), allowMessageLoss: permissions.allowMessageLoss };
  const second = secondClaim(request, 'station', 'name', externalName);
  if (second !== undefined) return { private: memory, diagnostics: [second] };
  if (planned === null) {
    return { private: memory, diagnostics: await refusals(request, undefined, permissions) };
  }
  const adjusted = adjustValues(request, planned);
  // By what is written: a computed value that only the broker decides hides nothing that could be refused.
  if (hasUnknown(config ?? {}, fieldNames(stationFields))) return { planned: adjusted, private: memory };
  const after = canonicalOf({ ...planned, ...adjusted });
  return { planned: adjusted, private: memory, diagnostics: await refusals(request, after, permissions) };
}

/** Defaults that depend on other fields, and values that mean the same as those that are there: these stay. */
function adjustValues(request: PlanRequest<Session>, planned: Values): Values {
  const adjusted: Record<string, Value> = { intact: true };
  if (request.config?.retention_value === null) {
    adjusted.retention_value =
      planned.retention_type === Retention.ACK_BASED ? null : (stationFields.retentionValue.default ?? null);
  }
  const { prior } = request;
  if (prior === null || hasUnknown(request.config ?? {}, fieldNames(stationFields))) return adjusted;
  const same = new Set(fieldNames(stationFields).map(terraformName));
  const changed = diffStation(canonicalOf(prior), canonicalOf({ ...planned, ...adjusted }));
  for (const { field } of changed.fields) same.delete(terraformName(field));
  for (const name of policies) same.delete(name);
  for (const name of same) {
    if (prior[name] !== undefined) adjusted[name] = prior[name];
  }
  return adjusted;
}

async function refusals(
  request: PlanRequest<Session>,
  after: CanonicalStation | undefined,
  permissions: Permissions,
): Promise<Diagnostic[]> {
  const { client: session, prior, action } = request;
  if (!session?.isPlanning) return [];
  const { stations } = await session.live();
  if (action === 'create') {
    const live = after === undefined ? undefined : stations.get(internalName(after.name));
    // The second half of a replacement: what is there now will be gone by then, and was judged with the first half.
    if (isReplacing(request.priorPrivate) || after === undefined) return [];
    if (live === undefined || live.streams.length === 0) {
      return judge(after.name, await planStation(session.admin, undefined, after, permissions), permissions);
    }
    const existing = await planExistingStation(
      session.admin,
      live,
      after,
      claimOf(request.planned ?? {}),
      permissions,
    );
    if (existing.refusals.length > 0 && !session.claimed.refuse('station', after.name)) return [];
    return [...judge(after.name, existing, permissions, 'name'), ...existingNotice(after.name, existing)];
  }
  const name = prior === null ? '' : (stringAt(prior, 'name') ?? '');
  const live = stations.get(internalName(name));
  const planned = await planStation(session.admin, live, after, permissions);
  return [
    ...judge(name, planned, permissions),
    ...(after === undefined ? [] : await foreignSchemaNotice(session, live)),
  ];
}

/** What forbids the change, and what it drops with permission. */
function judge(
  name: string,
  { refusals: refused, loss }: StationPlan,
  { allowMessageLoss }: Permissions,
  attribute?: string,
): Diagnostic[] {
  const errors = refused.map((refusal) => diagnosticFor(refusal, attribute));
  if (loss === undefined || !allowMessageLoss) return errors;
  const summary = `Station "${name}" loses messages`;
  return [...errors, warning(summary, `This will ${loss.consequence}. allowMessageLoss permits it.`)];
}

/** Terraform shows a creation; what it means for the object that is there is said beside it. */
function existingNotice(name: string, { change, continuation }: ExistingStationPlan): Diagnostic[] {
  if (continuation === undefined) return [];
  const changes = change.fields.map(
    ({ field, before, after }) => `  ${field}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`,
  );
  const why =
    continuation === 'adopted'
      ? 'It is on the broker already and is taken over (adoptExisting).'
      : 'It is on the broker already: an earlier run of this declaration made it and did not come to its end.';
  const what =
    changes.length === 0
      ? 'It is as declared; nothing changes on it.'
      : `These values change in place, with its messages kept:\n${changes.join('\n')}`;
  const verb = continuation === 'adopted' ? 'adopted' : 'gone on with';
  return [warning(`Station "${name}" exists and is ${verb}`, `${why} ${what}`)];
}

/** A schema that no stack recorded was attached by hand: producers must fit it, and nothing in the stack says so. */
async function foreignSchemaNotice(session: Session, live: LiveStation | undefined): Promise<Diagnostic[]> {
  if (live === undefined || live.row.schemaName === '') return [];
  if ((await session.recordedEnforcements()).has(externalName(live.row.name))) return [];
  return [
    warning(
      `Station "${live.row.name}" enforces a schema that no stack declares`,
      `Schema "${live.row.schemaName}" was attached by hand. It is left as it is. Declare it (station.enforce, after importing the enforcement ${live.row.name}) or detach it.`,
    ),
  ];
}

function warning(summary: string, detail: string): Diagnostic {
  return { severity: 'warning', summary, detail };
}
