import { AlreadyExistsError, NotFoundError } from '../../../model/errors';
import { internalName } from '../../../model/names';
import type { CanonicalSchemaEnforcement } from '../../../model/schema-enforcement';
import { schemaEnforcementFields } from '../../../model/schema-enforcement';
import { diffObject, forced } from '../diff';
import type { DeclaredOwner, Plan, PlanContext, Refusal } from '../kind';
import type { Run } from '../run';
import { standInName } from '../schema/handover';
import type { LiveEnforcement } from './live';
import { normaliseEnforcement } from './live';

/** Plans one enforcement: station and schema must exist, and no other schema may be attached by somebody else. */
export async function planEnforcement(
  run: Run,
  live: LiveEnforcement | undefined,
  after: CanonicalSchemaEnforcement | undefined,
  { createdFirst = [], creation, isForced = false }: PlanContext,
): Promise<Plan> {
  const before = live === undefined ? undefined : normaliseEnforcement(live);
  const difference = diffObject(schemaEnforcementFields, before, after);
  const change = isForced && live !== undefined ? forced(difference) : difference;
  if (after === undefined) return { change, refusals: [] };
  const { stations, schemas } = await run.snapshot();
  const refusals: Refusal[] = [];
  const isStationNew = createdFirst.includes('stationName');
  if (!stations.has(internalName(after.stationName)) && !isStationNew) {
    refusals.push({ error: missingObject(after, 'station'), field: 'stationName' });
  }
  if (!schemas.has(after.schemaName) && !createdFirst.includes('schemaName')) {
    refusals.push({ error: missingObject(after, 'schema'), field: 'schemaName' });
  }
  if (creation !== undefined && live !== undefined && !isStationNew) {
    const mayReplace = await isOwn(run, live, creation);
    const isSame = [after.schemaName, standInName(after.schemaName)].includes(live.schemaName);
    if (!isSame && !mayReplace) {
      refusals.push({ error: occupied(after, live.schemaName), field: 'schemaName' });
    }
  }
  return { change, refusals };
}

/** True when the ledger says that the same declaration attached what is there now: its state was lost. */
export async function isOwn(run: Run, live: LiveEnforcement, { owner }: DeclaredOwner): Promise<boolean> {
  if (owner === '') return false;
  const record = await run.admin.ledger.read('enforcement', live.name);
  return record?.owner === owner && record.uid === String(live.id);
}

/** What was attempted, for errors. */
export function attemptOf({ stationName, schemaName }: CanonicalSchemaEnforcement): string {
  return `enforce schema "${schemaName}" on station "${stationName}"`;
}

/** The refusal to attach over the schema that somebody else attached. */
export function occupied(enforcement: CanonicalSchemaEnforcement, attached: string): AlreadyExistsError {
  return new AlreadyExistsError({
    attempted: attemptOf(enforcement),
    found: `the station enforces schema "${attached}" already; nothing was changed`,
    next: `Detach that schema first, or import the enforcement (terraform import <address> ${enforcement.stationName}) to manage it from this stack`,
  });
}

/** The error for a station or a schema that is not there. */
export function missingObject(
  enforcement: CanonicalSchemaEnforcement,
  kind: 'station' | 'schema',
  cause?: unknown,
): NotFoundError {
  const name = kind === 'station' ? enforcement.stationName : enforcement.schemaName;
  return new NotFoundError({
    attempted: attemptOf(enforcement),
    found: `the broker has no ${kind} "${name}", and this stack does not create it before the enforcement`,
    next: `Declare the ${kind} in this stack and pass that construct (in HCL: set ${kind}_uid to its uid), or check the name`,
    cause,
  });
}
