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

/** Plans one enforcement: station and schema must exist, and no other schema may be attached. */
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
    const isSame = [after.schemaName, standInName(after.schemaName)].includes(live.schemaName);
    const owner = isSame ? creation.owner : await enforcementOwner(run, live);
    const error = refusalToReplace(after, live, creation, owner);
    if (!isSame && error !== undefined) refusals.push({ error, field: 'schemaName' });
    if (!isSame && error === undefined && owner === '') return { change, refusals, continuation: 'adopted' };
  }
  return { change, refusals };
}

/** Whose an enforcement is, as far as the ledger says; empty when nobody is recorded to own it. */
export async function enforcementOwner(run: Run, live: LiveEnforcement): Promise<string> {
  const record = await run.admin.ledger.read('enforcement', live.name);
  return record?.uid === String(live.id) ? record.owner : '';
}

/** What was attempted, for errors. */
export function attemptOf({ stationName, schemaName }: CanonicalSchemaEnforcement): string {
  return `enforce schema "${schemaName}" on station "${stationName}"`;
}

/**
 * Says why a declaration must not replace the schema that a station enforces; undefined when it may: the same declaration
 * attached it and lost its state, or nobody owns it and the declaration may adopt it.
 * @param owner whose the enforcement is; empty when nobody is recorded to own it
 */
export function refusalToReplace(
  enforcement: CanonicalSchemaEnforcement,
  live: LiveEnforcement,
  claim: DeclaredOwner,
  owner: string,
): AlreadyExistsError | undefined {
  if (owner === '' ? claim.adoptExisting : owner === claim.owner) return undefined;
  const byImport = `import the enforcement (terraform import <address> ${enforcement.stationName}) to manage it from this stack`;
  return new AlreadyExistsError({
    attempted: attemptOf(enforcement),
    found: `the station enforces schema "${live.schemaName}" already${owner === '' ? '' : `, which belongs to ${owner}`}; nothing was changed`,
    next:
      owner === ''
        ? `Set adoptExisting: true on the enforcement to replace that schema, detach it, or ${byImport}`
        : `Detach that schema first, or ${byImport}`,
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
