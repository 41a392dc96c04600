import { BrokerRefusedError } from '../../../model/errors';
import type { CanonicalSchemaEnforcement } from '../../../model/schema-enforcement';
import type { DeclaredOwner, Removal } from '../kind';
import { notMeant, recordOwner, refuseOwnedElsewhere, removedWithRecord } from '../ownership';
import type { Run } from '../run';
import { removeUnused, standInName } from '../schema/handover';
import type { LiveEnforcement } from './live';
import { observeEnforcement } from './live';
import { attemptOf, missingObject, enforcementOwner, refusalToReplace } from './plan';

/**
 * Attaches a schema to a station that enforces none yet, or this one already, one that the same
 * declaration attached, or one that nobody owns, with permission to adopt it.
 *
 * Requests: 3, and one list of all stations and of all replacements a run.
 * @throws AlreadyExistsError when another schema is attached: somebody relies on it.
 */
export async function createEnforcement(
  run: Run,
  enforcement: CanonicalSchemaEnforcement,
  claim: DeclaredOwner,
): Promise<LiveEnforcement> {
  const attached = await run.links.schemaOf(enforcement.stationName);
  const { stationName, schemaName } = enforcement;
  const isFree =
    ['', schemaName, standInName(schemaName)].includes(attached) || run.keptEnforcements.has(stationName);
  if (!isFree) {
    const live = await observeEnforcement(run, stationName);
    const refusal =
      live === undefined
        ? undefined
        : refusalToReplace(enforcement, live, claim, await enforcementOwner(run, live));
    if (refusal !== undefined) throw refusal;
  }
  return updateEnforcement(run, enforcement, claim);
}

/**
 * Attaches the declared schema in place of whatever is attached now.
 *
 * Requests: 3, and one list of all replacements a run.
 */
export async function updateEnforcement(
  run: Run,
  enforcement: CanonicalSchemaEnforcement,
  claim: DeclaredOwner,
): Promise<LiveEnforcement> {
  const { admin, links } = run;
  const { stationName, schemaName } = enforcement;
  const row = await admin.readStation(stationName);
  if (row === undefined) throw missingObject(enforcement, 'station');
  // It has no permission to adopt, so that an import alone takes one over.
  if (claim.formerOwner !== undefined && claim.formerOwner !== '') {
    const object = { kind: 'enforcement', name: row.name, uid: String(row.id) } as const;
    await refuseOwnedElsewhere(admin, object, claim);
  }
  const attached = await attach(run, enforcement);
  links.schemaSet(stationName, attached);
  if (attached !== schemaName) {
    throw new BrokerRefusedError({
      attempted: attemptOf(enforcement),
      found: `the broker reported success, but says that the station enforces ${attached === '' ? 'no schema' : `"${attached}"`}`,
      next: "Deploy again; if the problem persists, check the broker's log",
    });
  }
  const live = { id: row.id, name: row.name, schemaName };
  await recordOwner(admin, { kind: 'enforcement', name: row.name, uid: String(row.id) }, claim);
  await removeUnused(run);
  return live;
}

async function attach(run: Run, enforcement: CanonicalSchemaEnforcement): Promise<string> {
  const { stationName, schemaName } = enforcement;
  try {
    return await run.admin.attachSchema(stationName, schemaName);
  } catch (error) {
    if (!(error instanceof BrokerRefusedError) || !error.found.startsWith('Schema ')) throw error;
    throw missingObject(enforcement, 'schema', error);
  }
}

/**
 * Detaches the schema, unless another one has been attached meanwhile: that one is managed elsewhere. An enforcement
 * that is replaced by one on the same station stays: what comes next attaches its schema over it.
 *
 * Requests: 3, and one list of all stations and of all replacements a run.
 */
export async function destroyEnforcement(
  run: Run,
  { stationName, schemaName }: CanonicalSchemaEnforcement,
  { owner, isReplacement, successor }: Omit<Removal, 'permissions'>,
): Promise<string | undefined> {
  const { admin, links } = run;
  if (isReplacement === true && successor === stationName) {
    run.keptEnforcements.add(stationName);
    return undefined;
  }
  const attached = await links.schemaOf(stationName);
  if (attached === '' || (attached !== schemaName && attached !== standInName(schemaName))) {
    await admin.ledger.remove('enforcement', stationName, owner);
    await removeUnused(run);
    return undefined;
  }
  const record = await admin.ledger.read('enforcement', stationName);
  // The record tells for which station it was: a recreated one may enforce the schema for somebody else.
  const row = record === undefined ? undefined : await admin.readStation(stationName);
  const object = { kind: 'enforcement', name: stationName, uid: String(row?.id ?? '') } as const;
  if (record !== undefined && row !== undefined) {
    const uid = record.owner === owner ? record.uid : undefined;
    const why = await notMeant(admin, object, { owner, uid }, record);
    if (why !== undefined) return why;
  }
  await removedWithRecord(admin, object, owner, () => admin.detachSchema(stationName));
  links.schemaSet(stationName, '');
  await removeUnused(run);
  return undefined;
}
